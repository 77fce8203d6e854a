"""What campaigns, activities, channels and formats are called, for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from promo.source.value import LocalText

if TYPE_CHECKING:
    from promo.app.workspace import App
    from promo.visual.layout.load import Layout

PRINT_DPI = 150  # from there on a picture is measured in millimetres
FORMATS = {
    "square": LocalText({"zh": "方形", "en": "square"}),
    "portrait": LocalText({"zh": "竖版", "en": "portrait"}),
    "landscape": LocalText({"zh": "横版", "en": "landscape"}),
    "story": LocalText({"zh": "全屏竖版", "en": "story"}),
}


class Titles:
    """The names in the files as they are now; a thing without a name is called by its id."""

    def __init__(self, app: App) -> None:
        self._campaigns = {one.campaign.campaign: one.campaign for one in app.load().campaigns}
        self._channels = app.workspace.settings.channels

    def campaign(self, name: str) -> LocalText:
        """Return a campaign's name in its languages."""
        known = self._campaigns.get(name)
        return known.name if known else LocalText({"": name})

    def activity(self, campaign: str, name: str) -> LocalText:
        """Return the name of an activity, with its row where it has rows: `Product · mug`."""
        first, _slash, row = name.partition("/")
        known = self._campaigns.get(campaign)
        activity = next((one for one in known.activities if one.id == first), None) if known else None
        called = activity.name if activity and activity.name else LocalText({"": first})
        return LocalText({tongue: f"{text} · {row}" for tongue, text in called.items()}) if row else called

    def channel(self, name: str) -> LocalText:
        """Return a channel's name in its languages."""
        settings = self._channels.get(name)
        return settings.name if settings and settings.name else LocalText({"": name})


def format_title(name: str, layout: Layout | None) -> LocalText:
    """Return what a layout's format is called: by the layout itself, else as such formats are."""
    own = layout.spec.formats.get(name) if layout else None
    return (own.name if own else None) or FORMATS.get(name) or LocalText({"": name})


def bilingual(text: Mapping[str, str]) -> str:
    """Return a text in Chinese and English, or once where it is the same in both."""
    known = LocalText(text)
    return " ".join(dict.fromkeys((known.in_language("zh"), known.in_language("en"))))


def size_of(width: int, height: int, dpi: int) -> str:
    """Return a picture's size as its trade does: pixels on a screen, millimetres on paper."""
    if dpi < PRINT_DPI:
        return f"{width}×{height}"
    wide, tall = (round(side / dpi * 25.4) for side in (width, height))
    return f"{wide}×{tall} mm"
