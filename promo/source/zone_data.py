"""Which time-zone data is read: the `tzdata` package's, not the machine's, unless PYTHONTZPATH names folders.

Python prefers the machine's files to the package's, however old they are. With the package alone, every machine plans
the same times, and `pip install --upgrade tzdata` brings a new rule everywhere.
"""

from __future__ import annotations

import os
import re
import zoneinfo
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from pathlib import Path

VARIABLE = "PYTHONTZPATH"
PROBE = "Asia/Shanghai"  # in every copy of the data
# Bulletin C of the IERS appears each January and July and renews the list of leap seconds that comes with the data:
# data with a list that expires on 28 June was released before the January in between, that of 28 December before July.
LEAP_LIST = timedelta(days=170)
LONG_AGO = timedelta(days=365)


@dataclass(frozen=True, kw_only=True, slots=True)
class ZoneData:
    """The data in use. `folder` is None for the package; `version` such as 2026f, or empty where none is told."""

    folder: Path | None
    version: str
    released_by: date | None  # the last day it can have been released on; None where nothing tells

    def is_old(self, today: date) -> bool:
        """Whether it is surely older than a year."""
        return self.released_by is not None and today - self.released_by > LONG_AGO


def use_package_data() -> None:
    """Let `zoneinfo` read the package's files from now on; a PYTHONTZPATH set by a person stands."""
    if VARIABLE not in os.environ and zoneinfo.TZPATH:
        zoneinfo.reset_tzpath(to=())
        zoneinfo.ZoneInfo.clear_cache()


def zone_data() -> ZoneData:
    """Return what `zoneinfo` reads. Raises ModuleNotFoundError where there is neither a folder nor the package."""
    for folder in map(Path, zoneinfo.TZPATH):
        if (folder / PROBE).is_file():
            return _read(folder, folder)
    return _read(Path(str(files("tzdata"))) / "zoneinfo", None)


def _read(place: Path, folder: Path | None) -> ZoneData:
    version = re.search(r"\d{4}[a-z]+", _text(place / "tzdata.zi")[:80] or _text(place / "+VERSION"))
    expires = re.search(r"^#expires (\d+)", _text(place / "leapseconds"), re.MULTILINE)
    known = [
        *([date(int(version[0][:4]), 12, 31)] if version else []),
        *([datetime.fromtimestamp(int(expires[1]), UTC).date() - LEAP_LIST] if expires else []),
    ]
    return ZoneData(folder=folder, version=version[0] if version else "", released_by=min(known, default=None))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
