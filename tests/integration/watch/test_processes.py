"""The real program, watched: daemon and worker lose their database and get it back; a real Prometheus scrapes."""

import json
import socket
import subprocess
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from psycopg.conninfo import conninfo_to_dict

from promo.testing.servers import http_receiver


def ask(url):
    """Return the status and the answer, read as JSON where it is."""
    try:
        answer = urlopen(url, timeout=20)
    except HTTPError as refused:
        answer = refused
    with answer:
        body = answer.read().decode()
    return answer.status, json.loads(body) if body.startswith("{") else body


def wait_for(url, status, until):
    assert until(lambda: ask(url)[0] == status, 60), ask(url)
    return ask(url)[1]


def soon(**later):
    return datetime.now(UTC).replace(microsecond=0) + timedelta(**later)


@pytest.fixture
def receiver():
    with http_receiver() as made:
        yield made


def test_a_daemon_that_loses_its_ledger_says_so_and_is_ready_again_by_itself(site, receiver, until):
    site.settings(url=f"{receiver.url}/hook")
    site.plan(soon(seconds=7))
    ledger, away = site.folder / ".promo" / "promo.db", site.folder / ".promo" / "away.db"
    with site.staying("run") as url:
        assert wait_for(f"{url}/ready", 200, until)["status"] == "ready"
        assert "It is ready." in site.say("health", url)
        ledger.rename(away)
        report = wait_for(f"{url}/ready", 503, until)
        assert report["status"] == "not ready"
        assert "cannot be written" in report["checks"]["database"]["reason"]
        assert ask(f"{url}/health")[0] == 200
        assert "database: the ledger cannot be written" in site.say("health", url, ends=1)
        assert site.say("--lang", "zh", "health", url, ends=1).startswith("目前无法工作：\n  database: ")
        assert site.say("health", url, "--alive") == "It is alive.\n"
        assert ask(f"{url}/metrics")[1].count('promo_ready{check="database"} 0.0') == 1
        away.rename(ledger)
        wait_for(f"{url}/ready", 200, until)
        assert until(lambda: receiver.accepted), "it publishes, and was never restarted"
        text = until(lambda: (said := ask(f"{url}/metrics")[1]).count("promo_commit_group_size_sum 0.0") == 0 and said)
        assert 'promo_attempts_total{channel="hook"} 1.0' in text
        assert 'promo_outcomes_total{call="publish",channel="hook",outcome="published"} 1.0' in text
        assert 'promo_lateness_seconds_count{channel="hook"} 1.0' in text
        assert 'promo_lateness_seconds_bucket{channel="hook",le="30.0"} 1.0' in text
    log = (site.folder / "run.log").read_text()
    assert log.count('"event": "not ready"') == log.count('"event": "ready again"') == 1
    assert "nothing that runs promo answers" in site.say("health", url, ends=1)


class Door:
    """Stands between clients and PostgreSQL's socket; `shut` cuts everyone off, `open` lets them in again."""

    def __init__(self, path):
        self.path = str(path)
        self.port = 0
        self.inside = set()
        self.open()

    def open(self):
        self.listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, args=[self.listener], daemon=True).start()

    def shut(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for one in list(self.inside):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _accept(self, listener):
        with suppress(OSError):
            while True:
                client, _address = listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self.path)
                self.inside |= {client, server}
                for one, other in ((client, server), (server, client)):
                    threading.Thread(target=self._pass_on, args=(one, other), daemon=True).start()

    def _pass_on(self, one, other):
        with suppress(OSError):
            while data := one.recv(65536):
                other.sendall(data)
        for end in (one, other):
            self.inside.discard(end)
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


@pytest.fixture
def door(postgres):
    place = conninfo_to_dict(postgres)
    made = Door(f"{place['host']}/.s.PGSQL.{place.get('port', 5432)}")
    made.url = f"postgresql+psycopg://{place['user']}@127.0.0.1:{made.port}/{place['dbname']}"
    made.password = place.get("password", "")
    yield made
    made.shut()


def test_a_worker_that_loses_its_database_says_so_and_is_ready_again_by_itself(site, receiver, door, until):
    site.environment |= {"PROMO_DATABASE": door.url, "PGPASSWORD": door.password}
    site.settings(url=f"{receiver.url}/hook", engine="procrastinate", database={"env": "PROMO_DATABASE"})
    with site.staying("worker") as url:
        report = wait_for(f"{url}/ready", 200, until)
        assert report["checks"].keys() == {"loop", "database", "queue"}
        door.shut()
        report = wait_for(f"{url}/ready", 503, until)
        said = {"ok": False, "reason": "the database does not answer (OperationalError)"}
        assert report["checks"]["database"] == said
        assert not report["checks"]["queue"]["ok"]
        assert report["checks"]["loop"]["ok"]
        assert ask(f"{url}/health")[0] == 200, "it lives: restarting it would help nobody"
        door.open()
        wait_for(f"{url}/ready", 200, until)
        assert 'promo_heartbeat_age_seconds{loop="worker"}' in ask(f"{url}/metrics")[1]


def test_a_real_prometheus_scrapes_the_daemon(site, prometheus, tmp_path, until):
    site.settings(url="http://127.0.0.1:1/hook")
    site.plan(soon(hours=3))
    with site.staying("run") as url:
        config = tmp_path / "prometheus.yml"
        target = {"job_name": "promo", "static_configs": [{"targets": [url.removeprefix("http://")]}]}
        config.write_text(json.dumps({"global": {"scrape_interval": "1s"}, "scrape_configs": [target]}))
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        server = subprocess.Popen(
            [
                prometheus,
                f"--config.file={config}",
                f"--storage.tsdb.path={tmp_path}/tsdb",
                f"--web.listen-address=127.0.0.1:{port}",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:

            def value(expression):
                with suppress(OSError, TypeError):  # not there yet, or starting
                    _status, said = ask(f"http://127.0.0.1:{port}/api/v1/query?query={expression}")
                    return {tuple(r["metric"].items()): r["value"][1] for r in said["data"]["result"]}
                return {}

            assert until(lambda: "1" in value("up").values())
            assert "1" in value("min(promo_ready)").values()
            assert value("sum(promo_deliveries)") == {(): "1"}
            kinds = ask(f"http://127.0.0.1:{port}/api/v1/metadata")[1]["data"]
            assert kinds["promo_lateness_seconds"][0]["type"] == "histogram"
            assert kinds["promo_attempts_total"][0]["type"] == "counter"
        finally:
            server.terminate()
            server.wait(20)
