"""The picture cache: nothing half written is taken for a picture, it stays within its size, and processes share it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

from promo.visual.cache.pictures import PictureCache

FACTS = {"width": 1, "height": 1, "dpi": 72, "mime": "image/png", "findings": []}
WRITER = """
import sys
from pathlib import Path
from promo.visual.cache.pictures import PictureCache

cache, number = PictureCache(Path(sys.argv[1])), 0
while True:
    key = f"{number % 40:064x}"
    cache.keep(key, bytes([number % 40]) * 300_000, ".png", {"width": 1, "findings": []})
    number += 1
    print(number, flush=True)
"""


def key(number):
    return f"{number:064x}"


def test_processes_that_are_killed_leave_only_whole_pictures(tmp_path):
    for _time in range(2):
        writers = [
            subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE) for _one in range(2)
        ]
        try:
            for writer in writers:
                for _line in range(15):
                    assert writer.stdout.readline()
        finally:
            for writer in writers:
                os.kill(writer.pid, signal.SIGKILL)
                writer.wait()
                writer.stdout.close()
    cache, found = PictureCache(tmp_path), 0
    for number in range(40):
        kept = cache.find(key(number))
        if kept is not None:
            assert kept[0].read_bytes() == bytes([number]) * 300_000
            found += 1
    assert found >= 15
    for part in tmp_path.glob("*/.part-*"):
        os.utime(part, (time.time() - 7200,) * 2)
    cache.prune(100_000_000)
    assert not list(tmp_path.glob("*/.part-*"))


def test_a_picture_that_was_changed_on_disk_counts_as_absent(tmp_path):
    cache = PictureCache(tmp_path)
    for harm in (
        lambda path: path.write_bytes(b"short"),
        lambda path: path.unlink(),
        lambda path: path.write_bytes(b""),
    ):
        path, _facts = cache.keep(key(1), b"picture", ".png", FACTS)
        assert cache.find(key(1)) is not None
        harm(path)
        assert cache.find(key(1)) is None
    path, _facts = cache.keep(key(1), b"picture", ".png", FACTS)
    path.with_suffix(".json").write_text("{")
    assert cache.find(key(1)) is None


def test_a_print_file_whose_preview_is_broken_counts_as_absent(tmp_path):
    cache = PictureCache(tmp_path)
    for harm in (
        lambda path: path.write_bytes(b"short"),
        lambda path: path.unlink(),
        lambda path: path.write_bytes(b""),
    ):
        cache.keep(key(1), b"print file", ".pdf", FACTS, previews=[b"one", b"two"])
        assert cache.find(key(1)) is not None
        harm(cache.previews(key(1), 2)[1])
        assert cache.find(key(1)) is None


def test_the_cache_stays_within_its_size_and_keeps_what_was_used_last(tmp_path):
    cache = PictureCache(tmp_path, limit=1_000_000)
    for number in range(60):
        cache.keep(key(number), bytes(50_000), ".png", FACTS)
        path, _facts = cache.find(key(0))
        os.utime(path, (time.time() + number, time.time() + number))
    size = sum(path.stat().st_size for path in tmp_path.glob("*/*.png"))
    assert size <= 1_000_000 * 1.1
    assert cache.find(key(0)) is not None
    assert cache.find(key(1)) is None
    for facts in tmp_path.glob("*/*.json"):
        assert facts.with_suffix(".png").exists()
