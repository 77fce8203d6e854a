"""What a layout file may say: the page, its formats, its output and the fields it asks for."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from promo.language import _
from promo.source.value import BadValueError, LocalText
from promo.visual.layout.layers import Colour, Id, Layers
from promo.visual.layout.length import Distance, Insets, PageSize, Unit
from promo.workspace import Frozen

FieldName = Annotated[str, Field(pattern=r"^[^\W\d]\w*$", max_length=60)]
Dpi = Annotated[int, Field(ge=36, le=1200)]
Pages = Annotated[int, Field(ge=1, le=16)]


class FieldSpec(Frozen):
    """One field a campaign may fill."""

    name: LocalText | None = Field(default=None, description="What people call it.")
    note: LocalText | None = Field(default=None, description="What belongs there.")
    kind: Literal["text", "image", "table"] = Field(
        default="text", description="A text, a picture below assets/, or a table (a file, or rows written out)."
    )
    required: bool = Field(default=False, description="Whether a campaign must fill it.")
    default: LocalText | None = Field(default=None, description="What stands there where a campaign says nothing.")
    max_characters: int | None = Field(default=None, ge=1, le=5000, description="The most characters it takes.")
    columns: tuple[FieldName, ...] = Field(default=(), description="The columns a table must have.")
    optional: tuple[FieldName, ...] = Field(default=(), description="Further columns a table may have.")
    example: LocalText | tuple[dict[FieldName, LocalText], ...] | None = Field(
        default=None, description="What the layout is shown with: words, a picture below assets/, or a table's rows."
    )

    @model_validator(mode="after")
    def _exemplary(self) -> FieldSpec:
        if self.example is not None and (self.kind == "table") != isinstance(self.example, tuple):
            hint = _("write rows for a table: `- {{name: …, price: …}}`, and a text for all else")
            raise BadValueError(_("this example is of another kind than its field"), hint=hint, code="bad-example")
        if self.max_characters is not None and isinstance(self.example, LocalText):
            for text in self.example.values():
                if len(text) > self.max_characters:
                    message = _(
                        "an example of {length} characters, where {most} are allowed",
                        length=len(text),
                        most=self.max_characters,
                    )
                    raise BadValueError(message, code="bad-example")
        return self

    def words(self, language: str) -> str:
        """Return the example of a text or the path of a picture's, empty where there is none."""
        return self.example.in_language(language) if isinstance(self.example, LocalText) else ""

    def rows(self, language: str) -> list[dict[str, str]]:
        """Return the example of a table, a mapping of columns a row."""
        if not isinstance(self.example, tuple):
            return []
        return [{name: cell.in_language(language) for name, cell in row.items()} for row in self.example]


def _note_alone(value: Any) -> Any:
    """Let a note alone, in one language or several, stand for a field."""
    if isinstance(value, dict) and value and all(isinstance(key, str) and len(key) == 2 for key in value):
        return {"note": value}
    return {"note": value} if isinstance(value, str) else {} if value is None else value


class Output(Frozen):
    """How a picture is saved."""

    type: Literal["jpeg", "png", "webp", "pdf"] = Field(default="jpeg", description="The kind of file.")
    quality: int = Field(default=92, ge=50, le=100, description="Of a JPEG or WebP: 50 to 100.")


class Canvas(Frozen):
    """What all formats share unless they say otherwise."""

    unit: Unit = Field(default="%", description="The unit of bare numbers in layers.")
    dpi: Dpi | None = Field(default=None, description="Pixels an inch; 72, or 300 for pages in mm.")
    bleed: Distance | None = Field(default=None, description="Paper that is cut away, around the page; in mm.")
    safe: Insets | None = Field(default=None, description="The margin that words, logo and code must keep to the edge.")
    background: Colour = Field(default="background", description="The colour under all layers.")


class Format(Frozen):
    """One page size, and what differs there."""

    name: LocalText | None = Field(default=None, description="What people call it.")
    inherit: str | None = Field(default=None, description="The format whose sayings hold here too.")
    size: PageSize | None = Field(default=None, description="Width and height of the trimmed page, or a sheet: A4.")
    unit: Literal["px", "mm"] | None = Field(default=None, description="The unit of bare numbers in `size`.")
    dpi: Dpi | None = Field(default=None, description="Pixels an inch.")
    bleed: Distance | None = Field(default=None, description="Paper that is cut away, around the page; in mm.")
    safe: Insets | None = Field(default=None, description="The margin that words, logo and code must keep to the edge.")
    platform: str | None = Field(
        default=None, max_length=60, description="The place it is shown at, whose safe area holds."
    )
    background: Colour | None = Field(default=None, description="The colour under all layers.")
    pages: Pages | None = Field(default=None, description="How many pages it has.")
    output: Output | None = Field(default=None, description="How it is saved.")
    hide: tuple[Id, ...] = Field(default=(), description="Layers that are not drawn here.")
    layers: Annotated[
        dict[Id, dict[str, Any]],
        WithJsonSchema({"type": "object", "additionalProperties": {"type": "object"}}),
    ] = Field(default_factory=dict, description="What differs in a layer, by its id.")


class LayoutFile(Layers):
    """All that a layout file may say; layers are drawn in order."""

    name: LocalText = Field(description="What people call it.")
    description: LocalText | None = Field(default=None, description="What it is for.")
    fields: (
        dict[
            FieldName,
            Annotated[FieldSpec, BeforeValidator(_note_alone, json_schema_input_type=FieldSpec | LocalText | None)],
        ]
        | None
    ) = Field(default=None, description="The fields a campaign may fill; without it, those that layers name.")
    canvas: Canvas = Canvas()
    pages: Pages = Field(default=1, description="How many pages it has; a layer's `page` says where it stands.")
    formats: dict[Id, Format] = Field(min_length=1, description="The page sizes it comes in.")
    output: Output = Output()
