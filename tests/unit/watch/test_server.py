"""The monitor's server, over real sockets."""

import http.client
import json
import socket
from contextlib import contextmanager

import pytest

from promo.errors import PromoError, UserMistake
from promo.language import use
from promo.source.listen import Listen, parse_listen
from promo.watch import server as server_room
from promo.watch.health import Health
from promo.watch.heartbeat import Heartbeat
from promo.watch.server import answering


class Fault:
    """A check that fails while `reason` is set."""

    reason = ""

    def __call__(self):
        if self.reason:
            raise PromoError(self.reason)


@pytest.fixture
def fault():
    return Fault()


@contextmanager
def monitor(fault, where=None):
    heartbeat = Heartbeat()
    heartbeat.beat(loop="watch", within=60)
    health = Health(heartbeat=heartbeat, checks={"database": fault}, stopping=lambda: False)
    with answering(where or Listen(port=0), health, lambda: ("text/plain; version=0.0.4", b"promo_up 1\n")) as url:
        yield int(url.rpartition(":")[2])


@pytest.fixture
def port(fault):
    with monitor(fault) as port:
        yield port


def ask(port, path, method="GET", **headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def test_ready_follows_what_is(port, fault):
    status, headers, body = ask(port, "/ready?verbose")
    assert (status, headers["Content-Type"], headers["Cache-Control"]) == (200, "application/json", "no-store")
    assert json.loads(body) == {"status": "ready", "checks": {"loop": {"ok": True}, "database": {"ok": True}}}
    fault.reason = "the database does not answer"
    status, _headers, body = ask(port, "/ready")
    assert status == 503
    assert json.loads(body)["checks"]["database"] == {"ok": False, "reason": "the database does not answer"}
    assert ask(port, "/health")[0] == 200, "a process without its database still lives"
    fault.reason = ""
    assert ask(port, "/ready")[0] == 200


def test_metrics_and_the_rest(port):
    status, headers, body = ask(port, "/metrics")
    assert (status, headers["Content-Type"], body) == (200, "text/plain; version=0.0.4", b"promo_up 1\n")
    assert ask(port, "/metrics", "HEAD")[2] == b""
    assert ask(port, "/")[0] == 404
    assert ask(port, "/ready", "POST")[0] == 501
    assert "Python" not in ask(port, "/")[1]["Server"]


@pytest.mark.parametrize("name", ["promo.example", "promo.example:9464", "127.0.0.1.promo.example", ""])
def test_names_of_elsewhere_lead_nowhere(port, name):
    assert ask(port, "/ready", Host=name)[0] == 404


@pytest.mark.parametrize("name", ["localhost:9464", "127.0.0.1", "[::1]:9464", "LOCALHOST"])
def test_names_of_this_machine_lead_here(port, name):
    assert ask(port, "/ready", Host=name)[0] == 200


def test_it_listens_on_this_machine_only_unless_told(fault):
    assert str(parse_listen("9464")) == "127.0.0.1:9464"
    with monitor(fault, parse_listen("0.0.0.0:0")) as port:
        assert ask(port, "/ready", Host="promo.example")[0] == 200, "told to answer all, it asks no names"


def test_a_taken_port_is_one_clear_line(port, fault):
    taken = rf"cannot answer on 127\.0\.0\.1:{port}: Address already in use"
    with pytest.raises(UserMistake, match=taken), monitor(fault, Listen(port=port)):
        pass
    elsewhere = Listen(host="192.0.2.1", port=9464)
    with pytest.raises(UserMistake, match=r"cannot answer on 192\.0\.2\.1:9464"), monitor(fault, elsewhere):
        pass


def test_crowds_and_dawdlers_do_not_block_it(port, monkeypatch):
    monkeypatch.setattr(server_room.Handler, "timeout", 0.5)
    idle = [socket.create_connection(("127.0.0.1", port)) for _one in range(server_room.AT_ONCE + 20)]
    try:
        for one in idle:  # those beyond the places are sent away, the others when they say nothing
            one.settimeout(20)
            assert one.recv(1) == b""
    finally:
        for one in idle:
            one.close()
    assert ask(port, "/ready")[0] == 200


def test_reasons_are_told_in_the_language_of_the_process(fault):
    use("zh")
    try:
        heartbeat = Heartbeat()
        health = Health(heartbeat=heartbeat, checks={}, stopping=lambda: True)
        with answering(Listen(port=0), health, lambda: ("", b"")) as url:
            said = json.loads(ask(int(url.rpartition(":")[2]), "/ready")[2])
    finally:
        use("en")
    assert said["checks"]["stopping"]["reason"] == "正在停止"
    assert said["checks"]["loop"]["reason"] == "引擎还没有启动"
