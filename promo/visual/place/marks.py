"""Layers that are not words, as marks in their rects: pictures, areas, gradients, the logo, the code."""

from __future__ import annotations

from promo.brand.model import Brand
from promo.visual import qr
from promo.visual.layout.layers import GradientLayer, ImageLayer, LogoLayer, QrLayer, ShapeLayer
from promo.visual.place.boxes import shares
from promo.visual.place.canvas import Canvas
from promo.visual.place.content import Content
from promo.visual.place.inks import ink
from promo.visual.scene import AnyMark, GradientMark, GroupMark, ImageMark, LogoMark, QrMark, Rect, ShapeMark, Stop


def shape(layer: ShapeLayer, rect: Rect, canvas: Canvas, brand: Brand) -> ShapeMark:
    """Return an area, an ellipse, or a line along the longer side of its rect, through its middle."""
    width = canvas.length(layer.border_width)
    if layer.shape == "line":
        if rect.width >= rect.height:
            rect = Rect(left=rect.left, top=rect.top + (rect.height - width) / 2, width=rect.width, height=width)
        else:
            rect = Rect(left=rect.left + (rect.width - width) / 2, top=rect.top, width=width, height=rect.height)
        colour = layer.fill or layer.border or "text"
        return ShapeMark(
            layer=layer.id or "line",
            rect=canvas.to_bleed(rect),
            ink=ink(brand, colour),
            opacity=layer.opacity,
            rotation=layer.rotation,
        )
    bordered = layer.border is not None
    return ShapeMark(
        layer=layer.id or "shape",
        rect=rect if bordered or layer.shape == "ellipse" else canvas.to_bleed(rect),
        shape=layer.shape,
        ink=ink(brand, layer.fill) if layer.fill else None,
        border=ink(brand, layer.border) if layer.border else None,
        border_width=width if bordered else 0.0,
        radius=canvas.length(layer.radius),
        opacity=layer.opacity,
        rotation=layer.rotation,
    )


def gradient(layer: GradientLayer, rect: Rect, canvas: Canvas, brand: Brand) -> GradientMark:
    """Return a gradient with the inks of its stops."""
    return GradientMark(
        layer=layer.id or "gradient",
        rect=canvas.to_bleed(rect),
        stops=tuple(
            Stop(at=at, ink=ink(brand, stop.color), opacity=stop.opacity)
            for at, stop in zip(layer.places, layer.stops, strict=True)
        ),
        angle=layer.angle,
        linear=layer.linear,
        radius=canvas.length(layer.radius),
        strengthen=layer.strengthen,
        opacity=layer.opacity,
        rotation=layer.rotation,
    )


def image(layer: ImageLayer, rect: Rect, content: Content, canvas: Canvas, brand: Brand) -> AnyMark | None:
    """Return a picture; where there is none its stand-in, or None."""
    file = content.image(layer.source)
    rect, radius = canvas.to_bleed(rect), canvas.length(layer.radius)
    if file is None:
        return _stand_in(layer, layer.fallback, rect, radius, brand) if layer.fallback else None
    treatment = brand.guide.photo
    toned = layer.treatment and layer.file is None
    return ImageMark(
        layer=layer.id or "image",
        rect=rect,
        file=file,
        fit=layer.fit,
        focal=content.focal.get(file, layer.focal),
        radius=radius,
        saturation=treatment.saturation if toned else 1.0,
        tint=ink(brand, treatment.tint) if toned and treatment.tint else None,
        tint_opacity=treatment.tint_opacity if toned else 0.0,
        min_ppi=layer.min_ppi,
        generated=file in content.generated,
        opacity=layer.opacity,
        rotation=layer.rotation,
    )


def _stand_in(layer: ImageLayer, colours: tuple[str, str], rect: Rect, radius: float, brand: Brand) -> GroupMark:
    """Fill the place of a picture that is not there: a gradient, and rings of the accent rising in a corner."""
    name = layer.id or "image"
    stops = Stop(at=0, ink=ink(brand, colours[0])), Stop(at=1, ink=ink(brand, colours[1]))
    marks: list[AnyMark] = [GradientMark(layer=name, rect=rect, stops=stops, angle=155)]
    step = 0.115 * min(rect.width, rect.height)
    x, y = rect.left + rect.width * 0.92, rect.top + rect.height * 0.04
    for index in (7, 5, 3, 1):
        reach = step * index
        marks.append(
            ShapeMark(
                layer=name,
                rect=Rect(left=x - reach, top=y - reach, width=2 * reach, height=2 * reach),
                shape="ellipse",
                border=brand.ink("accent"),
                border_width=step,
                opacity=(46 - 5 * index) / 255,
            )
        )
    return GroupMark(
        layer=name,
        rect=rect,
        marks=tuple(marks),
        clip=True,
        radius=radius,
        opacity=layer.opacity,
        rotation=layer.rotation,
    )


def logo(layer: LogoLayer, rect: Rect, brand: Brand) -> LogoMark:
    """Return the logo's box; which drawing is taken is decided on the pixels."""
    guide = brand.guide.logo
    return LogoMark(
        layer=layer.id or "logo",
        rect=rect,
        variants={variant.for_: brand.folder / variant.file for variant in reversed(guide.variants)},
        wanted=layer.variant,
        anchor=shares(layer.anchor, (0.0, 0.5))[0],
        clear_space=guide.clear_space,
        opacity=layer.opacity,
        rotation=layer.rotation,
    )


def code(layer: QrLayer, rect: Rect, content: Content, canvas: Canvas, brand: Brand) -> QrMark:
    """Return the code, as large as whole pixels a module allow. Raises UserMistake for a link that is too long."""
    link = content.link or ""
    modules = qr.modules(link, layer.error_correction).width
    side = modules + 2 * qr.QUIET
    module = max(1, int(min(rect.width, rect.height) // side))
    size = module * side
    across, down = shares(layer.anchor, (0.5, 0.5))
    return QrMark(
        layer=layer.id or "qr",
        rect=Rect(
            left=round(rect.left + (rect.width - size) * across),
            top=round(rect.top + (rect.height - size) * down),
            width=size,
            height=size,
        ),
        link=link,
        module=module,
        modules=modules,
        quiet=qr.QUIET,
        ink=ink(brand, layer.color),
        ground=ink(brand, layer.ground),
        level=layer.error_correction,
        min_module=canvas.length(layer.min_module),
        opacity=layer.opacity,
        rotation=layer.rotation,
    )
