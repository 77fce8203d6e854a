"""Photos: opened without harm, turned upright, brought to sRGB, cropped to cover their box."""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
from PIL import ExifTags, Image, ImageCms

from promo.brand.colour import rgb
from promo.errors import UserMistake
from promo.visual.paint.photo_check import broken, check_file, check_opened, too_large

LUMA = 0.299, 0.587, 0.114  # ITU-R BT.601: how bright each channel looks
BAND = 400_000  # pixels of a large photo that are scaled at a time
REDUCING_GAP = 3.0  # a photo more than so many times too large is first averaged by whole pixels
TYPES = ("JPEG", "PNG", "WEBP", "TIFF")
_STRIP = 4_000_000  # pixels that are converted at once
_TURNS = {  # Exif 3.0, 4.6.5.1.6
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDEWAYS = 5  # orientations from here on change width and height

Box = tuple[float, float, float, float]

# Pillow warns of odd tags, which nobody here can mend, and of large pictures, which are refused below.
warnings.filterwarnings("ignore", module=r"PIL\.")


def photo_at(
    path: Path, size: tuple[int, int], focal: tuple[float, float], *, whole: bool = False
) -> tuple[Image.Image, float]:
    """Return the photo in sRGB, cut to fill `size` around its focal point, or `whole` within it; and its enlargement.

    Raises UserMistake as `open_photo` does.
    """
    image, profile = _opened(path, near=size)
    fitted, enlarged = contain(image, size) if whole else cover(image, size, focal)
    return to_srgb(fitted, profile), enlarged  # colours are managed a pixel at a time


def photo_in_bands(
    path: Path, size: tuple[int, int], focal: tuple[float, float]
) -> tuple[float, Iterator[tuple[int, Image.Image]]]:
    """Return how far the photo is enlarged, and it as `photo_at` cuts it, in bands with the row each begins at.

    A poster's photo then takes no more memory than its decoded file. Raises UserMistake as `open_photo` does.
    """
    image, profile = _opened(path, near=size)
    (left, top, right, bottom), scale = _cut(image, size, focal)
    step, rows = (bottom - top) / size[1], max(1, BAND // size[0])

    def bands() -> Iterator[tuple[int, Image.Image]]:
        for first in range(0, size[1], rows):
            height = min(rows, size[1] - first)
            box = left, top + first * step, right, min(bottom, top + (first + height) * step)
            band = image.resize((size[0], height), _kernel(scale), box=box, reducing_gap=REDUCING_GAP)
            yield first, to_srgb(band, profile)

    return scale, bands()


def open_photo(path: Path, *, near: tuple[int, int]) -> Image.Image:
    """Return the photo in RGB, upright, in sRGB; JPEGs are decoded at the smallest size that covers `near`.

    Raises UserMistake for a file that is missing, no photo, broken, animated or larger than 80 megapixels. Memory
    stays near four bytes a pixel of the file.
    """
    return to_srgb(*_opened(path, near=near))


def _opened(path: Path, *, near: tuple[int, int]) -> tuple[Image.Image, bytes | None]:
    """Return the photo upright, in RGB, L or CMYK of its own, and its profile."""
    image, profile, turn = stored_photo(path, near=near)
    return image if turn is None else image.transpose(turn), profile


def stored_photo(path: Path, *, near: tuple[int, int]) -> tuple[Image.Image, bytes | None, Image.Transpose | None]:
    """Return the photo as it lies in its file, in RGB, L or CMYK of its own, its profile, and what sets it upright.

    Turning takes as much memory again. Raises UserMistake as `open_photo` does; `near` is a size of the upright photo.
    """
    check_file(path)
    try:
        with Image.open(path, formats=TYPES) as image:
            check_opened(image, path)
            profile = image.info.get("icc_profile")
            _draft(image, near)
            image.load()
            turn = _TURNS.get(_orientation(image))  # now: a TIFF is turned as it is loaded
            plain = _plain(image, max(1, min(image.size) // (2 * max(near))))
        del image  # a large photo stands in memory once, not twice
        return plain, profile, turn
    except UserMistake:
        raise
    except (Image.DecompressionBombError, MemoryError):
        raise too_large(path.name) from None
    except Exception:  # noqa: BLE001 - Pillow's readers raise errors of any kind on broken files
        raise broken(path.name) from None


def _orientation(image: Image.Image) -> int:
    """Return how the camera was held; Exif that cannot be read says nothing."""
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # noqa: BLE001 - Pillow's Exif reader raises errors of any kind
        return 1


def _draft(image: Image.Image, near: tuple[int, int]) -> None:
    """Have a JPEG decoded at a half, a quarter or an eighth, as long as it covers `near` when it is upright."""
    width, height = (near[1], near[0]) if _orientation(image) >= _SIDEWAYS else near
    scale = max(width / image.width, height / image.height)
    image.draft(None, (math.ceil(image.width * scale), math.ceil(image.height * scale)))


def _plain(image: Image.Image, factor: int) -> Image.Image:
    """Return the picture in RGB, L or CMYK. Others are converted strip by strip, and made `factor` times smaller."""
    if image.mode in {"RGB", "L", "CMYK"} and "transparency" not in image.info:
        return image
    width, height = image.size
    rows = max(1, _STRIP // width // factor) * factor
    result = Image.new("RGB", (-(-width // factor), -(-height // factor)))
    for top in range(0, height, rows):
        strip = _opaque(image.crop((0, top, width, min(height, top + rows))))
        result.paste(strip.reduce(factor) if factor > 1 else strip, (0, top // factor))
    return result


def _opaque(image: Image.Image) -> Image.Image:
    """Return a strip in RGB, on white where it is transparent."""
    if image.mode.startswith("I;16"):  # Pillow's own convert would clip it to white
        deep = np.asarray(image).astype(np.uint32)
        return Image.fromarray(((deep * 255 + 32767) // 65535).astype(np.uint8)).convert("RGB")
    if image.mode in {"RGBA", "RGBa", "LA", "La", "PA"} or "transparency" in image.info:
        layered = image.convert("RGBA")
        white = Image.new("RGB", layered.size, "white")
        white.paste(layered, mask=layered.getchannel("A"))
        return white
    return image.convert("RGB")


@cache
def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


def to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Return the picture in sRGB, its numbers taken as they are where its profile does not belong to it."""
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            screen, within = _srgb(), image.mode == "RGB"
            converted = ImageCms.profileToProfile(image, source, screen, outputMode="RGB", inPlace=within)
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            return image.convert("RGB")  # a profile that does not belong to the picture: take its numbers as they are
        return converted or image
    return image if image.mode == "RGB" else image.convert("RGB")


def cover(image: Image.Image, size: tuple[int, int], focal: tuple[float, float]) -> tuple[Image.Image, float]:
    """Scale and crop `image` to fill `size`, `focal` staying in sight; return it and how far it was enlarged."""
    box, scale = _cut(image, size, focal)
    return image.resize(size, _kernel(scale), box=box, reducing_gap=REDUCING_GAP), scale


def _cut(image: Image.Image, size: tuple[int, int], focal: tuple[float, float]) -> tuple[Box, float]:
    """Return the part of `image` that fills `size` (left, top, right, bottom), and the scale at which it does."""
    width, height = size
    scale = max(width / image.width, height / image.height)
    crop_width, crop_height = min(image.width, width / scale), min(image.height, height / scale)
    left = min(max(focal[0] * image.width - crop_width / 2, 0), image.width - crop_width)
    top = min(max(focal[1] * image.height - crop_height / 2, 0), image.height - crop_height)
    return (left, top, left + crop_width, top + crop_height), scale


def contain(image: Image.Image, size: tuple[int, int]) -> tuple[Image.Image, float]:
    """Scale `image` to be seen whole within `size`; return it and how far it was enlarged."""
    scale = min(size[0] / image.width, size[1] / image.height)
    fitted = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    return image.resize(fitted, _kernel(scale), reducing_gap=REDUCING_GAP), scale


def _kernel(scale: float) -> Image.Resampling:
    """Scaled down, Hamming looks like bicubic at two thirds of its cost; it is not made to enlarge."""
    return Image.Resampling.HAMMING if scale < 1 else Image.Resampling.BICUBIC


def treat(image: Image.Image, *, saturation: float, tint: str | None, opacity: float) -> Image.Image:
    """Apply a brand's photo treatment: the strength of the colours, and a tint over them, in one pass."""
    over = opacity if tint else 0.0
    if saturation == 1 and not over:
        return image
    rows = []
    for channel, of_tint in enumerate(rgb(tint) if tint else (0, 0, 0)):
        mixed = [LUMA[other] * (1 - saturation) + (saturation if other == channel else 0.0) for other in range(3)]
        rows += [*((1 - over) * share for share in mixed), over * of_tint + 0.5]  # Pillow cuts fractions off
    return image.convert("RGB", matrix=tuple(rows))
