"""Asking whether the ledger can be worked with now: both databases, and what can be wrong with them."""

import shutil
import time

import pytest
from sqlalchemy import create_engine, text

from promo.errors import PromoError
from promo.store.database import HEAD, open_database, transaction
from promo.store.probe import prober
from promo.store.sqlite import sqlite3


def probe(engine):
    return prober(engine, seconds=0.2)


def test_a_file_that_is_fine_stays_as_it_is(ledger):
    before = [path.name for path in sorted(ledger.workspace.root.iterdir())]
    probe(ledger.engine)()
    assert [path.name for path in sorted(ledger.workspace.root.iterdir())] == before


def test_a_file_that_is_gone_is_not_made_anew_and_may_come_back(ledger, tmp_path):
    ask, file = probe(ledger.engine), tmp_path / "promo.db"
    with ledger.engine.connect() as open_still:
        open_still.execute(text("SELECT 1 FROM deliveries"))  # the pool's connection still reads what is gone
        shutil.move(file, tmp_path / "away.db")
        with pytest.raises(PromoError, match="the ledger cannot be written: unable to open"):
            ask()
        assert not file.exists()
    shutil.move(tmp_path / "away.db", file)
    ask()


def test_a_file_that_somebody_keeps_locked(ledger, tmp_path):
    ask = probe(ledger.engine)
    other = sqlite3.connect(tmp_path / "promo.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(PromoError, match="locked"):
        ask()
    other.execute("ROLLBACK")
    other.close()
    ask()


def test_a_file_without_a_ledger(tmp_path):
    sqlite3.connect(tmp_path / "other.db").close()
    engine = create_engine(f"sqlite:///{tmp_path}/other.db")
    with pytest.raises(PromoError, match="cannot be written"):
        probe(engine)()


def test_another_schema(ledger):
    with transaction(ledger.engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(PromoError, match=f"the ledger has schema 9999, this program {HEAD}"):
        probe(ledger.engine)()


def test_memory_has_no_other_door():
    engine = open_database("sqlite:///:memory:")
    probe(engine)()
    engine.dispose()


def test_a_server(postgres):
    engine = open_database(postgres)
    ask = prober(engine, seconds=20)
    ask()
    others = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    until = time.monotonic() + 20  # the server sees a client's goodbye a moment after the client
    while time.monotonic() < until:
        with transaction(engine) as connection:  # each transaction sees the list anew
            left = connection.execute(others).scalar()
        if not left:
            break
        time.sleep(0.05)
    assert left == 0, "each question closes its connection"
    with transaction(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    try:
        with pytest.raises(PromoError, match="schema 9999"):
            ask()
    finally:
        with transaction(engine) as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": HEAD})
    engine.dispose()


def test_a_server_that_is_away_is_named_by_nothing():
    engine = create_engine("postgresql+psycopg://promo:secret@127.0.0.1:1/promo")
    with pytest.raises(PromoError) as caught:
        probe(engine)()
    assert str(caught.value) == "the database does not answer (OperationalError)"
