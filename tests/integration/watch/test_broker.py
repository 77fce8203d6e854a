"""A Celery worker whose broker, a real RabbitMQ, is away or takes nothing says so and is ready again by itself."""

import importlib.util
import json
import os
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

SERVERS = Path(__file__).parents[2] / "servers"


@pytest.fixture
def rabbit(tmp_path):
    spec = importlib.util.spec_from_file_location("rabbitmq", SERVERS / "rabbitmq.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    if module.missing():
        say = pytest.fail if os.environ.get("CI") or os.environ.get("PROMO_TEST_STRICT") else pytest.skip
        say(f"Debian's package {module.missing()} is missing")
    folder = tmp_path / "rabbit"
    folder.mkdir()
    broker = module.Rabbit(folder)
    broker.start()
    yield broker
    broker.close()


def ask(url):
    try:
        answer = urlopen(url, timeout=20)
    except HTTPError as refused:
        answer = refused
    with answer:
        return answer.status, json.load(answer)


@pytest.mark.timeout(180)
def test_a_worker_whose_broker_takes_nothing_and_then_is_away(site, rabbit, postgres, until):
    site.environment |= {
        "PROMO_DATABASE": postgres.replace("postgresql://", "postgresql+psycopg://"),
        "PROMO_BROKER": rabbit.url,
    }
    secrets = {"database": {"env": "PROMO_DATABASE"}, "broker": {"env": "PROMO_BROKER"}}
    site.settings(url="http://127.0.0.1:1/hook", engine="celery", **secrets)
    with site.staying("worker") as url:
        assert until(lambda: ask(f"{url}/ready")[0] == 200, 60), ask(f"{url}/ready")
        with rabbit.alarmed():
            assert until(lambda: ask(f"{url}/ready")[0] == 503, 60)
            assert "takes no messages" in ask(f"{url}/ready")[1]["checks"]["queue"]["reason"]
            assert ask(f"{url}/health")[0] == 200
        assert until(lambda: ask(f"{url}/ready")[0] == 200, 60), ask(f"{url}/ready")
        rabbit.stop()
        assert until(lambda: ask(f"{url}/ready")[0] == 503, 60)
        _status, report = ask(f"{url}/ready")
        assert report["checks"]["queue"]["ok"] is False
        assert report["checks"]["database"] == report["checks"]["loop"] == {"ok": True}
        assert ask(f"{url}/health")[0] == 200
        rabbit.start()
        assert until(lambda: ask(f"{url}/ready")[0] == 200, 60), ask(f"{url}/ready")
    assert "guest:guest" not in (site.folder / "worker.log").read_text()
