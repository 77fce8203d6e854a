"""Colour on the sheet: inks as the press lays them down, photos through the press's profile."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import pikepdf
from PIL import Image, ImageCms

from promo.brand.colour import rgb
from promo.brand.model import Brand, Ink
from promo.errors import UserMistake
from promo.language import _
from promo.visual.file.profile import srgb
from promo.visual.pdf.stream import Content, numbers

Intent = Literal["perceptual", "relative", "saturation", "absolute"]
Cmyk = tuple[float, float, float, float]
_INTENTS = {
    "perceptual": ImageCms.Intent.PERCEPTUAL,
    "relative": ImageCms.Intent.RELATIVE_COLORIMETRIC,
    "saturation": ImageCms.Intent.SATURATION,
    "absolute": ImageCms.Intent.ABSOLUTE_COLORIMETRIC,
}
BLACK: Cmyk = (0, 0, 0, 1)
_DARK, _GREY = 0x40, 0x18  # the lightest channel, and the spread of channels, of what counts as black


@dataclass(frozen=True, kw_only=True, slots=True)
class PrintSettings:
    """How the press prints: `profile` is the ICC profile of its condition; without one the file stays in RGB.

    `palette` tells how colours of logos are printed; `total_ink` is in percent, the four inks together.
    """

    profile: bytes | None = None
    condition: str = ""  # the condition's identifier, such as FOGRA39
    total_ink: float = 320
    rendering_intent: Intent = "relative"
    black_text: bool = True
    palette: tuple[Ink, ...] = ()


def settings_of(brand: Brand) -> PrintSettings:
    """Return how a brand's guide says its print files are made. Raises UserMistake where the profile is missing."""
    said = brand.guide.print
    try:
        profile = (brand.folder / said.profile).read_bytes() if said.profile else None
    except OSError:
        raise UserMistake(
            _("the print profile {file} cannot be read", file=said.profile),
            hint=_("ask the print shop for the ICC profile of its press"),
        ) from None
    return PrintSettings(
        profile=profile,
        condition=said.condition or "",
        total_ink=said.total_ink,
        rendering_intent=said.rendering_intent,
        black_text=said.black_text,
        palette=tuple(brand.ink(name) for name in brand.guide.palette.colors),
    )


@lru_cache(maxsize=4)
def _transform(profile: bytes, intent: Intent) -> ImageCms.ImageCmsTransform:
    try:
        press = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if press.profile.xcolor_space.strip() != "CMYK":
            raise UserMistake(
                _("the print profile is for {space}, not for CMYK", space=press.profile.xcolor_space.strip()),
                hint=_("ask the print shop for the ICC profile of its press"),
            )
        flags = ImageCms.Flags.BLACKPOINTCOMPENSATION if intent == "relative" else ImageCms.Flags.NONE
        screen = ImageCms.ImageCmsProfile(io.BytesIO(srgb()))
        return ImageCms.buildTransform(screen, press, "RGB", "CMYK", _INTENTS[intent], flags)
    except (ImageCms.PyCMSError, OSError):
        raise UserMistake(
            _("the print profile cannot be read"), hint=_("ask the print shop for the ICC profile of its press")
        ) from None


class Press:
    """The colours of one document. Raises UserMistake where the profile is none of a CMYK press."""

    def __init__(self, pdf: pikepdf.Pdf, settings: PrintSettings) -> None:
        self.pdf, self.settings = pdf, settings
        self._by_rgb = {ink.rgb: ink for ink in settings.palette}
        self._transform = _transform(settings.profile, settings.rendering_intent) if settings.profile else None
        self._spots: dict[tuple[str, Cmyk], pikepdf.Object] = {}
        self.heaviest: Ink | None = None  # of the inks laid down as they are
        if self._transform is not None:
            self.space: pikepdf.Object = pikepdf.Name.DeviceCMYK
        else:
            profile = pikepdf.Stream(pdf, srgb())
            profile.N, profile.Alternate = 3, pikepdf.Name.DeviceRGB
            self.space = pdf.make_indirect(pikepdf.Array([pikepdf.Name.ICCBased, pdf.make_indirect(profile)]))

    @property
    def separates(self) -> bool:
        """Whether the document is in the inks of the press rather than in RGB."""
        return self._transform is not None

    @property
    def channels(self) -> int:
        """Return how many numbers make a colour."""
        return 4 if self.separates else 3

    def group(self) -> pikepdf.Dictionary:
        """Return what makes a form or page one transparent layer, blended in the document's own colours."""
        return pikepdf.Dictionary(S=pikepdf.Name.Transparency, CS=self.space, I=True)

    def convert(self, picture: Image.Image) -> Image.Image:
        """Return an sRGB picture in the document's colours."""
        if self._transform is None:
            return picture
        converted = ImageCms.applyTransform(picture, self._transform)
        if converted is None:  # only in-place conversion returns nothing
            raise ValueError(picture.mode)
        return converted

    def ink_of(self, colour: str) -> Ink:
        """Return the palette's ink of a colour `#rrggbb`, or an ink of that colour alone."""
        return self._by_rgb.get(colour) or Ink(name=colour, rgb=colour)

    def values(self, ink: Ink) -> tuple[float, ...]:
        """Return the ink's parts, 0–1: cyan, magenta, yellow, black, or red, green, blue."""
        red, green, blue = rgb(ink.rgb)
        if not self.separates:
            return red / 255, green / 255, blue / 255
        if ink.cmyk is not None:
            cyan, magenta, yellow, black = (part / 100 for part in ink.cmyk)
        elif (red, green, blue) == (0, 0, 0):
            return BLACK
        else:
            point = self.convert(Image.new("RGB", (1, 1), ink.rgb)).getpixel((0, 0))
            cyan, magenta, yellow, black = (part / 255 for part in point) if isinstance(point, tuple) else BLACK
        return cyan, magenta, yellow, black

    def fill(self, content: Content, ink: Ink, *, stroke: bool = False) -> None:
        """Set the ink as the colour to fill (or to stroke) with."""
        values = self.values(ink)
        if not self.separates:
            content.name("ColorSpace", self.space, named="/DefaultRGB")
            content.op("RG" if stroke else "rg", *values)
            return
        self.weigh(ink)
        if ink.spot:
            cyan, magenta, yellow, black = values
            space = content.name("ColorSpace", self._spot(ink.spot, (cyan, magenta, yellow, black)))
            content.op("CS" if stroke else "cs", space)
            content.op("SCN" if stroke else "scn", 1.0)
        else:
            content.op("K" if stroke else "k", *values)

    def fill_black(self, content: Content, *, stroke: bool = False) -> None:
        """Set black ink alone."""
        if self.separates:
            content.op("K" if stroke else "k", *BLACK)
        else:
            content.op("G" if stroke else "g", 0.0)

    def fill_all(self, content: Content) -> None:
        """Set all inks at once, for marks that must stand on every plate (ISO 32000-1, 8.6.6.4)."""
        if self.separates:
            content.op("cs", content.name("ColorSpace", self._spot("All", (1, 1, 1, 1))))
            content.op("scn", 1.0)
        else:
            self.fill_black(content)

    def is_black(self, ink: Ink) -> bool:
        """Whether words in this ink are printed in black ink alone: thin strokes in four inks never register."""
        if ink.spot:
            return False
        if ink.cmyk is not None and self.separates:
            return ink.cmyk == (0, 0, 0, 100)
        channels = rgb(ink.rgb)
        return self.settings.black_text and max(channels) <= _DARK and max(channels) - min(channels) <= _GREY

    def spots(self) -> list[str]:
        """Return the names of the spot inks used so far."""
        return sorted({name for name, _values in self._spots if name != "All"})

    def _spot(self, name: str, values: Cmyk) -> pikepdf.Object:
        key = name, values
        if key not in self._spots:
            tint = pikepdf.Dictionary(
                FunctionType=2, Domain=numbers((0, 1)), C0=numbers((0, 0, 0, 0)), C1=numbers(values), N=1
            )
            space = [pikepdf.Name.Separation, spot_name(name), pikepdf.Name.DeviceCMYK, tint]
            self._spots[key] = self.pdf.make_indirect(pikepdf.Array(space))
        return self._spots[key]

    def weigh(self, ink: Ink) -> None:
        """Remember the ink where it is the heaviest so far."""
        if not ink.spot and (self.heaviest is None or sum(self.values(ink)) > sum(self.values(self.heaviest))):
            self.heaviest = ink


def spot_name(name: str) -> pikepdf.Name:
    """Return a spot ink's name as PDF's: any bytes but white space and delimiters, which pikepdf escapes."""
    return pikepdf.Name("/" + name)
