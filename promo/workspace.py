"""The workspace: a folder with `promo.yaml`, and what that file says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema

from promo.errors import NotFound, ProblemsFound
from promo.language import _, plural
from promo.source.problem import Position, Problem
from promo.source.value import Duration, LocalText

FILE = "promo.yaml"
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def _clock_time(value: Any) -> time:
    if isinstance(value, time):
        return value
    try:
        return time.fromisoformat(str(value).strip().zfill(5))
    except ValueError:
        raise ValueError(_("a time of day is written as 09:30")) from None


ClockTime = Annotated[
    time,
    BeforeValidator(_clock_time),
    PlainSerializer(lambda moment: moment.strftime("%H:%M")),
    WithJsonSchema({"type": "string", "pattern": r"^\d{1,2}:\d{2}$", "examples": ["09:30"]}),
]


class Frozen(BaseModel):
    """Base of everything read from a file: immutable, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class SlotPlan(Frozen):
    """A plan of posting slots: on these days, at these times, in this zone (default: the workspace's)."""

    days: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    times: tuple[ClockTime, ...] = Field(min_length=1)
    timezone: str | None = None


class RateSetting(Frozen):
    """At most `calls` publications in any `per`."""

    calls: int = Field(ge=1)
    per: Duration


class ChannelSettings(Frozen):
    """One channel: a connector, its own settings, and what promo itself keeps for it."""

    connector: str
    name: LocalText | None = None
    settings: dict[str, Any] = Field(default_factory=dict)
    rate: RateSetting | None = None
    slots: str | None = None  # the slot plan of this channel
    language: Literal["en", "zh"] | None = None
    hashtag_style: Literal["single", "double", "none"] = "single"  # #tag, #tag# (Weibo), or not in the text
    timeout: Duration = timedelta(minutes=5)  # lease: longer than one publication can take


class LinkSettings(Frozen):
    """The tracked links: where `promo serve` answers, as the public sees it. Without it links go out untracked."""

    base: str | None = None
    salt_days: int = Field(default=1, ge=1, le=31)  # how long a visitor is recognised before the salt is forgotten
    proxies: int = Field(default=0, ge=0, le=5)  # reverse proxies of one's own before `promo serve`; 0: it is reached directly


class WorkspaceSettings(Frozen):
    """All that `promo.yaml` may say."""

    workspace: str = "promo"
    language: Literal["en", "zh"] | None = None
    timezone: str = "UTC"
    database: str = "sqlite:///.promo/promo.db"
    engine: str = "embedded"
    horizon: Duration = timedelta(days=35)
    brands: tuple[str, ...] = ()  # empty: every folder of assets/brands
    channels: dict[str, ChannelSettings] = Field(default_factory=dict)
    slots: dict[str, SlotPlan] = Field(default_factory=dict)
    links: LinkSettings = LinkSettings()
    defaults: dict[str, Any] = Field(default_factory=dict)  # as a campaign's `defaults`
    output: str = "out"  # where rendered pictures, hand-overs and reports are written


class Workspace:
    """An opened workspace. `root` is absolute; every path a file names stays below it."""

    def __init__(self, root: Path, settings: WorkspaceSettings, positions: Mapping[tuple[str | int, ...], Position]) -> None:
        self.root = root
        self.settings = settings
        self.positions = positions  # path of keys in promo.yaml → where it stands

    @property
    def campaign_folder(self) -> Path:
        """Return the folder of campaign files."""
        return self.root / "campaigns"

    @property
    def brand_folder(self) -> Path:
        """Return the folder of brands."""
        return self.root / "assets" / "brands"

    @property
    def asset_folder(self) -> Path:
        """Return the folder that photo paths in campaign files start from."""
        return self.root / "assets"

    @property
    def state_folder(self) -> Path:
        """Return the folder of the ledger, caches and logs; git ignores it."""
        return self.root / ".promo"

    @property
    def output_folder(self) -> Path:
        """Return the folder of results people open."""
        return self.root / self.settings.output

    @property
    def database_url(self) -> str:
        """Return the SQLAlchemy URL; a relative SQLite file is taken from the workspace's root."""
        url = self.settings.database
        prefix = "sqlite:///"
        if url.startswith(prefix) and not url.startswith(prefix + "/") and url != "sqlite:///:memory:":
            return f"{prefix}{self.root / url.removeprefix(prefix)}"
        return url


def find_root(start: Path) -> Path:
    """Return the nearest folder at or above `start` that holds promo.yaml. Raises NotFound."""
    for folder in (start.resolve(), *start.resolve().parents):
        if (folder / FILE).is_file():
            return folder
    raise NotFound(
        _("no promo.yaml here or in any folder above {folder}", folder=start),
        hint=_("make a workspace with: promo init DIR"),
    )


def open_workspace(root: Path) -> Workspace:
    """Read and validate `root/promo.yaml`. Raises ProblemsFound with every mistake's position."""
    from promo.source.document import load_model

    loaded = load_model(root / FILE, WorkspaceSettings, root=root)
    problems: list[Problem] = list(loaded.problems)
    if loaded.value is None:
        raise ProblemsFound(
            plural("{count} problem in promo.yaml", "{count} problems in promo.yaml", len(problems)), problems=problems
        )
    return Workspace(root, loaded.value, loaded.positions)
