"""Where events are kept: a folder of .ics files, or a CalDAV calendar (RFC 4791). Both offer the same calls."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Protocol
from urllib.parse import quote
from xml.etree import ElementTree as ET

from promo.connector import (
    AccessLost,
    Handle,
    Rejected,
    TryAgain,
    _,
    check_address,
    child,
    create_file,
    http_errors,
    new_session,
    raise_for_answer,
    remove_file,
    replace_file,
)
from promo_connectors.calendar.event import merge

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    import requests

    from promo_connectors.calendar.settings import CalendarSettings

MERGED = "calendar.ics"
CALDAV = "{urn:ietf:params:xml:ns:caldav}"
CONNECT_TIMEOUT = 10.0  # seconds
_ASK = b"""<?xml version="1.0" encoding="utf-8"?>
<propfind xmlns="DAV:"><prop><current-user-principal/><resourcetype/><displayname/></prop></propfind>"""


class Store(Protocol):
    """A place for events, each under a name that is made from the delivery's key."""

    def check(self) -> Handle:
        """Say whose calendar it is."""
        ...

    def put(self, name: str, content: bytes) -> bool:
        """Store an event. False when there is one of that name already: it is left as it is."""
        ...

    def get(self, name: str) -> bytes | None:
        """Return the event, None when there is none."""
        ...

    def remove(self, name: str) -> None:
        """Remove the event; one that is gone already is no error."""
        ...

    def address(self, name: str) -> str:
        """Return where a person finds the event."""
        ...


class FolderStore:
    """One .ics file an event in `folder/events`, and all of them in `folder/calendar.ics`."""

    def __init__(self, folder: Path, *, merged: bool) -> None:
        self._folder = folder
        self._events = folder / "events"
        self._merged = merged

    def check(self) -> Handle:
        """Say where the files go; writes nothing. Raises TryAgain where a file stands in the way."""
        standing = next(path for path in (self._events, *self._events.parents) if path.exists())
        if not standing.is_dir():
            raise TryAgain(_("{file} is a file, a folder is needed there", file=standing))
        return Handle(account=str(self._folder), url=self._folder.as_uri())

    def put(self, name: str, content: bytes) -> bool:
        """Write the file, unless it is there."""
        created = create_file(child(self._events, name), content)
        self._merge()  # also after a repeat: the first try may have been killed before it came to this
        return created

    def get(self, name: str) -> bytes | None:
        """Read the file."""
        try:
            return child(self._events, name).read_bytes()
        except FileNotFoundError:
            return None

    def remove(self, name: str) -> None:
        """Remove the file."""
        remove_file(child(self._events, name))
        self._merge()

    def address(self, name: str) -> str:
        """Return the file's address."""
        return (self._events / name).as_uri()

    def _merge(self) -> None:
        """Write the merged file until it holds what the folder holds: so two processes need no lock."""
        while self._merged and self._events.is_dir():
            files = self._files()
            replace_file(self._folder / MERGED, merge(content for _name, content in files))
            if self._files() == files:
                return

    def _files(self) -> list[tuple[str, bytes]]:
        found = []
        for path in sorted(self._events.glob("[!.]*.ics")):
            try:
                found.append((path.name, path.read_bytes()))
            except FileNotFoundError:
                continue  # removed by another process just now
        return found


class CalDavStore:
    """A calendar on a CalDAV server, spoken to with plain HTTP: PUT, GET, DELETE, PROPFIND."""

    def __init__(self, settings: CalendarSettings, now: Callable[[], datetime]) -> None:
        self._settings = settings
        self._now = now

    def check(self) -> Handle:
        """Ask who we are (RFC 5397) and whether the address is a calendar. Raises AccessLost when it is not."""
        answer = self._call("PROPFIND", "", body=_ASK, sending=False, headers={"Depth": "0"})
        if answer.status_code == 404:
            raise AccessLost(_("CalDAV: there is no calendar at this address"))
        self._raise_for(answer, sending=False)
        try:
            tree = ET.fromstring(answer.content)  # noqa: S314 - the user's own server; expat bounds entity expansion
        except ET.ParseError:
            raise TryAgain(_("CalDAV: the answer could not be read")) from None
        if tree.find(f".//{{DAV:}}resourcetype/{CALDAV}calendar") is None:
            raise AccessLost(_("CalDAV: there is no calendar at this address"))
        principal = tree.findtext(".//{DAV:}current-user-principal/{DAV:}href") or self._settings.username or ""
        return Handle(account=principal, url=self._base, note=tree.findtext(".//{DAV:}displayname") or "")

    def put(self, name: str, content: bytes) -> bool:
        """Store the event unless there is one: the server itself decides (RFC 9110, If-None-Match)."""
        headers = {"Content-Type": "text/calendar; charset=utf-8", "If-None-Match": "*"}
        answer = self._call("PUT", name, body=content, sending=True, headers=headers)
        if answer.status_code == 412:
            return False
        if (reason := _precondition(answer)) is not None:
            raise Rejected(_("CalDAV: the server refuses the event: {reason}", reason=reason))
        self._raise_for(answer, sending=True)
        return True

    def get(self, name: str) -> bytes | None:
        """Read the event."""
        answer = self._call("GET", name, sending=False)
        if answer.status_code in (404, 410):
            return None
        self._raise_for(answer, sending=False)
        return answer.content

    def remove(self, name: str) -> None:
        """Delete the event."""
        answer = self._call("DELETE", name, sending=False)
        if answer.status_code not in (404, 410):
            self._raise_for(answer, sending=False)

    def address(self, name: str) -> str:
        """Return the event's address on the server."""
        return self._base + quote(name)

    @property
    def _base(self) -> str:
        given = self._settings.url or ""
        return check_address(given, what="CalDAV", allow_http=self._settings.allow_http).geturl().rstrip("/") + "/"

    def _call(
        self, method: str, name: str, *, sending: bool, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> requests.Response:
        settings = self._settings
        if "/" in name or name.startswith("."):
            raise Rejected(_("{name} is no id of this channel", name=repr(name)))
        url = self.address(name)
        with new_session() as session, http_errors("CalDAV", sending=sending):
            return session.request(
                method,
                url,
                data=body,
                headers={**(headers or {}), "Authorization": self._authorization()},
                timeout=(CONNECT_TIMEOUT, settings.timeout),
                allow_redirects=False,
            )

    def _authorization(self) -> str:
        """Return Basic authentication in UTF-8 (RFC 7617): requests would write the password in Latin-1."""
        password = self._settings.password.reveal() if self._settings.password is not None else ""
        return "Basic " + base64.b64encode(f"{self._settings.username}:{password}".encode()).decode()

    def _raise_for(self, answer: requests.Response, *, sending: bool) -> None:
        raise_for_answer(answer, now=self._now(), what="CalDAV", sending=sending)


def _precondition(answer: requests.Response) -> str | None:
    """Return what a 403 or 409 says is wrong with the event (RFC 4791, section 5.3.2.1); None: it is about access."""
    if answer.status_code not in (403, 409):
        return None
    try:
        error = ET.fromstring(answer.content)  # noqa: S314 - the user's own server; expat bounds entity expansion
    except ET.ParseError:
        return None
    names = [part.tag.removeprefix(CALDAV) for part in error if part.tag.startswith(CALDAV)]
    return names[0] if error.tag == "{DAV:}error" and names else None
