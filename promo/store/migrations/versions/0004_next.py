"""What a channel sends next, whatever its campaigns: asked after every round, and answered by one leap a channel."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SCHEDULED = "state = 'scheduled'"


def upgrade() -> None:
    """Add the index."""
    op.create_index(
        "ix_deliveries_next",
        "deliveries",
        ["channel", "ready_at", "window_until"],
        sqlite_where=sa.text(SCHEDULED),
        postgresql_where=sa.text(SCHEDULED),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_deliveries_next", table_name="deliveries")
