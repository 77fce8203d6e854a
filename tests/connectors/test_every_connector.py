"""Every built-in connector is described where people look, and kept to the contract."""

import re
from pathlib import Path

import pytest

from promo.registry import Registry

FOLDER = Path(__file__).parent
README = (FOLDER.parents[1] / "connectors" / "README.md").read_text(encoding="utf-8")
BUILT_IN = [
    kind for kind in map(Registry().connector, Registry().names) if kind.__module__.startswith("promo_connectors.")
]


def test_all_eight_are_there():
    assert sorted(kind.name for kind in BUILT_IN) == [
        *("calendar", "email", "folder", "mastodon", "press", "print", "task", "webhook"),
    ]


@pytest.mark.parametrize("kind", BUILT_IN, ids=lambda kind: kind.name)
def test_the_readme_lists_it_with_its_idempotency(kind):
    row = re.search(rf"^\| \[{kind.name}\]\(promo_connectors/{kind.name}/README\.md\) \|.*$", README, re.MULTILINE)
    assert row is not None
    assert kind.capabilities.idempotency.value in row[0].rsplit("|", 2)[1]


@pytest.mark.parametrize("kind", BUILT_IN, ids=lambda kind: kind.name)
def test_a_suite_holds_it_to_the_contract(kind):
    tests = "\n".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("test_*.py"))
    assert re.search(rf"^    connector = {kind.__name__}$", tests, re.MULTILINE)


@pytest.mark.parametrize("kind", BUILT_IN, ids=lambda kind: kind.name)
def test_it_is_named_after_its_folder(kind):
    assert kind.__module__.split(".")[1] == kind.name
