"""Captions: short texts of a sheet or a comparison, set without any brand's style."""

from __future__ import annotations

from pathlib import Path

from promo.brand.model import Ink, TypeStyle
from promo.visual.scene import Rect, TextMark
from promo.visual.text.fit import Align, Setting, fit

LEADING = 1.35
INK = Ink(name="ink", rgb="#1d2521")
FAINT = Ink(name="faint", rgb="#66716b")
LINE = Ink(name="line", rgb="#d5dbd7")
PAPER = Ink(name="paper", rgb="#ffffff")
ALERT = Ink(name="alert", rgb="#b3261e")
CAUTION = Ink(name="caution", rgb="#a15c00")


def caption(
    text: str,
    *,
    left: float,
    top: float,
    width: float,
    size: float,
    ink: Ink = INK,
    weight: int = 400,
    max_lines: int = 1,
    align: Align = "left",
) -> TextMark | None:
    """Set a text into `width` pixels, what is beyond `max_lines` cut off with an ellipsis. None: there are no words."""
    setting = Setting(
        text,
        style=TypeStyle(weight=weight, line_height=LEADING),
        folder=Path(),
        language="zh",
        width=width,
        size=size,
        max_lines=max_lines,
        balance=False,
    )
    fitted = fit(setting)
    if not fitted.lines:
        return None
    block = fitted.block(left=left, top=top, align=align, width=width)
    return TextMark(
        layer="caption", rect=Rect(left=left, top=top, width=width, height=fitted.height), block=block, ink=ink
    )
