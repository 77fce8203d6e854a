"""The schema's history, run by Alembic; `promo.store.database.bring_up_to_date` starts it."""
