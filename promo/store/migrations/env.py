"""What Alembic runs to migrate: on the connection it is handed, inside that connection's transaction."""

from __future__ import annotations

from alembic import context

from promo.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite cannot alter most things in place
)
with context.begin_transaction():
    context.run_migrations()
