"""Settings of the webhook connector."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from promo.connector import Secret, Settings


class WebhookSettings(Settings):
    """What a webhook channel may say."""

    url: str | Secret = Field(
        description="Where to post. An address that holds a token is itself a secret: {env: NAME}."
    )
    secret: Secret = Field(description="The signing secret shared with the receiver: whsec_ and base64.")
    token: Secret | None = Field(default=None, description="Sent as `Authorization: Bearer …`, where one is asked for.")
    pictures: Literal["base64", "multipart", "none"] = Field(
        default="base64",
        description="How pictures travel: inside the JSON, as parts of a multipart form, or not at all.",
    )
    receiver_dedupes: bool = Field(
        default=False,
        description="Whether the receiver drops a repeated webhook-id. Then an uncertain delivery is sent again.",
    )
    allow_http: bool = Field(
        default=False, description="Whether unencrypted http:// is allowed beyond this machine itself."
    )
    timeout: float = Field(default=30, gt=0, le=240, description="Seconds to wait for the receiver's answer.")
