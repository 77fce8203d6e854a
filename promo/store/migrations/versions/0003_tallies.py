"""Counts without counting: triggers keep how many deliveries of each channel are in which state."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# SQLite has one writer at a time: the sums themselves are kept.
ADD = """
INSERT INTO tallies (channel, state, part, count) VALUES (NEW.channel, NEW.state, 0, 1)
ON CONFLICT (channel, state, part) DO UPDATE SET count = count + 1"""
TAKE = "UPDATE tallies SET count = count - 1 WHERE channel = OLD.channel AND state = OLD.state AND part = 0"
SQLITE = (
    f"CREATE TRIGGER tally_added AFTER INSERT ON deliveries BEGIN {ADD}; END",
    "CREATE TRIGGER tally_moved AFTER UPDATE OF state, channel ON deliveries"
    f" WHEN OLD.state <> NEW.state OR OLD.channel <> NEW.channel BEGIN {TAKE}; {ADD}; END",
    f"CREATE TRIGGER tally_removed AFTER DELETE ON deliveries BEGIN {TAKE}; END",
)

# On PostgreSQL every claim would wait for the one before it at the same sum, and two could wait for each other. There
# each statement adds rows of its own, and `promo.delivery.tally` adds them up now and then.
CHANGED = {
    "INSERT": ("NEW TABLE AS come", "SELECT channel, state, 1 AS one FROM come"),
    "UPDATE": (
        "OLD TABLE AS gone NEW TABLE AS come",
        "SELECT channel, state, -1 AS one FROM gone UNION ALL SELECT channel, state, 1 FROM come",
    ),
    "DELETE": ("OLD TABLE AS gone", "SELECT channel, state, -1 AS one FROM gone"),
}
POSTGRESQL = (
    "CREATE SEQUENCE tallies_part",
    *(
        f"""
    CREATE FUNCTION tally_{name.lower()}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO tallies SELECT channel, state, nextval('tallies_part'), sum
        FROM (SELECT channel, state, sum(one) FROM ({changed}) AS ones GROUP BY 1, 2 HAVING sum(one) <> 0) AS sums;
        RETURN NULL;
    END $$"""
        for name, (_tables, changed) in CHANGED.items()
    ),
    *(
        f"CREATE TRIGGER tally_{name.lower()} AFTER {name} ON deliveries REFERENCING {tables}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION tally_{name.lower()}()"
        for name, (tables, _changed) in CHANGED.items()
    ),
)
GONE = {
    "sqlite": ("DROP TRIGGER tally_added", "DROP TRIGGER tally_moved", "DROP TRIGGER tally_removed"),
    "postgresql": (
        *(f"DROP TRIGGER tally_{name.lower()} ON deliveries" for name in CHANGED),
        *(f"DROP FUNCTION tally_{name.lower()}" for name in CHANGED),
        "DROP SEQUENCE tallies_part",
    ),
}


def upgrade() -> None:
    """Make the table and its triggers, and count what is there."""
    dialect = op.get_bind().dialect.name
    op.create_table(
        "tallies",
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("part", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "state", "part", name=op.f("pk_tallies")),
    )
    for statement in POSTGRESQL if dialect == "postgresql" else SQLITE:
        op.execute(statement)
    op.execute("INSERT INTO tallies SELECT channel, state, 0, count(*) FROM deliveries GROUP BY channel, state")


def downgrade() -> None:
    """Forget the counts."""
    for statement in GONE[op.get_bind().dialect.name]:
        op.execute(statement)
    op.drop_table("tallies")
