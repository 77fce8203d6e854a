"""The web server, asked over real sockets."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import requests

from promo.errors import UserMistake
from promo.web.serve import make_app, running, serve
from promo.workspace import LinkSettings, Workspace, WorkspaceSettings

if TYPE_CHECKING:
    from pathlib import Path

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def app_of(ledger, **links):
    settings = WorkspaceSettings(timezone="Asia/Shanghai", links=LinkSettings(**links))
    return make_app(ledger.engine, Workspace(ledger.workspace.root, settings, {}), ledger.clock)


@pytest.fixture
def site(open_day):
    with running(app_of(open_day)) as address:
        yield address


def get(url, **headers):
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return requests.get(url, headers={"User-Agent": FIREFOX} | names, allow_redirects=False, timeout=20)


def new_visits(ledger, before):
    return ledger.rows("visits")[before:]


def test_a_link_leads_on_and_is_counted(open_day, site):
    before = len(open_day.rows("visits"))
    answer = get(f"{site}/l/tok0001xyz")
    assert (answer.status_code, answer.headers["Location"]) == (302, "https://jinxiu.example/open-day")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in answer.headers
    [visit] = new_visits(open_day, before)
    assert (visit["token"], visit["robot"]) == ("tok0001xyz", False)


def test_looking_is_not_visiting(open_day, site):
    before = len(open_day.rows("visits"))
    head = requests.head(f"{site}/l/tok0001xyz", headers={"User-Agent": FIREFOX}, timeout=20)
    assert (head.status_code, head.headers["Location"]) == (302, "https://jinxiu.example/open-day")
    assert get(f"{site}/l/tok0001xyz", Sec_Purpose="prefetch;prerender").status_code == 302
    assert get(f"{site}/l/tok0001xyz", Purpose="prefetch").status_code == 302
    assert new_visits(open_day, before) == []
    assert get(f"{site}/l/tok0001xyz", User_Agent="curl/8.5.0").status_code == 302
    assert [visit["robot"] for visit in new_visits(open_day, before)] == [True]


@pytest.mark.parametrize(
    "path", ["/l/unknown-token", "/l/", "/l/a/b", "/l/%2e%2e%2fhealth", "/l/https:%2f%2fevil.example"]
)
def test_nothing_leads_anywhere_but_to_a_target_of_the_ledger(site, path):
    answer = get(site + path + "?target=https://evil.example&url=https://evil.example")
    assert answer.status_code == 404
    assert "Location" not in answer.headers
    assert "evil" not in answer.text


def test_nothing_is_added_to_the_target(site):
    assert get(f"{site}/l/tok0001xyz?x=1").headers["Location"] == "https://jinxiu.example/open-day"


def test_a_target_with_chinese_and_line_breaks_is_one_header(open_day, site):
    open_day.link("odd0-xyz", "000000000000", target="https://jinxiu.example/开放日?q=a b\r\nSet-Cookie: x=1")
    answer = get(f"{site}/l/odd0-xyz")
    assert answer.status_code == 302
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Location"].startswith("https://jinxiu.example/%E5%BC%80")


@pytest.mark.parametrize(
    ("query", "header", "words"),
    [
        ("", "zh-CN,zh;q=0.9,en;q=0.8", "页面不存在"),
        ("", "en-GB,en;q=0.9,zh;q=0.5", "does not exist"),
        ("", "de, zh;q=0.4, en;q=0.2", "页面不存在"),
        ("", "fr;q=x, *", "does not exist"),
        ("?lang=zh", "en", "页面不存在"),
        ("?lang=xx", "zh", "页面不存在"),
    ],
)
def test_an_unknown_link_says_so_in_the_visitors_language(site, query, header, words):
    answer = get(f"{site}/l/unknown-token{query}", Accept_Language=header)
    assert answer.status_code == 404
    assert words in answer.text


def test_every_answer_carries_the_security_headers(site):
    for path in ("/", "/health", "/l/tok0001xyz", "/nowhere"):
        headers = get(site + path).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert "server" not in headers


def test_other_methods_are_refused(site):
    answer = requests.post(f"{site}/l/tok0001xyz", timeout=20)
    assert answer.status_code in {404, 405}
    assert "Location" not in answer.headers


def test_monitors_at_this_machine_hear_whether_it_works_and_why_not(open_day, site, tmp_path):
    assert get(f"{site}/health").json() == {"status": "alive", "checks": {}}
    answer = get(f"{site}/ready")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready", "checks": {"database": {"ok": True}}})
    assert 'promo_deliveries{channel="mastodon",state="published"} 8.0' in get(f"{site}/metrics").text
    (tmp_path / "promo.db").rename(tmp_path / "away.db")
    answer = get(f"{site}/ready")
    assert answer.status_code == 503
    assert "cannot be written" in answer.json()["checks"]["database"]["reason"]
    assert get(f"{site}/health").status_code == 200
    (tmp_path / "away.db").rename(tmp_path / "promo.db")
    assert get(f"{site}/ready").status_code == 200, "it comes back by itself"


def test_others_hear_only_whether_it_works(site):
    from_outside = {"X_Forwarded_For": "198.51.100.7"}
    assert get(f"{site}/ready", **from_outside).json() == {"status": "ready"}
    assert get(f"{site}/health", Host="go.jinxiu.example").json() == {"status": "alive"}
    assert get(f"{site}/metrics", **from_outside).status_code == 404


def test_the_pages_for_people_at_this_machine(site):
    index = get(f"{site}/?lang=zh")
    assert "锦绣社区春季开放日" in index.text
    assert "/campaigns/open-day" in index.text
    report = get(f"{site}/campaigns/open-day", Accept_Language="en")
    assert report.status_code == 200
    assert "39,805" in report.text
    assert "<script" not in report.text
    assert get(f"{site}/campaigns/none").status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "promo.jinxiu.example"},  # through the public name, or DNS rebinding
        {"X-Forwarded-For": "203.0.113.7"},  # through a proxy on this machine
        {"Forwarded": "for=203.0.113.7"},
    ],
)
def test_the_pages_do_not_exist_for_anybody_else(site, headers):
    for path in ("/", "/campaigns/open-day"):
        answer = requests.get(site + path, headers=headers, timeout=20)
        assert answer.status_code == 404
        assert "open-day" not in answer.text
    assert requests.get(f"{site}/l/tok0001xyz", headers=headers, allow_redirects=False, timeout=20).status_code == 302


def visitors_through(ledger, proxies, *forwarded):
    before = len(ledger.rows("visits"))
    with running(app_of(ledger, proxies=proxies)) as address:
        for line in forwarded:
            get(f"{address}/l/tok0001xyz", X_Forwarded_For=line)
    return [visit["visitor"] for visit in new_visits(ledger, before)]


def test_without_a_proxy_the_forwarded_address_is_not_believed(open_day):
    assert len(set(visitors_through(open_day, 0, "203.0.113.7", "203.0.113.8"))) == 1


def test_behind_a_proxy_its_word_counts_and_what_the_client_adds_does_not(open_day):
    first, second, invented, broken = visitors_through(
        open_day, 1, "203.0.113.7", "203.0.113.8", "198.51.100.9, 203.0.113.7", "nonsense"
    )
    assert first != second
    assert first == invented
    assert broken not in {first, second}


def test_a_taken_port_gets_one_clear_line(ledger):
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(UserMistake) as caught:
        serve(ledger.engine, ledger.workspace, ledger.clock, port=taken.getsockname()[1])
    assert "cannot answer" in str(caught.value)


def test_a_foreign_host_gets_one_clear_line(ledger):
    with pytest.raises(UserMistake):
        serve(ledger.engine, ledger.workspace, ledger.clock, host="no-such-host.invalid")


def test_sigterm_ends_the_server_gracefully(open_day, tmp_path: Path):
    script = (
        "import sys; from pathlib import Path; from promo.clock import SystemClock\n"
        "from promo.store.database import open_database; from promo.web.serve import serve\n"
        "from promo.workspace import Workspace, WorkspaceSettings\n"
        "root = Path(sys.argv[1]); engine = open_database(f'sqlite:///{root}/promo.db')\n"
        "workspace = Workspace(root, WorkspaceSettings(), {})\n"
        "serve(engine, workspace, SystemClock(), ready=lambda url: print(url, flush=True))\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            address = process.stdout.readline().strip()
            assert address.startswith("http://127.0.0.1:")
            assert get(f"{address}/l/tok0001xyz").status_code == 302
        finally:
            os.kill(process.pid, signal.SIGTERM)
        output, errors = process.communicate(timeout=20)
    assert "Traceback" not in errors
    assert "127.0.0.1" not in output + errors  # no access log: it would hold addresses
