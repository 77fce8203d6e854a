"""A ledger of an earlier schema, filled, brought up to date: wholly or not at all, on both databases."""

import uuid
from datetime import UTC, datetime

import psycopg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import insert, inspect, make_url, select, text
from sqlalchemy.exc import DBAPIError

from promo.store.database import HEAD, MIGRATIONS, bring_up_to_date, open_database, reading, transaction
from promo.store.tables import deliveries, metadata


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request, tmp_path):
    """An empty database without a schema."""
    if request.param == "sqlite":
        engine = open_database(f"sqlite:///{tmp_path}/ledger.db", migrate=False)
        yield engine
        engine.dispose()
        return
    server = request.getfixturevalue("postgres")
    name = f"schema_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    engine = open_database(make_url(server).set(database=name).render_as_string(hide_password=False), migrate=False)
    yield engine
    engine.dispose()
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name}")


def alembic(engine, how, revision):
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with transaction(engine) as connection:
        config.attributes["connection"] = connection
        how(config, revision)


def fill(engine):
    """Write a delivery of every state, some of them put off, into a ledger of the first schema."""
    with transaction(engine) as connection:
        connection.execute(
            text(
                "INSERT INTO campaigns (campaign, file, digest, document, timezone, brand, applied_at, horizon, ended) "
                "VALUES ('spring', 'campaigns/spring.yaml', '', '{}', 'UTC', 'leaf', 1, 2, :ended)"
            ),
            {"ended": False},
        )
        old = inspect(connection).get_columns("deliveries")
        states = ("planned", "scheduled", "publishing", "published", "uncertain", "missed")
        rows = [
            {
                "id": f"{number:012x}",
                "key": f"{number:064x}",
                "campaign": "spring",
                "state": states[number % len(states)],
                "due_at": number * 1000,
                "not_before": (None, 0, number * 1000 + 7)[number % 3],
                "created_at": 1,
                "changed_at": 1,
                "attempts": 0,
                "fence": 0,
            }
            for number in range(60)
        ]
        blank = {column["name"]: None if column["nullable"] else "{}" for column in old}
        names = ", ".join(column["name"] for column in old)
        values = ", ".join(f":{name}" for name in blank)
        connection.execute(text(f"INSERT INTO deliveries ({names}) VALUES ({values})"), [blank | row for row in rows])
        connection.execute(
            text(
                "INSERT INTO attempts (delivery, channel, number, fence, worker, started_at, lease_until, error) "
                "VALUES (:delivery, '{}', 1, 1, 'w', 1, 2, '')"
            ),
            [{"delivery": row["id"]} for row in rows],
        )
    return rows


def test_a_filled_ledger_of_the_first_schema_comes_up_to_date(engine):
    alembic(engine, command.upgrade, "0001")
    before = fill(engine)
    bring_up_to_date(engine)
    with reading(engine) as connection:
        found = {
            row.id: row
            for row in connection.execute(
                text("SELECT id, state, due_at, not_before, ready_at FROM deliveries ORDER BY id")
            )
        }
        attempts = connection.execute(text("SELECT count(*) FROM attempts")).scalar()
    assert {id: row.ready_at for id, row in found.items()} == {
        row["id"]: max(row["due_at"], row["not_before"] or 0) for row in before
    }
    assert {id: row.state for id, row in found.items()} == {row["id"]: row["state"] for row in before}
    assert attempts == len(before)


def test_the_schema_is_that_of_the_tables_on_both_databases(engine):
    bring_up_to_date(engine)
    with reading(engine) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []
        found = {
            index["name"]: (
                index["column_names"],
                any(option.endswith("_where") for option in index["dialect_options"]),
            )
            for name in metadata.tables
            for index in inspect(connection).get_indexes(name)
            if not index["unique"]
        }
    declared = {
        index.name: ([column.name for column in index.columns], index.dialect_options["sqlite"]["where"] is not None)
        for table in metadata.tables.values()
        for index in table.indexes
    }
    assert found == declared


def test_a_migration_that_fails_leaves_the_ledger_as_it_was(engine):
    alembic(engine, command.upgrade, "0001")
    fill(engine)
    with transaction(engine) as connection:
        connection.execute(text("CREATE TABLE workers (worker INTEGER)"))  # in the way of the second schema
    with reading(engine) as connection:
        before = schema(connection)
    with pytest.raises(DBAPIError):
        bring_up_to_date(engine)
    with reading(engine) as connection:
        assert schema(connection) == before
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == "0001"
    with transaction(engine) as connection:
        connection.execute(text("DROP TABLE workers"))
    bring_up_to_date(engine)
    with reading(engine) as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == HEAD


def test_schemas_go_back_and_forth_with_their_rows(engine):
    bring_up_to_date(engine)
    alembic(engine, command.downgrade, "0001")
    before = fill(engine)
    bring_up_to_date(engine)
    with reading(engine) as connection:
        assert len(connection.execute(select(deliveries.c.id)).all()) == len(before)
    alembic(engine, command.downgrade, "0001")
    with reading(engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM deliveries")).scalar() == len(before)


def test_ids_of_what_grows_for_years_never_end(engine):
    bring_up_to_date(engine)
    many = 3_000_000_000
    with transaction(engine) as connection:
        events = metadata.tables["events"]
        connection.execute(insert(events).values(id=many, at=datetime(2027, 3, 1, tzinfo=UTC), what="test"))
        assert connection.execute(select(events.c.id)).scalar() == many


def schema(connection):
    found = inspect(connection)
    return {
        name: (
            [column["name"] for column in found.get_columns(name)],
            sorted(i["name"] for i in found.get_indexes(name)),
        )
        for name in found.get_table_names()
    }
