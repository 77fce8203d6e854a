"""Which SQLite opens a ledger."""

import subprocess
import sys

from promo.store.database import open_database
from promo.store.sqlite import SOUND, sqlite3

OPEN = """
import sys
sys.modules["pysqlite3"] = None  # as where there is no wheel
from promo.store.database import open_database
from promo.store.sqlite import sqlite3
engine = open_database(sys.argv[1])
print(sqlite3.__name__, engine.dialect.dbapi.__name__)
engine.dispose()
"""


def test_a_ledger_is_opened_by_the_library_that_everybody_takes(tmp_path):
    engine = open_database(f"sqlite:///{tmp_path}/ledger.db")
    assert engine.dialect.dbapi is sqlite3
    engine.dispose()
    assert sqlite3.__name__ == "sqlite3" or sqlite3.sqlite_version_info >= SOUND


def test_without_the_package_it_is_pythons_own(tmp_path):
    said = subprocess.run(
        [sys.executable, "-c", OPEN, f"sqlite:///{tmp_path}/ledger.db"], capture_output=True, text=True, check=True
    )
    assert said.stdout.split() == ["sqlite3", "sqlite3"]
