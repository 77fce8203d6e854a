"""Which queue `engine:` names, and what is said where it cannot be had."""

import sys

import pytest
from sqlalchemy.dialects import postgresql

from promo.app.daemon import work
from promo.app.workspace import App
from promo.delivery.job import Job
from promo.engine.bundle import LANES, MOST, bundles, unpacked
from promo.engine.queue import open_queue
from promo.errors import PromoError, UserMistake
from promo.store.database import open_database
from promo.workspace import Workspace, WorkspaceSettings


class Server:
    """What `open_queue` asks of a ledger before it opens anything."""

    dialect = postgresql.dialect()


def settings(engine, **more):
    return WorkspaceSettings(engine=engine, database="postgresql://db.example/promo", **more)


@pytest.mark.parametrize("name", ["procrastinate", "celery"])
def test_an_engine_without_its_package_names_the_cure(name, monkeypatch, tmp_path):
    monkeypatch.delitem(sys.modules, f"promo.engine.{name}", raising=False)
    monkeypatch.setitem(sys.modules, name, None)  # as if it were not installed
    with pytest.raises(UserMistake, match=rf"pip install 'promo\[{name}\]'"):
        open_queue(Workspace(tmp_path, settings(name, broker="amqp://mq.example/promo"), {}), Server())


def test_an_address_in_a_secret_is_held_to_the_same_rule_when_it_is_opened(tmp_path, monkeypatch):
    monkeypatch.setenv("PROMO_TEST_DATABASE", f"sqlite:///{tmp_path}/promo.db")
    workspace = Workspace(
        tmp_path, WorkspaceSettings(engine="procrastinate", database={"env": "PROMO_TEST_DATABASE"}), {}
    )
    ledger = open_database(workspace.database_url)
    with pytest.raises(UserMistake, match="does not run on SQLite"):
        open_queue(workspace, ledger)
    ledger.dispose()


def test_a_broker_that_does_not_answer_is_one_line_without_its_password(tmp_path, monkeypatch):
    monkeypatch.setenv("PROMO_TEST_BROKER", "amqp://promo:hunter2@127.0.0.1:1//")
    workspace = Workspace(tmp_path, settings("celery", broker={"env": "PROMO_TEST_BROKER"}), {})
    queue = open_queue(workspace, Server())
    with pytest.raises(PromoError, match="the broker does not answer: Connection refused") as error:
        queue.prepare()
    assert "hunter2" not in str(error.value)
    queue.close()


def test_the_embedded_engine_has_no_workers(tmp_path):
    app = App(Workspace(tmp_path, WorkspaceSettings(), {}))
    with pytest.raises(UserMistake, match="engine: procrastinate"):
        work(app)


@pytest.mark.parametrize(("count", "sizes"), [(0, []), (1, [1]), (LANES, [1] * LANES), (20, [5] * 4)])
def test_few_jobs_travel_alone_and_many_together(count, sizes):
    jobs = [Job(f"{number:012x}", number) for number in range(count)]
    packed = bundles(jobs)
    assert [len(bundle) for bundle in packed] == sizes
    assert [job for bundle in packed for job in unpacked(bundle)] == jobs


def test_a_bundle_is_never_large():
    assert max(len(bundle) for bundle in bundles([Job("a", 1)] * 1000)) == MOST


def test_what_is_no_job_is_left_out():
    assert unpacked([["a", 1], ["b"], "c", {"d": 2}, ["e", "f"], ["g", 3]]) == [Job("a", 1), Job("g", 3)]
