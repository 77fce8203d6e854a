"""The page for operators has every metric, alert and question there is."""

import ast
import re
from pathlib import Path

import yaml

import promo
from promo.watch.catalogue import LEDGER, PROCESS

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8")


def test_the_table_of_metrics_is_the_catalogue():
    rows = re.findall(r"^\| `(promo_\w+)` \| (\w+) \| ([^|]*) \| ([^|]*) \|$", PAGE, re.MULTILINE)
    written = [(name, kind, tuple(re.findall(r"`(\w+)`", labels)), what.strip()) for name, kind, labels, what in rows]
    assert written == [(m.name, m.kind, m.labels, m.what) for m in (*PROCESS.values(), *LEDGER.values())]


def test_every_alert_is_explained():
    rules = yaml.safe_load((ROOT / "deploy" / "prometheus" / "alerts.yml").read_text("utf-8"))["groups"][0]["rules"]
    assert {rule["alert"] for rule in rules} == set(re.findall(r"`(Promo[A-Z]\w+)`", PAGE))


def written():
    """Every event that the code logs: the first argument of a call of its logger."""
    for path in sorted(Path(promo.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Attribute(value=ast.Name("log"), attr="info" | "warning" | "error"),
                    args=[ast.Constant(str(event)), *_rest],
                ):
                    yield event


def test_the_lines_of_the_log_are_those_that_the_code_writes():
    table = PAGE.partition("### The lines of the log")[2].partition("###")[0]
    rows = re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
    named = [event for row in rows for event in re.findall(r"`([^`]+)`", row)]
    by_libraries = {"library"}  # the event under which all their lines come
    assert sorted(named) == sorted({*written(), *by_libraries})
