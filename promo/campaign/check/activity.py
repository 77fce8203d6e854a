"""One activity: its channels, what belongs to its kind, and the files it names."""

from __future__ import annotations

from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING

from promo.campaign.template import TemplateProblem, Templates
from promo.errors import UserMistake
from promo.language import _
from promo.source.explain import comma_hint
from promo.source.path import inside
from promo.source.problem import Problem
from promo.source.suggest import did_you_mean
from promo.source.value import parse_address

if TYPE_CHECKING:
    from promo.campaign.check.findings import Findings
    from promo.campaign.model import Activity, Variant, VisualSpec
    from promo.source.table import Table

_TYPES = {
    "online": ("post",),
    "offline": ("poster", "leaflet", "event", "expo"),
    "media": ("press_release", "feature", "interview"),
}
# What only one kind of activity has.
_KIND_OF = {"placements": "offline", "place": "offline", "outlets": "media", "embargo": "media"}


def check_activity(findings: Findings, index: int, activity: Activity) -> None:
    """Note what is wrong with one activity, its words and times apart."""
    _check_channels(findings, index, activity)
    _check_kind(findings, index, activity)
    _check_places(findings, index, activity)
    if activity.each is not None:
        table = _table(findings, activity.each, "activities", index, "each")
        if table is not None and not table.rows and not table.problems:
            findings.warning("empty-table", _("the table has no rows"), "activities", index, "each")
    if isinstance(activity.outlets, str):
        _check_outlets(findings, index, activity.outlets)
    if activity.visual is not None:
        _check_visual(findings, index, activity)
    for number, name in enumerate(activity.content.attachments):
        if "{" not in name:
            _check_file(findings, name, "activities", index, "content", "attachments", number)


def _check_channels(findings: Findings, index: int, activity: Activity) -> None:
    known = findings.facts.channels
    if not activity.channels:
        findings.error(
            "no-channel",
            _("the activity {name} names no channel", name=f"`{activity.id}`"),
            "activities",
            index,
            hint=_("write channels: […] here or under defaults"),
        )
    for number, name in enumerate(activity.channels):
        if name not in known:
            findings.error(
                "no-such-channel",
                _("there is no channel {name} in promo.yaml", name=f"`{name}`"),
                "activities",
                index,
                "channels",
                number,
                hint=did_you_mean(name, known),
            )
        elif name in activity.channels[:number]:
            findings.error(
                "duplicate-channel",
                _("the channel {name} is there twice", name=f"`{name}`"),
                "activities",
                index,
                "channels",
                number,
            )
    for name, variant in activity.content.variants.items():
        _check_extra(findings, variant, "activities", index, "content", "variants", name)
        if name not in activity.channels:
            findings.error(
                "unused-variant",
                _("this activity does not go out on the channel {name}", name=f"`{name}`"),
                "activities",
                index,
                "content",
                "variants",
                name,
                at_key=True,
                hint=did_you_mean(name, activity.channels),
            )


def _check_kind(findings: Findings, index: int, activity: Activity) -> None:
    here = ("activities", index)
    types = _TYPES[activity.kind]
    if activity.type is None and activity.kind != "online":
        findings.error(
            "no-type",
            _("an activity of kind {kind} needs a type", kind=f"`{activity.kind}`"),
            *here,
            "kind",
            hint=_("one of: {words}", words=", ".join(types)),
        )
    elif activity.type is not None and activity.type not in types:
        findings.error(
            "type-of-other-kind",
            _("{type} is no type of {kind}", type=f"`{activity.type}`", kind=f"`{activity.kind}`"),
            *here,
            "type",
            hint=_("one of: {words}", words=", ".join(types)),
        )
    for key, kind in _KIND_OF.items():
        if getattr(activity, key) and activity.kind != kind:
            findings.error(
                "key-of-other-kind",
                _("{key} belongs to activities of kind {kind}", key=f"`{key}`", kind=f"`{kind}`"),
                *here,
                key,
                at_key=True,
            )
    if activity.type in ("event", "expo") and activity.schedule.lasts is None:
        findings.warning(
            "no-length",
            _("it is not said how long it lasts"),
            *here,
            "schedule",
            at_key=True,
            hint=_("add lasts: 6h to the schedule"),
        )
    if activity.kind == "online" and not _says_something(findings, activity):
        findings.error("nothing-to-say", _("the activity has neither words nor a picture"), *here)


def _says_something(findings: Findings, activity: Activity) -> bool:
    words = activity.content
    if words.text or words.title or words.body or words.thread:
        return True
    variants = [words.variants.get(name) for name in activity.channels]
    if variants and all(v is not None and (v.text or v.title or v.body or v.thread) for v in variants):
        return True
    return activity.visual is not None or bool(findings.campaign.defaults.visual)


def _check_places(findings: Findings, index: int, activity: Activity) -> None:
    ids = [placement.id for placement in activity.placements]
    for number, name in enumerate(ids):
        if name in ids[:number]:
            findings.error(
                "duplicate-placement",
                _("the placement {name} is there twice", name=f"`{name}`"),
                "activities",
                index,
                "placements",
                number,
                "id",
            )
    line, budget = activity.budget_line, findings.campaign.budget
    lines = budget.lines if budget is not None else {}
    if line is not None and line not in lines:
        findings.error(
            "no-such-line",
            _("the budget has no line {name}", name=f"`{line}`"),
            "activities",
            index,
            "budget_line",
            hint=did_you_mean(line, lines),
        )


def _table(findings: Findings, name: str, *keys: str | int) -> Table | None:
    """Read a table once; its own problems are noted with it."""
    try:
        table = findings.facts.table(findings.folder, name)
    except UserMistake as mistake:
        findings.leaves(mistake, *keys)
        return None
    if name not in findings.tables:
        findings.tables[name] = table
        if any(problem.code == "no-such-file" for problem in table.problems):
            findings.error(
                "no-such-table", _("the table {file} does not exist", file=f"`{table.file.as_posix()}`"), *keys
            )
        else:
            findings.problems.extend(table.problems)
    return table


def _check_outlets(findings: Findings, index: int, name: str) -> None:
    table = _table(findings, name, "activities", index, "outlets")
    if table is None or table.problems or name in findings.outlets:
        return
    findings.outlets.add(name)
    for column in ("name", "email"):
        if column not in table.columns:
            findings.error(
                "no-such-column",
                _("the table {file} has no column {name}", file=f"`{table.file.as_posix()}`", name=f"`{column}`"),
                "activities",
                index,
                "outlets",
                hint=did_you_mean(column, table.columns),
            )
    for number, row in enumerate(table.rows):
        if "email" in row:
            try:
                parse_address(row["email"])
            except ValueError as error:
                hint = _("write it as name@company.example")
                at = table.position(number)
                findings.problems.append(Problem(code="bad-address", message=str(error), hint=hint, at=at))
        visits = (row.get("monthly_visits") or row.get("monthly visits") or "").replace(",", "")
        if visits and not visits.isdecimal():
            message = _("{what} is wanted here, not {value}", what=_("a whole number"), value=f"`{visits[:40]}`")
            findings.problems.append(Problem(code="wrong-type", message=message, at=table.position(number)))


def _check_visual(findings: Findings, index: int, activity: Activity) -> None:
    visual, defaults = activity.visual, findings.campaign.defaults.visual or {}
    here = ("activities", index, "visual")
    if visual is None:
        return
    _check_extra(findings, visual, *here)
    if visual.layout != defaults.get("layout"):
        check_layout(findings, visual.layout, *here, "layout")
    if visual.photo is None or visual.photo == defaults.get("photo"):
        return
    if "{" not in visual.photo:
        check_photo(findings, visual.photo, *here, "photo")
    elif activity.each is not None and (table := findings.tables.get(activity.each)) is not None:
        _check_photos_of_rows(findings, visual.photo, table, *here, "photo")


def _check_extra(findings: Findings, part: VisualSpec | Variant, *keys: str | int) -> None:
    """Note keys without a value, and ones that look like a slip, among those a layout or a channel may bring."""
    for key, value in (part.model_extra or {}).items():
        if value is None:
            message = _("the key {key} has no value", key=f"`{key}`")
            findings.error("no-value", message, *keys, key, at_key=True, hint=comma_hint())
        elif meant := _meant(key, tuple(type(part).model_fields)):
            message = _("{key} is taken for an option of the layout or channel", key=f"`{key}`")
            hint = _("did you mean {word}?", word=f"`{meant}`")
            findings.warning("maybe-misspelt", message, *keys, key, at_key=True, hint=hint)


@lru_cache(maxsize=1024)
def _meant(key: str, known: tuple[str, ...]) -> str | None:
    near = get_close_matches(key, known, n=1, cutoff=0.8)
    # `title2` or `subtitle_zh` is meant as it stands.
    return near[0] if near and near[0] not in key else None


def check_layout(findings: Findings, name: str, *keys: str | int) -> None:
    """Note a layout that does not exist; one named by a template is left to the plan."""
    if "{" not in name and name not in findings.facts.layouts:
        findings.error(
            "no-such-layout",
            _("there is no layout {name}", name=f"`{name}`"),
            *keys,
            hint=did_you_mean(name, findings.facts.layouts),
        )


def check_photo(findings: Findings, name: str, *keys: str | int) -> None:
    """Note a photo that is no file below assets/."""
    try:
        if not findings.facts.has_asset(name):
            findings.error("no-such-photo", _("the photo {file} does not exist", file=f"`assets/{name}`"), *keys)
    except UserMistake as mistake:
        findings.leaves(mistake, *keys)


def _check_photos_of_rows(findings: Findings, source: str, table: Table, *keys: str | int) -> None:
    templates = Templates()
    for number, row in enumerate(table.rows):
        try:
            name = templates.render(source, {"row": row})
        except TemplateProblem:  # it names more than the row; unknown names are noted with the words
            return
        try:
            if not findings.facts.has_asset(name):
                message = _("the photo {file} does not exist", file=f"`assets/{name}`")
                findings.problems.append(Problem(code="no-such-photo", message=message, at=table.position(number)))
        except UserMistake as mistake:
            findings.leaves(mistake, *keys)
            return


def _check_file(findings: Findings, name: str, *keys: str | int) -> None:
    try:
        path = inside(findings.folder, name)
    except UserMistake as mistake:
        findings.leaves(mistake, *keys)
        return
    if not path.is_file():
        findings.error("no-such-file", _("the file {file} does not exist", file=f"`{name}`"), *keys)
