"""What a layout file may say."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from promo.brand.model import Role, Share
from promo.language import _
from promo.source.value import LocalText
from promo.workspace import Frozen

BRAND_FIELDS = ("brand.name", "brand.slogan", "brand.proposition", "brand.site")
Percent = Annotated[float, Field(ge=-20, le=120)]
Box = tuple[Percent, Percent, Percent, Percent]  # left, top, width, height in percent of the canvas
Size = Annotated[float, Field(gt=0, le=100)]  # percent of the canvas's short side


def _per_format(value: Any) -> Any:
    return value if isinstance(value, dict) else {"default": value}


Boxes = Annotated[dict[str, Box], BeforeValidator(_per_format)]  # one box, or one for each format and `default`
Numbers = Annotated[dict[str, Size], BeforeValidator(_per_format)]


class Format(Frozen):
    """One canvas. `size` is in pixels; with `dpi` and `bleed_mm` it is print, and `size` includes the bleed."""

    size: tuple[Annotated[int, Field(ge=16, le=12000)], Annotated[int, Field(ge=16, le=12000)]]
    dpi: int = Field(default=72, ge=36, le=1200)
    bleed_mm: float = Field(default=0, ge=0, le=20)


class Output(Frozen):
    """How the picture is saved."""

    type: Literal["png", "jpeg", "webp"] = "jpeg"
    quality: int = Field(default=92, ge=50, le=100)


class Layer(Frozen):
    """What all layers share. `only`: the formats it is drawn in; `when`: fields that must not be empty."""

    box: Boxes = Field(default_factory=lambda: {"default": (0.0, 0.0, 100.0, 100.0)})
    only: tuple[str, ...] = ()
    when: tuple[str, ...] = ()


class FillLayer(Layer):
    """An area of one colour, or a gradient from `color` to `to`."""

    kind: Literal["fill"]
    color: Role
    to: Role | None = None
    angle: float = 180  # degrees: 180 runs downwards, 90 to the right
    opacity: Share = 1
    radius: Size | None = None


class PhotoLayer(Layer):
    """The photo, covering its box; `focal` is the point that stays in sight. Without a photo: `fallback` colours."""

    kind: Literal["photo"]
    focal: tuple[Share, Share] = (0.5, 0.5)
    radius: Size | None = None
    fallback: tuple[Role, Role] = ("primary", "shade")


class ScrimLayer(Layer):
    """A veil of one colour from `start` to `end` opacity, so that text on a photo can be read.

    With `strengthen` it is made denser, up to that opacity, where the measured contrast is too low.
    """

    kind: Literal["scrim"]
    color: Role = "shade"
    angle: float = 180
    start: Share = 0
    end: Share = 0.8
    strengthen: Share | None = None


class LogoLayer(Layer):
    """The logo, as large as its box allows; nothing may come nearer than its clear space."""

    kind: Literal["logo"]
    anchor: Literal["left", "center", "right"] = "left"
    variant: Literal["auto", "light", "dark", "mono"] = "auto"


class TextItem(Frozen):
    """One text: the first of its fields that is not empty. Sizes are percent of the canvas's short side."""

    field: Annotated[tuple[str, ...], BeforeValidator(lambda v: [v] if isinstance(v, str) else v)] = ()
    text: LocalText | None = None
    style: Literal["headline", "body", "label", "number"] = "body"
    size: Numbers = Field(default_factory=lambda: {"default": 4.0})
    min_size: Numbers | None = None  # default: size, which means that it does not shrink
    color: Role = "text"
    max_lines: int = Field(default=1, ge=1, le=40)
    gap: Numbers = Field(default_factory=lambda: {"default": 2.0})  # above it, unless it is the first
    plate: Role | None = None  # a rounded plate of this colour behind it
    strike: bool = False  # struck through: a price no longer asked
    beside: bool = False  # to the right of the text before it, on the same line
    rule: Role | None = None  # instead of text: a short line of this colour

    @model_validator(mode="after")
    def _something(self) -> TextItem:
        if not self.field and self.text is None and self.rule is None:
            raise ValueError(_("a text names a field, a text or a rule"))
        return self


class StackLayer(Layer):
    """Texts one below the other; they shrink together until they fit into the box."""

    kind: Literal["stack"]
    items: tuple[TextItem, ...] = Field(min_length=1)
    align: Literal["left", "center", "right"] = "left"
    anchor: Literal["top", "middle", "bottom"] = "top"


class QrLayer(Layer):
    """The QR code of the tracked link: dark on a light plate, with its quiet zone of four modules."""

    kind: Literal["qr"]
    color: Role = "text"
    ground: Role = "background"
    anchor: Literal["left", "center", "right"] = "right"


AnyLayer = Annotated[
    FillLayer | PhotoLayer | ScrimLayer | LogoLayer | StackLayer | QrLayer, Field(discriminator="kind")
]


class LayoutFile(Frozen):
    """All that a layout file may say; layers are drawn in order."""

    name: LocalText
    formats: dict[str, Format] = Field(min_length=1)
    output: Output = Output()
    layers: tuple[AnyLayer, ...] = Field(min_length=1)
