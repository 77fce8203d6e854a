"""The layers of a layout: what may be drawn, and all that may be said about it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, field_validator, model_validator

from promo.brand.model import Share
from promo.language import _
from promo.source.suggest import did_you_mean
from promo.source.value import BadValueError, LocalText
from promo.visual.layout.binding import names, parts
from promo.visual.layout.condition import ConditionValue
from promo.visual.layout.length import Aspect, BoxValue, Distance, Insets, Length, Positive, TypeSize
from promo.workspace import Frozen

Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")]
Colour = Annotated[str, Field(pattern=r"^[^\W\d][\w -]*$", max_length=60)]  # a role, or a colour's own name
Anchor = Literal[
    "top_left", "top", "top_right", "left", "center", "right", "bottom_left", "bottom", "bottom_right"
]  # the nine points of a box
KINDS = ("image", "text", "shape", "gradient", "logo", "qr", "group")
EDGES = ("left", "right", "top", "bottom", "center", "middle")
PLACED = ("box", "below", "above", "right_of", "left_of", "align_to")  # what has no sense inside a stack


def _one_or_more(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


class Layer(Frozen):
    """What all layers may say."""

    id: Id | None = Field(default=None, description="Its name, by which formats and other layers speak of it.")
    box: BoxValue | None = Field(
        default=None, description="[left, top, width, height]; numbers are percent of the page or group around it."
    )
    anchor: Anchor | None = Field(default=None, description="Where it is held in its box, where it does not fill it.")
    below: Id | None = Field(default=None, description="The layer it stands below.")
    above: Id | None = Field(default=None, description="The layer it stands above.")
    right_of: Id | None = Field(default=None, description="The layer it stands to the right of.")
    left_of: Id | None = Field(default=None, description="The layer it stands to the left of.")
    gap: Distance | None = Field(
        default=None, description="How far from the layer it stands below, above or beside; in a stack, from the last."
    )
    align_to: Annotated[
        tuple[str, ...], BeforeValidator(_one_or_more, json_schema_input_type=str | tuple[str, ...])
    ] = Field(default=(), description="Edges it shares: `left of title`, `bottom of safe`, `center of page`.")
    width: Positive | None = Field(default=None, description="Its width, instead of its box's.")
    height: Positive | None = Field(default=None, description="Its height, instead of its box's.")
    min_width: Positive | None = Field(default=None, description="Its smallest width.")
    max_width: Positive | None = Field(default=None, description="Its largest width.")
    min_height: Positive | None = Field(default=None, description="Its smallest height.")
    max_height: Positive | None = Field(default=None, description="Its largest height.")
    aspect: Aspect | None = Field(default=None, description="Its proportions: 16:9.")
    opacity: Share = Field(default=1, description="From 0, not seen, to 1.")
    rotation: float = Field(default=0, ge=-360, le=360, description="Degrees, clockwise around its middle.")
    visible_if: ConditionValue | None = Field(default=None, description="When it is drawn: `price and not badge`.")
    page: int | None = Field(default=None, ge=1, le=16, description="The page it stands on; without it, on all.")

    @field_validator("align_to")
    @classmethod
    def _edges(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for text in value:
            words = text.split()
            if len(words) != 3 or words[1] != "of" or words[0] not in EDGES:
                raise BadValueError(
                    _("{value} is no edge of a layer", value=f"`{text[:40]}`"),
                    hint=_("write such as `left of title`; edges: {words}", words=", ".join(EDGES)),
                    code="bad-edge",
                )
        return value

    @property
    def distance(self) -> Length | None:
        """Return how far it stays from the layer before it, or the one it stands by; None: as its stack says."""
        return self.gap

    @property
    def edges(self) -> tuple[tuple[str, str], ...]:
        """Return the edges it shares with others: (edge, id)."""
        return tuple((words[0], words[2]) for words in map(str.split, self.align_to))

    @property
    def leans_on(self) -> tuple[str, ...]:
        """Return the ids of the layers whose places decide its own."""
        beside = (self.below, self.above, self.right_of, self.left_of)
        return tuple(name for name in (*beside, *(name for _edge, name in self.edges)) if name)


class TextLayer(Layer):
    """Words."""

    kind: Literal["text"]
    text: LocalText | None = Field(default=None, description="What it says; `{title}` is filled by the campaign.")
    bind: Annotated[tuple[str, ...], BeforeValidator(_one_or_more, json_schema_input_type=str | tuple[str, ...])] = (
        Field(default=(), description="The field it shows; of several, the first that is filled.")
    )
    style: Literal["headline", "body", "label", "number"] = Field(
        default="body", description="The voice of the brand's typography."
    )
    color: Colour = Field(default="text", description="A role of the palette, or a colour's own name.")
    language: str | None = Field(
        default=None, pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", description="The language of these words."
    )
    direction: Literal["auto", "ltr", "rtl"] = Field(default="auto", description="The direction it is read in.")
    size: TypeSize = Field(default=Length(4), description="The size of the type, or its name in the brand's scale.")
    min_size: Positive | None = Field(default=None, description="How small it may become; six tenths of its size.")
    max_lines: int = Field(default=1, ge=1, le=60, description="The most lines it may take.")
    overflow: Literal["shrink", "ellipsis", "error"] = Field(
        default="shrink",
        description="What does not fit becomes smaller and then is cut, is cut at once, or is an error.",
    )
    balance: bool | None = Field(default=None, description="Lines alike in length; up to four lines are, by default.")
    align: Literal["start", "center", "end", "left", "right"] | None = Field(
        default=None, description="Where lines stand: as its stack says, or at the `start`, where reading begins."
    )
    vertical_align: Literal["top", "middle", "bottom"] = Field(default="top", description="Where it stands in its box.")
    min_contrast: float | None = Field(
        default=None, ge=1, le=21, description="The least contrast to the ground; by its size, 4.5 or 3."
    )
    plate: Colour | None = Field(default=None, description="The colour of a rounded plate behind it.")
    strike: bool = Field(default=False, description="Struck through: a price no longer asked.")
    upper: bool = Field(default=False, description="In capital letters.")
    tracking: float | None = Field(default=None, ge=-0.1, le=0.5, description="Em between letters; else the style's.")
    line_height: float | None = Field(default=None, ge=0.9, le=2, description="Of the type size; else the style's.")

    @field_validator("text")
    @classmethod
    def _braces(cls, value: LocalText | None) -> LocalText | None:
        for template in (value or {}).values():
            parts(template)
        return value

    @model_validator(mode="after")
    def _something(self) -> TextLayer:
        if self.text is None and not self.bind:
            raise BadValueError(
                _("this text has no words"), hint=_("give it `bind: title`, or a `text`"), code="nothing-to-say"
            )
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of what it shows."""
        return tuple(dict.fromkeys((*self.bind, *(names(self.text) if self.text else ()))))


class ImageLayer(Layer):
    """A picture: the campaign's, or a fixed file below assets/."""

    kind: Literal["image"]
    source: str = Field(
        default="photo", min_length=1, max_length=200, description="A field, or a file below assets/: art/paper.jpg."
    )
    fit: Literal["cover", "contain"] = Field(default="cover", description="Fill the box, or be seen whole.")
    focal: tuple[Share, Share] = Field(default=(0.5, 0.5), description="The point that stays in sight: across, down.")
    min_ppi: float | None = Field(default=None, gt=0, le=2400, description="The fewest pixels an inch in print.")
    radius: Distance | None = Field(default=None, description="How far its corners are rounded.")
    treatment: bool = Field(default=True, description="Whether it is toned as the brand's photos are.")
    fallback: tuple[Colour, Colour] | None = Field(
        default=("primary", "shade"), description="The colours that stand in for a picture that is not there."
    )

    @property
    def file(self) -> str | None:
        """Return the fixed file it shows; None: it shows a field."""
        named = self.source.startswith("row.") or not ("." in self.source or "/" in self.source)
        return None if named else self.source


class ShapeLayer(Layer):
    """An area, an ellipse or a line of one colour."""

    kind: Literal["shape"]
    shape: Literal["rectangle", "ellipse", "line"] = Field(default="rectangle", description="What it is.")
    fill: Colour | None = Field(default=None, description="Its colour.")
    border: Colour | None = Field(default=None, description="The colour of its border, or of the line.")
    border_width: Positive = Field(default=Length(2, "px"), description="How thick its border, or the line, is.")
    radius: Distance | None = Field(default=None, description="How far its corners are rounded.")

    @model_validator(mode="after")
    def _seen(self) -> ShapeLayer:
        if self.fill is None and self.border is None:
            raise BadValueError(_("this shape has no colour"), hint=_("give it `fill: accent`"), code="no-colour")
        return self


class GradientStop(Frozen):
    """One colour of a gradient."""

    color: Colour = Field(description="A role of the palette, or a colour's own name.")
    at: Share | None = Field(default=None, description="Where, from 0 to 1; else stops stand at like distances.")
    opacity: Share = Field(default=1, description="From 0, not seen, to 1.")


def _stop(value: Any) -> Any:
    return {"color": value} if isinstance(value, str) else value


class GradientLayer(Layer):
    """Colours running into each other; of one colour whose opacity runs, a veil."""

    kind: Literal["gradient"]
    stops: tuple[Annotated[GradientStop, BeforeValidator(_stop, json_schema_input_type=GradientStop | str)], ...] = (
        Field(min_length=2, max_length=12, description="Its colours in order: [primary, shade].")
    )
    angle: float = Field(default=180, ge=-360, le=360, description="180 runs downwards, 90 to the right.")
    linear: bool = Field(default=False, description="Evenly, instead of eased.")
    strengthen: Share | None = Field(
        default=None, description="How dense it may become where words on it cannot be read."
    )
    radius: Distance | None = Field(default=None, description="How far its corners are rounded.")

    @field_validator("stops")
    @classmethod
    def _in_order(cls, value: tuple[GradientStop, ...]) -> tuple[GradientStop, ...]:
        given = [stop.at for stop in value if stop.at is not None]
        if given != sorted(given):
            raise BadValueError(_("the stops of a gradient stand in order"), code="bad-stops")
        return value

    @property
    def places(self) -> tuple[float, ...]:
        """Return where each stop stands, 0–1: those without a place lie evenly between their neighbours."""
        at = [stop.at for stop in self.stops]
        at[0] = 0.0 if at[0] is None else at[0]
        at[-1] = 1.0 if at[-1] is None else at[-1]
        for index, place in enumerate(at):
            if place is None:
                end = next(i for i in range(index, len(at)) if at[i] is not None)
                before, after = at[index - 1] or 0.0, at[end] or 0.0
                at[index] = before + (after - before) / (end - index + 1)
        return tuple(place or 0.0 for place in at)


class LogoLayer(Layer):
    """The logo, as large as its box allows; nothing may come nearer than its clear space."""

    kind: Literal["logo"]
    variant: Literal["auto", "light", "dark", "mono"] = Field(
        default="auto", description="The drawing for this ground; `auto` looks at the pixels."
    )


class QrLayer(Layer):
    """The QR code of the tracked link: dark on a light plate, with its quiet zone."""

    kind: Literal["qr"]
    color: Colour = Field(default="text", description="The colour of the code.")
    ground: Colour = Field(default="background", description="The colour of the plate below it.")
    error_correction: Literal["L", "M", "Q", "H"] = Field(
        default="M", description="How much may be lost: about 7, 15, 25 or 30 percent."
    )
    min_module: Positive | None = Field(default=None, description="The smallest side of one module.")


class GroupLayer(Layer):
    """Layers that belong together: set one after the other, repeated for rows, faded, turned or clipped as one."""

    kind: Literal["group"]
    stack: Literal["vertical", "horizontal"] | None = Field(
        default=None, description="Set its layers one below, or one beside the other."
    )
    gap: Distance | None = Field(default=Length(2), description="Between two layers of a stack.")
    space: Distance | None = Field(
        default=None, description="How far from the layer it stands below, above or beside; in a stack, from the last."
    )
    align: Literal["start", "center", "end", "baseline"] = Field(
        default="start", description="Where layers stand across the stack."
    )
    justify: Literal["start", "center", "end", "between"] | None = Field(
        default=None, description="Where layers stand along the stack: at its start, or as the stack around it says."
    )
    each: str | None = Field(default=None, description="The table whose rows it is repeated for: `{row.name}`.")
    max_rows: int = Field(default=50, ge=1, le=200, description="The most rows it shows.")
    padding: Insets | None = Field(default=None, description="Room kept free inside its box.")
    background: Colour | None = Field(default=None, description="The colour of its ground.")
    radius: Distance | None = Field(default=None, description="How far its corners are rounded.")
    clip: bool = Field(default=False, description="Whether what stands out of it is cut away.")
    layers: tuple[AnyLayer, ...] = Field(min_length=1, description="What it holds; drawn in order.")

    @model_validator(mode="after")
    def _repeated(self) -> GroupLayer:
        if self.each is not None and self.stack is None:
            raise BadValueError(
                _("a group repeated for rows says how they are stacked"),
                hint=_("add `stack: vertical`"),
                code="missing-key",
            )
        return self

    @property
    def distance(self) -> Length | None:
        """Return its own distance: its `gap` is the one between its layers."""
        return self.space


def _kind_of(value: Any) -> str | None:
    kind = value.get("kind") if isinstance(value, dict) else getattr(value, "kind", None)
    return f"={kind}" if isinstance(kind, str) else None


def _known_kind(value: Any) -> Any:
    if isinstance(value, dict):
        kind = value.get("kind")
        if kind is None:
            raise BadValueError(
                _("a layer says its `kind`"), hint=_("known: {words}", words=", ".join(KINDS)), code="missing-key"
            )
        if kind not in KINDS:
            raise BadValueError(
                _("there is no kind of layer {kind}", kind=f"`{str(kind)[:40]}`"),
                hint=did_you_mean(str(kind)[:40], KINDS),
                code="no-such-kind",
            )
    elif not isinstance(value, Layer):
        raise BadValueError(_("a layer is a mapping: {{kind: text, …}}"), code="wrong-type")
    return value


# The tags carry a sign no key has: pydantic puts them into the path of a mistake, where `text` is also a key.
AnyLayer = Annotated[
    Annotated[TextLayer, Tag("=text")]
    | Annotated[ImageLayer, Tag("=image")]
    | Annotated[ShapeLayer, Tag("=shape")]
    | Annotated[GradientLayer, Tag("=gradient")]
    | Annotated[LogoLayer, Tag("=logo")]
    | Annotated[QrLayer, Tag("=qr")]
    | Annotated[GroupLayer, Tag("=group")],
    Discriminator(_kind_of),
    BeforeValidator(_known_kind),
]


class Layers(Frozen):
    """The layers of a page, drawn in order."""

    layers: tuple[AnyLayer, ...] = Field(min_length=1, description="What it draws, in order.")


GroupLayer.model_rebuild()
