"""Photos on the sheet: cropped and treated as on screens, brought to the press's inks band by band."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pikepdf
from PIL import Image

from promo.visual.cache.memory import Memory
from promo.visual.paint.photo import treat
from promo.visual.pdf.colour import Press
from promo.visual.pdf.ink import InkMeter
from promo.visual.pdf.jpeg import BAND, banded_jpeg
from promo.visual.pdf.source import Source
from promo.visual.pdf.stream import numbers
from promo.visual.scene import ImageMark, Rect

QUALITY = 92
FINER = 1.5  # times the page's own resolution; a photo finer than that is scaled down to it


@dataclass(frozen=True, slots=True)
class Pixels:
    """A photo's coded pixels, the rect they fill, and what they were measured to need of ink."""

    jpeg: bytes
    size: tuple[int, int]
    rect: Rect
    ppi: float
    ink: tuple[float, Rect] | None  # total ink in percent, and where it is heaviest


_kept = Memory(96_000_000)  # coded photos of former files: five hundred posters are coded once


def coded(press: Press, mark: ImageMark, dpi: float) -> Pixels:
    """Return the photo of a mark in the document's colours. Raises UserMistake for a file that cannot be used."""
    stat = mark.file.stat() if mark.file.exists() else None
    settings = press.settings
    key = mark, dpi, settings.profile, settings.rendering_intent, stat and (stat.st_mtime_ns, stat.st_size)
    found: Pixels = _kept.get(key, lambda: _coded(press, mark, dpi), lambda pixels: len(pixels.jpeg))
    return found


def _coded(press: Press, mark: ImageMark, dpi: float) -> Pixels:
    wanted = max(1, round(mark.rect.width)), max(1, round(mark.rect.height))
    photo = Source(mark.file, near=wanted)
    crop = _crop(mark, photo.size)
    scale = (
        mark.rect.width / crop.width
        if mark.fit == "cover"
        else min(mark.rect.width / photo.width, mark.rect.height / photo.height)
    )  # page pixels for one of the photo
    if scale * FINER < 1:
        size = max(1, round(crop.width * scale)), max(1, round(crop.height * scale))
    else:  # its own pixels, as they are: the crop begins and ends between two
        left, top, right, bottom = crop.pixels()
        crop = Rect(left=left, top=top, width=min(right, photo.width) - left, height=min(bottom, photo.height) - top)
        size = int(crop.width), int(crop.height)
    meter = InkMeter()
    jpeg = banded_jpeg(_bands(press, mark, photo, (crop, size), meter), size, quality=QUALITY)
    rect = _rect(mark, photo.size, crop, scale)
    ink = None
    if press.separates:
        left, top, right, bottom = meter.spot or (0, 0, *size)
        across, down = rect.width / size[0], rect.height / size[1]
        where = Rect(
            left=rect.left + left * across,
            top=rect.top + top * down,
            width=(right - left) * across,
            height=(bottom - top) * down,
        )
        ink = meter.value, where
    return Pixels(jpeg=jpeg, size=size, rect=rect, ppi=dpi * size[0] / rect.width, ink=ink)


def _crop(mark: ImageMark, size: tuple[int, int]) -> Rect:
    """Return the part of the photo that is shown, in its own pixels."""
    width, height = size
    if mark.fit == "contain":
        return Rect(left=0, top=0, width=width, height=height)
    scale = max(mark.rect.width / width, mark.rect.height / height)
    wide, high = min(width, mark.rect.width / scale), min(height, mark.rect.height / scale)
    left = min(max(mark.focal[0] * width - wide / 2, 0), width - wide)
    top = min(max(mark.focal[1] * height - high / 2, 0), height - high)
    return Rect(left=left, top=top, width=wide, height=high)


def _rect(mark: ImageMark, size: tuple[int, int], crop: Rect, scale: float) -> Rect:
    """Return where on the page the crop lies; it may stand out of the mark by less than a pixel of the photo."""
    exact = _crop(mark, size)
    left, top = mark.rect.left, mark.rect.top
    if mark.fit == "contain":
        left += (mark.rect.width - size[0] * scale) / 2
        top += (mark.rect.height - size[1] * scale) / 2
    return Rect(
        left=left + (crop.left - exact.left) * scale,
        top=top + (crop.top - exact.top) * scale,
        width=crop.width * scale,
        height=crop.height * scale,
    )


def _bands(
    press: Press, mark: ImageMark, photo: Source, cut: tuple[Rect, tuple[int, int]], meter: InkMeter
) -> Iterator[Image.Image]:
    crop, size = cut
    down = crop.height / size[1]
    for top in range(0, size[1], BAND):
        rows = min(BAND, size[1] - top)
        box = crop.left, crop.top + top * down, crop.right, min(crop.top + (top + rows) * down, float(photo.height))
        band = photo.part(box, (size[0], rows))
        tint = mark.tint.rgb if mark.tint else None
        band = press.convert(treat(band, saturation=mark.saturation, tint=tint, opacity=mark.tint_opacity))
        if press.separates:
            meter.add(band, top=top)
        yield band


def image_object(press: Press, pixels: Pixels) -> pikepdf.Object:
    """Return coded pixels as an image of the document."""
    image = pikepdf.Stream(press.pdf, b"")
    image.write(pixels.jpeg, filter=pikepdf.Name.DCTDecode)
    _describe(image, press, pixels.size)
    if press.separates:
        image.Decode = numbers((1, 0) * 4)  # Pillow writes CMYK in JPEG as Adobe does: turned around
    return press.pdf.make_indirect(image)


def layered_object(press: Press, picture: Image.Image) -> pikepdf.Object:
    """Return an RGBA picture as an image with its transparency as a soft mask."""
    pdf = press.pdf
    mask = pikepdf.Stream(pdf, picture.getchannel("A").tobytes())
    _describe(mask, press, picture.size)
    mask.ColorSpace = pikepdf.Name.DeviceGray
    image = pikepdf.Stream(pdf, press.convert(picture.convert("RGB")).tobytes())
    _describe(image, press, picture.size)
    image.SMask = pdf.make_indirect(mask)
    return pdf.make_indirect(image)


def _describe(image: pikepdf.Stream, press: Press, size: tuple[int, int]) -> None:
    image.Type, image.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
    image.Width, image.Height = size
    image.BitsPerComponent, image.ColorSpace = 8, press.space
