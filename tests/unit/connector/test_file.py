"""Files and folders a connector leaves behind appear whole or not at all."""

import subprocess
import sys
from threading import Barrier, Thread

import pytest

from promo.connector import (
    Rejected,
    TryAgain,
    child,
    create_file,
    create_folder,
    delivery_name,
    find_delivery,
    remove_file,
    remove_folder,
    replace_file,
    safe_name,
)
from promo.testing.example import example_key, example_request


def names(folder):
    return [path.name for path in folder.iterdir()]


def at_once(call, times=6):
    ready, answers = Barrier(times), []

    def run(number):
        ready.wait()
        answers.append(call(number))

    threads = [Thread(target=run, args=(number,)) for number in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("countdown", "countdown"),
        ("1 号楼/大堂", "1 号楼-大堂"),
        ("../../etc/passwd", "etc-passwd"),
        ('a<b>:"c"|d?*', "a-b-c-d"),
        ("trailing. ", "trailing"),
        ("line\nbreak\x00", "line-break"),
        ("...", "_"),
        ("", "_"),
    ],
)
def test_safe_names(text, name):
    assert safe_name(text) == name


def test_the_longest_safe_name_fits_linux():
    request = example_request(example_key("a"), activity="🎉" * 500)
    assert len(delivery_name(request).encode()) <= 255


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a\\b", "../x", "a\0b", ".in-progress-1"])
def test_a_child_is_one_plain_name(tmp_path, name):
    with pytest.raises(Rejected):
        child(tmp_path, name)


def test_a_folder_is_made_once(tmp_path):
    target = tmp_path / "deep" / "folder"
    assert create_folder(target, lambda draft: (draft / "a").write_text("first"))
    assert not create_folder(target, lambda draft: (draft / "a").write_text("second"))
    assert (target / "a").read_text() == "first"
    assert names(target.parent) == ["folder"]


def test_of_several_makers_of_a_folder_one_wins(tmp_path):
    made = at_once(lambda n: create_folder(tmp_path / "f", lambda draft: (draft / "who").write_text(str(n))))
    assert sorted(made) == [False] * 5 + [True]
    assert names(tmp_path) == ["f"]


def test_a_failed_filling_leaves_nothing(tmp_path):
    def fill(draft):
        (draft / "half").write_text("half")
        raise Rejected("no")

    with pytest.raises(Rejected):
        create_folder(tmp_path / "f", fill)
    assert names(tmp_path) == []


def test_a_killed_maker_leaves_no_half_folder(tmp_path):
    code = (
        "import os, sys; from pathlib import Path; from promo.connector import create_folder\n"
        "def fill(draft):\n    (draft / 'half').write_text('half'); os.kill(os.getpid(), 9)\n"
        "create_folder(Path(sys.argv[1]), fill)"
    )
    target = tmp_path / "f"
    assert subprocess.run([sys.executable, "-c", code, str(target)], check=False).returncode == -9
    assert not target.exists()
    assert create_folder(target, lambda draft: (draft / "whole").write_text("whole"))
    assert names(target) == ["whole"]


def test_a_file_is_made_once_and_replaced_on_purpose(tmp_path):
    target = tmp_path / "deep" / "a.ics"
    assert create_file(target, b"first")
    assert not create_file(target, b"second")
    assert target.read_bytes() == b"first"
    replace_file(target, b"third")
    assert target.read_bytes() == b"third"
    assert names(target.parent) == ["a.ics"]


def test_of_several_makers_of_a_file_one_wins(tmp_path):
    made = at_once(lambda n: create_file(tmp_path / "a", str(n).encode()))
    assert sorted(made) == [False] * 5 + [True]
    assert names(tmp_path) == ["a"]


@pytest.mark.parametrize(
    "call",
    [
        lambda path: create_folder(path / "f", lambda _draft: None),
        lambda path: create_file(path / "f", b""),
        lambda path: replace_file(path / "f", b""),
    ],
)
def test_a_file_in_the_way_is_try_again(tmp_path, call):
    (tmp_path / "file").write_text("")
    with pytest.raises(TryAgain):
        call(tmp_path / "file")


def test_removing_twice_is_fine(tmp_path):
    create_folder(tmp_path / "f", lambda draft: (draft / "a").write_text(""))
    create_file(tmp_path / "a", b"")
    for _time in range(2):
        remove_folder(tmp_path / "f")
        remove_file(tmp_path / "a")
    assert names(tmp_path) == []


def test_several_removers_do_not_hinder_each_other(tmp_path):
    create_folder(tmp_path / "f", lambda draft: (draft / "a").write_text(""))
    at_once(lambda _n: remove_folder(tmp_path / "f"))
    assert names(tmp_path) == []


def test_a_delivery_is_found_by_its_whole_key(tmp_path):
    request = example_request(example_key("a"), activity="open/day")
    assert delivery_name(request) == f"2027-03-22 0930 open-day {request.key[:16]}"
    folder = tmp_path / delivery_name(request)
    folder.mkdir()
    assert find_delivery(tmp_path, request.key, "post.json") is None
    (folder / "post.json").write_text(f'{{"key": "{request.key}"}}')
    assert find_delivery(tmp_path, request.key, "post.json") == (folder, {"key": request.key})
    same_start = request.key[:16] + "0" * 48
    assert find_delivery(tmp_path, same_start, "post.json") is None
    (folder / "post.json").write_text("[]")
    assert find_delivery(tmp_path, request.key, "post.json") is None
