"""The page for operators has every metric, alert and question there is."""

import re
from pathlib import Path

import yaml

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


def test_every_line_of_the_log_that_is_named_is_written_somewhere():
    table = PAGE.partition("### The lines of the log")[2].partition("###")[0]
    rows = re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
    events = [event for row in rows for event in re.findall(r"`([^`]+)`", row)]
    code = "".join(path.read_text("utf-8") for path in (ROOT / "promo").rglob("*.py"))
    assert events
    assert [event for event in events if f'"{event}"' not in code] == []
