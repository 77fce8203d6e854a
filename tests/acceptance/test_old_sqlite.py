"""The doctor warns of a SQLite that may lose writes: as a program, on a machine whose SQLite says it is that old."""

import json

import pytest

BROKEN = 'raise ImportError("no wheel for this machine")\n'
OLD = "import types\ndbapi2 = types.SimpleNamespace(sqlite_version_info=(3, 51, 1))\n"  # the newest pysqlite3-binary
OWN = "import sqlite3\nsqlite3.sqlite_version, sqlite3.sqlite_version_info = {version!r}, {parts}\n"


@pytest.fixture
def doctor(program, tmp_path):
    """Ask the doctor where Python's own SQLite has `version` and the package pysqlite3 is `package`."""

    def ask(version, package, *words, **env):
        folder = tmp_path / "machine"
        (folder / "pysqlite3").mkdir(parents=True, exist_ok=True)
        (folder / "pysqlite3" / "__init__.py").write_text(package)
        parts = tuple(int(part) for part in version.split("."))
        (folder / "sitecustomize.py").write_text(OWN.format(version=version, parts=parts))
        return program("doctor", *words, env={"PYTHONPATH": str(folder), **env})

    return ask


@pytest.mark.parametrize(
    ("version", "package", "level"),
    [
        ("3.40.1", BROKEN, "warning"),
        ("3.51.2", BROKEN, "warning"),
        ("3.51.3", BROKEN, "ok"),
        ("3.51.2", OLD, "warning"),
    ],
)
def test_a_sqlite_before_the_repair_is_warned_of(doctor, package, version, level):
    [finding] = [found for found in json.loads(doctor(version, package, "--json").stdout) if found["what"] == "SQLite"]
    assert (finding["level"], finding["found"]) == (level, f"{version} (sqlite3)")
    assert ("pip install pysqlite3" in finding["cure"]) == (level == "warning")


def test_the_warning_is_read_in_both_languages(doctor):
    for lang, says in (("en", "may lose writes when they reset the log"), ("zh", "重置日志时可能丢失写入")):
        said = doctor("3.51.2", BROKEN, PROMO_LANG=lang)
        assert "! SQLite: 3.51.2 (sqlite3)\n" in said.stdout
        assert says in said.stdout
