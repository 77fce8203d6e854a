"""Settings of the print connector."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from promo.connector import Settings


class PrintSettings(Settings):
    """What a print channel may say."""

    contact: str = Field(default="", description="Who prints: a name, mail address or telephone number of the shop.")
    instructions: str = Field(
        default="", description="What the shop must know each time: paper, finish, where to deliver, who pays."
    )
    proof: Literal["photo", "document", "none"] = Field(
        default="photo", description="What closes the job: a photo of it hanging, a document, or nothing."
    )
    min_dpi: int = Field(
        default=0, ge=0, description="Refuse pictures whose file says a lower resolution, or none; 0: take all."
    )
