"""The connector itself: an abstract class with helpful defaults."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from promo.errors import NotSupported
from promo.language import _

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from promo.clock import Clock
    from promo.connector.capabilities import Capabilities
    from promo.connector.request import Handle, Handover, Measurement, Pending, PublishRequest, Receipt


class Settings(BaseModel):
    """Base of every connector's settings: immutable, unknown keys refused, exported as JSON Schema."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


S = TypeVar("S", bound=Settings)


@dataclass(frozen=True, kw_only=True)
class ChannelContext:
    """Where a connector stands: its channel's name, the folder it may write in, the time, the languages."""

    channel: str
    output: Path  # absolute, inside the workspace; create it when first needed
    workspace: Path
    clock: Clock
    language: str = "en"
    timezone: str = "UTC"


class Connector(ABC, Generic[S]):
    """One kind of channel. Building one sends nothing, reads no secret and touches no disk.

    Used by one thread at a time; another process may hold another object for the same channel.
    """

    name: ClassVar[str]
    title: ClassVar[str]  # one line in English: what it publishes to
    title_zh: ClassVar[str]
    Settings: ClassVar[type[Settings]]
    capabilities: ClassVar[Capabilities]

    def __init__(self, settings: S, context: ChannelContext) -> None:
        self.settings = settings
        self.context = context

    def limits(self) -> Capabilities:
        """Return this account's own limits, as far as settings tell; asks no server. Default: the class's."""
        return self.capabilities

    def limits_for(self, handle: Handle) -> Capabilities:  # noqa: ARG002 - the account matters to some connectors only
        """Return the limits refined by what `check` learned from the server. Default: `limits()`."""
        return self.limits()

    @abstractmethod
    def check(self) -> Handle:
        """Ask the channel who we are; publish nothing. Raises AccessLost, TryAgain."""

    @abstractmethod
    def publish(self, request: PublishRequest) -> Receipt | Pending | Handover:
        """Publish once. Raises TryAgain only where surely nothing was sent, else OutcomeUnknown."""

    def lookup(self, request: PublishRequest) -> Receipt | None:  # noqa: ARG002 - for those who can
        """Find what an earlier try of this request published; None: surely not there."""
        raise NotSupported(_("{connector} cannot look up a post", connector=self.name))

    def collect(self, receipt: Receipt) -> Iterable[Measurement]:  # noqa: ARG002 - for those who can
        """Read the counts of one post. Names come from `capabilities.metrics`."""
        return ()

    def delete(self, remote_id: str) -> None:  # noqa: ARG002 - for those who can
        """Take a post down. A post that is gone already is no error."""
        raise NotSupported(_("{connector} cannot delete a post", connector=self.name))
