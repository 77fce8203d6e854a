"""Traces from the real program, received and decoded as a collector would: one line from the plan to the receipt."""

import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from promo.testing.servers import closed_port, http_receiver


class Collector:
    """What a receiver of OTLP over HTTP got, span by span."""

    def __init__(self):
        self.spans = []
        self.services = set()
        self.url = ""

    def take(self, body):
        for of_service in ExportTraceServiceRequest.FromString(body).resource_spans:
            self.services |= {a.value.string_value for a in of_service.resource.attributes if a.key == "service.name"}
            self.spans += [span for scope in of_service.scope_spans for span in scope.spans]

    def named(self, name):
        return [span for span in self.spans if span.name == name]


@pytest.fixture
def collector():
    made = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            made.take(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *words):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    made.url = f"http://127.0.0.1:{server.server_port}"
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


def attributes(span):
    return {a.key: a.value.string_value or a.value.int_value for a in span.attributes}


def test_one_line_leads_from_the_plan_to_the_receipt(site, collector, until):
    with http_receiver() as receiver:
        tracing = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_BSP_SCHEDULE_DELAY": "200"}
        site.settings(url=f"{receiver.url}/hooks/s3cret")
        site.plan(datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=6), **tracing)
        assert [span.name for span in collector.spans] == ["plan", "apply"], "sent when the command ended"
        with site.staying("run", **tracing, OTEL_SERVICE_NAME="promo-night"):
            assert until(lambda: collector.named("record"))
        [plan], [apply] = collector.named("plan"), collector.named("apply")
        [claim], [deliver], [publish] = (collector.named(name) for name in ("claim", "deliver", "publish"))
        [post], [record] = collector.named("POST"), collector.named("record")
        assert apply.parent_span_id == plan.span_id
        assert apply.trace_id == plan.trace_id != claim.trace_id
        assert [link.span_id for link in deliver.links] == [apply.span_id]
        assert [link.trace_id for link in deliver.links] == [apply.trace_id]
        assert [deliver.parent_span_id, publish.parent_span_id] == [claim.span_id, deliver.span_id]
        assert [post.parent_span_id, record.parent_span_id] == [publish.span_id, deliver.span_id]
        assert {span.trace_id for span in (claim, deliver, publish, post, record)} == {claim.trace_id}
        assert attributes(record)["promo.state"] == "published"
        assert attributes(deliver)["promo.channel"] == "hook"
        assert attributes(post)["server.port"] == int(receiver.url.rpartition(":")[2])
        assert collector.services == {"promo", "promo-night"}
        everything = "".join(map(str, collector.spans))
        assert "s3cret" not in everything, "no text, no path, no secret"
        [request] = receiver.accepted
        assert "traceparent" not in request.headers, "strangers are told nothing of our traces"


def test_the_line_leads_over_a_ticker_and_a_worker(site, collector, postgres, until):
    site.environment |= {
        "PROMO_DATABASE": postgres.replace("postgresql://", "postgresql+psycopg://"),
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        "OTEL_BSP_SCHEDULE_DELAY": "200",
    }
    with http_receiver() as receiver:
        url = f"{receiver.url}/hook"
        site.settings(url=url, engine="procrastinate", database={"env": "PROMO_DATABASE"})
        with site.staying("worker", OTEL_SERVICE_NAME="worker"), site.staying("run", OTEL_SERVICE_NAME="ticker"):
            site.plan(datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=3))
            assert until(lambda: collector.named("record"), 60)
    [apply], [claim] = collector.named("apply"), collector.named("claim")
    [deliver], [record] = collector.named("deliver"), collector.named("record")
    assert [link.span_id for link in deliver.links] == [apply.span_id]
    assert (deliver.trace_id, deliver.parent_span_id) == (claim.trace_id, claim.span_id)
    assert record.parent_span_id == deliver.span_id
    assert collector.services == {"promo", "ticker", "worker"}


def test_a_receiver_that_is_away_costs_a_line(site):
    site.settings(url="http://127.0.0.1:1/hook")
    with closed_port() as port:
        away = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{port}", "OTEL_EXPORTER_OTLP_TIMEOUT": "1"}
        said = site.say("plan", **away)
    assert "Traceback" not in said
    assert 1 <= said.count("library=") <= 2


def test_nothing_is_imported_when_nothing_is_wanted(site):
    site.settings(url="http://127.0.0.1:1/hook")
    code = """
import sys
from pathlib import Path
from promo.app.workspace import App
app = App.open(Path("."))
app.plan()
app.publisher().run_due()
print([name for name in sys.modules if name.startswith(("opentelemetry", "prometheus_client", "http.server"))])
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=site.folder,
        env=site.environment | {"OTEL_SERVICE_NAME": "promo"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout == "[]\n", done.stderr


def test_an_exporter_that_is_not_there_is_named(site):
    site.settings(url="http://127.0.0.1:1/hook")
    said = site.say("plan", OTEL_TRACES_EXPORTER="carrier-pigeon")
    assert "no such exporter of traces" in said
    assert "carrier-pigeon" in said
