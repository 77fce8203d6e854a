"""Rules of RFC 5545 (section 3.3.10) as a schedule takes them: checked, and refused with the reason."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime
from functools import lru_cache
from math import prod
from typing import TYPE_CHECKING, Any

from promo.language import _
from promo.source.suggest import did_you_mean
from promo.source.value import BadValueError

if TYPE_CHECKING:
    from collections.abc import Mapping

_LONGEST = 300
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)  # at most, by month
_FREQUENCIES = ("HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_LISTS = {  # least, most, and whether it may count from the end with a minus
    "BYMONTH": (1, 12, False),
    "BYWEEKNO": (1, 53, True),
    "BYYEARDAY": (1, 366, True),
    "BYMONTHDAY": (1, 31, True),
    "BYHOUR": (0, 23, False),
    "BYMINUTE": (0, 59, False),
    "BYSECOND": (0, 59, False),  # Python's clock knows no leap second
    "BYSETPOS": (1, 366, True),
}
_NUMBERS = {"INTERVAL": (1, 9999), "COUNT": (1, 999_999)}
_PARTS = ("FREQ", "UNTIL", "WKST", "BYDAY", *_NUMBERS, *_LISTS)
_BYDAY = re.compile(rf"(?:[+-]?(?:[1-9]|[1-4]\d|5[0-3]))?(?:{'|'.join(_WEEKDAYS)})", re.ASCII)
_NUMBER = re.compile(r"([+-]?)(\d{1,6})", re.ASCII)
_UNTIL = re.compile(r"\d{8}(T\d{6}Z?)?", re.ASCII)


def parse_rrule(value: Any) -> str:
    """Check one RRULE of RFC 5545, without DTSTART. Raises ValueError."""
    if not isinstance(value, str):
        raise _refused(_("a rule is a text in quotes"))
    return _checked(value.strip())


@lru_cache(maxsize=4096)
def _checked(rule: str) -> str:
    text = rule.removeprefix("RRULE:").upper()
    if len(text) > _LONGEST or "\n" in text or "DTSTART" in text:
        raise _refused(_("write one rule only; its first time stands in `start`"))
    parts = _split(rule, text)
    if parts.get("FREQ") in ("SECONDLY", "MINUTELY"):
        raise _refused(
            _("a rule that fires every second or minute is refused"),
            hint=_("name the minutes: FREQ=HOURLY;BYMINUTE=0,15,30,45"),
        )
    for name, value in parts.items():
        if needed := _needed(name, value):
            part = f"`{name}={value[:40]}`"
            raise _refused(_("{part} in a rule: {needed}", part=part, needed=needed))
    if reason := _misfit(parts):
        raise _refused(reason)
    if _never_fires(parts):
        raise _refused(_("this rule never fires"))
    return rule


def _split(rule: str, text: str) -> dict[str, str]:
    named = [part.partition("=")[::2] for part in text.split(";") if part]
    for name, _value in named:
        if name in ("EXDATE", "RDATE", "EXRULE") or name.startswith(("EXDATE", "RDATE")):
            raise _refused(
                _("{name} stands beside a rule, not in it", name=f"`{name}`"),
                hint=_("leave days out with `skip`; single times more are an activity with `at`"),
            )
        if name not in _PARTS:
            message = _("{name} is no part of a rule of RFC 5545", name=f"`{name[:30]}`")
            raise _refused(message, hint=did_you_mean(name, _PARTS))
    for name, times in Counter(name for name, _value in named).items():
        if times > 1:
            raise _refused(_("{name} stands twice in {rule}", name=f"`{name}`", rule=f"`{rule[:60]}`"))
    if "FREQ" not in dict(named):
        raise _refused(_("a rule begins with FREQ, which is missing in {rule}", rule=f"`{rule[:60]}`"))
    return dict(named)


def _needed(name: str, value: str) -> str | None:
    """Return what a part needs, where its value is something else."""
    match name:
        case "FREQ" if value not in _FREQUENCIES:
            return _("one of {words} is needed", words=", ".join(_FREQUENCIES))
        case "WKST" if value not in _WEEKDAYS:
            return _("one of {words} is needed", words=", ".join(_WEEKDAYS))
        case "BYDAY" if not all(_BYDAY.fullmatch(day) for day in value.split(",")):
            return _("days such as MO, 1FR or -1SU are needed")
        case "UNTIL" if not _is_until(value):
            return _("a day or a time is needed, such as 20270331 or 20270331T180000")
    if name in _NUMBERS and not _is_number(value, *_NUMBERS[name], signed=False):
        return _("a number from {least} to {most} is needed", least=_NUMBERS[name][0], most=_NUMBERS[name][1])
    if name in _LISTS:
        least, most, signed = _LISTS[name]
        if not all(_is_number(each, least, most, signed=signed) for each in value.split(",")):
            numbers = _("numbers from {least} to {most} are needed", least=least, most=most)
            return numbers + (_(", with a minus counted from the end") if signed else "")
    return None


def _is_number(text: str, least: int, most: int, *, signed: bool) -> bool:
    found = _NUMBER.fullmatch(text)
    return found is not None and least <= int(found[2]) <= most and (signed or not found[1])


def _is_until(value: str) -> bool:
    try:
        return bool(_UNTIL.fullmatch(value)) and bool(datetime.fromisoformat(value.removesuffix("Z")))
    except ValueError:
        return False


def _misfit(parts: Mapping[str, str]) -> str | None:
    """Return why parts that can be read do not go together (the table and the rules of RFC 5545, 3.3.10)."""
    freq = parts["FREQ"]
    if "COUNT" in parts and "UNTIL" in parts:
        return _("a rule has COUNT or UNTIL, not both")
    apart = {
        "BYWEEKNO": ("HOURLY", "DAILY", "WEEKLY", "MONTHLY"),
        "BYYEARDAY": ("DAILY", "WEEKLY", "MONTHLY"),
        "BYMONTHDAY": ("WEEKLY",),
    }
    for name, others in apart.items():
        if name in parts and freq in others:
            return _("{name} does not go with {freq}", name=name, freq=f"FREQ={freq}")
    if any(day.strip("+-")[:1].isdigit() for day in parts.get("BYDAY", "").split(",")) and (
        freq not in ("MONTHLY", "YEARLY") or "BYWEEKNO" in parts
    ):
        return _("the number in BYDAY={days} needs FREQ=MONTHLY, or FREQ=YEARLY without BYWEEKNO", days=parts["BYDAY"])
    if "BYWEEKNO" in parts and "BYDAY" not in parts:
        return _("BYWEEKNO needs the days of the week: BYDAY=MO")
    if "BYSETPOS" in parts and not any(name.startswith("BY") and name != "BYSETPOS" for name in parts):
        return _("BYSETPOS picks from what another part finds, such as BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1")
    return None


def _never_fires(parts: Mapping[str, str]) -> bool:
    """Whether a rule matches no time: looking for one would go on to the year 9999."""
    numbers = {key: [int(n) for n in parts[key].split(",")] for key in _LISTS if key in parts}
    longest = max(_DAYS[month - 1] for month in numbers.get("BYMONTH", range(1, 13)))
    if days := numbers.get("BYMONTHDAY"):
        return all(abs(day) > longest for day in days)
    # Of a day or hour only its hours and minutes can be counted off.
    times = {"DAILY": ("BYHOUR", "BYMINUTE", "BYSECOND"), "HOURLY": ("BYMINUTE", "BYSECOND")}.get(parts["FREQ"])
    size = prod(len(set(numbers.get(key, [0]))) for key in times or ())
    return times is not None and all(abs(place) > size for place in numbers.get("BYSETPOS", [1]))


def _refused(message: str, *, hint: str | None = None) -> BadValueError:
    return BadValueError(message, hint=hint or _("such as FREQ=WEEKLY;BYDAY=TU;BYHOUR=9;BYMINUTE=30"), code="bad-rrule")
