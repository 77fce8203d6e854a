"""The log: what libraries say is a line of ours, too."""

import contextlib
import json
import logging
import sys
from pathlib import Path

import pytest
import structlog

from promo.cli.log import start_log


@pytest.fixture
def fresh():
    before = logging.getLogger().handlers[:]
    yield
    logging.getLogger().handlers[:] = before
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
