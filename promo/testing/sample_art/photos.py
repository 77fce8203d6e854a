"""The sample photos by file name, and how large each is drawn."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PIL import Image

from promo.testing.sample_art.courtyard import courtyard, courtyard_before
from promo.testing.sample_art.film import save
from promo.testing.sample_art.products import cotton_towels, paper_lamp, shop_shelf, stoneware_mug, tea_tin
from promo.testing.sample_art.terraces import tea_terraces

PHOTOS: dict[str, tuple[Callable[[int], Image.Image], int]] = {
    "tea-terraces.jpg": (tea_terraces, 1600),
    "tea-tin.jpg": (tea_tin, 1200),
    "mug.jpg": (stoneware_mug, 1200),
    "lamp.jpg": (paper_lamp, 1200),
    "towel.jpg": (cotton_towels, 1200),
    "courtyard.jpg": (courtyard, 1440),
    "courtyard-before.jpg": (courtyard_before, 1440),
    "shop-shelf.jpg": (shop_shelf, 1440),
}


def draw_photo(folder: Path, name: str) -> None:
    """Draw one photo into `folder`/photos."""
    draw, width = PHOTOS[name]
    save(draw(width), folder / "photos" / name)
