"""The brand as its style guide says it: positioning, logo, palette, typography, photos, voice."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from promo.brand.colour import parse_hex
from promo.source.value import LocalText
from promo.workspace import Frozen

Hex = Annotated[
    str,
    BeforeValidator(parse_hex),
    WithJsonSchema({"type": "string", "pattern": "^#([0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})$", "examples": ["#12513f"]}),
]
Role = Literal[
    "primary", "on_primary", "accent", "on_accent", "background", "text", "muted", "surface", "photo_text", "shade"
]
NEEDED_ROLES: tuple[Role, ...] = ("primary", "on_primary", "accent", "background", "text")
Share = Annotated[float, Field(ge=0, le=1)]


class Swot(Frozen):
    """Strengths, weaknesses, opportunities, threats: one short line each."""

    strengths: tuple[LocalText, ...] = ()
    weaknesses: tuple[LocalText, ...] = ()
    opportunities: tuple[LocalText, ...] = ()
    threats: tuple[LocalText, ...] = ()


class Competitor(Frozen):
    """Who else the audience may choose, and what sets the brand apart from it."""

    name: LocalText
    difference: LocalText


class Positioning(Frozen):
    """For whom the brand is, what it promises, and how it differs."""

    audience: tuple[LocalText, ...] = Field(min_length=1)
    core_value: LocalText
    proposition: LocalText
    slogan: LocalText
    personality: tuple[LocalText, ...] = ()
    competitors: tuple[Competitor, ...] = ()
    swot: Swot = Swot()


class LogoVariant(Frozen):
    """One drawing of the logo, and the ground it is drawn `for`."""

    file: str  # SVG or PNG in the brand's folder
    for_: Literal["light", "dark", "mono"] = Field(default="light", alias="for")


class Logo(Frozen):
    """The logo. `clear_space` is the empty margin around it, as a share of its height; `min_*` are heights."""

    variants: tuple[LogoVariant, ...] = Field(min_length=1)
    clear_space: float = Field(default=0.25, ge=0, le=2)
    min_px: int = Field(default=32, ge=1)
    min_mm: float = Field(default=8, gt=0)


class Palette(Frozen):
    """Named colours, what each is used for, and the pairs (text, ground) that may meet."""

    colors: dict[str, Hex] = Field(min_length=1)
    roles: dict[Role, str]
    pairs: tuple[tuple[str, str], ...] = ()


class TypeStyle(Frozen):
    """One voice of the typography. `fonts` are family names, or font files in the brand's folder, in order."""

    fonts: tuple[str, ...] = ("Noto Sans SC",)
    weight: int = Field(default=400, ge=100, le=900)
    tracking: float = Field(default=0, ge=-0.1, le=0.5)  # em between two letters
    line_height: float = Field(default=1.3, ge=0.9, le=2)  # of the type size


class Typography(Frozen):
    """The four voices, and the smallest type: `min_size` percent of a picture's short side, `min_pt` in print."""

    headline: TypeStyle = TypeStyle(weight=800, line_height=1.2)
    body: TypeStyle = TypeStyle(line_height=1.5)
    label: TypeStyle = TypeStyle(weight=600, tracking=0.04)
    number: TypeStyle = TypeStyle(weight=800, line_height=1.1)
    min_size: float = Field(default=2.0, gt=0, le=10)
    min_pt: float = Field(default=7, gt=0)


class PhotoTreatment(Frozen):
    """How photos become the brand's: a tint of one role laid over them, and their colours' strength."""

    tint: Role | None = None
    tint_opacity: Share = 0
    saturation: float = Field(default=1, ge=0, le=2)


class Banned(Frozen):
    """A word the brand does not use, and what to say instead."""

    word: str = Field(min_length=1)
    hint: LocalText | None = None


class Voice(Frozen):
    """How the brand speaks, the words it avoids, and the sentences it must say."""

    tone: tuple[LocalText, ...] = ()
    banned: tuple[Banned, ...] = ()
    required: tuple[LocalText, ...] = ()
    disclosures: tuple[LocalText, ...] = ()


class BrandGuide(Frozen):
    """All that `brand.yaml` may say."""

    name: LocalText
    site: str = ""
    trades: tuple[LocalText, ...] = ()
    positioning: Positioning
    logo: Logo
    palette: Palette
    typography: Typography = Typography()
    photo: PhotoTreatment = PhotoTreatment()
    voice: Voice = Voice()


@dataclass(frozen=True, kw_only=True, slots=True)
class Ink:
    """A colour of the palette as it is put down: on screens `rgb`, in print `cmyk` (percent) or a named `spot`."""

    name: str  # the palette's own name
    rgb: str  # "#rrggbb"
    cmyk: tuple[float, float, float, float] | None = None
    spot: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Brand:
    """A brand whose guide has no errors. `id` is its folder's name; `folder` and `file` are absolute."""

    id: str
    folder: Path
    file: Path
    guide: BrandGuide

    def colour(self, role: Role) -> str:
        """Return the colour of a role as `#rrggbb`; roles the guide leaves open follow from the needed ones."""
        roles, colors = self.guide.palette.roles, self.guide.palette.colors
        if role in roles:
            return colors[roles[role]]
        match role:
            case "on_accent" | "shade":
                return self.colour("text")
            case "muted":
                return self.colour("text")
            case "surface":
                return self.colour("background")
            case "photo_text":
                return "#ffffff"
            case _:
                raise KeyError(role)  # load_brands lets no brand pass that lacks a needed role

    def ink(self, role: Role) -> Ink:
        """Return the ink of a role."""
        name = self.guide.palette.roles.get(role, role)
        return Ink(name=name, rgb=self.colour(role))

    def facts(self, language: str) -> dict[str, str]:
        """Return what layouts may write about the brand: `brand.name`, `brand.slogan`, `brand.site`."""
        return {
            "brand.name": self.guide.name.in_language(language),
            "brand.slogan": self.guide.positioning.slogan.in_language(language),
            "brand.proposition": self.guide.positioning.proposition.in_language(language),
            "brand.site": self.guide.site,
        }
