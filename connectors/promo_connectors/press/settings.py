"""What `promo.yaml` may say about a press desk."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from promo.connector import MailServer


class PressSettings(MailServer):
    """A mail server, a sender, and what happens before an embargo ends."""

    before_embargo: Literal["hold", "marked"] = Field(
        default="hold",
        description="Before the embargo ends: `hold` sends nothing until then; `marked` sends at the scheduled time, "
        "with the embargo in the subject and above the text.",
    )
    greeting: bool = Field(default=True, description="Begin each mail with the editor's name.")
