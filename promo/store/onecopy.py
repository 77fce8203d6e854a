"""One copy into a database at a time: who comes second is told so, and a copy that is killed keeps nobody out."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from promo.errors import PromoError
from promo.language import _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

COPY = 779_207  # PostgreSQL's advisory lock, beside those of `promo.store.database.Alone`
BESIDE = "-copying"  # the file that is locked beside a SQLite file; it is gone when the copy ends


@contextmanager
def copying_alone(target: Engine) -> Iterator[None]:
    """Keep other processes from copying into the same database. Raises PromoError where one is at it."""
    if target.dialect.name == "postgresql":
        # Without a transaction: the server ends one that stands still.
        with target.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            free = connection.execute(text("SELECT pg_try_advisory_lock(:copy)"), {"copy": COPY}).scalar()
            if not free:
                raise _taken()
            try:
                yield
            finally:
                with suppress(DBAPIError):  # the session is gone, and its lock with it
                    connection.execute(text("SELECT pg_advisory_unlock(:copy)"), {"copy": COPY})
        return
    with _file(Path(f"{target.url.database}{BESIDE}")):
        yield


@contextmanager
def _file(path: Path) -> Iterator[None]:
    while True:
        number = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is(path, number):
                break
        except BlockingIOError:
            os.close(number)
            raise _taken() from None
        os.close(number)  # whoever had it has deleted it meanwhile
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(number)


def _is(path: Path, number: int) -> bool:
    with suppress(FileNotFoundError):
        return os.path.samestat(path.stat(), os.fstat(number))
    return False


def _taken() -> PromoError:
    return PromoError(
        _("another promo database copy writes into that database (--to)"),
        hint=_("wait until it has ended; broken off, it goes on when the same is run again"),
    )
