"""What `promo.yaml` may say about a channel of tasks."""

from __future__ import annotations

from pydantic import Field

from promo.connector import MailAddress, MailServer


class TaskSettings(MailServer):
    """A mail server, a sender, and who is behind the owners' names."""

    people: dict[str, MailAddress] = Field(
        default_factory=dict, description="Addresses of owners written as a name: {zhang: zhang@jinxiu.example}."
    )
    owner: str | None = Field(
        default=None, description="Who gets a delivery without tasks of its own: an address, or a name in `people`."
    )
    calendar: bool = Field(default=True, description="Attach each task with a due time as a calendar entry (ICS).")
    close_url: str | None = Field(
        default=None,
        pattern=r"^https?://\S+$",
        description="A page to close the task on; {delivery} and {task} are filled in. Default: the command is told.",
    )
