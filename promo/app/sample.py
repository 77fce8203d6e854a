"""A layout by itself, filled with sample words: what it looks like before any campaign uses it."""

from __future__ import annotations

from itertools import cycle
from typing import TYPE_CHECKING

from promo.app.picture import Wanted
from promo.errors import NotFound, UserMistake
from promo.language import _, language
from promo.source.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from promo.app.workspace import App
    from promo.visual.layout.load import Layout

LANGUAGES = ("zh", "en")
NOT_FIELDS = ("photo", "link")  # what --set may say beside the layout's own fields
WORDS: dict[str, dict[str, str]] = {
    "title": {"zh": "把花园还给邻居", "en": "The garden is yours again"},
    "subtitle": {"zh": "秋季开放日，带上孩子一起来", "en": "Autumn open day, bring the children"},
    "body": {"zh": "10 月 16 日 10:00–16:00 · 中心花园", "en": "16 October, 10:00–16:00 · Central garden"},
    "date": {"zh": "10 月 16 日 10:00", "en": "16 October, 10:00"},
    "place": {"zh": "中心花园", "en": "Central garden"},
    "price": {"zh": "¥168", "en": "¥168"},
    "list_price": {"zh": "¥218", "en": "¥218"},
    "badge": {"zh": "新品", "en": "New"},
    "kicker": {"zh": "新闻稿", "en": "Press release"},
    "quote": {"zh": "第一次，我知道邻居家孩子的名字。", "en": "I finally know my neighbours' names."},
    "author": {"zh": "林女士，3 号楼业主", "en": "Ms Lin, owner in tower 3"},
    "before": {"zh": "改造前", "en": "Before"},
    "after": {"zh": "改造后", "en": "After"},
}


def from_layout(
    app: App, name: str, *, brand: str | None, languages: Sequence[str], given: Mapping[str, str]
) -> list[Wanted]:
    """Return the pictures of a layout with sample words; `given` words go before them.

    Raises NotFound for an unknown layout, brand or field.
    """
    layout = find_layout(app.renderer.layouts, name)
    brands = app.brands.brands
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
    photo = given.get("photo", _a_photo(app))
    return [
        Wanted(
            request={
                "layout": name,
                "format": None,
                "brand": chosen.id,
                "photo": photo or None,
                "language": tongue,
                "fields": _sample_fields(app, layout, tongue, given),
                "tables": _sample_tables(layout, tongue, given),
                "alt": sample_words("title", tongue),
                "qr": given.get("link", f"https://{chosen.guide.site}/" if chosen.guide.site else "") or None,
            }
        )
        for tongue in languages or LANGUAGES
    ]


def _sample_fields(app: App, layout: Layout, tongue: str, given: Mapping[str, str]) -> dict[str, str]:
    """Return words for the texts of a layout, and photos, one after the other, for its pictures."""
    photos = cycle(_photos(app))
    fields = {}
    for name, spec in layout.fields.items():
        if name in given:
            fields[name] = given[name]
        elif spec.kind == "text":
            fields[name] = sample_words(name, tongue)
        elif spec.kind == "image" and name != "photo":
            fields[name] = next(photos, "")
    return fields


def _sample_tables(layout: Layout, tongue: str, given: Mapping[str, str]) -> dict[str, list[dict[str, str]]]:
    return {
        name: [{column: sample_words(column, tongue) for column in _columns(layout, name)} for _row in range(4)]
        for name, spec in layout.fields.items()
        if spec.kind == "table" and name not in given
    }


def _columns(layout: Layout, table: str) -> tuple[str, ...]:
    """Return the columns a table must have, else those the layout shows."""
    from promo.visual.layout.fields import columns_of

    return layout.fields[table].columns or columns_of(layout.pages, table)


def sample_words(field: str, wanted: str | None = None) -> str:
    """Return words that could stand in a field, in a language (default: the one in force)."""
    return WORDS.get(field, {}).get(wanted or language(), field)


def find_layout(layouts: Mapping[str, Layout], name: str) -> Layout:
    """Return a layout by its name. Raises NotFound."""
    if name not in layouts:
        raise NotFound(_("there is no layout {name}", name=name), hint=did_you_mean(name, layouts))
    return layouts[name]


def _a_photo(app: App) -> str | None:
    """Return the workspace's first photo; none, and the layout draws its own ground."""
    return next(iter(_photos(app)), None)


def _photos(app: App) -> list[str]:
    folder = app.workspace.asset_folder
    found = sorted(path for path in folder.glob("photos/*") if path.suffix.lower() in (".jpg", ".jpeg", ".png"))
    return [path.relative_to(folder).as_posix() for path in found]
