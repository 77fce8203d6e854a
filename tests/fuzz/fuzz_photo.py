"""Fuzz the photo loader: whatever the bytes, a picture in RGB or one UserMistake."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["PIL", "promo.visual.paint"]):
    from promo.visual.paint.photo import photo_at

from promo.errors import UserMistake

FOLDER = Path(tempfile.mkdtemp(prefix="promo-fuzz-"))


def one(data: bytes) -> None:
    """Load the bytes as a photo."""
    path = FOLDER / "photo"
    path.write_bytes(data)
    try:
        image, _enlarged = photo_at(path, (64, 48), (0.5, 0.5))
    except UserMistake as mistake:
        said = str(mistake)
    else:
        assert (image.mode, image.size) == ("RGB", (64, 48))
        return
    assert "\n" not in said


atheris.Setup(sys.argv, one)
atheris.Fuzz()
