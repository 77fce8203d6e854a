"""Asking the channels whether they let us in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from promo.delivery.query import status
from promo.delivery.rate import note_access
from promo.errors import NotFound, PromoError, UserMistake
from promo.language import _
from promo.source.suggest import did_you_mean
from promo.store.database import transaction

if TYPE_CHECKING:
    from promo.app.workspace import App


@dataclass(frozen=True, kw_only=True)
class Access:
    """What one channel said when it was asked. `access` is ok, failed, paused or not asked."""

    channel: str
    connector: str
    access: str
    detail: str
    expires_at: datetime | None = None


def access(app: App, names: Sequence[str], *, ask: bool) -> list[Access]:
    """Say of each channel whether it lets us in; `ask` really asks it. Publishes nothing."""
    known = app.workspace.settings.channels
    for name in names:
        if name not in known:
            raise NotFound(_("there is no channel {channel}", channel=name), hint=did_you_mean(name, known))
    paused = {c.channel: c.reason for c in status(app.ledger, app.clock.now()).channels if c.paused}
    return [_access(app, name, ask=ask, paused=paused.get(name)) for name in names or known]


def _access(app: App, name: str, *, ask: bool, paused: str | None) -> Access:

    connector = app.workspace.settings.channels[name].connector
    try:
        channel = app.channels.get(name)
        if channel is None:
            app.registry.connector(connector)
            raise UserMistake(_("the channel cannot be used"))
        if not ask:
            return Access(channel=name, connector=connector, access="not asked", detail=paused or "")
        handle = channel.connector.check()
    except PromoError as error:
        return Access(channel=name, connector=connector, access="failed", detail=str(error))
    with transaction(app.ledger) as connection:
        note_access(connection, name, handle.expires_at)
    if paused is not None:
        return Access(channel=name, connector=connector, access="paused", detail=paused)
    detail = " ".join(part for part in (handle.account, handle.note) if part)
    return Access(channel=name, connector=connector, access="ok", detail=detail, expires_at=handle.expires_at)
