"""The salts of visitor hashes: one for each period, forgotten when the period is over."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection, Engine, delete, insert, select
from sqlalchemy.exc import IntegrityError

from promo.store.database import reading, transaction
from promo.store.tables import salts

_FIRST_DAY = date(1970, 1, 1)


def salt_day(now: datetime, salt_days: int = 1) -> str:
    """Return the last day (UTC, ISO) of the period of `salt_days` days that `now` falls in; it names the salt."""
    number = (now.astimezone(UTC).date() - _FIRST_DAY).days
    return (_FIRST_DAY + timedelta(days=number - number % salt_days + salt_days - 1)).isoformat()


def make_salt(engine: Engine, day: str, *, now: datetime) -> str:
    """Return the salt of the period that ends with `day`; a new one is made, and those that are over forgotten."""
    try:
        with transaction(engine) as connection:
            _forget(connection, now)
            fresh = secrets.token_hex(32)
            connection.execute(insert(salts).values(day=day, salt=fresh))
            return fresh
    except IntegrityError:  # another process was first: its salt is the one
        with reading(engine) as connection:
            kept: str = connection.execute(select(salts.c.salt).where(salts.c.day == day)).scalar_one()
            return kept


def sweep_salts(engine: Engine, *, now: datetime) -> int:
    """Delete every salt whose period is over; return how many. After that no hash can be traced to an address."""
    with transaction(engine) as connection:
        return _forget(connection, now)


def _forget(connection: Connection, now: datetime) -> int:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete=ON")  # else the bytes stay in the file's free pages
    return connection.execute(delete(salts).where(salts.c.day < salt_day(now))).rowcount


def visitor_hash(salt: str, *, campaign: str, address: str, user_agent: str) -> str:
    """Return 32 hex digits that stand for one visitor of one campaign while the salt lives.

    The campaign goes in, so that nobody can be followed from one campaign to another even on the same day.
    """
    words = f"{campaign}\n{address}\n{user_agent}"
    return hashlib.blake2b(words.encode(), key=bytes.fromhex(salt), digest_size=16).hexdigest()
