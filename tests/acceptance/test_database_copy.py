"""`promo database copy` and `check`, as a person types them."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from sqlalchemy import create_engine, func, insert, select, update
from sqlalchemy.exc import DatabaseError

from promo.errors import PromoError
from promo.store.database import open_database, transaction
from promo.store.tables import channels, events
from promo.store.target import copying_into

PROMO = str(Path(sys.executable).parent / "promo")
NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def applied(tmp_path_factory):
    """A workspace whose first plan was applied, by a process that is gone."""
    folder = tmp_path_factory.mktemp("applied") / "mine"
    for words in (["init", folder], ["-C", folder, "apply", "--yes"]):
        subprocess.run([PROMO, *words], check=True, capture_output=True)
    return folder


@pytest.fixture
def workspace(applied, person, tmp_path):
    """A copy of it for each test."""
    person.home = Path(shutil.copytree(applied, tmp_path / "mine"))
    return person.home


def settings(folder, **changes):
    file = folder / "promo.yaml"
    file.write_text(yaml.safe_dump(yaml.safe_load(file.read_text(encoding="utf-8")) | changes), encoding="utf-8")


def add_events(file, count):
    engine = open_database(f"sqlite:///{file}")
    with transaction(engine) as connection:
        connection.execute(insert(events), [{"at": NOW, "what": "test", "detail": {"n": n}} for n in range(count)])
    engine.dispose()


def test_moving_to_a_server_and_back(program, workspace, database, tmp_path):
    env = {"LEDGER": database()}

    def promo(*words):
        done = program(*words, cwd=workspace, env=env)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    before, counts = promo("list", "--json"), json.loads(promo("status", "--json"))["counts"]
    said = promo("database", "copy", "--to", "env:LEDGER")
    assert "✗" not in said
    assert "Both say the same: " in said
    assert "  database: {env: LEDGER}\n  engine: procrastinate\n" in said
    assert promo("database", "check", "--to", "env:LEDGER", "--json").count('"same": true') > 10
    settings(workspace, database={"env": "LEDGER"})
    assert promo("list", "--json") == before
    assert json.loads(promo("status", "--json"))["counts"] == counts
    moves = json.loads(promo("plan", "--json"))["counts"]
    assert (moves["add"], moves["change"], moves["cancel"]) == (0, 0, 0)
    back = f"sqlite:///{tmp_path}/back.db"
    assert "  engine: embedded\n" in promo("database", "copy", "--to", back)
    settings(workspace, database=back)
    assert promo("list", "--json") == before


def test_a_difference_is_told_and_ends_with_1(person, program, workspace, tmp_path):
    address = f"sqlite:///{tmp_path}/copy.db"
    assert program("database", "copy", "--to", address, cwd=workspace).returncode == 0
    other = open_database(address)
    with transaction(other) as connection:
        connection.execute(insert(channels).values(channel="drafts", paused=True))
        connection.execute(update(events).where(events.c.id == 1).values(by="somebody else"))
    other.dispose()
    said = person("database", "check", "--to", address, ok=False)
    assert said.code == 1
    assert "the two ledgers differ in: channels, events" in said.err
    assert said.out.count("✗") == 2
    told = json.loads(person("database", "check", "--to", address, "--json", ok=False).out)
    assert [table["table"] for table in told["tables"] if not table["same"]] == ["channels", "events"]
    for lang, ledger, cure in (
        ("en", "holds a ledger already", "if it is a copy that was finished: promo database check compares"),
        ("zh", "已有台账", "已完成的副本\uff0c可用 promo database check 比对"),
    ):
        said = person("database", "copy", "--to", address, ok=False, lang=lang).err
        assert ledger in said
        assert cure in said


@pytest.mark.parametrize("kind", ["server", "file"])
def test_who_copies_beside_another_is_told_and_spoils_nothing(kind, program, workspace, database, tmp_path):
    address = database() if kind == "server" else f"sqlite:///{tmp_path}/copy.db"
    env = {"LEDGER": address}
    words = ["database", "copy", "--to", "env:LEDGER"]
    with copying_into(address, source=f"sqlite:///{workspace}/.promo/promo.db"):
        second = program(*words, cwd=workspace, env=env)
        assert second.returncode == 1
        assert "another promo database copy writes into that database (--to)" in second.stderr
        assert "wait until it has ended" in second.stderr
        second = program(*words, cwd=workspace, env=env | {"PROMO_LANG": "zh"})
        assert "另一个 promo database copy 正在向那个数据库" in second.stderr
    assert "Both say the same" in program(*words, cwd=workspace, env=env).stdout
    assert not list(tmp_path.glob("*-copying"))


def test_while_promo_is_at_work_the_copy_stays_closed(program, workspace, tmp_path):
    address = f"sqlite:///{tmp_path}/copy.db"
    with (tmp_path / "log").open("w") as log:
        daemon = subprocess.Popen([PROMO, "run"], cwd=workspace, stdout=log, stderr=subprocess.STDOUT)
    try:
        end = time.monotonic() + 30
        while "engine started" not in (tmp_path / "log").read_text() and time.monotonic() < end:
            time.sleep(0.1)
        said = program("database", "copy", "--to", address, cwd=workspace)
        assert said.returncode == 1
        assert "has the ledger here open" in said.stderr
        assert "stop promo run" in said.stderr
        assert program("-C", workspace, "status").returncode == 0
        settings(workspace, database=address)
        assert "not whole yet" in program("status", cwd=workspace).stderr
    finally:
        daemon.send_signal(signal.SIGTERM)
        daemon.wait(timeout=30)
    settings(workspace, database="sqlite:///.promo/promo.db")
    assert "Both say the same" in program("database", "copy", "--to", address, cwd=workspace).stdout


@pytest.mark.parametrize("kind", ["server", "file"])
def test_killed_in_the_middle_it_goes_on_and_doubles_nothing(kind, program, workspace, database, tmp_path):
    address = database() if kind == "server" else f"sqlite:///{tmp_path}/copy.db"
    add_events(workspace / ".promo" / "promo.db", 60_000)
    words, env = ["database", "copy", "--to", "env:LEDGER"], {"LEDGER": address}
    killed = 0
    other = create_engine(address)
    for wanted in (1, 20_000):  # twice, at different places
        process = subprocess.Popen([PROMO, *words], cwd=workspace, env=os.environ | env, stderr=subprocess.PIPE)
        while process.poll() is None:
            if rows(other, events) >= wanted:
                process.kill()
                break
            time.sleep(0.01)
        said = process.communicate()
        killed += process.returncode == -signal.SIGKILL and wanted <= rows(other, events) < 60_000
    other.dispose()
    assert killed, f"the copy was over before it was killed: {said}"
    assert "not whole yet" in refusal(address)
    said = program(*words, "--json", cwd=workspace, env=env)
    told = json.loads(said.stdout)
    assert told["finished"], said.stderr
    [copied] = [table for table in told["tables"] if table["table"] == "events"]
    assert copied["here"] == copied["there"]
    assert copied["there"]["rows"] >= 60_000
    assert 0 < told["added"] < copied["there"]["rows"]
    assert told["changed"] == told["removed"] == 0
    open_database(address).dispose()


def rows(engine, table):
    try:
        with engine.connect() as connection:
            return connection.execute(select(func.count()).select_from(table)).scalar_one()
    except DatabaseError:  # not made yet
        return 0


def refusal(address):
    try:
        open_database(address).dispose()
    except PromoError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("address", "code", "says"),
    [
        ("postgresql://promo:s3cret@db.example/promo", 2, "password does not belong on the command line"),
        ("postgresql://promo@db.example/promo?password=s3cret", 2, "password does not belong on the command line"),
        ("env:NOT_SET_ANYWHERE", 5, "NOT_SET_ANYWHERE of --to has no value"),
        ("mysql://db.example/promo", 2, "a database is written as"),
        ("sqlite:///../elsewhere.db", 2, "leaves the workspace"),
        ("sqlite:///.promo/promo.db", 2, "ledger itself"),
        ("postgresql://promo@127.0.0.1:1/promo", 1, "check --to, and that the database runs"),
    ],
)
def test_an_address_that_will_not_do(person, workspace, address, code, says):
    said = person("database", "copy", "--to", address, ok=False)
    assert said.code == code
    assert says in said.err
    assert "s3cret" not in said.all
