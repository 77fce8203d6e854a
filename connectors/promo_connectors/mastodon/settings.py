"""What `promo.yaml`, and one post's options, may say about a Mastodon account."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from promo.connector import Secret, Settings, _, is_loopback

Visibility = Literal["public", "unlisted", "private", "direct"]


def _base_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ValueError(_("api_base_url is the server's address, such as https://social.example"))
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError(_("api_base_url must begin with https: the access token would travel in the clear"))
    return text.rstrip("/")


class MastodonSettings(Settings):
    """One account on one server."""

    api_base_url: Annotated[str, AfterValidator(_base_url)] = Field(description="The server: https://social.example")
    access_token: Secret = Field(
        description="The account's access token, with the scopes read:accounts read:statuses write:media "
        "write:statuses. On Mastodon: Preferences → Development → New application."
    )
    visibility: Visibility = Field(default="public", description="Who sees posts that do not say it themselves.")
    language: str | None = Field(
        default=None, pattern=r"^[a-z]{2,3}$", description="ISO 639 code of the posts; default: the content's language."
    )
    max_characters: int = Field(
        default=500, ge=1, le=1_000_000, description="The server's own limit where it is not Mastodon's 500."
    )
    idempotency: Literal["key", "lookup"] = Field(
        default="key",
        description="`key` where the server honours Idempotency-Key, as Mastodon does for one hour; `lookup` where it "
        "does not (snac2, some others): then a lost answer is settled by looking at the account's own posts.",
    )
    request_timeout: float = Field(default=30, gt=0, le=300, description="Seconds to wait for an answer.")
    media_timeout: float = Field(
        default=120, gt=0, le=600, description="Seconds to wait until the server has processed a picture or video."
    )


class PostOptions(BaseModel):
    """What one post may say: keys of a variant in the campaign file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    visibility: Visibility | None = None
    content_warning: str = ""
    sensitive: bool = False  # hides the pictures behind a click
    language: Annotated[str | None, Field(pattern=r"^[a-z]{2,3}$")] = None
