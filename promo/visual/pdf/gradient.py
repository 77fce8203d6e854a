"""Gradients as axial shadings; a veil's opacity is a second shading, as its soft mask."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import pikepdf

from promo.visual.paint.marks import HASTE
from promo.visual.pdf.colour import Press
from promo.visual.pdf.path import rounded
from promo.visual.pdf.stream import Content, numbers
from promo.visual.scene import GradientMark, Rect

_SAMPLES = 256  # along a gradient; between them the press's computer draws straight lines


def lay_gradient(content: Content, press: Press, mark: GradientMark) -> None:
    """Paint a gradient over its rect. The caller has saved the graphics state."""
    rounded(content, mark.rect, mark.radius)
    content.op("W")
    content.op("n")
    opacities = [min(1.0, stop.opacity * mark.opacity) for stop in mark.stops]
    if mark.strengthen is not None and mark.strength:
        opacities[-1] += max(0.0, mark.strengthen * mark.opacity - opacities[-1]) * mark.strength
    eased = _eased(mark)
    if min(opacities) < 1:
        content.state(_veil(content, mark, [(opacity,) for opacity in opacities], eased))
    inks = [press.values(stop.ink) for stop in mark.stops]
    if len(set(inks)) == 1:
        press.fill(content, mark.stops[0].ink)
        content.op("re", mark.rect.left, mark.rect.top, mark.rect.width, mark.rect.height)
        content.op("f")
    else:
        for stop in mark.stops:
            press.weigh(stop.ink)
        shading = _axial(content.pdf, mark, press.space, _sampled(content.pdf, mark, inks, eased))
        content.op("sh", content.name("Shading", shading))


def _eased(mark: GradientMark) -> Callable[[float], float]:
    if mark.linear:
        return lambda t: t
    power = 1 / (1 + HASTE * mark.strength)
    return lambda t: float((t * t * (3 - 2 * t)) ** power)


def _sampled(
    pdf: pikepdf.Pdf, mark: GradientMark, values: Sequence[Sequence[float]], eased: Callable[[float], float]
) -> pikepdf.Object:
    """Return a function (ISO 32000-1, 7.10.2) from 0–1 along the gradient to the values at its stops, eased."""
    samples = bytearray()
    for step in range(_SAMPLES):
        for value in _between(mark, values, step / (_SAMPLES - 1), eased):
            samples += round(min(max(value, 0), 1) * 0xFFFF).to_bytes(2, "big")
    function = pikepdf.Stream(pdf, bytes(samples))
    function.FunctionType, function.BitsPerSample = 0, 16
    function.Domain, function.Range = numbers((0, 1)), numbers((0, 1) * len(values[0]))
    function.Size = numbers((_SAMPLES,))
    return pdf.make_indirect(function)


def _between(
    mark: GradientMark, values: Sequence[Sequence[float]], at: float, eased: Callable[[float], float]
) -> list[float]:
    places = [stop.at for stop in mark.stops]
    if at <= places[0]:
        return list(values[0])
    for index in range(1, len(places)):
        if at <= places[index]:
            span = places[index] - places[index - 1]
            share = eased((at - places[index - 1]) / span) if span else 1.0
            return [a + (b - a) * share for a, b in zip(values[index - 1], values[index], strict=True)]
    return list(values[-1])


def _axial(pdf: pikepdf.Pdf, mark: GradientMark, space: pikepdf.Object, function: pikepdf.Object) -> pikepdf.Object:
    rect, radians = mark.rect, math.radians(mark.angle)
    dx, dy = math.sin(radians), -math.cos(radians)
    reach = (abs(rect.width * dx) + abs(rect.height * dy)) / 2
    x, y = rect.left + rect.width / 2, rect.top + rect.height / 2
    return pdf.make_indirect(
        pikepdf.Dictionary(
            ShadingType=2,
            ColorSpace=space,
            Coords=numbers((x - reach * dx, y - reach * dy, x + reach * dx, y + reach * dy)),
            Function=function,
            Extend=pikepdf.Array([True, True]),
        )
    )


def _veil(
    content: Content, mark: GradientMark, opacities: Sequence[Sequence[float]], eased: Callable[[float], float]
) -> pikepdf.Object:
    """Return a graphics state whose soft mask runs from opacity to opacity."""
    pdf, rect = content.pdf, mark.rect
    if len(set(opacities)) == 1:
        return pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.ExtGState, ca=numbers(opacities[0])[0]))
    mask = Content(pdf)
    shading = _axial(pdf, mark, pikepdf.Name.DeviceGray, _sampled(pdf, mark, opacities, eased))
    mask.op("sh", mask.name("Shading", shading))
    group = pikepdf.Dictionary(S=pikepdf.Name.Transparency, CS=pikepdf.Name.DeviceGray, I=True)
    form = mask.form(_box(rect), group=group)
    soft = pikepdf.Dictionary(Type=pikepdf.Name.Mask, S=pikepdf.Name.Luminosity, G=form)
    return pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.ExtGState, SMask=soft))


def _box(rect: Rect) -> tuple[float, float, float, float]:
    return rect.left, rect.top, rect.right, rect.bottom
