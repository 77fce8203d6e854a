"""The sentences of a report's notes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from promo.language import _, plural
from promo.report.model import Note, NoteKind
from promo.report.words import day, metric_name, money, number, origin_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from promo.report.model import Report
    from promo.store.origin import Origin

URGENT = frozenset({NoteKind.UNCERTAIN, NoteKind.FAILED, NoteKind.MISSED, NoteKind.OVER_BUDGET})


def sentence(note: Note, report: Report) -> str:
    """Write one note as a sentence, in the language in force."""
    if note.kind in {NoteKind.UNCERTAIN, NoteKind.FAILED, NoteKind.MISSED}:
        return _about_deliveries(note)
    if note.kind in {NoteKind.MIXED, NoteKind.BESIDE, NoteKind.REACH_NOT_ADDED, NoteKind.LATE_COUNTS}:
        return _about_adding(note)
    return _about_numbers(note, report)


def _about_deliveries(note: Note) -> str:
    count, ids = note.fields["count"], ", ".join(note.fields["deliveries"])
    if note.kind is NoteKind.UNCERTAIN:
        return plural(
            "{count} delivery is uncertain: it may be out or not, and its numbers are missing ({ids})",
            "{count} deliveries are uncertain: they may be out or not, and their numbers are missing ({ids})",
            count,
            ids=ids,
        )
    if note.kind is NoteKind.FAILED:
        return plural("{count} delivery failed ({ids})", "{count} deliveries failed ({ids})", count, ids=ids)
    return plural(
        "{count} delivery missed its time and was not sent late ({ids})",
        "{count} deliveries missed their time and were not sent late ({ids})",
        count,
        ids=ids,
    )


def _about_adding(note: Note) -> str:
    fields = note.fields
    if note.kind is NoteKind.MIXED:
        return _(
            "{metric} adds numbers of different origin, from different deliveries: {parts}",
            metric=metric_name(fields["metric"]),
            parts=_parts(fields["parts"]),
        )
    if note.kind is NoteKind.BESIDE:
        return _(
            "{metric}: {beside} for deliveries that already count as {counted}; not added",
            metric=metric_name(fields["metric"]),
            beside=_parts(fields["beside"]),
            counted=_parts(fields["counted"]),
        )
    if note.kind is NoteKind.REACH_NOT_ADDED:
        return _(
            "Reach is people, and one person sees several posts: the {count} numbers are not added. "
            "Shown is the largest of them, which the true reach is at least",
            count=number(fields["deliveries"]),
        )
    return _("By day, what a channel reports stands on the day it was read, not on the day it happened")


def _about_numbers(note: Note, report: Report) -> str:
    fields = note.fields
    if note.kind is NoteKind.NO_NUMBER:
        return _("{metric} has a goal and no number yet", metric=metric_name(fields["metric"]))
    if note.kind is NoteKind.NOT_REPORTED:
        channels = [f"{name} {silent}/{published}" for name, (silent, published) in fields["channels"].items()]
        return _("Published, but without a number from the channel: {channels}", channels=", ".join(channels))
    if note.kind is NoteKind.ROBOTS:
        return plural(
            "{count} visit by a robot was not counted", "{count} visits by robots were not counted", fields["count"]
        )
    if note.kind is NoteKind.NO_PROOF:
        return plural("{count} entered number has no proof", "{count} entered numbers have no proof", fields["count"])
    if note.kind is NoteKind.OVER_BUDGET:
        currency = report.budget.currency if report.budget else ""
        return _(
            "The budget line {line} is overspent: {spent} of {planned}",
            line=fields["line"],
            spent=money(fields["spent"], currency),
            planned=money(fields["planned"], currency),
        )
    if note.kind is NoteKind.RUNNING:
        return _("The campaign runs until {day}: numbers still grow", day=day(fields["until"]))
    return {
        NoteKind.NOTHING_PUBLISHED: _("Nothing is published yet"),
        NoteKind.NO_LINKS: _("No tracked link went out, so clicks and visitors are not measured"),
        NoteKind.VISITORS_DAILY: _(
            "Visitors are distinct within one day only (or links.salt_days): then it is forgotten who they are, and "
            "somebody who comes back counts again. People behind one address with the same browser count once"
        ),
    }[note.kind]


def _parts(parts: Mapping[Origin, float]) -> str:
    return " + ".join(f"{number(value)} {origin_name(origin)}" for origin, value in parts.items())
