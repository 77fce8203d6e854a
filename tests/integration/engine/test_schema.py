"""Procrastinate's tables: made once, migrated where they are old, left alone where they are another's."""

from pathlib import Path

import pytest
from procrastinate.schema import SchemaManager
from sqlalchemy import text

from promo.engine.procrastinate import ProcrastinateQueue
from promo.store.database import open_database, transaction

STEPS = sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))


@pytest.fixture
def engine(database, template):
    opened = open_database(database(template=template))
    yield opened
    opened.dispose()


def ask(engine, question):
    with engine.connect() as connection:
        return connection.execute(text(question)).scalar()


def run(engine, *scripts):
    with transaction(engine) as connection:
        for script in scripts:
            connection.connection.driver_connection.execute(script)


MARK = "SELECT obj_description('procrastinate_jobs'::regclass, 'pg_class')"


def test_tables_are_made_once_and_marked_with_their_version(engine):
    ProcrastinateQueue(engine).prepare()
    made = ask(engine, "SELECT 'procrastinate_jobs'::regclass::oid")
    ProcrastinateQueue(engine).prepare()
    assert ask(engine, "SELECT 'procrastinate_jobs'::regclass::oid") == made
    assert ask(engine, MARK).endswith(STEPS[-1].stem)


def test_old_tables_are_migrated_step_by_step(engine):
    old = next(number for number, step in enumerate(STEPS) if step.stem.startswith("03.02"))
    run(engine, *(step.read_text() for step in STEPS[:old]))
    run(engine, f"COMMENT ON TABLE procrastinate_jobs IS 'kept by promo, schema {STEPS[old - 1].stem}'")
    batch = "SELECT count(*) FROM pg_proc WHERE proname = 'procrastinate_defer_jobs_v1'"
    assert ask(engine, batch) == 0
    ProcrastinateQueue(engine).prepare()
    assert ask(engine, batch) == 1
    assert ask(engine, MARK).endswith(STEPS[-1].stem)


def test_tables_of_another_program_are_left_to_it(engine):
    run(engine, SchemaManager.get_schema())
    ProcrastinateQueue(engine).prepare()
    assert ask(engine, MARK) is None
