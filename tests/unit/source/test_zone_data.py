"""Which time-zone data promo reads, and how old it is."""

import os
import subprocess
import sys
import zoneinfo
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import version
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import pytest

from promo.doctor import examine_machine
from promo.source import zone_data as module
from promo.source.zone_data import ZoneData, zone_data

PACKAGE = Path(str(files("tzdata"))) / "zoneinfo"
TODAY = date(2026, 11, 22)


def test_the_packages_data_is_read_and_its_version_told():
    assert zoneinfo.TZPATH == ()
    data = zone_data()
    assert data.folder is None
    # The package's 2026.6 is the tz database's 2026f.
    year, number = version("tzdata").split(".")[:2]
    assert data.version == year + chr(ord("a") + int(number) - 1)
    assert data.released_by is not None
    assert data.released_by.year == int(year)


def machine(folder):
    """Make an older machine's files: Shanghai has the clock of Tokyo there."""
    (folder / "Asia").mkdir(parents=True)
    (folder / "Asia/Shanghai").write_bytes((PACKAGE / "Asia/Tokyo").read_bytes())
    (folder / "tzdata.zi").write_text("# version 2020d\n# This zic input file\n", encoding="utf-8")
    (folder / "leapseconds").write_text("#expires 1624838400 (2021-06-28 00:00:00 UTC)\n", encoding="utf-8")
    return folder


ASK = """
import zoneinfo
from datetime import datetime, timezone
early = zoneinfo.ZoneInfo("Asia/Shanghai")  # made before promo, from whatever was there
import promo.workspace
from zoneinfo import ZoneInfo
print(datetime(2027, 1, 1, tzinfo=timezone.utc).astimezone(ZoneInfo("Asia/Shanghai")).hour, len(zoneinfo.TZPATH))
"""


@pytest.mark.parametrize(("chosen", "answer"), [(False, "8 0"), (True, "9 1")])
def test_the_machines_files_are_read_only_where_a_person_chose_them(tmp_path, chosen, answer):
    folder = machine(tmp_path / "zoneinfo")
    ask, env = ASK, {k: v for k, v in os.environ.items() if k != "PYTHONTZPATH"}
    if chosen:
        env["PYTHONTZPATH"] = str(folder)
    else:
        ask = f"import zoneinfo; zoneinfo.reset_tzpath(to=[{str(folder)!r}]){ASK}"
    found = subprocess.run([sys.executable, "-c", ask], env=env, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == answer


@pytest.fixture
def other_files(tmp_path):
    folder = machine(tmp_path / "zoneinfo")
    zoneinfo.reset_tzpath(to=[str(folder)])
    yield folder
    zoneinfo.reset_tzpath(to=())


def test_doctor_warns_of_other_files_and_of_old_ones(other_files):
    assert zone_data() == ZoneData(folder=other_files, version="2020d", released_by=date(2020, 12, 31))
    [finding] = [f for f in examine_machine(TODAY) if f.what == "time zones"]
    assert finding.level == "warning"
    assert finding.found == f"2020d, older than a year, from {other_files}, which PYTHONTZPATH names"
    assert finding.cure.startswith("unset PYTHONTZPATH")


def test_the_package_is_called_old_a_year_after_it_can_have_been_released():
    data = zone_data()
    assert not data.is_old(data.released_by + timedelta(days=365))
    assert data.is_old(data.released_by + timedelta(days=366))
    [finding] = [f for f in examine_machine(data.released_by + timedelta(days=400)) if f.what == "time zones"]
    assert (finding.level, finding.found) == ("warning", f"tzdata {data.version}, older than a year")
    assert "pip install --upgrade tzdata" in finding.cure


def test_files_that_tell_nothing_are_not_called_old(tmp_path):
    folder = machine(tmp_path)
    (folder / "tzdata.zi").unlink()
    (folder / "leapseconds").unlink()
    assert module._read(folder, folder) == ZoneData(folder=folder, version="", released_by=None)
    (folder / "+VERSION").write_text("2025b\n", encoding="utf-8")
    found = module._read(folder, folder)
    assert (found.version, found.is_old(TODAY), found.is_old(date(2027, 2, 1))) == ("2025b", False, True)


def changes(name):
    """Return the moments at which a zone's offset changes, from its TZif file of 64-bit times (RFC 9636)."""
    data = (PACKAGE / name).read_bytes()
    isut, isstd, leaps, times, types, letters = (int.from_bytes(data[n : n + 4], "big") for n in range(20, 44, 4))
    second = 44 + times * 5 + types * 6 + letters + leaps * 8 + isstd + isut
    times, types = (int.from_bytes(data[second + n : second + n + 4], "big") for n in (32, 36))
    place = second + 44
    moments = [int.from_bytes(data[place + 8 * n : place + 8 * n + 8], "big", signed=True) for n in range(times)]
    kinds = data[place + 8 * times : place + 9 * times]
    table = place + 9 * times
    offsets = [int.from_bytes(data[table + 6 * n : table + 6 * n + 4], "big", signed=True) for n in range(types)]
    at = [(moment, offsets[kind]) for moment, kind in zip(moments, kinds, strict=True)]
    return [now for (now, offset), (_then, before) in zip(at[1:], at, strict=False) if offset != before]


def test_no_zone_changes_its_clock_twice_within_a_week():
    """`steady_offset` rests on it: what two ends of three days have in common holds between them.

    What comes after a file's last moment follows a rule of two changes a year.
    """
    spans = {}
    for name in zoneinfo.available_timezones():
        found = changes(name)
        spans[name] = min((b - a for a, b in pairwise(found)), default=10**9)
    assert len(spans) > 500
    assert timedelta(seconds=min(spans.values())) > timedelta(days=6)
    assert int(datetime(1991, 9, 14, 17, tzinfo=UTC).timestamp()) in changes("Asia/Shanghai")
