"""Photos: opened without harm, turned upright, brought to sRGB, cropped to cover their box."""

from __future__ import annotations

import io
import warnings
from pathlib import Path

from PIL import Image, ImageCms, ImageEnhance, ImageOps

from promo.errors import UserMistake
from promo.language import _

LARGEST = 80_000_000  # pixels; a decompressed photo takes three bytes each
TYPES = ("JPEG", "PNG", "WEBP", "TIFF")

# Pillow warns of pictures above 89 megapixels before one can ask for their size; we refuse them below.
warnings.simplefilter("ignore", Image.DecompressionBombWarning)


def open_photo(path: Path, *, near: tuple[int, int]) -> Image.Image:
    """Return the photo in RGB, upright, in sRGB; JPEGs are decoded at a size not much above `near`.

    Raises UserMistake for a file that is missing, broken, animated or larger than 80 megapixels.
    """
    name = path.name
    try:
        with Image.open(path, formats=TYPES) as image:
            if image.width * image.height > LARGEST:
                raise UserMistake(_too_large(name), hint=_("scale it down to 80 megapixels or less"))
            if getattr(image, "n_frames", 1) > 1 and image.format != "MPO":  # MPO: a phone's photo and its preview
                raise UserMistake(_("{file} is animated", file=name), hint=_("save one frame as PNG or JPEG"))
            profile = image.info.get("icc_profile")
            image.draft("RGB", (2 * max(near), 2 * max(near)))
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
    return _to_srgb(image, profile)


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
    return image.resize(size, Image.Resampling.LANCZOS, box=box, reducing_gap=3), scale


def contain(image: Image.Image, size: tuple[int, int]) -> tuple[Image.Image, float]:
    """Scale `image` to be seen whole within `size`; return it and how far it was enlarged."""
    scale = min(size[0] / image.width, size[1] / image.height)
    fitted = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    return image.resize(fitted, Image.Resampling.LANCZOS, reducing_gap=3), scale


def treat(image: Image.Image, *, saturation: float, tint: str | None, opacity: float) -> Image.Image:
    """Apply a brand's photo treatment: the strength of the colours, and a tint over them."""
    if saturation != 1:
        image = ImageEnhance.Color(image).enhance(saturation)
    if tint and opacity:
        image = Image.blend(image, Image.new("RGB", image.size, tint), opacity)
    return image
