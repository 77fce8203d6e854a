"""Fuzz the logo loader: an SVG that passes the check must not bring the renderer down, nor keep it long."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["promo.visual.paint"]):
    from promo.visual.paint.logo import load_logo

from promo.errors import UserMistake

FOLDER = Path(tempfile.mkdtemp(prefix="promo-fuzz-"))


def one(data: bytes) -> None:
    """Load the bytes as an SVG logo."""
    path = FOLDER / "logo.svg"
    path.write_bytes(data)
    try:
        image = load_logo(path, height=40, widest=300)
    except UserMistake as mistake:
        said = str(mistake)
    else:
        assert image.mode == "RGBA"
        assert image.width <= 300
        return
    assert "\n" not in said


atheris.Setup(sys.argv, one)
atheris.Fuzz()
