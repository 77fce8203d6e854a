"""The words and numerals of a report, in the language in force."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal, format_percent

from promo.language import _, language
from promo.store.origin import Origin

if TYPE_CHECKING:
    from datetime import date, datetime
    from decimal import Decimal


def locale() -> str:
    """Return the locale Babel writes numbers and dates in."""
    return "zh_Hans_CN" if language() == "zh" else "en"


def number(value: float) -> str:
    """Write a count: `12,345`; a fraction keeps two digits."""
    return format_decimal(round(value, 2), locale=locale())


def money(value: float | Decimal, currency: str) -> str:
    """Write an amount: `CN¥6,420.50`; without a currency just the number."""
    if not currency:
        return number(float(value))
    whole = float(value).is_integer()
    return format_currency(
        value, currency, locale=locale(), format="¤#,##0" if whole else None, currency_digits=not whole
    )


def figure(metric: str, value: float, currency: str) -> str:
    """Write the value of a metric: money where it is money."""
    return money(value, currency) if metric == "spend" else number(value)


def share(value: float | None) -> str:
    """Write a share of a goal: `77%`; a dash where there is none."""
    return "–" if value is None else format_percent(value, format="#,##0%", locale=locale())


def day(value: date) -> str:
    """Write a day in full: `Mar 20, 2027`, `2027年3月20日`."""
    return format_date(value, "medium", locale=locale())


def short_day(value: date) -> str:
    """Write a day for an axis: `Mar 20`, `3月20日`."""
    return format_date(value, "M月d日" if language() == "zh" else "MMM d", locale=locale())


def moment(value: datetime, timezone: str) -> str:
    """Write a moment in the campaign's zone, to the minute."""
    pattern = "y年M月d日 HH:mm" if language() == "zh" else "MMM d, y HH:mm"
    return format_datetime(value.astimezone(ZoneInfo(timezone)), pattern, locale=locale())


def metric_name(metric: str) -> str:
    """Return a metric's name; one that is unknown keeps its own."""
    names = {
        "impressions": _("Impressions"),
        "reach": _("Reach"),
        "likes": _("Likes"),
        "shares": _("Shares"),
        "comments": _("Comments"),
        "clicks": _("Clicks"),
        "views": _("Views"),
        "headcount": _("Headcount"),
        "coverage": _("Coverage"),
        "spend": _("Spend"),
        "scans": _("QR scans"),
        "opens": _("Opens"),
        "replies": _("Replies"),
    }
    return names.get(metric, metric)


def origin_name(origin: Origin) -> str:
    """Return the word on an origin's badge."""
    return {
        Origin.MEASURED: _("measured"),
        Origin.ENTERED: _("entered"),
        Origin.REPORTED: _("reported"),
        Origin.ESTIMATED: _("estimated"),
    }[origin]


def origin_letter(origin: Origin) -> str:
    """Return the one sign that stands for an origin where there is no room for its name."""
    return {
        Origin.MEASURED: _("M"),
        Origin.ENTERED: _("E"),
        Origin.REPORTED: _("R"),
        Origin.ESTIMATED: _("~"),
    }[origin]


def origin_meaning(origin: Origin) -> str:
    """Return what an origin means, for the legend."""
    return {
        Origin.MEASURED: _("our own tracked links and QR codes; robots and prefetches are left out"),
        Origin.ENTERED: _("counted by a person, who is named below, with a proof where there is one"),
        Origin.REPORTED: _("what the channel itself says about a delivery; nobody else can check it"),
        Origin.ESTIMATED: _("worked out by a formula, not counted"),
    }[origin]


def kind_name(kind: str | None) -> str:
    """Return the name of a kind of activity; None stands for the campaign as a whole."""
    names = {"online": _("Online"), "offline": _("Offline"), "media": _("Media"), None: _("Whole campaign")}
    return names.get(kind, str(kind))


def channel_name(channel: str | None) -> str:
    """Return a channel's name as people configured it; None stands for the campaign as a whole."""
    return _("Whole campaign") if channel is None else channel


def state_name(state: str) -> str:
    """Return the word for a delivery's state."""
    names = {
        "planned": _("planned"),
        "awaiting_approval": _("awaiting approval"),
        "scheduled": _("scheduled"),
        "publishing": _("publishing"),
        "pending": _("pending at the channel"),
        "handed_over": _("handed over"),
        "published": _("published"),
        "done": _("done"),
        "uncertain": _("uncertain"),
        "failed": _("failed"),
        "missed": _("missed"),
        "rejected": _("rejected"),
        "cancelled": _("cancelled"),
    }
    return names.get(state, state)
