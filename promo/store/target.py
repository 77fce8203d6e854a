"""The database that a copy goes into: refused where it holds something else, closed to others until it is whole."""

from __future__ import annotations

from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect, make_url, text

from promo.errors import NotFound, PromoError, UserMistake
from promo.language import _
from promo.store.database import COPYING, HEAD, bring_up_to_date, open_database, reading, revision_of, transaction
from promo.store.onecopy import copying_alone
from promo.store.rows import count_rows, ordered_tables
from promo.store.tables import metadata

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

NAMED = "--to"  # where the user wrote the other address
ENGINES_OWN = "procrastinate_"  # the tables of a job queue may lie beside the ledger


@contextmanager
def copying_into(address: str, *, source: str) -> Iterator[Engine]:
    """Give what `begin_copy` opens, to this process alone, and close it at the end.

    Raises as it does, and PromoError where another process is copying into that database.
    """
    _refuse_place(address, source)
    door = open_database(address, migrate=False, named=NAMED)
    try:
        with copying_alone(door):
            engine = begin_copy(address, source=source)
            try:
                yield engine
            finally:
                engine.dispose()
    finally:
        door.dispose()


def begin_copy(address: str, *, source: str) -> Engine:
    """Open the database a ledger is copied into; nobody else may open it until `finish_copy`.

    Where a copy of the same `source` (its address) was broken off it goes on. Raises UserMistake where something
    else lies there, and for a database that does not keep Unicode. Two must not do so at once: see `copying_into`.
    """
    _refuse_place(address, source)
    engine = open_database(address, migrate=False, named=NAMED)
    with _closed_by_errors(engine):
        mark = f"{COPYING}{HEAD}-{sha256(source.encode()).hexdigest()[:12]}"
        if _may_begin(engine, mark):
            bring_up_to_date(engine)
            _mark(engine, mark)
    return engine


def _refuse_place(address: str, source: str) -> None:
    if address.endswith(":memory:"):
        raise UserMistake(_("a ledger in memory ends with this command: nothing can be copied there"))
    if address == source:
        raise UserMistake(_("this is the ledger itself: nothing is copied"))


def _may_begin(engine: Engine, mark: str) -> bool:
    """Look at what lies there; False where this very copy was begun. Raises UserMistake."""
    with reading(engine) as connection:
        if engine.dialect.name == "postgresql":
            _refuse_encoding(connection.execute(text("SHOW server_encoding")).scalar())
        tables = set(inspect(connection).get_table_names())
        revision = revision_of(connection)
    if revision == mark:
        return False
    if revision is not None and revision.startswith(COPYING):
        raise UserMistake(
            _("a copy of another ledger, or by another version of promo, was begun there and not finished"),
            hint=_("empty that database, then run this again"),
        )
    known = {"alembic_version", *metadata.tables} if revision is not None else set()
    if others := sorted(name for name in tables - known if not name.startswith(ENGINES_OWN)):
        raise UserMistake(
            _("that database holds tables which are not promo's: {names}", names=", ".join(others[:3])),
            hint=_("name an empty database"),
        )
    return True


def _mark(engine: Engine, mark: str) -> None:
    with transaction(engine) as connection:
        if held := [table.name for table in ordered_tables() if count_rows(connection, table)]:
            raise UserMistake(
                _("that database holds a ledger already; it has rows in: {names}", names=", ".join(held[:3])),
                hint=_("if it is a copy that was finished: promo database check compares; else name an empty database"),
            )
        connection.execute(text("UPDATE alembic_version SET version_num = :mark"), {"mark": mark})


def finish_copy(engine: Engine) -> None:
    """Open the copied ledger to everybody."""
    with transaction(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": HEAD})


def open_other(address: str) -> Engine:
    """Open a ledger to compare with, finished or not. Raises PromoError where there is none of this version."""
    place = make_url(address)
    if place.get_backend_name() == "sqlite" and not Path(place.database or "").is_file():
        raise NotFound(_("there is no file {file}", file=place.database))
    engine = open_database(address, migrate=False, named=NAMED)
    with _closed_by_errors(engine):
        with reading(engine) as connection:
            revision = revision_of(connection)
        if revision != HEAD and not (revision or "").startswith(f"{COPYING}{HEAD}-"):
            raise PromoError(
                _("that database holds no ledger of this version of promo"), hint=_("copy with: promo database copy")
            )
    return engine


@contextmanager
def _closed_by_errors(engine: Engine) -> Iterator[None]:
    try:
        yield
    except BaseException:
        engine.dispose()
        raise


def _refuse_encoding(encoding: object) -> None:
    if encoding != "UTF8":
        raise UserMistake(
            _("that database keeps texts as {encoding}, which cannot hold them all", encoding=encoding),
            hint=_("make it with: createdb --encoding UTF8 --template template0 NAME"),
        )
