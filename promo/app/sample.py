"""A layout by itself, filled with sample words: what it looks like before any campaign uses it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from promo.app.picture import Wanted
from promo.errors import NotFound, ProblemsFound, UserMistake
from promo.language import _, language
from promo.source.problem import Severity
from promo.source.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from promo.app.workspace import App
    from promo.source.problem import Problem
    from promo.visual.layout.load import Layout
    from promo.visual.layout.model import FieldSpec

LANGUAGES = ("zh", "en")
NOT_FIELDS = ("photo", "link")  # what --set may say beside the layout's own fields
ROWS = 4  # of a table without an example


def from_layout(
    app: App, name: str, *, brand: str | None, languages: Sequence[str], given: Mapping[str, str]
) -> list[Wanted]:
    """Return the pictures of a layout with the examples of its fields; `given` words go before them.

    Raises NotFound for an unknown layout, brand or field, ProblemsFound for a layout or brand whose file has errors.
    """
    _stop_at_errors(_("layout {name}", name=name), (p for p in app.renderer.problems if p.at.file.stem == name))
    layout = find_layout(app.renderer.layouts, name)
    brands = app.brands.brands
    if brand is not None:
        said = (p for p in app.brands.problems if p.at.file.parent.name == brand)
        _stop_at_errors(_("brand {name}", name=brand), said)
    if not brands:
        raise UserMistake(_("there is no brand to draw it in"), hint=_("see: promo check"))
    if brand is not None and brand not in brands:
        raise NotFound(_("there is no brand {name}", name=brand), hint=did_you_mean(brand, brands))
    chosen = brands[brand or next(iter(brands))]
    known = (*layout.fields, *NOT_FIELDS)
    for key in given:
        if key not in known:
            raise NotFound(
                _("the layout {layout} has no field {name}", layout=name, name=key), hint=did_you_mean(key, known)
            )
    photos = _photos(app)
    photo = given.get("photo") if "photo" in given else _picture(layout, "photo", photos)
    return [
        Wanted(
            request={
                "layout": name,
                "format": None,
                "brand": chosen.id,
                "photo": photo or None,
                "language": tongue,
                "fields": _sample_fields(app, layout, tongue, given),
                "tables": _sample_tables(app, layout, tongue, given),
                "alt": layout.spec.name.in_language(tongue),
                "qr": given.get("link", f"https://{chosen.guide.site}/" if chosen.guide.site else "") or None,
            }
        )
        for tongue in languages or LANGUAGES
    ]


def _stop_at_errors(what: str, problems: Iterable[Problem]) -> None:
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    if errors:
        raise ProblemsFound(_("{what} has errors: nothing was drawn", what=what), problems=errors)


def _sample_fields(app: App, layout: Layout, tongue: str, given: Mapping[str, str]) -> dict[str, str]:
    """Return words for the texts of a layout that have no default, and paths for its pictures."""
    photos = _photos(app)
    fields = {}
    for name, spec in layout.fields.items():
        if name in given:
            fields[name] = given[name]
        elif spec.kind == "text" and (spec.example or spec.default is None):
            fields[name] = sample_words(app.renderer.layouts, layout, name, tongue)
        elif spec.kind == "image" and name != "photo":
            fields[name] = _picture(layout, name, photos)
            photos = photos[1:] + photos[:1]
    return fields


def _sample_tables(app: App, layout: Layout, tongue: str, given: Mapping[str, str]) -> dict[str, list[dict[str, str]]]:
    """Return rows for the tables of a layout."""
    return {
        name: spec.rows(tongue)
        or [
            {column: sample_words(app.renderer.layouts, layout, column, tongue) for column in _columns(layout, name)}
            for _row in range(ROWS)
        ]
        for name, spec in layout.fields.items()
        if spec.kind == "table" and name not in given
    }


def _columns(layout: Layout, table: str) -> tuple[str, ...]:
    """Return the columns a table must have, else those the layout shows."""
    from promo.visual.layout.fields import columns_of

    return layout.fields[table].columns or columns_of(layout.pages, table)


def sample_words(layouts: Mapping[str, Layout], layout: Layout, field: str, tongue: str | None = None) -> str:
    """Return words that could stand in a field, in a language (default: the one in force).

    They are its example, else that of a field of this name in another layout, else the name itself.
    """
    wanted = tongue or language()
    for one in (layout, *layouts.values()):
        if (spec := one.fields.get(field)) is not None and (words := _shown(spec, wanted)):
            return words
    return field


def _shown(spec: FieldSpec, tongue: str) -> str:
    """Return a field's example in one line, else its default."""
    if rows := spec.rows(tongue):
        return "; ".join(" ".join(row.values()) for row in rows)
    return spec.words(tongue) or (spec.default.in_language(tongue) if spec.default else "")


def find_layout(layouts: Mapping[str, Layout], name: str) -> Layout:
    """Return a layout by its name. Raises NotFound."""
    if name not in layouts:
        raise NotFound(_("there is no layout {name}", name=name), hint=did_you_mean(name, layouts))
    return layouts[name]


def _picture(layout: Layout, field: str, photos: Sequence[str]) -> str:
    """Return the example of a picture's field where the workspace has it, else its first photo; empty: it has none."""
    spec = layout.fields.get(field)
    wanted = spec.words("") if spec else ""
    return wanted if wanted in photos else next(iter(photos), "")


def _photos(app: App) -> list[str]:
    folder = app.workspace.asset_folder
    found = sorted(path for path in folder.glob("photos/*") if path.suffix.lower() in (".jpg", ".jpeg", ".png"))
    return [path.relative_to(folder).as_posix() for path in found]
