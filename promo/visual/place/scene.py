"""A layout and its content on one page: every layer gets its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from promo.brand.model import Brand
from promo.visual import qr
from promo.visual.layout.load import Layout
from promo.visual.layout.model import (
    AnyLayer,
    FillLayer,
    Layer,
    LogoLayer,
    PhotoLayer,
    QrLayer,
    ScrimLayer,
    StackLayer,
)
from promo.visual.place.canvas import Canvas
from promo.visual.place.label import with_label
from promo.visual.place.stack import SHARE, place_stack
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
    Stop,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Content:
    """What fills a layout: `fields` with the brand's own, the photo's file, the link of the QR code."""

    fields: Mapping[str, str]
    language: str
    photo: Path | None = None
    generated: bool = False  # the photo was made by a machine
    link: str | None = None


def place(layout: Layout, format: str, content: Content, brand: Brand) -> Scene:
    """Return the scene of one page. Raises UserMistake for a text or a link that is too long."""
    canvas = Canvas(format, layout.spec.formats[format])
    marks: list[AnyMark] = []
    findings: list[dict[str, Any]] = []
    for layer in layout.spec.layers:
        if _wanted(layer, canvas, content):
            if isinstance(layer, StackLayer):
                stack = place_stack(layer, content.fields, brand, canvas, content.language)
                marks += stack.marks
                findings += stack.findings
            else:
                marks.append(_mark(layer, canvas, content, brand))
    marks, covered = with_label(marks, canvas, brand, content.language)
    findings += covered
    return Scene(page=canvas.page, ground=brand.ink("background"), marks=tuple(marks), findings=tuple(findings))


def _wanted(layer: Layer, canvas: Canvas, content: Content) -> bool:
    have = {name for name, text in content.fields.items() if text.strip()}
    have |= {"photo"} if content.photo else {"no-photo"}
    have |= {"qr"} if content.link else {"no-qr"}
    if isinstance(layer, QrLayer) and not content.link:
        return False
    return (not layer.only or canvas.name in layer.only) and have.issuperset(layer.when)


def _mark(layer: AnyLayer, canvas: Canvas, content: Content, brand: Brand) -> AnyMark:
    match layer:
        case FillLayer():
            return _fill(layer, canvas, brand)
        case PhotoLayer():
            return _photo(layer, canvas, content, brand)
        case ScrimLayer():
            ink = brand.ink(layer.color)
            return GradientMark(
                layer="scrim",
                rect=canvas.rect(layer.box, to_bleed=True),
                stops=(Stop(at=0, ink=ink, opacity=layer.start), Stop(at=1, ink=ink, opacity=layer.end)),
                angle=layer.angle,
                strengthen=layer.strengthen,
            )
        case LogoLayer():
            guide = brand.guide.logo
            return LogoMark(
                layer="logo",
                rect=canvas.rect(layer.box),
                variants={variant.for_: brand.folder / variant.file for variant in reversed(guide.variants)},
                wanted=layer.variant,
                anchor=SHARE[layer.anchor],
                clear_space=guide.clear_space,
            )
        case QrLayer():
            return _code(layer, canvas, content, brand)
        case StackLayer():
            raise TypeError(layer)  # stacks become several marks: place() sets them


def _fill(layer: FillLayer, canvas: Canvas, brand: Brand) -> ShapeMark | GradientMark:
    rect = canvas.rect(layer.box, to_bleed=True)
    radius = canvas.length(layer.radius) if layer.radius else 0.0
    if layer.to is None:
        return ShapeMark(layer="fill", rect=rect, ink=brand.ink(layer.color), radius=radius, opacity=layer.opacity)
    stops = Stop(at=0, ink=brand.ink(layer.color)), Stop(at=1, ink=brand.ink(layer.to))
    return GradientMark(layer="fill", rect=rect, stops=stops, angle=layer.angle, radius=radius, opacity=layer.opacity)


def _photo(layer: PhotoLayer, canvas: Canvas, content: Content, brand: Brand) -> ImageMark | GroupMark:
    rect = canvas.rect(layer.box, to_bleed=True)
    radius = canvas.length(layer.radius) if layer.radius else 0.0
    if content.photo is None:
        return _decoration(layer, rect, radius, brand)
    treatment = brand.guide.photo
    return ImageMark(
        layer="photo",
        rect=rect,
        file=content.photo,
        focal=layer.focal,
        radius=radius,
        saturation=treatment.saturation,
        tint=brand.ink(treatment.tint) if treatment.tint else None,
        tint_opacity=treatment.tint_opacity,
        generated=content.generated,
    )


def _decoration(layer: PhotoLayer, rect: Rect, radius: float, brand: Brand) -> GroupMark:
    """Fill the place of a photo that is not there: a gradient, and rings of the accent rising in a corner."""
    stops = Stop(at=0, ink=brand.ink(layer.fallback[0])), Stop(at=1, ink=brand.ink(layer.fallback[1]))
    marks: list[AnyMark] = [GradientMark(layer="photo", rect=rect, stops=stops, angle=155)]
    step = 0.115 * min(rect.width, rect.height)
    x, y = rect.left + rect.width * 0.92, rect.top + rect.height * 0.04
    for index in (7, 5, 3, 1):
        reach = step * index
        marks.append(
            ShapeMark(
                layer="photo",
                rect=Rect(left=x - reach, top=y - reach, width=2 * reach, height=2 * reach),
                shape="ellipse",
                border=brand.ink("accent"),
                border_width=step,
                opacity=(46 - 5 * index) / 255,
            )
        )
    return GroupMark(layer="photo", rect=rect, marks=tuple(marks), clip=True, radius=radius)


def _code(layer: QrLayer, canvas: Canvas, content: Content, brand: Brand) -> QrMark:
    box, link = canvas.rect(layer.box), content.link or ""
    modules = qr.modules(link).width
    side = modules + 2 * qr.QUIET
    module = max(1, int(min(box.width, box.height) // side))
    size = module * side
    rect = Rect(
        left=round(box.left + (box.width - size) * SHARE[layer.anchor]),
        top=round(box.top + (box.height - size) / 2),
        width=size,
        height=size,
    )
    return QrMark(
        layer="qr",
        rect=rect,
        link=link,
        module=module,
        modules=modules,
        quiet=qr.QUIET,
        ink=brand.ink(layer.color),
        ground=brand.ink(layer.ground),
    )
