"""The workspace: a folder with `promo.yaml`, and what that file says."""

from __future__ import annotations

from datetime import time, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    ValidationError,
    WithJsonSchema,
)

from promo.errors import NotFound, ProblemsFound, UserMistake
from promo.language import _, plural
from promo.secret import Secret
from promo.source.address import BrokerAddress, DatabaseAddress, broker_address, is_server
from promo.source.document import Loaded, load_model
from promo.source.explain import explain
from promo.source.listen import ListenAddress
from promo.source.path import inside
from promo.source.problem import Position, Problem, Severity
from promo.source.salvage import salvage
from promo.source.suggest import did_you_mean
from promo.source.value import Duration, LastingDuration, LocalText, WebAddress
from promo.source.zone import ZoneName

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE = "promo.yaml"
LOCAL_FILE = "promo.local.yaml"  # this machine's own settings, laid over promo.yaml; git ignores it
NAMED_ELSEWHERE = ("slots", "brands", "timezone", "defaults")
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def _clock_time(value: Any) -> time:
    if isinstance(value, time):
        return value
    if isinstance(value, str):
        try:
            moment = time.fromisoformat(value.strip().zfill(5))
        except ValueError:
            pass
        else:
            if moment.tzinfo is None:
                return moment
    raise ValueError(_("a time of day is written as 09:30"))


ClockTime = Annotated[
    time,
    PlainValidator(_clock_time),
    PlainSerializer(lambda moment: moment.strftime("%H:%M")),
    WithJsonSchema({"type": "string", "pattern": r"^\d{1,2}:\d{2}$", "examples": ["09:30"]}),
]


class Frozen(BaseModel):
    """Base of everything read from a file: immutable, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class SlotPlan(Frozen):
    """A plan of posting slots: on these days, at these times, in this zone (default: the workspace's)."""

    days: tuple[Weekday, ...] = Field(
        default=("mon", "tue", "wed", "thu", "fri", "sat", "sun"), min_length=1, description="Days of the week."
    )
    times: tuple[ClockTime, ...] = Field(min_length=1, description="Local times of day, such as 19:30.")
    timezone: ZoneName | None = Field(default=None, description="Time zone of the times; default: the workspace's.")


class RateSetting(Frozen):
    """At most `calls` publications in any `per`."""

    calls: int = Field(ge=1, description="How many publications.")
    per: LastingDuration = Field(description="In how long a time: 15m, 3h, 1d.")


class ChannelSettings(Frozen):
    """One channel: a connector, its own settings, and what promo itself keeps for it."""

    connector: str = Field(description="The connector that speaks to it; `promo connectors` lists them.")
    name: LocalText | None = Field(default=None, description="What people call the channel.")
    settings: dict[str, Any] = Field(default_factory=dict, description="The connector's own settings.")
    rate: RateSetting | None = Field(default=None, description="A rate limit below the connector's own.")
    slots: str | None = Field(default=None, description="The channel's slot plan, one of `slots:`.")
    language: Literal["en", "zh"] | None = Field(default=None, description="Language of what is posted there.")
    hashtag_style: Literal["single", "double", "none"] = Field(
        default="single", description="How hashtags stand in the text: #tag, #tag# (as on Weibo), or not at all."
    )
    sponsored: bool = Field(default=False, description="What is posted there is paid for, and must be marked as an ad.")
    concurrency: int = Field(default=1, ge=1, le=200, description="How many publications may be under way at once.")
    timeout: LastingDuration = Field(
        default=timedelta(minutes=5), description="Lease of one publication: longer than it can take."
    )


class LinkSettings(Frozen):
    """The tracked links: where `promo serve` answers, as the public sees it. Without it links go out untracked."""

    base: WebAddress | None = Field(default=None, description="Public address of `promo serve`.")
    salt_days: int = Field(default=1, ge=1, le=31, description="How many days visitors are told apart by one salt.")
    proxies: int = Field(
        default=0, ge=0, le=5, description="One's own reverse proxies before `promo serve`; 0: it is reached directly."
    )


class C2paSettings(Frozen):
    """Content credentials (C2PA): pictures are signed with one's own certificate."""

    certificate: str = Field(description="PEM file of the certificate and those above it, below the workspace.")
    key: Secret = Field(description="The private key: a secret that holds its PEM text or its file's path.")
    algorithm: Literal["es256", "es384", "es512", "ps256", "ps384", "ps512", "ed25519"] = Field(
        default="es256", description="The algorithm of the key."
    )
    timestamp: WebAddress | None = Field(default=None, description="Address of a timestamp authority (RFC 3161).")


class PictureStoreSettings(Frozen):
    """A store of finished pictures that several machines share; without keys those of the machine are used."""

    url: str = Field(pattern=r"^s3://[a-z0-9][a-z0-9.-]+(/[\w./-]*)?$", description="s3://bucket/prefix")
    endpoint: WebAddress | None = Field(default=None, description="Address of the service, unless it is Amazon's.")
    access_key: Secret | None = Field(default=None, description="A secret that holds the access key's id.")
    secret_key: Secret | None = Field(default=None, description="A secret that holds the secret access key.")


def _store(value: Any) -> Any:
    return {"url": value} if isinstance(value, str) else value


class VisualSettings(Frozen):
    """How pictures are made on this machine."""

    c2pa: C2paSettings | None = Field(default=None, description="Sign pictures (needs promo[c2pa]).")
    cache: Annotated[PictureStoreSettings | None, BeforeValidator(_store)] = Field(
        default=None, description="Share finished pictures: s3://bucket/prefix, or with endpoint (needs promo[s3])."
    )
    cache_megabytes: int = Field(default=2000, ge=50, le=1_000_000, description="The picture cache's size on disk.")


class WorkspaceSettings(Frozen):
    """All that `promo.yaml` may say."""

    workspace: str = Field(default="promo", description="The workspace's name.")
    language: Literal["en", "zh"] | None = Field(default=None, description="Language of messages and pages.")
    timezone: ZoneName = Field(default="UTC", description="Time zone of campaigns that name none.")
    database: DatabaseAddress = Field(
        default="sqlite:///.promo/promo.db",
        description="The ledger: an address without password, or {env: NAME} that holds the address.",
    )
    engine: Literal["embedded", "procrastinate", "celery"] = Field(
        default="embedded", description="Who publishes: `promo run` itself, or workers on any number of machines."
    )
    broker: BrokerAddress | None = Field(
        default=None, description="RabbitMQ, for `engine: celery`: an address without password, or {env: NAME}."
    )
    listen: ListenAddress | None = Field(
        default=None, description="Where `promo run` and `promo worker` answer monitors: 127.0.0.1:9464."
    )
    horizon: Duration = Field(default=timedelta(days=35), description="How far ahead is planned: 35d.")
    brands: tuple[str, ...] = Field(default=(), description="Brands in use; default: every folder of assets/brands.")
    channels: dict[str, ChannelSettings] = Field(default_factory=dict, description="The channels by name.")
    slots: dict[str, SlotPlan] = Field(default_factory=dict, description="Plans of posting slots by name.")
    links: LinkSettings = Field(default=LinkSettings(), description="Tracked links.")
    visuals: VisualSettings = Field(default=VisualSettings(), description="Pictures.")
    defaults: dict[str, Any] = Field(default_factory=dict, description="Defaults of every campaign.")
    output: str = Field(default="out", description="Folder for pictures, hand-overs and reports, below the workspace.")


class Workspace:
    """An opened workspace. `root` is absolute; every path a file names stays below it."""

    def __init__(
        self,
        root: Path,
        settings: WorkspaceSettings,
        positions: Mapping[tuple[str | int, ...], Position],
        loaded: Loaded[WorkspaceSettings] | None = None,
    ) -> None:
        self.root = root
        self.settings = settings
        self.positions = positions  # path of keys in promo.yaml → where it stands
        self._loaded = loaded

    def position(self, *keys: str | int) -> Position:
        """Return where this path of keys stands in promo.yaml, or the nearest place above it."""
        return self._loaded.positions.near(keys) if self._loaded is not None else Position(file=Path(FILE))

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Return the warnings of promo.yaml."""
        return self._loaded.problems if self._loaded is not None else ()

    @property
    def digest(self) -> str:
        """Return the sha256 of promo.yaml and promo.local.yaml, hex; empty for settings from no file."""
        return self._loaded.digest if self._loaded is not None else ""

    def problem(
        self,
        code: str,
        message: str,
        *keys: str | int,
        value: bool = True,
        hint: str | None = None,
        warning: bool = False,
    ) -> Problem:
        """Make a problem at the value (or key) of this path in promo.yaml."""
        if self._loaded is not None:
            return self._loaded.problem(code, message, keys, value=value, hint=hint, warning=warning)
        severity = Severity.WARNING if warning else Severity.ERROR
        return Problem(code=code, message=message, hint=hint, at=Position(file=Path(FILE)), severity=severity)

    def explain(self, error: ValidationError, model: type[BaseModel], *keys: str | int) -> list[Problem]:
        """Turn what a model refuses in the mapping at this path (a connector's settings, …) into problems."""
        raw: Any = self._loaded.raw if self._loaded is not None else {}
        for key in keys:
            raw = raw.get(key) if isinstance(raw, dict) else None
        return [
            self.problem(wrong.code, wrong.message, *keys, *wrong.keys, value=wrong.at_value, hint=wrong.hint)
            for wrong in explain(error, model, raw)
        ]

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
        """Return the SQLAlchemy URL; a relative SQLite file is taken from the workspace's root. Raises SecretMissing.

        It may hold a password: never show it.
        """
        return self.address_url(self.settings.database, setting=_("`database:` in promo.yaml"))

    def address_url(self, stored: str | Secret, *, setting: str) -> str:
        """Return the SQLAlchemy URL of any such address, as `database_url` does for the ledger's own.

        `setting`: where people wrote it.
        """
        url = stored.reveal(setting=setting) if isinstance(stored, Secret) else stored
        prefix = "sqlite:///"
        if url.startswith(prefix) and not url.startswith(prefix + "/") and url != "sqlite:///:memory:":
            return f"{prefix}{self.root / url.removeprefix(prefix)}"
        return url

    @property
    def broker_url(self) -> str:
        """Return the broker's address; empty where none is named. Raises SecretMissing, UserMistake.

        It may hold a password: never show it.
        """
        stored = self.settings.broker
        if isinstance(stored, Secret):
            return broker_address(stored.reveal(setting=_("`broker:` in promo.yaml")))
        return stored or ""


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
    """Read and validate `root/promo.yaml` with promo.local.yaml over it. Raises ProblemsFound with every mistake."""
    root = root.resolve()
    loaded = load_model(root / FILE, WorkspaceSettings, root=root, overlay=root / LOCAL_FILE)
    problems: list[Problem] = list(loaded.problems)
    if loaded.value is not None:
        workspace = Workspace(root, loaded.value, loaded.positions, loaded)
        problems += _cross_checks(workspace)
        if not any(problem.severity is Severity.ERROR for problem in problems):
            return workspace
    raise ProblemsFound(
        plural("{count} problem in promo.yaml", "{count} problems in promo.yaml", len(problems)), problems=problems
    )


def readable_workspace(root: Path) -> Workspace | None:
    """Return what can be read of a promo.yaml with mistakes, so that the other files are checked in the same run.

    None where that is too little: what other files name may stand in the parts that cannot be read.
    """
    root = root.resolve()
    loaded = load_model(root / FILE, WorkspaceSettings, root=root, overlay=root / LOCAL_FILE)
    salvaged = salvage(WorkspaceSettings, loaded.raw, stand_ins={}) if isinstance(loaded.raw, dict) else None
    if salvaged is None or any(_is_named_elsewhere(keys) for keys in salvaged.cut):
        return None
    return Workspace(root, salvaged.value, loaded.positions, loaded)


def _is_named_elsewhere(keys: tuple[str | int, ...]) -> bool:
    """Whether leaving out this path takes away what campaigns name or rest on: a whole channel, slots, brands, …"""
    if keys[0] == "channels":
        return len(keys) <= 2 or keys[2] in ("connector", "slots")
    top = str(keys[0])
    if top in WorkspaceSettings.model_fields:
        return top in NAMED_ELSEWHERE
    return bool(get_close_matches(top, (*NAMED_ELSEWHERE, "channels"), n=1))  # one of them, misspelt


def _cross_checks(workspace: Workspace) -> list[Problem]:
    """Check what promo.yaml says in one place against another, and against the folders."""
    settings, problems = workspace.settings, []
    for name, channel in settings.channels.items():
        if channel.slots is not None and channel.slots not in settings.slots:
            message = _("there is no slot plan {name} in promo.yaml", name=f"`{channel.slots}`")
            hint = did_you_mean(channel.slots, settings.slots)
            problems.append(workspace.problem("no-such-slots", message, "channels", name, "slots", hint=hint))
    for index, brand in enumerate(settings.brands):
        if brand not in (known := brand_names(workspace.brand_folder)):
            message = _("there is no brand {name}: assets/brands/{folder}/brand.yaml", name=f"`{brand}`", folder=brand)
            hint = did_you_mean(brand, known)
            problems.append(workspace.problem("no-such-brand", message, "brands", index, hint=hint))
    problems += _engine(workspace)
    try:
        inside(workspace.root, settings.output)
    except UserMistake as error:
        problems.append(workspace.problem("path-leaves", error.message, "output", hint=error.hint))
    if settings.visuals.c2pa is not None:
        problems += _certificate(workspace, settings.visuals.c2pa.certificate)
    return problems


def _engine(workspace: Workspace) -> list[Problem]:
    """Check that the engine has what it stands on. An address kept as a secret is looked at when it is opened."""
    settings, problems = workspace.settings, []
    if settings.engine != "embedded" and not is_server(settings.database):
        message = _("several machines need one PostgreSQL: engine {name} does not run on SQLite", name=settings.engine)
        hint = _("name it in promo.yaml, database: postgresql+psycopg://user@host/name, or keep engine: embedded")
        problems.append(workspace.problem("engine-needs-postgresql", message, "engine", hint=hint))
    if settings.engine == "celery" and settings.broker is None:
        message = _("engine celery needs a broker")
        hint = _("name a RabbitMQ in promo.yaml, broker: amqp://user@host/vhost or {{env: NAME}}")
        problems.append(workspace.problem("engine-needs-broker", message, "engine", hint=hint))
    return problems


def _certificate(workspace: Workspace, name: str) -> list[Problem]:
    keys = ("visuals", "c2pa", "certificate")
    try:
        there = inside(workspace.root, name).is_file()
    except UserMistake as error:
        return [workspace.problem("path-leaves", error.message, *keys, hint=error.hint)]
    return [] if there else [workspace.problem("no-such-file", _("there is no certificate {file}", file=name), *keys)]


def brand_names(folder: Path) -> list[str]:
    """Return the brands there are: the folders of assets/brands that hold a brand.yaml."""
    return sorted(path.parent.name for path in folder.glob("*/brand.yaml"))
