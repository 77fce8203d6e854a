"""Entry points → connectors; channels of a workspace → connector objects. One broken plugin breaks no other."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from pydantic import ValidationError

from promo.clock import Clock, SystemClock
from promo.connector import Capabilities, ChannelContext, Connector, RateLimit
from promo.errors import NotFound, UserMistake
from promo.language import _, language
from promo.source.suggest import did_you_mean
from promo.workspace import ChannelSettings, SlotPlan, Workspace

GROUP = "promo.connectors"


@dataclass(frozen=True, kw_only=True)
class Broken:
    """A connector that could not be loaded, and why; `promo doctor` shows it."""

    name: str
    package: str
    reason: str


class Registry:
    """The installed connectors, each loaded when first asked for."""

    def __init__(
        self, points: Mapping[str, EntryPoint] | None = None, extra: Mapping[str, type[Connector[Any]]] | None = None
    ) -> None:
        self._points = dict(points) if points is not None else {p.name: p for p in entry_points(group=GROUP)}
        self._loaded: dict[str, type[Connector[Any]]] = dict(extra or {})
        self._broken: dict[str, Broken] = {}

    @property
    def names(self) -> list[str]:
        """Return the names of all connectors, broken ones included."""
        return sorted({*self._points, *self._loaded})

    def connector(self, name: str) -> type[Connector[Any]]:
        """Return the connector class. Raises NotFound for an unknown name, UserMistake for a broken plugin."""
        if name in self._loaded:
            return self._loaded[name]
        point = self._points.get(name)
        if point is None:
            raise NotFound(_("there is no connector {name}", name=name), hint=did_you_mean(name, self.names))
        if name not in self._broken:
            try:
                found = point.load()
                if not (isinstance(found, type) and issubclass(found, Connector)):
                    raise TypeError("the entry point does not name a Connector class")
            except (Exception, SystemExit) as error:  # noqa: BLE001 - a plugin may raise anything while it is imported
                package = point.dist.name if point.dist is not None else "?"
                self._broken[name] = Broken(name=name, package=package, reason=f"{type(error).__name__}: {error}")
            else:
                self._loaded[name] = found
                return found
        broken = self._broken[name]
        raise UserMistake(
            _(
                "the connector {name} of {package} is broken: {reason}",
                name=name,
                package=broken.package,
                reason=broken.reason,
            )
        )

    def broken(self) -> list[Broken]:
        """Load every connector and return those that failed."""
        for name in self.names:
            try:
                self.connector(name)
            except UserMistake:
                continue
        return list(self._broken.values())


class Channel:
    """One configured channel: its settings, its connector, its limits."""

    def __init__(
        self, name: str, settings: ChannelSettings, kind: type[Connector[Any]], workspace: Workspace, clock: Clock
    ) -> None:
        self.name = name
        self.settings = settings
        self.kind = kind
        self._workspace = workspace
        self._clock = clock
        self._idle: list[Connector[Any]] | None = None  # built and not lent; None: nothing is built yet
        self._lending = threading.Lock()

    @cached_property
    def connector(self) -> Connector[Any]:
        """Return this channel's first connector object, built on first use; `lend` it to call the channel.

        Raises UserMistake on bad settings.
        """
        return self._build()

    def _build(self) -> Connector[Any]:
        try:
            settings = self.kind.Settings.model_validate(self.settings.settings)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            raise UserMistake(
                _("channel {channel}: setting {where}: {what}", channel=self.name, where=where, what=first["msg"]),
                hint=_("see: promo connectors {name}", name=self.kind.name),
            ) from None
        return self.kind(settings, self.context)

    @contextmanager
    def lend(self) -> Iterator[Connector[Any]]:
        """Lend a connector object that nobody else has: one serves one thread at a time. Never waits for others."""
        with self._lending:
            if self._idle is None:
                self._idle = [self.connector]
            lent = self._idle.pop() if self._idle else self._build()
        try:
            yield lent
        finally:
            with self._lending:
                self._idle.append(lent)

    @property
    def context(self) -> ChannelContext:
        """Return where this channel's connector stands."""
        return ChannelContext(
            channel=self.name,
            output=self._workspace.output_folder / "channels" / self.name,
            workspace=self._workspace.root,
            clock=self._clock,
            language=self.settings.language or self._workspace.settings.language or language(),
            timezone=self._workspace.settings.timezone,
        )

    @cached_property
    def limits(self) -> Capabilities:
        """Return the limits of this account, as far as its settings tell."""
        return self.connector.limits()

    @property
    def rate(self) -> RateLimit | None:
        """Return the rate limit: the channel's setting, else the connector's."""
        if self.settings.rate is not None:
            return RateLimit(calls=self.settings.rate.calls, per=self.settings.rate.per)
        return self.limits.rate

    @property
    def slots(self) -> SlotPlan | None:
        """Return the channel's own slot plan."""
        return self._workspace.settings.slots.get(self.settings.slots) if self.settings.slots else None


def open_channels(workspace: Workspace, registry: Registry, clock: Clock | None = None) -> dict[str, Channel]:
    """Return every configured channel whose connector loads. A broken one is left out: check and doctor tell."""
    channels: dict[str, Channel] = {}
    for name, settings in workspace.settings.channels.items():
        try:
            kind = registry.connector(settings.connector)
        except UserMistake:
            continue
        channels[name] = Channel(name, settings, kind, workspace, clock or SystemClock())
    return channels
