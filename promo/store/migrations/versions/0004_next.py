"""What a channel sends next, whatever its campaigns, answered by one leap a channel; and when a process last worked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SCHEDULED = "state = 'scheduled'"


def upgrade() -> None:
    """Add the index, and the moment of work beside that of life."""
    op.create_index(
        "ix_deliveries_next",
        "deliveries",
        ["channel", "ready_at", "window_until"],
        sqlite_where=sa.text(SCHEDULED),
        postgresql_where=sa.text(SCHEDULED),
    )
    op.add_column("workers", sa.Column("worked_at", sa.BigInteger()))
    op.execute("UPDATE workers SET worked_at = seen_at")


def downgrade() -> None:
    """Drop them."""
    op.drop_column("workers", "worked_at")
    op.drop_index("ix_deliveries_next", table_name="deliveries")
