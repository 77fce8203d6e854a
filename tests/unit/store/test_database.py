"""Opening the ledger: its settings, its schema, and what cannot be opened."""

import subprocess
import sys
import threading

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import insert, inspect, select, text

from promo.errors import PromoError, UserMistake
from promo.store.database import HEAD, MIGRATIONS, known_revisions, open_database, reading, transaction
from promo.store.tables import events, metadata


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path}/deep/er/ledger.db"


@pytest.fixture
def engine(url):
    engine = open_database(url)
    yield engine
    engine.dispose()


def add_event(connection, what="test"):
    from datetime import UTC, datetime

    connection.execute(insert(events).values(at=datetime(2027, 3, 1, tzinfo=UTC), what=what, detail={"名": "春"}))


def test_what_survives_a_power_cut(engine):
    with reading(engine) as connection:
        found = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
        assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_migrations_and_tables_agree(engine):
    with reading(engine) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []


def test_the_head_is_the_newest_migration():
    script = ScriptDirectory(str(MIGRATIONS))
    assert script.get_current_head() == HEAD
    assert known_revisions() == {revision.revision for revision in script.walk_revisions()}


def test_migrations_go_back(engine):
    from alembic import command
    from alembic.config import Config

    with transaction(engine) as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    with reading(engine) as connection:
        assert inspect(connection).get_table_names() == ["alembic_version"]


def test_a_ledger_that_is_up_to_date_opens_without_alembic(url, engine):
    code = f"import sys, promo.store.database as d; d.open_database({url!r}); print('alembic' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_a_newer_ledger_is_refused_in_one_line(url, engine):
    with transaction(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(PromoError, match="newer promo") as caught:
        open_database(url)
    assert "9999" in caught.value.message


def test_many_may_open_a_new_ledger_at_once(url):
    errors = []

    def open_it():
        try:
            open_database(url).dispose()
        except Exception as error:  # noqa: BLE001 - shown below
            errors.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_a_transaction_is_all_or_nothing(engine):
    def write_half():
        with transaction(engine) as connection:
            add_event(connection)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_half()
    with reading(engine) as connection:
        assert connection.execute(select(events)).all() == []


def test_readers_see_one_moment_and_block_no_writer(engine):
    with reading(engine) as reader:
        assert reader.execute(select(events)).all() == []
        with transaction(engine) as writer:
            add_event(writer)
        assert reader.execute(select(events)).all() == []
    with reading(engine) as reader:
        assert [row.detail for row in reader.execute(select(events))] == [{"名": "春"}]


def test_a_writer_waits_for_another(engine):
    with transaction(engine) as first:
        add_event(first)
        waiting = threading.Thread(target=lambda: write(engine))
        waiting.start()
        waiting.join(0.2)
        assert waiting.is_alive()
    waiting.join(10)
    with reading(engine) as reader:
        assert len(reader.execute(select(events)).all()) == 2


def write(engine):
    with transaction(engine) as connection:
        add_event(connection)


def test_a_ledger_in_memory_is_one_for_all_threads():
    engine = open_database("sqlite:///:memory:")
    write(engine)
    seen = []
    thread = threading.Thread(target=lambda: seen.append(count(engine)))
    thread.start()
    thread.join()
    engine.dispose()
    assert seen == [1]


def count(engine):
    with reading(engine) as connection:
        return len(connection.execute(select(events)).all())


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("nonsense", "cannot be read"),
        ("cobol://x/y", "cannot be read"),
        ("mysql://user:s3cret@host/name", "SQLite or PostgreSQL"),
        ("postgresql://user:s3cret@127.0.0.1:1/name", "cannot be opened"),
        ("sqlite:////proc/none/ledger.db", "folder"),
        ("sqlite:////", "cannot be opened"),
    ],
)
def test_what_cannot_be_opened_is_one_clear_line_without_a_password(address, says):
    with pytest.raises(PromoError, match=says) as caught:
        open_database(address)
    assert "s3cret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_database(tmp_path):
    (tmp_path / "ledger.db").write_text("this is a shopping list, and a long one, so that it is not taken for empty")
    with pytest.raises(PromoError, match="cannot be opened"):
        open_database(f"sqlite:///{tmp_path}/ledger.db")


def test_the_address_needs_a_person_to_read_it():
    with pytest.raises(UserMistake) as caught:
        open_database("")
    assert "promo.yaml" in caught.value.message
