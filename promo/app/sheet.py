"""The contact sheet of rendered pictures: what stands in its captions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from promo.app.picture import Picture, make_folder, writing
from promo.errors import UserMistake
from promo.language import _, plural
from promo.source.value import LocalText

if TYPE_CHECKING:
    from promo.app.workspace import App
    from promo.visual.model import Visual
    from promo.visual.view.contact import Entry

KINDS = (".pdf", ".png")
PRINT_DPI = 150  # from there on a picture is measured in millimetres
LAYOUTS = {"zh": "版式", "en": "Layouts"}
FORMATS = {  # a sheet speaks both languages at once
    "square": {"zh": "方形", "en": "square"},
    "portrait": {"zh": "竖版", "en": "portrait"},
    "landscape": {"zh": "横版", "en": "landscape"},
    "story": {"zh": "全屏竖版", "en": "story"},
}


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
    names = _Names(app)
    chapters: dict[str, list[Entry]] = {}
    for picture in pictures:
        if picture.visual is not None:
            campaign = picture.wanted.campaign
            title = names.campaign(campaign) if campaign else bilingual(LAYOUTS)
            chapters.setdefault(title, []).append(_entry(picture, picture.visual, names))
    if not chapters:
        return []
    today = app.clock.now().astimezone(ZoneInfo(app.workspace.settings.timezone))
    with writing(path):
        return write_sheet(sheet_scenes(chapters, note=f"{today:%Y-%m-%d}"), path)


class _Names:
    """What campaigns, activities and channels are called, in both languages."""

    def __init__(self, app: App) -> None:
        self._campaigns = {one.campaign.campaign: one.campaign for one in app.load().campaigns}
        self._channels = app.workspace.settings.channels

    def campaign(self, name: str) -> str:
        known = self._campaigns.get(name)
        return bilingual(known.name) if known else name

    def activity(self, campaign: str, name: str) -> str:
        first, _slash, row = name.partition("/")
        known = self._campaigns.get(campaign)
        activity = next((one for one in known.activities if one.id == first), None) if known else None
        called = bilingual(activity.name) if activity and activity.name else first
        return f"{called} · {row}" if row else called

    def channel(self, name: str) -> str:
        settings = self._channels.get(name)
        return bilingual(settings.name) if settings and settings.name else name


def _entry(picture: Picture, visual: Visual, names: _Names) -> Entry:
    from promo.visual.view.contact import Entry

    wanted = picture.wanted
    errors = sum(finding.severity == "error" for finding in visual.findings)
    warnings = len(visual.findings) - errors
    form = f"{bilingual(FORMATS.get(wanted.format, {'': wanted.format}))} {visual.width}×{visual.height}"
    if wanted.campaign:
        title = names.activity(wanted.campaign, wanted.activity)
        lines = (" / ".join(names.channel(name) for name in wanted.channels), form, *_dates(picture))
    else:
        title, lines = wanted.layout, (form, f"{wanted.request['brand']} · {wanted.language}")
    return Entry(
        file=visual.path,
        width=visual.width,
        height=visual.height,
        title=title,
        lines=lines,
        errors=errors,
        warnings=warnings,
        findings=counted(errors, warnings),
    )


def _size(visual: Visual) -> str:
    if visual.dpi < PRINT_DPI:
        return f"{visual.width}×{visual.height}"
    width, height = (round(side / visual.dpi * 25.4) for side in (visual.width, visual.height))
    return f"{width}×{height} mm"


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


def bilingual(text: Mapping[str, str]) -> str:
    """Return a text in Chinese and English, or once where it is the same in both."""
    known = LocalText(text)
    return " ".join(dict.fromkeys((known.in_language("zh"), known.in_language("en"))))
