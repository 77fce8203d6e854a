"""The calendar connector keeps the contract, on files and on a real Radicale."""

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from threading import Thread
from typing import ClassVar
from zoneinfo import ZoneInfo

import pytest
import requests
from icalendar import Calendar
from pydantic import ValidationError

from promo.connector import AccessLost, Rejected
from promo.testing.contract import ConnectorContract, Fault
from promo.testing.example import example_picture
from promo.testing.plugin import missing_server
from promo.testing.servers import Answer, calendar_server, closed_port, http_receiver
from promo_connectors.calendar import CalendarConnector

PASSWORD = "c5lendar-pässword"


class CalendarFiles(ConnectorContract):
    connector = CalendarConnector
    faults = frozenset({Fault.REFUSED})  # a disk has no lost answers, no passwords and no queue
    merged = True

    @property
    def folder(self):
        return self.tmp_path / "out" / "channels" / "example"

    def settings(self):
        return {"mode": "file", "merged": self.merged, "reminder": 30, "organizer": "wang.li@jinxiu.example"}

    def event(self, name):
        return Calendar.from_ical((self.folder / "events" / name).read_bytes()).events[0]

    def traffic(self):
        return len(list(self.tmp_path.rglob("out/**/*")))

    def arm(self, fault):
        assert fault is Fault.REFUSED
        (self.tmp_path / "out").write_text("a file where the output folder should be")

    def test_a_link_stands_in_the_description_once(self):
        link = "https://jinxiu.example/l/abc"
        for name, text in (("in the text", f"come: {link}\n"), ("beside it", "come")):
            receipt = self.publish(self.request(name, text=text, link=link))
            assert self.event(receipt.remote_id)["description"].count(link) == 1

    @pytest.mark.parametrize("name", ["../out.ics", "a/b.ics", ""])
    def test_delete_stays_in_its_folder(self, name):
        with pytest.raises(Rejected):
            self.make().delete(name)


class TestCalendarFiles(CalendarFiles):
    """One file an event, and none for all."""

    merged = False

    def posts(self, key):
        assert not (self.folder / "calendar.ics").exists()
        return sum(key in path.read_text() for path in self.folder.glob("events/*.ics"))

    def test_the_event_says_what_the_delivery_says(self):
        picture = example_picture(self.tmp_path / "pictures")
        request = self.request(
            "event",
            media=(picture,),
            lasts=timedelta(hours=6),
            link="https://jinxiu.example/l/abc",
            hashtags=("锦绣开放日",),
        )
        receipt = self.publish(request)
        event = self.event(receipt.remote_id)
        assert event["uid"] == f"{request.key}@promo"
        assert event.start == datetime(2027, 3, 22, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
        assert event.end - event.start == timedelta(hours=6)
        assert event["dtstart"].params["TZID"] == "Asia/Shanghai"
        assert event["summary"] == "锦绣社区开放日"
        assert "距离开放日还有 12 天" in event["description"]
        assert event["location"] == "中心花园"
        assert event["url"] == "https://jinxiu.example/l/abc"
        assert event["organizer"] == "mailto:wang.li@jinxiu.example"
        assert event["attach"].params["FMTTYPE"] == "image/png"
        assert event.alarms.times[0].trigger == event.start - timedelta(minutes=30)
        raw = (self.folder / "events" / receipt.remote_id).read_bytes()
        assert base64.b64encode(picture.path.read_bytes()) in raw.replace(b"\r\n ", b"")
        assert b"BEGIN:VTIMEZONE\r\nTZID:Asia/Shanghai" in raw
        assert all(len(line) <= 75 for line in raw.split(b"\r\n"))

    def test_an_event_over_a_change_of_time_lasts_as_long_as_it_says(self):
        zone = ZoneInfo("Europe/Berlin")
        request = self.request(
            "change",
            timezone="Europe/Berlin",
            occurrence=datetime(2027, 3, 28, 1, 0, tzinfo=zone),
            lasts=timedelta(hours=3),
        )
        event = self.event(self.publish(request).remote_id)
        assert event.end.astimezone(UTC) - event.start.astimezone(UTC) == timedelta(hours=3)
        assert event.end.hour == 5

    def test_large_pictures_stay_outside(self):
        picture = example_picture(self.tmp_path / "pictures")
        self.settings = lambda: {"attach_bytes": 10}
        receipt = self.publish(self.request("large", media=(picture,)))
        assert receipt.detail["left_out"] == ["courtyard.png"]
        assert "attach" not in self.event(receipt.remote_id)

    def test_another_event_of_that_name_is_not_taken_for_ours(self):
        request, other = self.request("ours"), self.request("other")
        receipt = self.publish(other)
        (self.folder / "events" / receipt.remote_id).rename(self.folder / "events" / f"{request.key}.ics")
        with pytest.raises(Rejected):
            self.publish(request)


class TestCalendarMerged(CalendarFiles):
    """One file for all, for subscribers."""

    def posts(self, key):
        path = self.folder / "calendar.ics"
        if not path.is_file():
            return 0
        return sum(event["uid"] == f"{key}@promo" for event in Calendar.from_ical(path.read_bytes()).events)

    def test_processes_at_the_same_time_lose_no_event(self):
        requests_ = [self.request(f"event {n}") for n in range(8)]
        threads = [Thread(target=self.make().publish, args=(request,)) for request in requests_]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [self.posts(request.key) for request in requests_] == [1] * 8

    def test_events_stand_in_order_of_time(self):
        late = self.request("late")
        early = replace(self.request("early"), occurrence=late.occurrence - timedelta(days=1), timezone="UTC")
        self.publish(late)
        self.publish(early)
        events = Calendar.from_ical((self.folder / "calendar.ics").read_bytes()).events
        assert [event["uid"] for event in events] == [f"{early.key}@promo", f"{late.key}@promo"]

    def test_a_file_changed_by_hand_does_no_harm(self):
        self.publish(self.request("first"))
        (self.folder / "events" / "broken.ics").write_text("not a calendar")
        bare = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:by-hand\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        (self.folder / "events" / "bare.ics").write_text(bare)
        day = bare.replace("UID:by-hand", "UID:all-day\r\nDTSTART;VALUE=DATE:20270401")
        (self.folder / "events" / "day.ics").write_text(day)
        request = self.request("second")
        self.publish(request)
        assert self.posts(request.key) == 1


@pytest.fixture(scope="module")
def radicale():
    if find_spec("radicale") is None:
        missing_server("radicale", "pip install 'promo[demo]'")
    with calendar_server(password=PASSWORD) as server:
        yield server


@pytest.mark.server("radicale")
class TestCalDav(ConnectorContract):
    """A real CalDAV server, behind a receiver that can lose its answers."""

    connector = CalendarConnector
    secrets: ClassVar = {"CALENDAR_PASSWORD": PASSWORD}

    @pytest.fixture(autouse=True)
    def _server(self, _stage, radicale):
        self.radicale = radicale
        self.calendar = self.tmp_path.name  # a fresh calendar for each test
        path = radicale.make_calendar(self.calendar).removeprefix(radicale.url)
        with http_receiver(forward=radicale.url, dedupe=False) as self.server, closed_port() as self.closed:
            self.url = f"{self.server.url}{path}"
            yield

    def settings(self):
        return {
            "mode": "caldav",
            "url": self.url,
            "username": self.radicale.user,
            "password": {"env": "CALENDAR_PASSWORD"},
        }

    def posts(self, key):
        return sum(f"UID:{key}" in path.read_text() for path in self.radicale.events(self.calendar))

    def traffic(self):
        return len(self.server.requests)

    def arm(self, fault):
        match fault:
            case Fault.LOST_ANSWER:
                self.server.queue(Answer(method="PUT", cut="after"))
            case Fault.BUSY:
                self.server.queue(Answer(method="PUT", status=429, headers={"Retry-After": "7"}))
            case Fault.NO_ACCESS:
                self.server.queue(Answer(status=401))
            case Fault.REFUSED:
                self.url = f"http://127.0.0.1:{self.closed}/promo/calendar/"

    def test_a_wrong_password_is_lost_access(self, monkeypatch):
        monkeypatch.setenv("CALENDAR_PASSWORD", "wrong")
        with pytest.raises(AccessLost):
            self.make().check()
        with pytest.raises(AccessLost):
            self.publish(self.request("wrong"))

    def test_check_names_the_principal(self):
        assert self.make().check().account == f"/{self.radicale.user}/"

    @pytest.mark.parametrize("path", ["/promo/no-such-calendar/", "/promo/"])
    def test_an_address_without_calendar_is_lost_access(self, path):
        self.url = f"{self.server.url}{path}"
        with pytest.raises(AccessLost, match="calendar"):
            self.make().check()

    def test_the_event_on_the_server_is_the_delivery(self):
        request = self.request("event", media=(example_picture(self.tmp_path / "pictures"),))
        receipt = self.publish(request)
        answer = requests.get(receipt.url, auth=(self.radicale.user.encode(), PASSWORD.encode()), timeout=5)
        [event] = Calendar.from_ical(answer.content).events
        assert event["uid"] == f"{request.key}@promo"
        assert event["summary"] == "锦绣社区开放日"
        assert event["attach"].params["FMTTYPE"] == "image/png"

    def test_an_event_a_person_changed_is_left_as_it_is(self):
        request = self.request("changed")
        receipt = self.publish(request)
        login = (self.radicale.user.encode(), PASSWORD.encode())
        changed = requests.get(receipt.url, auth=login, timeout=5).content.replace("中心花园".encode(), "大堂".encode())
        requests.put(receipt.url, data=changed, auth=login, headers={"Content-Type": "text/calendar"}, timeout=5)
        assert self.publish(replace(request, attempt=2)).remote_id == receipt.remote_id
        assert "大堂" in requests.get(receipt.url, auth=login, timeout=5).content.decode()

    def test_an_event_the_server_finds_wrong_is_rejected_and_pauses_nothing(self):
        body = '<error xmlns="DAV:"><max-resource-size xmlns="urn:ietf:params:xml:ns:caldav"/></error>'
        self.server.queue(Answer(method="PUT", status=403, body=body))
        with pytest.raises(Rejected, match="max-resource-size"):
            self.publish(self.request("too large"))

    def test_plain_http_to_another_machine_is_refused(self):
        self.url = "http://calendar.example/promo/"
        self.assert_refused_unsent(self.request("plain"))


@pytest.mark.parametrize("missing", ["url", "username", "password"])
def test_caldav_needs_its_server_named(missing):
    settings = {"mode": "caldav", "url": "https://c.example/", "username": "u", "password": {"env": "P"}}
    del settings[missing]
    with pytest.raises(ValidationError, match=missing):
        CalendarConnector.Settings.model_validate(settings)
