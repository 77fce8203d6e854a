"""Asking whether the ledger can be worked with now: both databases, and what can be wrong with them."""

import shutil
import subprocess
import time
import uuid

import pytest
from sqlalchemy import create_engine, make_url, text

from promo.errors import PromoError
from promo.store.database import HEAD, open_database, transaction
from promo.store.probe import WRITE, prober
from promo.store.sqlite import sqlite3
from promo.testing.plugin import missing_server


def probe(engine):
    return prober(engine, seconds=0.2)


def probes(engine):
    """How many rows are left of what was written to try it."""
    with transaction(engine) as connection:
        return connection.execute(text("SELECT count(*) FROM workers")).scalar()


def test_a_file_that_is_fine_stays_as_it_is(ledger):
    before = [path.name for path in sorted(ledger.workspace.root.iterdir())]
    probe(ledger.engine)()
    assert [path.name for path in sorted(ledger.workspace.root.iterdir())] == before
    assert not probes(ledger.engine)


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


def test_a_file_whose_table_cannot_be_written(ledger):
    """A lock alone would be had."""
    with transaction(ledger.engine) as connection:
        connection.execute(text("CREATE TRIGGER t BEFORE INSERT ON workers BEGIN SELECT RAISE(ABORT, 'not now'); END"))
    with pytest.raises(PromoError, match="the ledger cannot be written: not now"):
        probe(ledger.engine)()


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=40m", "promo-test", folder]
    made = subprocess.run(command, check=False, capture_output=True, text=True)
    if made.returncode:
        missing_server("a small disk (mount)", f"run as root: {made.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def test_a_disk_that_is_full_and_has_room_again(ledger, small_disk, tmp_path):
    """SQLite itself finds out only when it commits."""
    shutil.copy(tmp_path / "promo.db", small_disk)
    engine = create_engine(f"sqlite:///{small_disk}/promo.db")
    ask = probe(engine)
    ask()
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(shutil.disk_usage(small_disk).free - 5 * 2**20))
    with pytest.raises(PromoError, match=r"^the ledger has no room: [345]\.\d MiB free on its disk$"):
        ask()
    ballast.unlink()
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


def opened(address, **query):
    """As a process of promo opens the ledger of a server, but for its schema."""
    url = make_url(address)
    return open_database(url.set(**query).render_as_string(hide_password=False), migrate=False)


def test_a_server_whose_sessions_only_read(postgres):
    read_only = {**make_url(postgres).query, "options": "-c default_transaction_read_only=on"}
    engine = opened(postgres, query=read_only)
    with pytest.raises(PromoError, match=r"^the database takes no writes \(ReadOnlySqlTransaction\)$"):
        prober(engine, seconds=20)()
    engine.dispose()


def test_a_role_that_may_only_read(database):
    address, role = database(), f"reader_{uuid.uuid4().hex[:12]}"
    owner = open_database(address)
    with transaction(owner) as connection:
        connection.execute(text(f"CREATE ROLE {role} LOGIN"))
        connection.execute(text(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}"))
    reader = opened(address, username=role)
    ask = prober(reader, seconds=20)
    try:
        with pytest.raises(PromoError, match=r"^the database takes no writes \(InsufficientPrivilege\)$"):
            ask()
        with transaction(owner) as connection:
            connection.execute(text(f"GRANT INSERT ON workers TO {role}"))
        ask()
        assert not probes(owner)
    finally:
        reader.dispose()
        with transaction(owner) as connection:
            connection.execute(text(f"DROP OWNED BY {role}"))
            connection.execute(text(f"DROP ROLE {role}"))
        owner.dispose()


def test_a_table_that_somebody_holds_is_waited_for_only_so_long(database):
    engine = open_database(database())
    ask = probe(engine)
    with transaction(engine) as connection:
        connection.execute(text("LOCK TABLE workers"))
        with pytest.raises(PromoError, match=r"^the database takes no writes \(QueryCanceled\)$"):
            ask()
    prober(engine, seconds=20)()
    engine.dispose()


def test_processes_that_ask_at_once_do_not_wait_for_each_other(database):
    """One that froze in the middle of its question would keep all others from being ready."""
    engine = open_database(database())
    with transaction(engine) as connection:
        connection.execute(text(WRITE), {"worker": "frozen"})
        prober(engine, seconds=20)()
    engine.dispose()


def test_a_server_that_is_away_is_named_by_nothing():
    engine = create_engine("postgresql+psycopg://promo:secret@127.0.0.1:1/promo")
    with pytest.raises(PromoError) as caught:
        probe(engine)()
    assert str(caught.value) == "the database does not answer (OperationalError)"
