"""A delivery as an iCalendar event (RFC 5545)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterable

    from icalendar import Event

    from promo.connector import Media, PublishRequest
    from promo_connectors.calendar.settings import CalendarSettings

PRODID = "-//promo//campaigns as code//EN"


def event_uid(key: str) -> str:
    """Return the event's UID: the same for every try of one delivery."""
    return f"{key}@promo"


def make_calendar(request: PublishRequest, settings: CalendarSettings, now: datetime) -> bytes:
    """Return the delivery as a calendar with one event, its time in its own zone, the zone's rules included."""
    from icalendar import Alarm, Event, vBinary, vCalAddress  # slow to import, and large

    zone = ZoneInfo(request.timezone)
    start = request.occurrence.astimezone(UTC)
    # Added in UTC: in a zone, adding hours counts the clock's hands and goes wrong over a change of time.
    end = start + (request.lasts or timedelta(minutes=settings.minutes))
    event = Event()
    event.add("uid", event_uid(request.key))
    event.add("dtstamp", now)
    event.add("created", now)
    event.add("last-modified", now)
    event.add("sequence", 0)
    event.add("dtstart", start if request.timezone == "UTC" else start.astimezone(zone))
    event.add("dtend", end if request.timezone == "UTC" else end.astimezone(zone))
    event.add("summary", summary_of(request))
    event.add("status", "CONFIRMED")
    text = (request.text or request.body).strip()
    link = request.link if request.link and request.link not in text else ""
    if description := "\n\n".join(part for part in (text, link) if part):
        event.add("description", description)
    if place := request.place or ", ".join(placement.name for placement in request.placements):
        event.add("location", place)
    if request.link:
        event.add("url", request.link)
    if request.hashtags:
        event.add("categories", list(request.hashtags))
    if settings.organizer:
        event.add("organizer", vCalAddress(f"mailto:{settings.organizer}"))
    for medium in attached(request, settings):
        event.add("attach", vBinary(medium.path.read_bytes()), parameters={"FMTTYPE": medium.mime})
    if settings.reminder is not None:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", summary_of(request))
        alarm.add("trigger", timedelta(minutes=-settings.reminder))
        event.add_component(alarm)
    return _calendar([event])


def summary_of(request: PublishRequest) -> str:
    """Return the event's one line: the title, else the first line of the text, else the activity."""
    return request.title.strip() or request.text.strip().partition("\n")[0] or request.activity


def attached(request: PublishRequest, settings: CalendarSettings) -> list[Media]:
    """Return the pictures small enough to be put into the event."""
    return [medium for medium in request.media if medium.path.stat().st_size <= settings.attach_bytes]


def find_uid(content: bytes) -> str | None:
    """Return the UID of the first event in an iCalendar file; None when it is not readable."""
    return next((str(event.get("uid")) for event in _events([content])), None)


def merge(contents: Iterable[bytes]) -> bytes:
    """Return one calendar of all events of the given ones, in order of their start."""
    return _calendar(sorted(_events(contents), key=_start))


def _start(event: Event) -> str:
    """Return the start as text that sorts by time; events made by hand may have a day only, or nothing."""
    start = getattr(event.get("dtstart"), "dt", None)
    if isinstance(start, datetime) and start.tzinfo is not None:
        start = start.astimezone(UTC)
    return start.isoformat() if start is not None else ""


def _events(contents: Iterable[bytes]) -> list[Event]:
    from icalendar import Calendar

    events = []
    for content in contents:
        try:
            events += Calendar.from_ical(content).events
        except ValueError:
            continue  # a file somebody changed by hand into something else
    return events


def _calendar(events: list[Event]) -> bytes:
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", PRODID)
    calendar.add("version", "2.0")
    for event in events:
        calendar.add_component(event)
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())
