"""What a reader must know beside the numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from promo.report.model import DISTINCT, Note, NoteKind, Report

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def notes(
    report: Report,
    *,
    examples: Mapping[str, tuple[str, ...]],
    reported: Mapping[str, int],
    unproved: int,
    links: int,
) -> Report:
    """Return `report` with its notes: `examples` are ids by state, `reported` how many deliveries a channel told of."""
    found: list[Note] = [
        *_of_deliveries(report, examples),
        *_missing(report, reported=reported, links=links),
        *_to_weigh(report, unproved=unproved),
        *_of_adding(report),
    ]
    return replace(report, notes=tuple(found))


def _note(kind: NoteKind, **fields: Any) -> Note:
    return Note(kind=kind, fields=fields)


def _of_deliveries(report: Report, examples: Mapping[str, tuple[str, ...]]) -> Iterator[Note]:
    if report.made_at.astimezone(ZoneInfo(report.timezone)).date() <= report.last_day:
        yield _note(NoteKind.RUNNING, until=report.last_day)
    if not report.published:
        yield _note(NoteKind.NOTHING_PUBLISHED)
    for kind in (NoteKind.UNCERTAIN, NoteKind.FAILED, NoteKind.MISSED):
        if count := report.states.get(kind.value, 0):
            yield _note(kind, count=count, deliveries=examples.get(kind.value, ()))


def _missing(report: Report, *, reported: Mapping[str, int], links: int) -> Iterator[Note]:
    for goal in report.goals:
        if goal.total is None:
            yield _note(NoteKind.NO_NUMBER, metric=goal.metric)
    silent = {
        group.key: (group.published - reported.get(group.key, 0), group.published)
        for group in report.channels
        if group.key is not None and reported.get(group.key, 0) < group.published
    }
    if silent:
        yield _note(NoteKind.NOT_REPORTED, channels=silent)
    if not links:
        yield _note(NoteKind.NO_LINKS)


def _to_weigh(report: Report, *, unproved: int) -> Iterator[Note]:
    if report.visits:
        yield _note(NoteKind.VISITORS_DAILY)
    if report.robots:
        yield _note(NoteKind.ROBOTS, count=report.robots)
    if unproved:
        yield _note(NoteKind.NO_PROOF, count=unproved)
    for line in report.budget.lines if report.budget else ():
        if line.planned is not None and line.spent > line.planned:
            yield _note(NoteKind.OVER_BUDGET, line=line.line, spent=line.spent, planned=line.planned)


def _of_adding(report: Report) -> Iterator[Note]:
    for metric, total in report.totals.items():
        if metric in DISTINCT:
            if total.at_least:
                yield _note(NoteKind.REACH_NOT_ADDED, deliveries=total.deliveries)
            continue
        if len(total.counted) > 1:
            yield _note(NoteKind.MIXED, metric=metric, parts=dict(total.counted))
        if total.beside:
            yield _note(NoteKind.BESIDE, metric=metric, counted=dict(total.counted), beside=dict(total.beside))
    if any(day.origin.value == "reported" for day in report.days):
        yield _note(NoteKind.LATE_COUNTS)
