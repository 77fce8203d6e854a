"""Where platforms show a picture, and what of it they cover or cut: dated data, each entry with its source."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from promo.source.value import LocalText
from promo.visual.scene import Page, Rect

FILE = Path(__file__).with_name("safe_areas.yaml")


@dataclass(frozen=True, kw_only=True)
class Platform:
    """One place on one platform. `free` is what stays visible: left, top, right, bottom as shares of the picture.

    `shown` is how many pixels wide the picture is where it is seen at last; None: as wide as it is. `official` tells
    figures the platform itself publishes from what designers have agreed on.
    """

    name: LocalText
    free: tuple[float, float, float, float]
    shown: int | None = None
    official: bool = False
    source: str = ""
    date: str = ""

    def area(self, trim: Rect) -> Rect:
        """Return the free area of a page."""
        left, top, right, bottom = self.free
        return Rect(
            left=trim.left + left * trim.width,
            top=trim.top + top * trim.height,
            width=(1 - left - right) * trim.width,
            height=(1 - top - bottom) * trim.height,
        )

    def scale(self, page: Page) -> float:
        """Return how much smaller than drawn the picture is shown, at most 1."""
        return 1.0 if self.shown is None else min(1.0, self.shown / page.trim.width)


ANYWHERE = Platform(name=LocalText({"zh": "", "en": ""}), free=(0.0, 0.0, 0.0, 0.0), shown=1080)  # a phone's width


@cache
def platforms() -> dict[str, Platform]:
    """Return all platforms by their names in layouts."""
    entries = yaml.safe_load(FILE.read_text("utf-8"))["platforms"]
    return {
        name: Platform(
            name=LocalText(entry["name"]),
            free=tuple(entry["margins"][side] / entry["of"][side in ("top", "bottom")] for side in SIDES),
            shown=entry.get("shown"),
            official=entry["official"],
            source=entry["source"],
            date=str(entry["date"]),
        )
        for name, entry in entries.items()
    }


SIDES = ("left", "top", "right", "bottom")


def platform_of(page: Page) -> Platform:
    """Return the platform a page is made for; one nobody knows takes nothing away."""
    return platforms().get(page.platform or "", ANYWHERE)
