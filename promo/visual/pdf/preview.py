"""The small twin of a print page: people look at it, rules are checked on it, and what depends on pixels is decided."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from promo.visual import qr
from promo.visual.scene import (
    AnyMark,
    GradientMark,
    GroupMark,
    ImageMark,
    LogoMark,
    QrMark,
    Rect,
    Scene,
    ShapeMark,
    TextMark,
)
from promo.visual.text.block import Glyph, SetLine, TextBlock

MOST = 6_000_000  # pixels: an A1 at 300 dpi would have twelve times as many
_CLEAR = 3  # pixels a module of a code keeps, so that it can be read back


def preview_of(scene: Scene) -> Scene:
    """Return the scene on fewer pixels: as it is where it is small; codes keep whole pixels a module."""
    page = scene.page
    share = min(1.0, math.sqrt(MOST / (page.width * page.height)))
    code = next((mark for mark in scene.walk() if isinstance(mark, QrMark)), None)
    if code is not None and share < 1:
        share = min(1.0, max(_CLEAR, math.floor(code.module * share)) / code.module)
    if share == 1:
        return scene
    small = replace(
        page,
        width=round(page.width * share),
        height=round(page.height * share),
        dpi=page.dpi * share,
        trim=_rect(page.trim, share),
        safe=_rect(page.safe, share),
    )
    return replace(scene, page=small, marks=tuple(_scaled(mark, share) for mark in scene.marks))


def _rect(rect: Rect, share: float) -> Rect:
    return Rect(left=rect.left * share, top=rect.top * share, width=rect.width * share, height=rect.height * share)


def _scaled(mark: AnyMark, share: float) -> AnyMark:
    rect = _rect(mark.rect, share)
    match mark:
        case ShapeMark():
            return replace(mark, rect=rect, radius=mark.radius * share, border_width=mark.border_width * share)
        case GradientMark() | ImageMark():
            return replace(mark, rect=rect, radius=mark.radius * share)
        case TextMark():
            block = _block(mark.block, share)
            return replace(mark, rect=rect, block=block, plate_radius=mark.plate_radius * share)
        case QrMark():
            module = max(1, round(mark.module * share))
            side = module * (mark.modules + 2 * mark.quiet)
            place = Rect(left=round(rect.left), top=round(rect.top), width=side, height=side)
            return replace(mark, rect=place, module=module, min_module=mark.min_module * share)
        case LogoMark():
            return replace(mark, rect=rect, drawn=_rect(mark.drawn, share) if mark.drawn else None)
        case GroupMark():
            marks = tuple(_scaled(inner, share) for inner in mark.marks)
            return replace(mark, rect=rect, radius=mark.radius * share, marks=marks)


def _block(block: TextBlock, share: float) -> TextBlock:
    lines = tuple(
        SetLine(
            tuple(Glyph(glyph.face, glyph.id, glyph.x * share, glyph.y * share, glyph.text) for glyph in line.glyphs),
            line.left * share,
            line.right * share,
            line.y * share,
            line.text,
        )
        for line in block.lines
    )
    return replace(block, lines=lines, size=block.size * share)


def decided(scene: Scene, painted: Scene) -> Scene:
    """Return the full scene with what painting its preview decided: the logo's variant and place, and veils."""
    share = painted.page.width / scene.page.width
    return replace(scene, marks=_decided(scene.marks, painted.marks, share))


def _decided(marks: Sequence[AnyMark], painted: Sequence[AnyMark], share: float) -> tuple[AnyMark, ...]:
    return tuple(_one(mark, twin, share) for mark, twin in zip(marks, painted, strict=True))


def _one(mark: AnyMark, twin: AnyMark, share: float) -> AnyMark:
    if isinstance(mark, GradientMark) and isinstance(twin, GradientMark):
        return replace(mark, strength=twin.strength)
    if isinstance(mark, LogoMark) and isinstance(twin, LogoMark):
        return replace(mark, file=twin.file, drawn=_rect(twin.drawn, 1 / share) if twin.drawn else None)
    if isinstance(mark, GroupMark) and isinstance(twin, GroupMark):
        return replace(mark, marks=_decided(mark.marks, twin.marks, share))
    return mark


def with_link(scene: Scene, link: str) -> Scene:
    """Return the scene with its codes leading to `link`; a longer link has more, so smaller, modules."""
    return replace(scene, marks=tuple(_linked(mark, link) for mark in scene.marks))


def _linked(mark: AnyMark, link: str) -> AnyMark:
    if isinstance(mark, GroupMark):
        return replace(mark, marks=tuple(_linked(inner, link) for inner in mark.marks))
    return code_for(mark, link) if isinstance(mark, QrMark) else mark


def code_for(mark: QrMark, link: str) -> QrMark:
    """Return a code that leads to `link`, in the same place. Raises UserMistake for a link that is too long."""
    modules = qr.modules(link, mark.level).width
    if modules == mark.modules:
        return replace(mark, link=link)
    module = max(1, int(mark.rect.width // (modules + 2 * mark.quiet)))
    side = module * (modules + 2 * mark.quiet)
    left, top = (
        round(mark.rect.left + (mark.rect.width - side) / 2),
        round(mark.rect.top + (mark.rect.height - side) / 2),
    )
    rect = Rect(left=left, top=top, width=side, height=side)
    return replace(mark, link=link, rect=rect, module=module, modules=modules)
