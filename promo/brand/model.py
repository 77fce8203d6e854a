"""The brand as its style guide says it: logo, palette, typography, photos, print, voice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field, WithJsonSchema

from promo.brand.colour import parse_hex
from promo.brand.positioning import Positioning
from promo.brand.rules import RULES, Level, SetLevel
from promo.brand.voice import Trade, Voice
from promo.source.value import LocalText, Said
from promo.workspace import Frozen

Hex = Annotated[
    str,
    BeforeValidator(parse_hex),
    WithJsonSchema({"type": "string", "pattern": "^#([0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})$", "examples": ["#12513f"]}),
]
Role = Literal[
    "primary", "on_primary", "accent", "on_accent", "background", "text", "muted", "surface", "photo_text", "shade"
]
ROLES: tuple[Role, ...] = get_args(Role)
NEEDED_ROLES: tuple[Role, ...] = ("primary", "on_primary", "accent", "background", "text")
# The pairs of text and ground that the roles themselves speak of.
ROLE_PAIRS: tuple[tuple[Role, Role], ...] = (
    ("text", "background"),
    ("on_primary", "primary"),
    ("on_accent", "accent"),
)
# What stands in for a role the guide leaves open.
_INSTEAD: dict[Role, Role] = {"on_accent": "text", "shade": "text", "muted": "text", "surface": "background"}
Share = Annotated[float, Field(ge=0, le=1)]
Percent = Annotated[float, Field(ge=0, le=100)]


class LogoVariant(Frozen):
    """One drawing of the logo, and the ground it is drawn `for`. The limits are the logo's where it has none."""

    file: str  # SVG or PNG in the brand's folder
    for_: Literal["light", "dark", "mono"] = Field(default="light", alias="for")
    clear_space: float | None = Field(default=None, ge=0, le=2)
    min_px: int | None = Field(default=None, ge=1)
    min_mm: float | None = Field(default=None, gt=0)


class Logo(Frozen):
    """The logo. `clear_space` is the empty margin around it, as a share of its height; `min_*` are heights."""

    variants: tuple[LogoVariant, ...] = Field(min_length=1)
    clear_space: float = Field(default=0.25, ge=0, le=2)
    min_px: int = Field(default=32, ge=1)
    min_mm: float = Field(default=8, gt=0)

    def limits(self, for_: str) -> LogoLimits:
        """Return what holds for the variant drawn `for` this ground; an unknown one has the logo's own limits."""
        variant = next((v for v in self.variants if v.for_ == for_), None)
        if variant is None:
            return LogoLimits(clear_space=self.clear_space, min_px=self.min_px, min_mm=self.min_mm)
        return LogoLimits(
            clear_space=self.clear_space if variant.clear_space is None else variant.clear_space,
            min_px=variant.min_px or self.min_px,
            min_mm=variant.min_mm or self.min_mm,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class LogoLimits:
    """The clear space around a logo (share of its height) and its smallest height on screens and on paper."""

    clear_space: float
    min_px: int
    min_mm: float


def _as_colour(value: Any) -> Any:
    return {"rgb": value} if isinstance(value, str) else value


class Colour(Frozen):
    """A named colour: `rgb` on screens; in print `cmyk` (percent of cyan, magenta, yellow, black) or a `spot` ink."""

    rgb: Hex
    cmyk: tuple[Percent, Percent, Percent, Percent] | None = None
    spot: Annotated[str, Field(min_length=1, max_length=60)] | None = None


class Palette(Frozen):
    """Named colours, what each is used for, and the pairs (text, ground) that may meet."""

    colors: dict[str, Annotated[Colour, BeforeValidator(_as_colour, json_schema_input_type=Colour | str)]] = Field(
        min_length=1
    )
    roles: dict[Role, str]
    pairs: tuple[tuple[str, str], ...] = ()

    def token(self, name: str) -> str | None:
        """Return the colour's own name for a role or a colour's name; None: the palette has none such."""
        role: Any = name
        while role in _INSTEAD and role not in self.roles:
            role = _INSTEAD[role]
        token = self.roles.get(role, name)
        return token if token in self.colors else None


class VoiceStyle(Frozen):
    """How one voice of the typography is set in another language; what is left open stays as it is."""

    fonts: tuple[str, ...] | None = None
    weight: int | None = Field(default=None, ge=100, le=900)
    tracking: float | None = Field(default=None, ge=-0.1, le=0.5)
    line_height: float | None = Field(default=None, ge=0.9, le=2)


class TypeStyle(Frozen):
    """One voice of the typography. `fonts` are family names, or font files in the brand's folder, in order.

    `languages` says what differs in a language, by its code (`ja`, `ar`, `en`, `zh-Hant`).
    """

    fonts: tuple[str, ...] = ("Noto Sans SC",)
    weight: int = Field(default=400, ge=100, le=900)
    tracking: float = Field(default=0, ge=-0.1, le=0.5)  # em between two letters
    line_height: float = Field(default=1.3, ge=0.9, le=2)  # of the type size
    languages: dict[Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")], VoiceStyle] = Field(
        default_factory=dict
    )

    def in_language(self, language: str) -> TypeStyle:
        """Return the style as it is set in `language`: its own code first, then the part before the hyphen."""
        other = self.languages.get(language) or self.languages.get(language.partition("-")[0])
        if other is None:
            return self
        return self.model_copy(update=other.model_dump(exclude_none=True))

    @property
    def every_font(self) -> tuple[str, ...]:
        """Return all fonts it names, those of its languages too, each once."""
        others = (font for style in self.languages.values() for font in style.fonts or ())
        return tuple(dict.fromkeys((*self.fonts, *others)))


class Typography(Frozen):
    """The four voices, and the smallest type: `min_size` percent of a picture's short side, `min_pt` in print.

    `scale` names sizes that layouts may ask for (`title: 9`), in percent of the short side.
    """

    headline: TypeStyle = TypeStyle(weight=800, line_height=1.2)
    body: TypeStyle = TypeStyle(line_height=1.5)
    label: TypeStyle = TypeStyle(weight=600, tracking=0.04)
    number: TypeStyle = TypeStyle(weight=800, line_height=1.1)
    min_size: float = Field(default=2.0, gt=0, le=10)
    min_pt: float = Field(default=7, gt=0)
    scale: dict[str, Annotated[float, Field(gt=0, le=60)]] = Field(default_factory=dict)

    def styles(self) -> Iterator[tuple[str, TypeStyle]]:
        """Yield the four voices by name."""
        yield from (
            ("headline", self.headline),
            ("body", self.body),
            ("label", self.label),
            ("number", self.number),
        )


class PhotoTreatment(Frozen):
    """How photos become the brand's: a tint of one role laid over them, and their colours' strength.

    `min_ppi` is the fewest pixels an inch in print; `generated` is how a picture made by a machine is labelled
    (China's labelling measures, in force 2025-09-01, ask for the words for AI and for generated).
    """

    tint: Role | None = None
    tint_opacity: Share = 0
    saturation: float = Field(default=1, ge=0, le=2)
    min_ppi: float = Field(default=200, ge=50, le=1200)
    generated: LocalText = LocalText({"zh": "AI 生成", "en": "AI-generated"})


class Print(Frozen):
    """What the press takes. Without a `profile` print files stay in RGB."""

    profile: str | None = None  # ICC profile of a CMYK condition, in the brand's folder
    condition: Annotated[str, Field(min_length=1, max_length=60)] | None = None  # its identifier, such as FOGRA39
    total_ink: float = Field(default=320, ge=100, le=400)  # percent: the four inks together
    rendering_intent: Literal["perceptual", "relative", "saturation", "absolute"] = "relative"
    black_text: bool = True  # dark neutral words are printed in black ink alone


class BrandGuide(Frozen):
    """All that `brand.yaml` may say."""

    name: Said
    site: str = ""
    trades: tuple[Trade, ...] = ()
    positioning: Positioning
    logo: Logo
    palette: Palette
    typography: Typography = Typography()
    photo: PhotoTreatment = PhotoTreatment()
    print: Print = Print()
    voice: Voice = Voice()
    rules: dict[str, SetLevel] = Field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Ink:
    """A colour of the palette as it is put down: on screens `rgb`, in print `cmyk` (percent) or a named `spot`."""

    name: str  # the palette's own name
    rgb: str  # "#rrggbb"
    cmyk: tuple[float, float, float, float] | None = None
    spot: str | None = None


WHITE = Ink(name="white", rgb="#ffffff", cmyk=(0, 0, 0, 0))


@dataclass(frozen=True, kw_only=True, slots=True)
class Brand:
    """A brand whose guide has no errors. `id` is its folder's name; `folder` and `file` are absolute."""

    id: str
    folder: Path
    file: Path
    guide: BrandGuide

    def ink(self, name: str) -> Ink:
        """Return the ink of a role, or of a colour of the palette by its own name; a role goes first.

        Roles the guide leaves open follow from the needed ones. Raises KeyError for a name the palette lacks.
        """
        palette = self.guide.palette
        token = palette.token(name)
        if token is None:
            if name == "photo_text":
                return WHITE
            raise KeyError(name)
        colour = palette.colors[token]
        return Ink(name=token, rgb=colour.rgb, cmyk=colour.cmyk, spot=colour.spot)

    def colour(self, name: str) -> str:
        """Return the colour of a role (or of a colour's own name) as `#rrggbb`. Raises KeyError as `ink` does."""
        return self.ink(name).rgb

    def may_meet(self, text: str, ground: str) -> bool:
        """Whether a text in one colour may stand on another; both are roles or colour names.

        A guide that lists no pairs allows all. The pairs of the needed roles are always among those allowed.
        """
        palette = self.guide.palette
        if not palette.pairs:
            return True
        wanted = self.ink(text).rgb, self.ink(ground).rgb
        return any((self.ink(a).rgb, self.ink(b).rgb) == wanted for a, b in (*palette.pairs, *ROLE_PAIRS))

    def severity(self, rule: str, default: Level | None = None) -> Level:
        """Return how bad a breach of this rule is to the brand: `off` findings are not told.

        `default` stands for rules that are not in `promo.brand.rules`, such as those of the wording packs.
        """
        known = RULES.get(rule)
        return self.guide.rules.get(rule) or default or (known.severity if known else "warning")

    def facts(self, language: str) -> dict[str, str]:
        """Return what layouts may write about the brand: `brand.name`, `brand.slogan`, `brand.site` and others."""
        voice = self.guide.voice
        return {
            "brand.name": self.guide.name.in_language(language),
            "brand.slogan": self.guide.positioning.slogan.in_language(language),
            "brand.proposition": self.guide.positioning.proposition.in_language(language),
            "brand.site": self.guide.site,
            "brand.disclosure": " ".join(d.text.in_language(language) for d in voice.disclosures if not d.when),
            "brand.sponsored": voice.sponsored.in_language(language),
            "brand.generated": self.guide.photo.generated.in_language(language),
        }
