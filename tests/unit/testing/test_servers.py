"""The test servers are real servers: ordinary clients talk to them, and planned faults happen as planned."""

import json
import os
import smtplib
import socket
import ssl
import subprocess
import sys
from email.message import EmailMessage
from importlib.util import find_spec

import pytest
import requests

from promo.testing.plugin import missing_server
from promo.testing.servers import (
    Answer,
    MailAnswer,
    ServerMissing,
    calendar_server,
    closed_port,
    http_receiver,
    mail_server,
    make_certificate,
)


def mail(to="fan@reader.example", key="k1"):
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "开放日", "post@jinxiu.example", to
    message["Message-ID"] = f"<{key}@jinxiu.example>"
    message.set_content("四月三日上午十点。")
    return message


def send(server, message, *, login=None, trust=None):
    with smtplib.SMTP("localhost", server.port, timeout=5) as client:
        if trust is not None:
            client.starttls(context=ssl.create_default_context(cafile=str(trust)))
        if login is not None:
            client.login(*login)
        return client.send_message(message)


class TestMailServer:
    @pytest.fixture(autouse=True)
    def _installed(self):
        if find_spec("aiosmtpd") is None:
            missing_server("aiosmtpd", "pip install 'promo[demo]'")

    def test_mails_are_kept_in_memory_and_on_disk(self, tmp_path):
        with mail_server(tmp_path / "inbox") as server:
            assert send(server, mail()) == {}
            [kept] = server.mails
        assert kept.recipients == ("fan@reader.example",)
        assert kept.message["Subject"] == "开放日"
        assert kept.message.get_content().strip() == "四月三日上午十点。"
        [file] = (tmp_path / "inbox").iterdir()
        assert file.name == "0001 fan@reader.example.eml"
        assert file.read_bytes() == kept.content

    def test_starttls_and_a_login_are_demanded(self, tmp_path):
        certificate = make_certificate(tmp_path)
        login = ("promo", "mail-pa55")
        with mail_server(login=login, certificate=certificate) as server:
            with pytest.raises(smtplib.SMTPSenderRefused):
                send(server, mail())
            with pytest.raises(smtplib.SMTPAuthenticationError):
                send(server, mail(), login=("promo", "wrong"), trust=certificate.file)
            send(server, mail(), login=login, trust=certificate.file)
            assert server.count("Message-ID", "k1@") == 1

    def test_a_login_without_tls(self):
        with mail_server(login=("promo", "mail-pa55")) as server:
            send(server, mail(), login=("promo", "mail-pa55"))
            assert len(server.mails) == 1

    def test_recipients_are_refused_one_by_one(self):
        refused = {"nobody@reader.example": "550 5.1.1 no such user", "slow@reader.example": "451 4.7.1 later"}
        with mail_server(refused=refused) as server:
            answer = send(server, mail(to=", ".join([*refused, "fan@reader.example"])))
            assert {to: code for to, (code, _text) in answer.items()} == {
                "nobody@reader.example": 550,
                "slow@reader.example": 451,
            }
            assert server.mails[0].recipients == ("fan@reader.example",)

    @pytest.mark.parametrize("keep", [False, True])
    def test_an_answer_is_lost_with_the_mail_kept_or_not(self, keep):
        with mail_server() as server:
            server.queue(MailAnswer(cut=True, keep=keep))
            with pytest.raises(smtplib.SMTPServerDisconnected):
                send(server, mail())
            assert len(server.mails) == keep
            send(server, mail())
            assert len(server.mails) == keep + 1

    @pytest.mark.parametrize("at", ["mail", "rcpt", "data"])
    def test_each_step_can_be_refused_once(self, at):
        with mail_server() as server:
            server.queue(MailAnswer(at=at, reply="451 4.3.0 later"))
            with pytest.raises(smtplib.SMTPException):
                send(server, mail())
            assert server.mails == []
            send(server, mail())
            assert len(server.mails) == 1


class TestHttpReceiver:
    def test_repeats_of_a_key_are_dropped_and_requests_stay_on_disk(self, tmp_path):
        with http_receiver(tmp_path / "hooks") as server:
            for _time in range(2):
                headers = {"webhook-id": "k1", "Authorization": "Bearer t0ken"}
                assert requests.post(server.url, json={"a": "字"}, headers=headers, timeout=5).ok
            requests.get(server.url, timeout=5)
            assert (server.count("k1"), len(server.requests)) == (1, 3)
        [file] = (tmp_path / "hooks").iterdir()
        assert file.name == "0001 k1.json"
        assert json.loads(file.read_text())["body"] == {"a": "字"}
        assert "t0ken" not in file.read_text()

    def test_without_dedupe_repeats_count(self):
        with http_receiver(dedupe=False) as server:
            for _time in range(2):
                requests.post(server.url, headers={"Idempotency-Key": "k1"}, timeout=5)
            assert server.count("k1") == 2

    def test_answers_wait_for_requests_that_fit(self):
        with http_receiver() as server:
            server.queue(Answer(status=418, method="PUT"), Answer(status=507, path="/b"), Answer(status=202))
            calls = [("POST", "/a"), ("PUT", "/a"), ("POST", "/b"), ("POST", "/b")]
            statuses = [requests.request(m, server.url + p, timeout=5).status_code for m, p in calls]
            assert statuses == [202, 418, 507, 200]

    def test_chunked_bodies_are_read(self):
        with http_receiver() as server:
            requests.post(server.url, data=iter([b"one ", b"two"]), timeout=5)
            assert server.accepted[0].body == b"one two"

    @pytest.mark.parametrize(("cut", "kept"), [("before", 0), ("after", 1), ("half", 1), ("chunk", 1)])
    def test_connections_break_where_told(self, cut, kept):
        with http_receiver() as server:
            server.queue(Answer(cut=cut, body="an answer"))
            with pytest.raises(requests.RequestException):
                requests.post(server.url, data=b"x" * 100, timeout=5)
            assert len(server.accepted) == kept
            assert requests.post(server.url, timeout=5).ok

    def test_an_answer_from_the_server_behind_can_be_lost(self):
        with http_receiver() as real, http_receiver(forward=real.url, dedupe=False) as between:
            between.queue(Answer(cut="after"), Answer(status=429))
            with pytest.raises(requests.ConnectionError):
                requests.post(between.url + "/x?y=1", data=b"a", timeout=5)
            assert requests.post(between.url, timeout=5).status_code == 429
            assert [(r.path, r.body) for r in real.requests] == [("/x?y=1", b"a")]
            assert requests.post(between.url, headers={"webhook-id": "k2"}, timeout=5).json() == {"received": "k2"}

    def test_it_stops_though_clients_keep_their_connections(self):
        with requests.Session() as session:
            with http_receiver() as server:
                session.post(server.url, timeout=5)
            with pytest.raises(requests.ConnectionError):
                session.post(server.url, timeout=5)


class TestCalendarServer:
    def test_it_is_gone_afterwards_and_its_events_stay(self, tmp_path):
        if find_spec("radicale") is None:
            missing_server("radicale", "pip install 'promo[demo]'")
        event = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20270101T000000Z\r\n"
        event += "DTSTART:20270105T190000Z\r\nSUMMARY:a\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        for _time in range(2):  # a second run in the same folder works as well
            with calendar_server(tmp_path / "calendars") as server:
                login = (server.user, server.password)
                headers = {"Content-Type": "text/calendar"}
                answer = requests.put(server.calendar + "1.ics", data=event, auth=login, headers=headers, timeout=5)
                assert answer.status_code in (201, 204)
                assert requests.get(server.calendar, auth=(server.user, "wrong"), timeout=5).status_code == 401
        assert len(server.events()) == 1
        with pytest.raises(ProcessLookupError):
            os.kill(server.pid, 0)


def test_a_closed_port_refuses():
    with closed_port() as port, pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1)


@pytest.mark.parametrize(("server", "package"), [("mail_server", "aiosmtpd"), ("calendar_server", "radicale")])
def test_a_missing_package_is_named_with_its_cure(server, package):
    code = (
        f"import sys; sys.modules['{package}'] = None; sys.modules['{package}.smtp'] = None\n"
        f"from promo.testing.servers import {server}, ServerMissing\n"
        f"try:\n    {server}().__enter__()\nexcept ServerMissing as error:\n    print(error)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == f"the test server {package} is not installed (pip install 'promo[demo]')\n"
    assert issubclass(ServerMissing, Exception)
