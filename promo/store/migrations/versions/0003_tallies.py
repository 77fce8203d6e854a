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
# each step adds rows of its own, and `promo.delivery.tally` adds them up now and then.
POSTGRESQL = (
    "CREATE SEQUENCE tallies_part",
    """
    CREATE FUNCTION tally() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'INSERT' THEN
            INSERT INTO tallies VALUES (NEW.channel, NEW.state, nextval('tallies_part'), 1);
        ELSIF TG_OP = 'DELETE' THEN
            INSERT INTO tallies VALUES (OLD.channel, OLD.state, nextval('tallies_part'), -1);
        ELSE
            INSERT INTO tallies VALUES (OLD.channel, OLD.state, nextval('tallies_part'), -1),
                (NEW.channel, NEW.state, nextval('tallies_part'), 1);
        END IF;
        RETURN NULL;
    END $$""",
    "CREATE TRIGGER tally_counted AFTER INSERT OR DELETE ON deliveries FOR EACH ROW EXECUTE FUNCTION tally()",
    "CREATE TRIGGER tally_moved AFTER UPDATE OF state, channel ON deliveries FOR EACH ROW"
    " WHEN (OLD.state <> NEW.state OR OLD.channel <> NEW.channel) EXECUTE FUNCTION tally()",
)
GONE = {
    "sqlite": ("DROP TRIGGER tally_added", "DROP TRIGGER tally_moved", "DROP TRIGGER tally_removed"),
    "postgresql": (
        "DROP TRIGGER tally_counted ON deliveries",
        "DROP TRIGGER tally_moved ON deliveries",
        "DROP FUNCTION tally",
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
