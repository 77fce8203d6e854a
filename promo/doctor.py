"""The examination of `promo doctor`: each finding with its cure."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from promo.errors import ProblemsFound, PromoError, SecretMissing
from promo.language import _, plural
from promo.registry import Registry
from promo.secret import Secret
from promo.store.sqlite import SOUND, sqlite3

if TYPE_CHECKING:
    from promo.app.workspace import App

Level = Literal["ok", "warning", "error"]
CHINESE = "锦绣硒茶鑫,。"  # common and rare characters, and punctuation
HORIZON = timedelta(days=35)  # the usual one: how far ahead a plan looks
FREE_SPACE = 500 * 2**20  # bytes; below it pictures and the ledger's journal may not find room


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was looked at."""

    level: Level
    what: str
    found: str
    cure: str = ""


def examine_machine(today: date) -> Iterator[Finding]:
    """Look at Python, SQLite, time zones, days off, fonts and connectors: what needs no workspace.

    Data about times and days is old, or about to end, as of `today`.
    """
    version = ".".join(str(part) for part in sys.version_info[:3])
    fine = sys.version_info >= (3, 11)
    yield Finding(
        level="ok" if fine else "error",
        what="Python",
        found=version,
        cure="" if fine else _("install Python 3.11 or newer"),
    )
    sound = sqlite3.sqlite_version_info >= SOUND
    yield Finding(
        level="ok" if sound else "warning",
        what="SQLite",
        found=f"{sqlite3.sqlite_version} ({sqlite3.__name__.partition('.')[0]})",
        cure=""
        if sound
        else _(
            "versions before 3.51.3 may lose writes when they reset the log: pip install pysqlite3, or let one daemon"
            " or cron line write"
        ),
    )
    yield _time_zones(today)
    yield _fonts()
    yield from _days_off(today)
    registry = Registry()
    broken = registry.broken()
    yield Finding(
        level="ok",
        what=_("connectors"),
        found=", ".join(n for n in registry.names if n not in {b.name for b in broken}),
    )
    for plugin in broken:
        yield Finding(
            level="error",
            what=_("connector {name}", name=plugin.name),
            found=plugin.reason,
            cure=_("repair or remove the package {package}; the other connectors work", package=plugin.package),
        )


def _time_zones(today: date) -> Finding:
    from promo.source.zone_data import VARIABLE, zone_data

    what = _("time zones")
    try:
        data = zone_data()
    except ModuleNotFoundError:
        return Finding(level="error", what=what, found=_("no data"), cure=_("install it with: pip install tzdata"))
    found = data.version or _("version unknown")
    if data.is_old(today):
        found = _("{version}, older than a year", version=found)
    if data.folder is not None:
        return Finding(
            level="warning",
            what=what,
            found=_(
                "{version}, from {folder}, which {variable} names", version=found, folder=data.folder, variable=VARIABLE
            ),
            cure=_("unset {variable}: the package tzdata is kept up to date more easily", variable=VARIABLE),
        )
    if data.is_old(today):
        cure = _("clock changes are decided anew each year: pip install --upgrade tzdata")
        return Finding(level="warning", what=what, found=f"tzdata {found}", cure=cure)
    return Finding(level="ok", what=what, found=f"tzdata {found}")


def _fonts() -> Finding:
    from promo.visual.text.fonts import chain, covers

    what = _("fonts")
    try:
        faces = chain((), 400, Path()).faces
    except PromoError as error:
        return Finding(level="error", what=what, found=error.message, cure=error.hint or "")
    chinese = next((face for face in faces if covers(face, CHINESE)), None)
    if chinese is None:
        return Finding(
            level="error",
            what=what,
            found=_("none that knows Chinese"),
            cure=_("install it with: pip install justmytype-intl-cjk"),
        )
    return Finding(level="ok", what=what, found=chinese.path.name)


def _days_off(today: date) -> Iterator[Finding]:
    from importlib.metadata import version

    from promo.plan.days import CHINESE, chinese_data_end

    last = chinese_data_end()
    ends_soon = last - today < HORIZON
    yield Finding(
        level="warning" if ends_soon else "ok",
        what=_("China's days off and make-up days"),
        found=_("known until {day} ({package} {version})", day=last, package=CHINESE, version=version(CHINESE)),
        cure=_("the State Council names next year's each autumn: pip install --upgrade {package}", package=CHINESE)
        if ends_soon
        else "",
    )
    yield Finding(level="ok", what=_("public holidays"), found=f"holidays {version('holidays')}")


def examine_workspace(app: App) -> Iterator[Finding]:
    """Look at the ledger, the disk, the clock and the secrets of one workspace."""
    yield from _database(app)
    yield from _engine(app)
    yield from _at_work(app)
    free = shutil.disk_usage(app.workspace.root).free
    yield Finding(
        level="ok" if free > FREE_SPACE else "warning",
        what=_("free disk space"),
        found=f"{free / 2**30:.1f} GiB",
        cure="" if free > FREE_SPACE else _("make room: pictures and the ledger need it"),
    )
    for name, channel in app.channels.items():
        try:
            missing = [s.name for s in _secrets(channel.connector.settings) if not _has_value(s)]
        except PromoError as error:
            yield Finding(
                level="error", what=_("channel {name}", name=name), found=error.message, cure=error.hint or ""
            )
            continue
        if missing:
            yield Finding(
                level="warning",
                what=_("channel {name}", name=name),
                found=_("no value for the secret {names}", names=", ".join(missing)),
                cure=_("set the environment variable, or: keyring set promo {name}", name=missing[0]),
            )


def _database(app: App) -> Iterator[Finding]:
    from sqlalchemy import func, select, text

    from promo.store.database import reading
    from promo.store.tables import events

    what = _("database")
    try:
        with reading(app.ledger) as connection:
            if connection.dialect.name == "sqlite":
                answer = str(connection.execute(text("PRAGMA quick_check(1)")).scalar())
                if answer != "ok":
                    yield Finding(
                        level="error", what=what, found=answer, cure=_("bring back the last copy of the database file")
                    )
                    return
            newest = connection.execute(select(func.max(events.c.at))).scalar()
            kind = connection.dialect.name
    except PromoError as error:
        yield Finding(level="error", what=what, found=error.message, cure=error.hint or "")
        return
    yield Finding(level="ok", what=what, found=_("{kind}, sound", kind=kind))
    now = app.clock.now()
    if newest is not None and newest > now + timedelta(minutes=1):
        yield Finding(
            level="error",
            what=_("clock"),
            found=_(
                "the ledger's newest event lies in the future: {moment}", moment=newest.isoformat(timespec="seconds")
            ),
            cure=_("set this machine's clock (timedatectl set-ntp true)"),
        )
    else:
        yield Finding(level="ok", what=_("clock"), found=now.isoformat(timespec="seconds"))


def _engine(app: App) -> Iterator[Finding]:
    """Open the queue between claims and workers, where the engine has one."""
    name = app.workspace.settings.engine
    if name == "embedded":
        return
    try:
        app.queue  # noqa: B018 - opens it
    except PromoError as error:
        yield Finding(level="error", what=_("engine"), found=error.message, cure=error.hint or "")
        return
    yield Finding(level="ok", what=_("engine"), found=name)


def _at_work(app: App) -> Iterator[Finding]:
    """Say when a process was last at work, and warn where something waits for one."""
    from promo.app.attendance import look_round

    try:
        told = look_round(app)
    except PromoError:  # `_database` has said why
        return
    cure = _("ask it: {commands}", commands=told.start) if told.attendance.alive else ""
    if told.start and not cure:
        cure = _("start it: {commands}", commands=told.start)
    yield Finding(level="warning" if told.start else "ok", what=_("at work"), found=told.found, cure=cure)


def _secrets(settings: Any) -> Iterator[Secret]:
    if isinstance(settings, Secret):
        yield settings
    elif hasattr(type(settings), "model_fields"):
        for name in type(settings).model_fields:
            yield from _secrets(getattr(settings, name))
    elif isinstance(settings, dict):
        for value in settings.values():
            yield from _secrets(value)
    elif isinstance(settings, (list, tuple)):
        for value in settings:
            yield from _secrets(value)


def _has_value(secret: Secret) -> bool:
    try:
        secret.reveal()
    except SecretMissing:
        return False
    return True


def examine_files(app: App) -> Iterator[Finding]:
    """Say in one line whether `promo check` would pass."""
    try:
        checked = app.check()
    except ProblemsFound as found:
        yield Finding(level="error", what=_("files"), found=found.message, cure="promo check")
        return
    if checked.errors:
        yield Finding(
            level="error", what=_("files"), found=_("{count} errors", count=checked.errors), cure="promo check"
        )
    else:
        yield Finding(
            level="ok",
            what=_("files"),
            found=plural("{count} campaign, no errors", "{count} campaigns, no errors", len(checked.campaigns)),
        )
