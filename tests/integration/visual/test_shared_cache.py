"""Machines that share their pictures through a real S3 server; broken objects and a server that is down."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass, field

import boto3
import pytest
import structlog
from pydantic import ValidationError

from promo.testing.servers import closed_port
from promo.visual.cache.pictures import PictureCache
from promo.visual.cache.shared import SharedStore
from promo.workspace import PictureStoreSettings, WorkspaceSettings

ACCESS, SECRET = "AKIAPROMOTEST", "promo-test-secret-key"
KEY = "ab" + "0" * 62
FACTS = {"width": 4, "height": 3, "dpi": 72, "mime": "image/jpeg", "findings": []}
DATA = b"\xff\xd8 a picture \n of two lines \xff\xd9"


@dataclass
class Server:
    process: subprocess.Popen
    url: str
    bucket: object = field(init=False)

    def __post_init__(self):
        keys = {"aws_access_key_id": ACCESS, "aws_secret_access_key": SECRET, "region_name": "us-east-1"}
        self.bucket = boto3.resource("s3", endpoint_url=self.url, **keys).Bucket("pictures")


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    log = tmp_path_factory.mktemp("s3") / "server.log"
    with log.open("wb") as sink:
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
        environment = {**os.environ, "PYTHONWARNINGS": "ignore", "PYTHONUNBUFFERED": "1"}
        process = subprocess.Popen(command, stdout=sink, stderr=sink, env=environment)
    try:
        until = time.monotonic() + 60
        while not (found := re.search(r"http://127\.0\.0\.1:\d+", log.read_text())) and time.monotonic() < until:
            assert process.poll() is None, log.read_text()
            time.sleep(0.05)
        server = Server(process, found[0])
        server.bucket.create()
        yield server
    finally:
        process.kill()
        process.wait(timeout=10)


@pytest.fixture
def server(running, monkeypatch):
    monkeypatch.setenv("PROMO_S3_KEY", ACCESS)
    monkeypatch.setenv("PROMO_S3_SECRET", SECRET)
    running.bucket.objects.all().delete()
    return running


def settings(server, **changes):
    values = {
        "url": "s3://pictures/team/visuals",
        "endpoint": server.url,
        "access_key": {"env": "PROMO_S3_KEY"},
        "secret_key": {"env": "PROMO_S3_SECRET"},
    }
    return PictureStoreSettings(**{**values, **changes})


def machine(folder, server, **changes):
    return PictureCache(folder, shared=SharedStore(settings(server, **changes)))


def test_what_one_machine_drew_another_finds(tmp_path, server):
    one, other = machine(tmp_path / "one", server), machine(tmp_path / "other", server)
    assert other.find(KEY) is None
    _path, facts = one.keep(KEY, DATA, ".pdf", FACTS, previews=[b"first page", b"second page"])
    path, found = other.find(KEY)
    assert path.read_bytes() == DATA
    assert path.is_relative_to(tmp_path / "other")
    assert found == facts
    assert [preview.read_bytes() for preview in other.previews(KEY, 2)] == [b"first page", b"second page"]
    server.bucket.objects.all().delete()
    assert other.find(KEY) is not None  # from its own folder now


@pytest.fixture(autouse=True)
def plain_log():
    """Log to where `capsys` looks, whatever commands before have set up in this process."""
    before = structlog.get_config()
    structlog.reset_defaults()
    yield
    structlog.configure(**before)


@pytest.mark.parametrize("harm", ["cut", "changed", "empty", "foreign", "suffix"])
def test_a_broken_object_is_as_if_it_were_not_there(tmp_path, server, harm, capsys):
    machine(tmp_path / "one", server).keep(KEY, DATA, ".jpg", FACTS)
    (thing,) = server.bucket.objects.all()
    whole = thing.get()["Body"].read()
    harmed = {
        "cut": whole[:-3],
        "changed": whole.replace(b"two lines", b"six lines"),
        "empty": b"",
        "foreign": b'{"facts": "x"}\n\x00',
        "suffix": whole.replace(b'".jpg"', b'"/../../x.jpg"'),
    }[harm]
    thing.put(Body=harmed)
    other = machine(tmp_path / "other", server)
    assert other.find(KEY) is None
    assert not list((tmp_path / "other").glob("**/*.jpg"))
    other.keep(KEY, DATA, ".jpg", FACTS)  # drawn anew, and mended for all
    assert machine(tmp_path / "third", server).find(KEY) is not None
    assert "broken object" in capsys.readouterr().out


def test_without_the_store_work_goes_on_and_is_told_once(tmp_path, server, capsys):
    with closed_port() as port:
        _no_store(machine(tmp_path / "one", server, endpoint=f"http://127.0.0.1:{port}"), capsys)


def _no_store(cache, capsys):
    for number in range(3):
        key = f"{number}" * 64
        assert cache.find(key) is None
        cache.keep(key, DATA, ".jpg", FACTS)
        assert cache.find(key)[0].read_bytes() == DATA
    said = capsys.readouterr()
    assert (said.out + said.err).count("picture store does not answer") == 1
    assert SECRET not in said.out + said.err
    assert ACCESS not in said.out + said.err


def test_a_bucket_that_is_not_there_is_told_without_its_key(tmp_path, server, capsys):
    cache = machine(tmp_path / "one", server, url="s3://nobody-has-this/x")
    cache.keep(KEY, DATA, ".jpg", FACTS)
    assert cache.find(KEY) is not None
    said = capsys.readouterr().out
    assert "does not answer" in said
    assert "s3://nobody-has-this/x" in said
    assert SECRET not in said


def test_the_short_form_of_the_setting(tmp_path):
    said = WorkspaceSettings(visuals={"cache": "s3://pictures/team"})
    assert said.visuals.cache == PictureStoreSettings(url="s3://pictures/team")
    with pytest.raises(ValidationError):
        WorkspaceSettings(visuals={"cache": "https://key:secret@host/pictures"})
