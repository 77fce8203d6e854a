"""Composition: a layout's layers painted in order, and the pixels held against the style guide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from promo.brand.model import Brand, Role
from promo.visual import qr
from promo.visual.canvas import Canvas, Rect
from promo.visual.contrast import ground_luminance, needed, text_contrast
from promo.visual.findings import finding
from promo.visual.layout import FillLayer, Layer, Layout, LogoLayer, PhotoLayer, QrLayer, ScrimLayer, StackLayer
from promo.visual.logo import load_logo
from promo.visual.paint import blend_into, decorate, fill, gradient, plate_radius, rounded, text_mask
from promo.visual.photo import cover, open_photo, treat
from promo.visual.stack import PlacedStack, place_stack

STRONGER = 0.25  # a step from a scrim's own opacity (0) to the strongest its layout allows (1)
HASTE = 3.0  # how much earlier the strongest scrim rises
SOFT, SOFT_PRINT = 2.0, 3.2  # enlarged more than that, a photo looks soft; posters are seen from farther away
MODULE_PX, MODULE_MM = 3, 0.4  # the smallest QR module on a screen, and on paper (ISO/IEC 18004:2015, annex)
LOGO_CONTRAST, LOGO_PERCENTILE = 2.2, 10  # a mark is larger than letters; nine tenths of it must stand out
LIGHT_GROUND = 0.3  # mean luminance from which the logo for light grounds is taken


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """What is to be painted: everything resolved, nothing left to look up."""

    layout: Layout
    canvas: Canvas
    brand: Brand
    language: str
    photo: Path | None
    fields: Mapping[str, str]  # with the brand's own
    link: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Composed:
    """The finished pixels in RGB, and what was found on them."""

    picture: Image.Image
    findings: tuple[dict[str, Any], ...]


def compose(order: Order) -> Composed:
    """Paint the layers; where text or logo do not stand out, again with stronger scrims. Raises UserMistake."""
    painter = _Painter(order)
    composed = painter.paint()
    while painter.strengthen():
        composed = painter.paint()
    return composed


class _Painter:
    """One order on its way to pixels. Placing needs no pixels and is done once; painting may be repeated."""

    def __init__(self, order: Order) -> None:
        self.order, self.canvas, self.brand = order, order.canvas, order.brand
        self.layers: list[Layer] = [layer for layer in order.layout.spec.layers if self._wanted(layer)]
        self.stacks: dict[int, PlacedStack] = {
            index: place_stack(layer, order.fields, order.brand, order.canvas, order.language)
            for index, layer in enumerate(self.layers)
            if isinstance(layer, StackLayer)
        }
        self.photos: dict[int, tuple[Image.Image, float]] = {}
        self.qr_rect: Rect | None = None
        self.logo_zone: Rect | None = None
        self.weak: list[Rect] = []  # where text or logo do not stand out
        self.strength = {
            index: 0.0 for index, layer in enumerate(self.layers) if isinstance(layer, ScrimLayer) and layer.strengthen
        }

    def _wanted(self, layer: Layer) -> bool:
        have = {name for name, text in self.order.fields.items() if text.strip()}
        have |= {"photo"} if self.order.photo else {"no-photo"}
        have |= {"qr"} if self.order.link else {"no-qr"}
        if isinstance(layer, QrLayer) and not self.order.link:
            return False
        return (not layer.only or self.canvas.name in layer.only) and have.issuperset(layer.when)

    def colour(self, role: Role) -> str:
        return self.brand.colour(role)

    def strengthen(self) -> bool:
        """Make the scrims under weak places a step stronger; return whether any could be."""
        raised = False
        for index, strength in self.strength.items():
            area = self.canvas.rect(self.layers[index].box)
            if strength < 1 and any(area.meets(rect) for rect in self.weak):
                self.strength[index] = strength + STRONGER
                raised = True
        return raised

    def paint(self) -> Composed:
        """Paint every layer, the scrims at their present strength."""
        picture = Image.new("RGB", (self.canvas.width, self.canvas.height), self.colour("background"))
        findings: list[dict[str, Any]] = []
        self.qr_rect = self.logo_zone = None
        self.weak = []
        for index, layer in enumerate(self.layers):
            match layer:
                case FillLayer():
                    self._fill(picture, layer)
                case PhotoLayer():
                    findings += self._photo(picture, layer, index)
                case ScrimLayer():
                    self._scrim(picture, layer, self.strength.get(index, 0.0))
                case LogoLayer():
                    findings += self._logo(picture, layer)
                case StackLayer():
                    findings += self._stack(picture, self.stacks[index])
                case QrLayer():
                    findings += self._qr(picture, layer)
        findings += self._clear_space()
        findings += self._overlaps()
        findings += self._read_back(picture)
        return Composed(picture=picture, findings=tuple(findings))

    def _fill(self, picture: Image.Image, layer: FillLayer) -> None:
        rect = self.canvas.rect(layer.box, to_bleed=True)
        left, top, right, bottom = rect.pixels()
        mask = rounded((right - left, bottom - top), self.canvas.length(layer.radius)) if layer.radius else None
        if layer.to is not None:
            blend_into(picture, rect, (self.colour(layer.color), self.colour(layer.to)), angle=layer.angle, mask=mask)
        else:
            fill(picture, rect, self.colour(layer.color), mask=mask, opacity=layer.opacity)

    def _photo(self, picture: Image.Image, layer: PhotoLayer, index: int) -> list[dict[str, Any]]:
        rect = self.canvas.rect(layer.box, to_bleed=True)
        left, top, right, bottom = rect.pixels()
        size = right - left, bottom - top
        mask = rounded(size, self.canvas.length(layer.radius)) if layer.radius else None
        if self.order.photo is None:
            colours = self.colour(layer.fallback[0]), self.colour(layer.fallback[1])
            decorate(picture, rect, colours, self.colour("accent"), mask=mask)
            return []
        if index not in self.photos:
            photo, enlarged = cover(open_photo(self.order.photo, near=size), size, layer.focal)
            treatment = self.brand.guide.photo
            tint = self.colour(treatment.tint) if treatment.tint else None
            photo = treat(photo, saturation=treatment.saturation, tint=tint, opacity=treatment.tint_opacity)
            self.photos[index] = photo, enlarged
        photo, enlarged = self.photos[index]
        picture.paste(photo, (left, top), mask)
        if enlarged > (SOFT_PRINT if self.canvas.print else SOFT):
            return [finding("photo-small", severity="warning", layer="photo", factor=f"{enlarged:.1f}")]
        return []

    def _scrim(self, picture: Image.Image, layer: ScrimLayer, strength: float) -> None:
        rect = self.canvas.rect(layer.box, to_bleed=True)
        left, top, right, bottom = rect.pixels()
        end = layer.end + max(0.0, (layer.strengthen or 0) - layer.end) * strength
        size = right - left, bottom - top
        mask = gradient(size, angle=layer.angle, start=layer.start, end=end, haste=HASTE * strength)
        fill(picture, rect, self.colour(layer.color), mask=mask)

    def _logo(self, picture: Image.Image, layer: LogoLayer) -> list[dict[str, Any]]:
        box, guide = self.canvas.rect(layer.box), self.brand.guide.logo
        ground = ground_luminance(picture.crop(box.pixels()).reduce(max(1, round(box.height) // 16)))
        wanted = (
            layer.variant if layer.variant != "auto" else "light" if float(ground.mean()) > LIGHT_GROUND else "dark"
        )
        by_ground = {variant.for_: variant for variant in reversed(guide.variants)}
        variant = by_ground.get(wanted) or by_ground.get("mono") or guide.variants[0]
        path = self.brand.folder / variant.file
        image = load_logo(path, height=max(1, round(box.height)), widest=max(1, round(box.width)))
        share = {"left": 0.0, "center": 0.5, "right": 1.0}[layer.anchor]
        left = round(box.left + (box.width - image.width) * share)
        top = round(box.top + (box.height - image.height) / 2)
        rect = Rect(left=left, top=top, width=image.width, height=image.height)
        notes = self._logo_notes(picture, image, rect)
        picture.paste(image, (left, top), image)
        self.logo_zone = rect.grown(guide.clear_space * image.height)
        return notes

    def _logo_notes(self, picture: Image.Image, image: Image.Image, rect: Rect) -> list[dict[str, Any]]:
        guide, notes = self.brand.guide.logo, []
        if self.canvas.print and self.canvas.to_mm(image.height) < guide.min_mm:
            size = f"{self.canvas.to_mm(image.height):.1f} mm"
            notes.append(
                finding("logo-small", severity="warning", layer="logo", size=size, needed=f"{guide.min_mm:g} mm")
            )
        elif not self.canvas.print and image.height < guide.min_px:
            size = f"{image.height} px"
            notes.append(
                finding("logo-small", severity="warning", layer="logo", size=size, needed=f"{guide.min_px} px")
            )
        solid = _solid(image.getchannel("A"))
        ink = float(ground_luminance(image)[solid].mean())
        behind = ground_luminance(picture.crop(rect.pixels()))[solid]
        ratio = float(
            np.percentile((np.maximum(ink, behind) + 0.05) / (np.minimum(ink, behind) + 0.05), LOGO_PERCENTILE)
        )
        if ratio < LOGO_CONTRAST:
            self.weak.append(rect)
            notes.append(finding("logo-contrast", severity="warning", layer="logo", ratio=f"{ratio:.1f}"))
        return notes

    def _stack(self, picture: Image.Image, stack: PlacedStack) -> list[dict[str, Any]]:
        notes = list(stack.findings)
        for text in stack.texts:
            if text.plate is not None:
                left, top, right, bottom = text.rect.pixels()
                fill(
                    picture,
                    text.rect,
                    self.colour(text.plate),
                    mask=rounded((right - left, bottom - top), plate_radius(text)),
                )
            if text.rule is not None:
                fill(picture, text.rect, self.colour(text.rule))
                continue
            mask, place = text_mask(text, picture.size)
            colour = self.colour(text.color)
            ratio, wanted = text_contrast(picture, mask, place, colour), needed(text.size, self.canvas.unit)
            if ratio < wanted:
                self.weak.append(text.rect)
                words = "".join(line.line.text for line in text.lines)
                words = words if len(words) <= 24 else words[:23] + "…"
                severity = "error" if ratio < wanted * 0.75 else "warning"
                facts = {"text": words, "ratio": f"{ratio:.1f}", "needed": f"{wanted:g}"}
                notes.append(finding("contrast", severity=severity, layer=text.name, **facts))
            picture.paste(colour, (*place, place[0] + mask.width, place[1] + mask.height), mask)
        return notes

    def _qr(self, picture: Image.Image, layer: QrLayer) -> list[dict[str, Any]]:
        box = self.canvas.rect(layer.box)
        code = qr.modules(self.order.link or "")
        side = code.width + 2 * qr.QUIET
        module = max(1, int(min(box.width, box.height) // side))
        size = module * side
        share = {"left": 0.0, "center": 0.5, "right": 1.0}[layer.anchor]
        left = round(box.left + (box.width - size) * share)
        top = round(box.top + (box.height - size) / 2)
        self.qr_rect = Rect(left=left, top=top, width=size, height=size)
        fill(picture, self.qr_rect, self.colour(layer.ground), mask=rounded((size, size), 1.5 * module))
        dark = code.resize((code.width * module, code.height * module), Image.Resampling.NEAREST).point(
            lambda value: 255 - value
        )
        picture.paste(self.colour(layer.color), (left + qr.QUIET * module, top + qr.QUIET * module), dark)
        if self.canvas.print and self.canvas.to_mm(module) < MODULE_MM:
            shown = f"{self.canvas.to_mm(module):.2f} mm"
            return [finding("qr-small", severity="warning", layer="qr", size=shown, needed=f"{MODULE_MM} mm")]
        if not self.canvas.print and module < MODULE_PX:
            return [finding("qr-small", severity="warning", layer="qr", size=f"{module} px", needed=f"{MODULE_PX} px")]
        return []

    def _read_back(self, picture: Image.Image) -> list[dict[str, Any]]:
        if self.qr_rect is None or self.order.link is None:
            return []
        seen = picture.crop(self.qr_rect.grown(self.qr_rect.width * 0.1).pixels())
        return [] if qr.readable(seen, self.order.link) else [finding("qr-unreadable", severity="error", layer="qr")]

    def _overlaps(self) -> list[dict[str, Any]]:
        if self.qr_rect is None:
            return []
        texts = [text for stack in self.stacks.values() for text in stack.texts if text.rect.meets(self.qr_rect)]
        return [finding("overlap", severity="error", layer=text.name, other="qr") for text in texts]

    def _clear_space(self) -> list[dict[str, Any]]:
        zone = self.logo_zone
        if zone is None:
            return []
        # One pixel of grace: places are rounded.
        zone = zone.grown(-1)
        names = [text.name for stack in self.stacks.values() for text in stack.texts if text.rect.meets(zone)]
        if self.qr_rect is not None and self.qr_rect.meets(zone):
            names.append("qr")
        edge = self.canvas.bleed
        if (
            zone.left < edge
            or zone.top < edge
            or zone.right > self.canvas.width - edge
            or zone.bottom > self.canvas.height - edge
        ):
            names.append("edge")
        return [finding("clear-space", severity="warning", layer="logo", other=name) for name in names]


def _solid(alpha: Image.Image) -> Any:
    solid = np.asarray(alpha) > 128
    return solid if solid.any() else np.ones_like(solid)
