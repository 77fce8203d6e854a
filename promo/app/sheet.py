"""The contact sheet of rendered pictures: what stands in its captions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from promo.app.picture import Picture, make_folder, writing
from promo.app.titles import Titles, bilingual, format_title, size_of
from promo.errors import UserMistake
from promo.language import _, plural

if TYPE_CHECKING:
    from promo.app.workspace import App
    from promo.visual.model import Visual
    from promo.visual.view.contact import Entry

KINDS = (".pdf", ".png")
LAYOUTS = {"zh": "版式", "en": "Layouts"}


def check_kind(path: Path) -> None:
    """Raise UserMistake for a file that is neither PDF nor PNG."""
    if path.suffix.lower() not in KINDS:
        raise UserMistake(
            _("a contact sheet is a PDF or PNG, not {file}", file=path.name), hint=_("write --sheet sheet.pdf")
        )


def make_sheet(app: App, pictures: Sequence[Picture], path: Path) -> list[Path]:
    """Put all finished pictures on pages and write them; return the files. Raises UserMistake where that cannot be."""
    from promo.visual.view.contact import sheet_scenes, write_sheet

    check_kind(path)
    make_folder(path.parent)
    titles = Titles(app)
    chapters: dict[str, list[Entry]] = {}
    for picture in pictures:
        if picture.visual is not None:
            campaign = picture.wanted.campaign
            title = bilingual(titles.campaign(campaign)) if campaign else bilingual(LAYOUTS)
            chapters.setdefault(title, []).extend(_entries(app, picture, picture.visual, titles))
    if not chapters:
        return []
    today = app.clock.now().astimezone(ZoneInfo(app.workspace.settings.timezone))
    with writing(path):
        return write_sheet(sheet_scenes(chapters, note=f"{today:%Y-%m-%d}"), path)


def _entries(app: App, picture: Picture, visual: Visual, titles: Titles) -> Iterator[Entry]:
    from promo.visual.view.contact import Entry
    from promo.visual.view.page import shown_pages

    wanted = picture.wanted
    layout = app.renderer.layouts.get(wanted.layout)
    trimmed = (layout.pages.get(wanted.format) if layout else None) or visual
    size = size_of(trimmed.width, trimmed.height, trimmed.dpi)
    form = f"{bilingual(format_title(wanted.format, layout))} {size}"
    if wanted.campaign:
        title = bilingual(titles.activity(wanted.campaign, wanted.activity))
        lines = (" / ".join(bilingual(titles.channel(name)) for name in wanted.channels), form, *_dates(picture))
    else:
        title, lines = wanted.layout, (form, f"{wanted.request['brand']} · {wanted.language}")
    for page in shown_pages(visual):
        errors = sum(finding.severity == "error" for finding in page.findings)
        warnings = len(page.findings) - errors
        yield Entry(
            file=page.path,
            width=page.width,
            height=page.height,
            title=title,
            lines=lines,
            errors=errors,
            warnings=warnings,
            findings=counted(errors, warnings),
        )


def _dates(picture: Picture) -> Iterator[str]:
    dates = picture.wanted.dates
    if dates:
        first = f"{dates[0].astimezone(ZoneInfo(picture.wanted.timezone)):%Y-%m-%d %H:%M}"
        yield f"{first} +{len(dates) - 1}" if len(dates) > 1 else first


def counted(errors: int, warnings: int) -> str:
    """Say how many findings there are, in the language in force; empty for none."""
    parts = []
    if errors:
        parts.append(plural("{count} error", "{count} errors", errors))
    if warnings:
        parts.append(plural("{count} warning", "{count} warnings", warnings))
    return " · ".join(parts)
