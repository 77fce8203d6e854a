"""Time zones by name, and local times that a clock change skips or repeats."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

from pydantic import PlainValidator, WithJsonSchema

from promo.errors import UserMistake
from promo.language import _
from promo.source.suggest import did_you_mean
from promo.source.value import BadValueError
from promo.source.zone_data import use_package_data

use_package_data()


@lru_cache(maxsize=256)
def find_zone(name: str) -> ZoneInfo:
    """Return the zone of an IANA name such as `Asia/Shanghai`. Raises UserMistake with the nearest name."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):  # what a name may be to ZoneInfo: a path, a folder, no key
        known = available_timezones()
    city = {zone.rpartition("/")[2].lower(): zone for zone in sorted(known)}.get(name.replace(" ", "_").lower())
    hint = _("did you mean {word}?", word=f"`{city}`") if city else did_you_mean(name, known)
    raise UserMistake(
        _("there is no time zone {name}", name=f"`{name}`"), hint=hint or _("write it as Asia/Shanghai, or UTC")
    )


class ClockChange(StrEnum):
    """What a clock change does to a local time."""

    GAP = "gap"  # it does not exist: the clock jumps over it
    FOLD = "fold"  # it comes twice


@lru_cache(maxsize=65536)
def clock_change(local: datetime, zone: ZoneInfo) -> ClockChange | None:
    """Return what happens to a naive local time in `zone`; None for an ordinary one, and for an aware one (PEP 495)."""
    if local.tzinfo is not None:
        return None
    first, second = local.replace(tzinfo=zone, fold=0), local.replace(tzinfo=zone, fold=1)
    if first.utcoffset() == second.utcoffset():
        return None
    there_and_back = first.astimezone(UTC).astimezone(zone).replace(tzinfo=None)
    return ClockChange.FOLD if there_and_back == local else ClockChange.GAP


def after_gap(local: datetime, zone: ZoneInfo) -> datetime:
    """Return the first local time after the gap that `local` falls into; naive, to the minute."""
    before = local.replace(tzinfo=zone, fold=1).astimezone(UTC)
    after = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    old = before.astimezone(zone).utcoffset()
    while (after - before).total_seconds() > 1:
        middle = before + (after - before) / 2
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0).astimezone(zone).replace(tzinfo=None)


def _zone_name(value: Any) -> str:
    if not isinstance(value, str):
        raise BadValueError(_("a time zone is written as Asia/Shanghai, or UTC"))
    try:
        return find_zone(value).key
    except UserMistake as error:
        raise BadValueError(error.message, hint=error.hint, code="no-such-zone") from None


ZoneName = Annotated[
    str,
    PlainValidator(_zone_name),
    WithJsonSchema({"type": "string", "examples": ["Asia/Shanghai", "Europe/Berlin", "UTC"]}),
]
