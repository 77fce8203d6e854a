"""Settings of the folder connector."""

from __future__ import annotations

from pydantic import Field

from promo.connector import Settings


class FolderSettings(Settings):
    """What a folder channel may say."""

    folder: str = Field(
        default="",
        pattern=r"^([^./\\:][^/\\:]*)?$",  # one plain name: no way out of the output folder
        description="Name of a folder inside the channel's output folder; empty: the output folder itself.",
    )
    pictures: bool = Field(default=True, description="Whether the pictures and attachments are copied too.")
