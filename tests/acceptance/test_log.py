"""The log: what libraries say is a line of ours, too, and holds no secret."""

import contextlib
import json
import logging
import re
import subprocess
import sys
from pathlib import Path

import pytest
import structlog

from promo.cli.discreet import LONGEST, discreet
from promo.cli.log import start_log
from promo.testing.servers import make_certificate


@pytest.fixture
def fresh():
    before = logging.getLogger().handlers[:]
    yield
    logging.getLogger().handlers[:] = before
    logging.captureWarnings(False)
    structlog.reset_defaults()


def test_a_library_complains_in_one_line_without_its_traceback(fresh, capsys):
    start_log("json", verbose=False, quiet=False)
    start_log("json", verbose=False, quiet=False)
    try:
        raise RuntimeError("https://hooks.example/s3cret")
    except RuntimeError:
        logging.getLogger("somelibrary.part").exception("cannot connect\nmore\nlines")
    logging.getLogger("somelibrary").info("chatter")
    [line] = capsys.readouterr().err.splitlines()
    said = json.loads(line)
    assert (said["event"], said["level"], said["library"]) == ("library", "error", "somelibrary.part")
    assert said["said"] == "cannot connect"
    assert "s3cret" not in line


def test_a_log_on_a_full_disk_ends_nothing(fresh, monkeypatch):
    with Path("/dev/full").open("w", buffering=1) as full:
        monkeypatch.setattr(sys, "stderr", full)
        start_log("json", verbose=False, quiet=False)
        structlog.get_logger("promo").info("still at work")
        with pytest.raises(OSError, match="No space"):
            full.write("\n")
        monkeypatch.undo()
        with contextlib.suppress(OSError):
            full.close()


COMPLAINTS = """
import logging, socket, ssl, sys, threading, warnings
import requests, urllib3
from promo.cli.log import start_log
from promo.connector import http_errors, new_session

start_log(sys.argv[1], verbose=False, quiet=False)

def answering(*answers, context=None):
    server = socket.create_server(("127.0.0.1", 0))
    def serve():
        for answer in answers:
            connection, _ = server.accept()
            if context:
                connection = context.wrap_socket(connection, server_side=True)
            connection.recv(65536)
            connection.sendall(answer)
            connection.close()
    threading.Thread(target=serve, daemon=True).start()
    return f"127.0.0.1:{server.getsockname()[1]}/hook/T0PSECRET?key=T0PSECRET"

fine = b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok"
malformed = fine.replace(b"OK", b"OK\\r\\nT0PSECRET without a colon")
with new_session() as session, http_errors("malformed"):
    assert session.post(f"http://{answering(malformed)}", timeout=5).text == "ok"
with new_session() as session, http_errors("insecure"):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*sys.argv[2:])
    assert session.get(f"https://{answering(fine, context=context)}", verify=False, timeout=5).text == "ok"
assert urllib3.PoolManager().request("GET", f"http://user:T0PSECRET@{answering(b'', fine)}", retries=1).data == b"ok"
warnings.warn(f"http://{answering()} is old", stacklevel=1)
logging.getLogger("somelibrary").warning("%d of %d", "T0PSECRET")
"""


@pytest.mark.parametrize("form", ["json", "text"])
def test_what_http_libraries_complain_of_holds_no_address(tmp_path, form):
    """Servers that answer malformed, break off or have no trusted certificate, and a complaint that has no words."""
    certificate = make_certificate(tmp_path)
    words = [sys.executable, "-c", COMPLAINTS, form, certificate.file, certificate.key]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert "T0PSECRET" not in done.stderr
    lines = done.stderr.splitlines()
    wanted = ("urllib3.connection", "py.warnings", "urllib3.connectionpool", "py.warnings", "somelibrary")
    assert len(lines) == len(wanted), done.stderr
    for line, library in zip(lines, wanted, strict=True):
        assert library in line
        assert "warning" in line
    assert "InsecureRequestWarning: Unverified HTTPS request is being made to host '127.0.0.1'" in lines[1]
    assert re.search(r"UserWarning: http://127\.0\.0\.1:\d+… is old", lines[3])
    if form == "json":
        assert [json.loads(line)["library"] for line in lines] == list(wanted)
        assert ["said" in json.loads(line) for line in lines] == [False, True, False, True, True]


HOOK = "https://hooks.example/T0PSECRET"
TOLD = {
    f"cannot post to {HOOK}: refused": "cannot post to https://hooks.example… refused",
    f"(url={HOOK}?a=1): refused": "(url=https://hooks.example… refused",
    "at 'https://hooks.example:8443/a T0PSECRET b', twice": "at 'https://hooks.example:8443…', twice",
    "at 'https://hooks.example/a T0PSECRET b": "at 'https://hooks.example…'",
    "https://[::1]:80/T0PSECRET is slow": "https://[::1]:80… is slow",
    "https://hooks.example#T0PSECRET": "https://hooks.example…",
    "amqp://promo:T0PSECRET@127.0.0.1:5672//: [Errno 111]": "amqp://127.0.0.1:5672… [Errno 111]",
    "postgresql://promo:pass/T0PSECRET@db.example/promo": "postgresql://…",
    "https://hooks.example/@T0PSECRET/posts": "https://…",
    "retries exceeded with url: /T0PSECRET (Caused by X)": "retries exceeded with url: … (Caused by X)",
    "GET '/hook/T0PSECRET T0PSECRET' failed": "GET … failed",
    "hooks.example/T0PSECRET, localhost:80/T0PSECRET": "… …",
    "promo:T0PSECRET@db.example is away": "… is away",
    "next=https%3A%2F%2Fhooks.example%2FT0PSECRET": "…",
    "hook?key=T0PSECRET": "hook…",
    "text/html and/or a font of 3.5 pt, why? [x: 1]": "text/html and/or a font of 3.5 pt, why? [x: 1]",
}


@pytest.mark.parametrize("said", TOLD)
def test_of_an_address_only_the_host_is_told(said):
    assert discreet(said) == TOLD[said]


def test_a_long_complaint_is_cut():
    assert discreet(f"{'x' * (LONGEST - 9)} {HOOK}") == f"{'x' * (LONGEST - 9)} https://"
    assert len(discreet("a." * 1_000_000)) == LONGEST
