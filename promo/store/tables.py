"""The tables. Every moment is stored in UTC; every JSON column holds plain values only."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ColumnElement,
    Computed,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    literal_column,
    text,
)
from sqlalchemy.types import BigInteger

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
COUNTED = BigInteger().with_variant(Integer, "sqlite")  # ids of what grows for years; SQLite's own are 64 bits wide


def micros(moment: datetime) -> int:
    """Return an aware moment as the ledger keeps it: in microseconds since 1970. Raises ValueError for a naive one."""
    if moment.tzinfo is None:
        raise ValueError("a naive datetime cannot be stored")
    delta = moment - _EPOCH
    return (delta.days * 86400 + delta.seconds) * 1_000_000 + delta.microseconds


class Moment(TypeDecorator[datetime]):
    """An aware datetime in UTC, kept as whole microseconds since 1970: exact, sortable, the same on each database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002 - the base's shape
        """Refuse naive datetimes: they have no place in the ledger."""
        return None if value is None else micros(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return an aware datetime in UTC."""
        if value is None:
            return None
        return _EPOCH + timedelta(microseconds=value)


DERIVED = "derived"  # marks a table which the database fills by itself

# The states that a delivery without trouble never sees: its way to the channel writes nothing to their index.
ASIDE = (
    "awaiting_approval",
    "cancelled",
    "failed",
    "handed_over",
    "missed",
    "pending",
    "planned",
    "rejected",
    "uncertain",
)


def _partial(table: str, name: str, where: str, *columns: str) -> Index:
    condition = text(where)
    return Index(f"ix_{table}_{name}", *columns, sqlite_where=condition, postgresql_where=condition)


def in_state(*states: str) -> ColumnElement[bool]:
    """Return the condition for deliveries in one of `states`, written so that the partial indexes serve it.

    Neither database takes a partial index for a state that comes as a parameter, and SQLite compares lists word for
    word: hence literals, in the order of the alphabet.
    """
    if not all(str(state).isidentifier() for state in states):
        raise ValueError("a state is one word")
    words: list[ColumnElement[str]] = [literal_column(f"'{state}'") for state in sorted(map(str, states))]
    return deliveries.c.state == words[0] if len(words) == 1 else deliveries.c.state.in_(words)


campaigns = Table(
    "campaigns",
    metadata,
    Column("campaign", String(64), primary_key=True),
    Column("file", Text, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("document", JSON, nullable=False),  # the validated campaign, for reports after the file has changed
    Column("timezone", String(64), nullable=False),
    Column("brand", String(64), nullable=False),
    Column("applied_at", Moment, nullable=False),
    Column("horizon", Moment, nullable=False),  # deliveries are written up to here
    Column("ended", Boolean, nullable=False, default=False),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", String(16), primary_key=True),  # the first hex digits of the key, what a person types
    Column("key", String(64), nullable=False, unique=True),
    Column("campaign", ForeignKey("campaigns.campaign"), nullable=False),
    Column("activity", String(200), nullable=False),  # for `each`: activity/row
    Column("channel", String(64), nullable=False),
    Column("occurrence", String(200), nullable=False),  # the occurrence's label: once | 2027-03-22T09:30 | slot-3 | row
    Column("part", String(32), nullable=False, default="main"),  # main | first-comment
    Column("parent", String(16), nullable=True),  # a first comment answers this delivery
    Column("kind", String(16), nullable=False),
    Column("type", String(32), nullable=False),
    Column("state", String(24), nullable=False),
    Column("reason", Text, nullable=False, default=""),  # why it is failed, uncertain, missed, cancelled, held
    Column("due_at", Moment, nullable=False),
    Column("window_until", Moment, nullable=True),  # None: may go out at any later time
    Column("not_before", Moment, nullable=True),  # waits until then: to send again, or to be looked up (None: a person)
    Column("approve_by", Moment, nullable=True),  # not approved by then: held, and somebody is told; None: told already
    Column("digest", String(64), nullable=False),  # of the exact content; approval binds to it
    Column("content", JSON, nullable=False),  # what `promo.plan.model.PlannedDelivery.content` holds
    Column("visual", JSON, nullable=True),  # what to render; see `promo.plan.model`
    Column("approval", JSON, nullable=True),  # {"stages": [...], "deadline": seconds}; None: none needed
    Column("idempotency", String(16), nullable=False, default="none"),  # as declared when last claimed
    Column(
        "attempts", Integer, nullable=False, default=0
    ),  # tries spent since it was last scheduled by a person or a plan
    Column("fence", Integer, nullable=False, default=0),  # grows with each claim; a finish with an old fence is refused
    Column("worker", String(128), nullable=True),
    Column("lease_until", Moment, nullable=True),
    Column("remote_id", Text, nullable=True),
    Column("remote_url", Text, nullable=True),
    Column("receipt", JSON, nullable=True),
    Column("published_at", Moment, nullable=True),
    Column("collect_at", Moment, nullable=True),  # the next time its counts are read
    Column("created_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("ready_at", Moment, Computed("CASE WHEN not_before > due_at THEN not_before ELSE due_at END")),
    Index(None, "campaign", "activity"),
    Index(None, "due_at"),
    # Each of these holds the rows of some states only: a row that is out is in none but the last, and a ledger of a
    # million asks as quickly as one of a thousand. Queries must write the states as literals, not as parameters.
    _partial("deliveries", "parent", "parent IS NOT NULL", "parent"),
    _partial("deliveries", "next", "state = 'scheduled'", "channel", "ready_at", "window_until"),
    _partial("deliveries", "ready", "state = 'scheduled'", "channel", "campaign", "ready_at", "window_until"),
    _partial("deliveries", "scheduled", "state = 'scheduled'", "due_at"),
    _partial("deliveries", "leases", "state = 'publishing'", "channel", "lease_until"),
    _partial("deliveries", "doubt", "state IN ('pending', 'uncertain')", "channel", "not_before"),
    _partial(
        "deliveries",
        "windows",
        "state IN ('awaiting_approval', 'scheduled') AND window_until IS NOT NULL",
        "window_until",
    ),
    _partial("deliveries", "approvals", "state = 'awaiting_approval' AND approve_by IS NOT NULL", "approve_by"),
    _partial("deliveries", "held", "state = 'awaiting_approval' AND approve_by IS NULL", "due_at"),
    _partial("deliveries", "aside", f"state IN {ASIDE}", "state", "due_at"),
    _partial("deliveries", "collect", "state IN ('done', 'published')", "channel", "collect_at"),
)

attempts = Table(
    "attempts",
    metadata,
    Column("id", COUNTED, primary_key=True),
    Column("delivery", ForeignKey("deliveries.id"), nullable=False),
    Column("channel", String(64), nullable=False),
    Column("number", Integer, nullable=False),
    Column("fence", Integer, nullable=False),
    Column("worker", String(128), nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("sent_at", Moment, nullable=True),  # from here on it may be out; None: the connector was never called
    Column("lease_until", Moment, nullable=False),
    Column("finished_at", Moment, nullable=True),
    Column("outcome", String(24), nullable=True),  # see `promo.delivery.state.Outcome`; None: under way
    Column("error", Text, nullable=False, default=""),
    UniqueConstraint("delivery", "fence"),
    Index(None, "channel", "started_at"),  # the rate limit counts these
)

events = Table(
    "events",
    metadata,
    Column("id", COUNTED, primary_key=True),
    Column("delivery", String(16), nullable=True, index=True),  # None: about a channel or the workspace
    Column("channel", String(64), nullable=True),
    Column("at", Moment, nullable=False),
    Column("what", String(32), nullable=False),
    Column("by", String(128), nullable=False, default="promo"),
    Column("detail", JSON, nullable=False, default=dict),
)

approvals = Table(
    "approvals",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("delivery", ForeignKey("deliveries.id"), nullable=False, index=True),
    Column("digest", String(64), nullable=False),
    Column("visual_digest", String(64), nullable=True),  # of the rendered bytes that were shown
    Column("stage", String(64), nullable=False),
    Column("decision", String(16), nullable=False),  # approved | rejected
    Column("by", String(128), nullable=False),
    Column("at", Moment, nullable=False),
    Column("comment", Text, nullable=False, default=""),
    Column(
        "void", Boolean, nullable=False, default=False
    ),  # the picture came out differently, or it was taken up again
)

channels = Table(
    "channels",
    metadata,
    Column("channel", String(64), primary_key=True),
    Column("paused", Boolean, nullable=False, default=False),
    Column("paused_by", String(128), nullable=False, default=""),
    Column("reason", Text, nullable=False, default=""),
    Column("blocked_until", Moment, nullable=True),  # the channel's own Retry-After
    Column("expires_at", Moment, nullable=True),  # when its access ends, from the last check
)

workers = Table(
    "workers",
    metadata,
    Column("worker", String(128), primary_key=True),  # as `deliveries.worker` and `attempts.worker` name it
    Column("role", String(16), nullable=False),  # run | tick | worker | once
    Column("started_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),  # it was alive then
    Column("worked_at", Moment),  # it took or held a delivery then, or came to look for one as a tick
)

tallies = Table(  # kept by triggers; see `promo.delivery.tally`
    "tallies",
    metadata,
    Column("channel", String(64), primary_key=True),
    Column("state", String(24), primary_key=True),
    Column("part", BigInteger, primary_key=True),  # 0: the sum so far; others are to be added to it
    Column("count", BigInteger, nullable=False),
    info={DERIVED: True},
)

placements = Table(
    "placements",
    metadata,
    Column("delivery", ForeignKey("deliveries.id"), primary_key=True),
    Column("placement", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("copies", Integer, nullable=False, default=1),
    Column("token", String(24), nullable=True),
)

tasks = Table(
    "tasks",
    metadata,
    Column("delivery", ForeignKey("deliveries.id"), primary_key=True),
    Column("task", String(64), primary_key=True),
    Column("what", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("due_at", Moment, nullable=True),
    Column("proof", String(16), nullable=False),
    Column("closed_at", Moment, nullable=True),
    Column("closed_by", String(128), nullable=True),
    _partial("tasks", "open", "closed_at IS NULL", "delivery"),
)

proofs = Table(
    "proofs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("delivery", ForeignKey("deliveries.id"), nullable=True, index=True),  # None: about the whole campaign
    Column("task", String(64), nullable=True),
    Column("kind", String(16), nullable=False),
    Column("file", Text, nullable=True),  # relative to the workspace; a copy kept under .promo/proofs
    Column("sha256", String(64), nullable=True),
    Column("note", Text, nullable=False, default=""),
    Column("by", String(128), nullable=False),
    Column("at", Moment, nullable=False),
)

links = Table(
    "links",
    metadata,
    Column("token", String(24), primary_key=True),
    Column("delivery", ForeignKey("deliveries.id"), nullable=False, index=True),
    Column("placement", String(64), nullable=True),
    Column("target", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
)

visits = Table(
    "visits",
    metadata,
    Column("id", COUNTED, primary_key=True),
    Column("token", ForeignKey("links.token"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("visitor", String(32), nullable=False),  # salted hash; the salt is forgotten
    Column("robot", Boolean, nullable=False, default=False),
    Index(None, "token", "at"),
)

salts = Table(
    "salts",
    metadata,
    Column("day", String(10), primary_key=True),
    Column("salt", String(64), nullable=False),
)

samples = Table(
    "samples",
    metadata,
    Column("id", COUNTED, primary_key=True),
    Column("delivery", ForeignKey("deliveries.id"), nullable=True),
    Column("campaign", String(64), nullable=False),
    Column("metric", String(32), nullable=False),
    Column("value", Float, nullable=False),
    Column("origin", String(16), nullable=False),  # measured | reported | estimated | entered
    Column("at", Moment, nullable=False),
    Column("cumulative", Boolean, nullable=False, default=True),  # a total so far, not an increment
    Column("source", Text, nullable=False),  # connector, formula, or the person
    Column("proof", ForeignKey("proofs.id"), nullable=True),
    Column("note", Text, nullable=False, default=""),
    Index(None, "campaign", "metric"),
    Index(None, "delivery", "metric", "at"),
)
