"""The files for Prometheus and Grafana: real metrics with their labels, expressions that parse, alerts that fire."""

import itertools
import json
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from promo.watch.catalogue import LEDGER, PROCESS

ROOT = Path(__file__).parents[3]
PROMETHEUS, GRAFANA = ROOT / "deploy" / "prometheus", ROOT / "deploy" / "grafana" / "promo.json"
METRICS = {**PROCESS, **LEDGER}
OF_THE_CLIENT = {"process_resident_memory_bytes", "process_cpu_seconds_total", "up"}
ADDED_BY_PROMETHEUS = {"instance", "job", "le"}
VARIABLES = {"$__rate_interval": "5m", '"$channel"': '".*"', '"$instance"': '".*"'}


def rules():
    return yaml.safe_load((PROMETHEUS / "alerts.yml").read_text("utf-8"))["groups"][0]["rules"]


@pytest.fixture(scope="module")
def dashboard():
    return json.loads(GRAFANA.read_text("utf-8"))


def expressions():
    panels = json.loads(GRAFANA.read_text("utf-8"))["panels"]
    found = [target["expr"] for panel in panels for target in panel.get("targets", ())]
    for variable, value in VARIABLES.items():
        found = [each.replace(variable, value) for each in found]
    assert not [each for each in found if "$" in each]
    return [*found, *(rule["expr"] for rule in rules())]


def metric_of(name):
    plain = re.sub(r"_(bucket|sum|count)$", "", name)
    metric = METRICS.get(name) or METRICS.get(plain)
    assert metric is not None, f"there is no metric {name}"
    assert (name != plain) == (metric.kind == "histogram"), name
    return metric


@pytest.mark.parametrize("expression", sorted(set(expressions())))
def test_every_metric_and_label_that_is_asked_for_exists(expression):
    named = set(re.findall(r"\b(?:promo|process)_[a-z_]+|\bup\b", expression))
    assert named
    known = {label for name in named - OF_THE_CLIENT for label in metric_of(name).labels} | ADDED_BY_PROMETHEUS
    used = set(itertools.chain(*(part.split(",") for part in re.findall(r"by \(([^)]*)\)", expression))))
    used |= set(re.findall(r"([a-z_]+)\s*(?:=~|!~|=|!=)\s*\"", expression))
    assert {label.strip() for label in used} <= known


def test_every_metric_is_shown_or_watched():
    asked = " ".join(expressions())
    assert [name for name in METRICS if name not in asked] == []


def test_the_expressions_are_prometheus_own_language(promtool, tmp_path):
    recorded = [{"record": f"test:{number}", "expr": each} for number, each in enumerate(expressions())]
    file = tmp_path / "all.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "all", "rules": recorded}]}), "utf-8")
    assert f"{len(recorded)} rules found" in promtool("check", "rules", file)
    assert "SUCCESS" in promtool("check", "config", PROMETHEUS / "prometheus.yml")


def test_the_dashboard_can_be_laid_out(dashboard):
    panels = dashboard["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert {panel["type"] for panel in panels} <= {"row", "stat", "timeseries", "table"}
    taken = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = set(
            itertools.product(range(place["x"], place["x"] + place["w"]), range(place["y"], place["y"] + place["h"]))
        )
        assert place["x"] + place["w"] <= 24, panel["title"]
        assert not cells & taken, f"{panel['title']} lies on another"
        taken |= cells
        if panel["type"] != "row":
            assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
            assert [target["refId"] for target in panel["targets"]] == list("ABCD"[: len(panel["targets"])])
    variables = {variable["name"]: variable for variable in dashboard["templating"]["list"]}
    assert variables.keys() == {"datasource", "instance", "channel"}
    for name in ("instance", "channel"):
        metric, label = re.fullmatch(r"label_values\((\w+), (\w+)\)", variables[name]["query"]["query"]).groups()
        assert label in {*METRICS[metric].labels, *ADDED_BY_PROMETHEUS}


@dataclass(frozen=True)
class Trouble:
    """Series that make an alert fire after so many minutes, bearing these labels; and series that leave it at rest."""

    fires: dict[str, str]
    rests: dict[str, str]
    minutes: int
    labels: dict[str, str]


def _series(name, labels):
    inside = ",".join(f'{label}="{value}"' for label, value in labels.items())
    return f"{name}{{{inside}}}"


def about(name, labels, fires, rests, minutes, keeps):
    series = _series(name, labels)
    return Trouble({series: fires}, {series: rests}, minutes, {label: labels[label] for label in keeps})


MAIL = {"channel": "mail", "instance": "a"}
BUCKET = 'promo_lateness_seconds_bucket{channel="mail",le="%s"}'
TROUBLES = {
    "PromoDown": about("up", {"job": "promo", "instance": "a"}, "0x10", "1x10", 3, ["job", "instance"]),
    "PromoNotReady": about(
        "promo_ready", {"instance": "a", "check": "database"}, "1 0x10", "0 1x10", 6, ["instance", "check"]
    ),
    "PromoQueueOld": about("promo_queue_age_seconds", MAIL, "0+60x20", "250x20", 12, ["channel"]),
    "PromoLate": Trouble(
        {BUCKET % "60": "0x60", BUCKET % "300": "0+10x60", BUCKET % "+Inf": "0+10x60"},
        {BUCKET % "30": "0+10x60", BUCKET % "60": "0+10x60", BUCKET % "+Inf": "0+10x60"},
        40,
        {"channel": "mail"},
    ),
    "PromoNeedsPerson": about("promo_needs_person", MAIL, "0 1x5", "0x5", 2, ["channel"]),
    "PromoHeld": about("promo_held", MAIL, "1x9", "1 1 1 0x9", 6, ["channel"]),
    "PromoUncertain": about("promo_deliveries", {**MAIL, "state": "uncertain"}, "2x90", "2x30 0x60", 70, ["channel"]),
    "PromoChannelPaused": about("promo_channel_paused", MAIL, "0 1x5", "0x5", 4, ["channel"]),
    "PromoRefused": about(
        "promo_outcomes_total", {**MAIL, "call": "publish", "outcome": "rejected"}, "0 0 1x5", "1x5", 4, ["channel"]
    ),
    "PromoLedgerWriteErrors": about(
        "promo_ledger_write_errors_total",
        {"instance": "a", "error": "OperationalError"},
        "0+1x20",
        "3x20",
        12,
        ["instance", "error"],
    ),
}


def test_each_alert_fires_at_its_trouble_and_rests_without(promtool, tmp_path):
    severity = {rule["alert"]: rule["labels"]["severity"] for rule in rules()}
    assert severity.keys() == TROUBLES.keys()
    tests = []
    for alert, trouble in TROUBLES.items():
        labels = {"alertname": alert, "alertstate": "firing", "severity": severity[alert], **trouble.labels}
        for series, fired in (
            (trouble.fires, [{"labels": _series("ALERTS", labels), "value": 1}]),
            (trouble.rests, []),
        ):
            asked = {"expr": f'ALERTS{{alertname="{alert}"}}', "eval_time": f"{trouble.minutes}m", "exp_samples": fired}
            given = [{"series": name, "values": values} for name, values in series.items()]
            tests.append({"interval": "1m", "input_series": given, "promql_expr_test": [asked]})
    file = tmp_path / "tests.yml"
    file.write_text(yaml.safe_dump({"rule_files": [str(PROMETHEUS / "alerts.yml")], "tests": tests}), "utf-8")
    promtool("test", "rules", file)
