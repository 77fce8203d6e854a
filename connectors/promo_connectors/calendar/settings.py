"""Settings of the calendar connector."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from promo.connector import Secret, Settings, _


class CalendarSettings(Settings):
    """What a calendar channel may say."""

    mode: Literal["file", "caldav"] = Field(
        default="file", description="`file`: .ics files on this machine; `caldav`: a calendar on a server."
    )
    merged: bool = Field(
        default=True, description="In file mode: whether all events are in one calendar.ics too, for subscribers."
    )
    url: str | None = Field(default=None, description="Address of the calendar (its collection) on the CalDAV server.")
    username: str | None = Field(default=None, description="Name to sign in with at the CalDAV server.")
    password: Secret | None = Field(default=None, description="Password, or app password, of that user.")
    allow_http: bool = Field(
        default=False, description="Whether unencrypted http:// is allowed beyond this machine itself."
    )
    timeout: float = Field(default=30, gt=0, le=240, description="Seconds to wait for the server's answer.")
    minutes: int = Field(default=60, ge=1, description="How long an event lasts that does not say so.")
    reminder: int | None = Field(default=None, ge=0, description="Minutes before the event when calendars remind.")
    organizer: str | None = Field(
        default=None, pattern=r"^[^@\s]+@[^@\s]+$", description="Mail address named as the organizer."
    )
    attach_bytes: int = Field(
        default=102_400, ge=0, description="Pictures up to this many bytes are put into the event; larger ones are not."
    )

    @model_validator(mode="after")
    def _server_is_named(self) -> Self:
        if self.mode == "caldav":
            missing = [name for name in ("url", "username", "password") if getattr(self, name) is None]
            if missing:
                raise ValueError(_("mode caldav needs: {names}", names=", ".join(missing)))
        return self
