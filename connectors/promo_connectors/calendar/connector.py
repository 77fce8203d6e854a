"""The calendar connector: one event a delivery."""

from __future__ import annotations

from promo.connector import (
    Ability,
    Capabilities,
    Connector,
    Handle,
    Idempotency,
    MediaLimit,
    PublishRequest,
    Receipt,
    Rejected,
    TryAgain,
    _,
    enforce_limits,
)
from promo_connectors.calendar.event import attached, event_uid, find_uid, make_calendar
from promo_connectors.calendar.settings import CalendarSettings
from promo_connectors.calendar.store import CalDavStore, FolderStore, Store


class CalendarConnector(Connector[CalendarSettings]):
    """Puts each delivery into a calendar as an event whose UID is made from its key."""

    name = "calendar"
    title = "A calendar: ICS files or a CalDAV server"
    title_zh = "日历（ICS 文件或 CalDAV 服务器）"
    Settings = CalendarSettings
    capabilities = Capabilities(
        images=MediaLimit(count=4),
        idempotency=Idempotency.KEY,
        lookup=Ability.YES,
        delete=Ability.YES,
        edit=Ability.NOT_BUILT,
    )

    def check(self) -> Handle:
        """Ask the server who we are, or see that the folder can be made."""
        return self._store.check()

    def publish(self, request: PublishRequest) -> Receipt:
        """Store the event, or find the one an earlier try stored."""
        enforce_limits(request, self.limits())
        name = f"{request.key}.ics"
        content = make_calendar(request, self.settings, self.context.clock.now())
        if not self._store.put(name, content):
            found = self.lookup(request)
            if found is None:
                raise TryAgain(_("the event was there and is gone"))
            return found
        return self._receipt(request, name)

    def lookup(self, request: PublishRequest) -> Receipt | None:
        """Find the event by its name and its UID. Raises Rejected when another event has that name."""
        name = f"{request.key}.ics"
        content = self._store.get(name)
        if content is None:
            return None
        if find_uid(content) != event_uid(request.key):
            raise Rejected(_("another event stands at {name}", name=name))
        return self._receipt(request, name)

    def delete(self, remote_id: str) -> None:
        """Remove the event."""
        self._store.remove(remote_id)

    @property
    def _store(self) -> Store:
        if self.settings.mode == "caldav":
            return CalDavStore(self.settings, self.context.clock.now)
        return FolderStore(self.context.output, merged=self.settings.merged)

    def _receipt(self, request: PublishRequest, name: str) -> Receipt:
        inside = [medium.path.name for medium in attached(request, self.settings)]
        outside = [medium.path.name for medium in request.media if medium.path.name not in inside]
        return Receipt(
            remote_id=name,
            url=self._store.address(name),
            at=self.context.clock.now(),
            detail={"uid": event_uid(request.key), "attached": inside, "left_out": outside},
        )
