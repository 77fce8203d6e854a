"""Photos: opened without harm, turned upright, brought to sRGB, cropped to cover their box."""

from __future__ import annotations

import io
import math
import warnings
from pathlib import Path

from PIL import ExifTags, Image, ImageCms, ImageOps

from promo.brand.colour import rgb
from promo.errors import UserMistake
from promo.language import _

LARGEST = 80_000_000  # pixels; a decompressed photo takes three bytes each
SIDEWAYS = 5  # Exif 3.0, 4.6.5.1.6: orientations from here on change width and height
LUMA = 0.299, 0.587, 0.114  # ITU-R BT.601: how bright each channel looks
REDUCING_GAP = 3.0  # a photo more than so many times too large is first averaged by whole pixels
TYPES = ("JPEG", "PNG", "WEBP", "TIFF")

# Pillow warns of pictures above 89 megapixels before one can ask for their size; we refuse them below.
warnings.simplefilter("ignore", Image.DecompressionBombWarning)


def photo_at(
    path: Path, size: tuple[int, int], focal: tuple[float, float], *, whole: bool = False
) -> tuple[Image.Image, float]:
    """Return the photo in sRGB, cut to fill `size` around its focal point, or `whole` within it; and its enlargement.

    Raises UserMistake as `open_photo` does.
    """
    image, profile = _opened(path, near=size)
    plain = image.mode in {"RGB", "CMYK", "L"} and "transparency" not in image.info
    if not plain:
        image = _to_srgb(image, profile)
    fitted, enlarged = contain(image, size) if whole else cover(image, size, focal)
    return _to_srgb(fitted, profile) if plain else fitted, enlarged  # colours are managed a pixel at a time


def open_photo(path: Path, *, near: tuple[int, int]) -> Image.Image:
    """Return the photo in RGB, upright, in sRGB; JPEGs are decoded at the smallest size that covers `near`.

    Raises UserMistake for a file that is missing, broken, animated or larger than 80 megapixels.
    """
    return _to_srgb(*_opened(path, near=near))


def _opened(path: Path, *, near: tuple[int, int]) -> tuple[Image.Image, bytes | None]:
    """Return the photo upright in its own colours, and its profile."""
    name = path.name
    try:
        with Image.open(path, formats=TYPES) as image:
            if image.width * image.height > LARGEST:
                raise UserMistake(_too_large(name), hint=_("scale it down to 80 megapixels or less"))
            if getattr(image, "n_frames", 1) > 1 and image.format != "MPO":  # MPO: a phone's photo and its preview
                raise UserMistake(_("{file} is animated", file=name), hint=_("save one frame as PNG or JPEG"))
            profile = image.info.get("icc_profile")
            _draft(image, near)
            image.load()
            ImageOps.exif_transpose(image, in_place=True)  # a large photo stands in memory once, not twice
    except FileNotFoundError:
        raise UserMistake(_("there is no photo {file}", file=name)) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise UserMistake(_too_large(name), hint=_("scale it down to 80 megapixels or less")) from None
    except (OSError, SyntaxError, ValueError):  # Pillow's readers raise all of these on broken files
        raise UserMistake(
            _("{file} is no picture one can read: it is broken or cut short", file=name),
            hint=_("save it again as JPEG or PNG"),
        ) from None
    return image, profile


def _draft(image: Image.Image, near: tuple[int, int]) -> None:
    """Have a JPEG decoded at a half, a quarter or an eighth, as long as it covers `near` when it is upright."""
    turned = image.getexif().get(ExifTags.Base.Orientation, 1) >= SIDEWAYS
    width, height = (near[1], near[0]) if turned else near
    scale = max(width / image.width, height / image.height)
    image.draft(None, (math.ceil(image.width * scale), math.ceil(image.height * scale)))


def _too_large(name: str) -> str:
    return _("{file} has too many pixels", file=name)


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    if image.mode.startswith("I") or image.mode == "F":  # 16-bit grey: Pillow's own convert would clip it to white
        image = image.convert("F").point(lambda value: value * (255 / 65535) + 0).convert("L")
        profile = None
    if profile and image.mode in {"RGB", "CMYK", "L"}:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            screen, within = ImageCms.createProfile("sRGB"), image.mode == "RGB"
            converted = ImageCms.profileToProfile(image, source, screen, outputMode="RGB", inPlace=within)
            if within:
                return image
        except (ImageCms.PyCMSError, OSError):
            converted = None  # a profile that does not belong to the picture: take its numbers as they are
        if converted is not None:
            return converted
    if image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info:
        layered = image.convert("RGBA")
        white = Image.new("RGBA", layered.size, "white")
        return Image.alpha_composite(white, layered).convert("RGB")
    return image if image.mode == "RGB" else image.convert("RGB")


def cover(image: Image.Image, size: tuple[int, int], focal: tuple[float, float]) -> tuple[Image.Image, float]:
    """Scale and crop `image` to fill `size`, `focal` staying in sight; return it and how far it was enlarged."""
    width, height = size
    scale = max(width / image.width, height / image.height)
    crop_width, crop_height = min(image.width, width / scale), min(image.height, height / scale)
    left = min(max(focal[0] * image.width - crop_width / 2, 0), image.width - crop_width)
    top = min(max(focal[1] * image.height - crop_height / 2, 0), image.height - crop_height)
    box = (left, top, left + crop_width, top + crop_height)
    return image.resize(size, _kernel(scale), box=box, reducing_gap=REDUCING_GAP), scale


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
