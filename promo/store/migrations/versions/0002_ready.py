"""For a million deliveries: when each is ready, who is at work, and indexes that hold only what waits."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# name, table, columns, and the rows it holds
PARTIAL = (
    ("ix_deliveries_parent", "deliveries", ["parent"], "parent IS NOT NULL"),
    (
        "ix_deliveries_ready",
        "deliveries",
        ["channel", "campaign", "ready_at", "window_until"],
        "state = 'scheduled'",
    ),
    ("ix_deliveries_scheduled", "deliveries", ["due_at"], "state = 'scheduled'"),
    ("ix_deliveries_leases", "deliveries", ["channel", "lease_until"], "state = 'publishing'"),
    ("ix_deliveries_doubt", "deliveries", ["channel", "not_before"], "state IN ('pending', 'uncertain')"),
    (
        "ix_deliveries_windows",
        "deliveries",
        ["window_until"],
        "state IN ('awaiting_approval', 'scheduled') AND window_until IS NOT NULL",
    ),
    (
        "ix_deliveries_approvals",
        "deliveries",
        ["approve_by"],
        "state = 'awaiting_approval' AND approve_by IS NOT NULL",
    ),
    ("ix_deliveries_held", "deliveries", ["due_at"], "state = 'awaiting_approval' AND approve_by IS NULL"),
    (
        "ix_deliveries_aside",
        "deliveries",
        ["state", "due_at"],
        "state IN ('awaiting_approval', 'cancelled', 'failed', 'handed_over', 'missed', 'pending', 'planned', "
        "'rejected', 'uncertain')",
    ),
    ("ix_deliveries_collect", "deliveries", ["channel", "collect_at"], "state IN ('done', 'published')"),
    ("ix_tasks_open", "tasks", ["delivery"], "closed_at IS NULL"),
)
GROWING = ("attempts", "events", "samples", "visits")  # two thousand million ids are not enough for them


def upgrade() -> None:
    """Add `ready_at` and `workers`, and let the indexes follow the states."""
    server = op.get_bind().dialect.name == "postgresql"
    op.drop_index("ix_deliveries_channel_state_due_at", table_name="deliveries")
    op.drop_index("ix_deliveries_state_due_at", table_name="deliveries")
    op.drop_index("ix_deliveries_parent", table_name="deliveries")
    op.drop_index("ix_attempts_delivery", table_name="attempts")  # the unique one of (delivery, fence) does its work
    ready = sa.Computed("CASE WHEN not_before > due_at THEN not_before ELSE due_at END", persisted=server)
    op.add_column("deliveries", sa.Column("ready_at", sa.BigInteger(), ready))
    op.create_index("ix_deliveries_due_at", "deliveries", ["due_at"])
    for name, table, columns, where in PARTIAL:
        op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
    op.create_table(
        "workers",
        sa.Column("worker", sa.String(length=128), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("worker", name=op.f("pk_workers")),
    )
    if server:
        for table in GROWING:
            op.alter_column(table, "id", type_=sa.BigInteger())
            op.execute(f"ALTER SEQUENCE {table}_id_seq AS bigint")
        # A claim leaves a dead version of its row: a fifth of a million of them is too late for the queue's indexes.
        op.execute("ALTER TABLE deliveries SET (autovacuum_vacuum_scale_factor = 0.02)")


def downgrade() -> None:
    """Go back to full indexes."""
    op.drop_table("workers")
    for name, table, _columns, _where in PARTIAL:
        op.drop_index(name, table_name=table)
    op.drop_index("ix_deliveries_due_at", table_name="deliveries")
    op.drop_column("deliveries", "ready_at")
    op.create_index("ix_attempts_delivery", "attempts", ["delivery"])
    op.create_index("ix_deliveries_parent", "deliveries", ["parent"])
    op.create_index("ix_deliveries_state_due_at", "deliveries", ["state", "due_at"])
    op.create_index("ix_deliveries_channel_state_due_at", "deliveries", ["channel", "state", "due_at"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE deliveries RESET (autovacuum_vacuum_scale_factor)")
        for table in GROWING:
            op.execute(f"ALTER SEQUENCE {table}_id_seq AS integer")
            op.alter_column(table, "id", type_=sa.Integer())
