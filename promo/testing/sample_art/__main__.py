"""Draw the sample workspace's pictures: `python -m promo.testing.sample_art assets [NAME…]`. Takes minutes."""

from __future__ import annotations

import sys
from pathlib import Path

from promo.testing.sample_art.logos import draw_logos
from promo.testing.sample_art.photos import PHOTOS, draw_photo


def main(arguments: list[str]) -> None:
    """Draw all logos, and the named photos (default: all) into the folder that comes first."""
    folder = Path(arguments[0] if arguments else "assets")
    draw_logos(folder)
    for name in arguments[1:] or PHOTOS:
        draw_photo(folder, name)


if __name__ == "__main__":
    main(sys.argv[1:])
