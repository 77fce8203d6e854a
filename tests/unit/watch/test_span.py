"""Spans: the parts inside each other, links over the ledger, what failed, and nothing that is not for others' eyes."""

import threading

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode
from requests import exceptions

from promo.connector import new_session
from promo.connector.http import watch_calls
from promo.delivery.observer import Observer, Part
from promo.errors import Rejected
from promo.testing.servers import closed_port, http_receiver
from promo.watch import span as span_room
from promo.watch.span import Tracing
from promo.watch.together import Together


class Traced:
    """A process's spans, as a receiver gets them."""

    def __init__(self, engine):
        self.exporter = InMemorySpanExporter()
        self.provider = TracerProvider()
        self.provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.observer = Tracing(self.provider, lambda: engine)

    def spans(self):
        return {span.name: span for span in self.exporter.get_finished_spans()}


@pytest.fixture
def traced(ledger):
    made = Traced(ledger.engine)
    yield made
    watch_calls(None)
    made.provider.shutdown()


def event(ledger, what, delivery="d1", **detail):
    row = {"delivery": delivery, "channel": None, "at": ledger.clock.now(), "what": what, "by": "lin", "detail": detail}
    ledger.add("events", row)


def test_writing_follows_planning(traced):
    with traced.observer.span(Part.PLAN):
        pass
    with traced.observer.span(Part.APPLY) as kept:
        pass
    with traced.observer.span(Part.APPLY):  # a plan from a file: nothing here made it
        pass
    plan, first, second = traced.exporter.get_finished_spans()
    assert first.parent.span_id == plan.context.span_id
    assert first.context.trace_id == plan.context.trace_id != second.context.trace_id
    assert kept["traceparent"].startswith(f"00-{first.context.trace_id:032x}-{first.context.span_id:016x}-")


def test_a_delivery_belongs_to_its_claim_and_is_linked_to_its_plan(traced, ledger):
    with traced.observer.span(Part.APPLY) as planned:
        event(ledger, "planned", **planned)
    with traced.observer.span(Part.CLAIM, channel="mastodon") as older:
        event(ledger, "claimed", **older)
    with traced.observer.span(Part.CLAIM, channel="mastodon") as newer:
        event(ledger, "claimed", **newer)
    watch_calls(None)
    elsewhere = Traced(ledger.engine)  # another process: it knows the ledger alone
    with (
        elsewhere.observer.span(Part.DELIVER, channel="mastodon", delivery="d1", fence=2),
        elsewhere.observer.span(Part.RENDER, channel="mastodon", delivery="d1"),
    ):
        pass
    spans = elsewhere.spans()
    deliver = spans["deliver"]
    assert f"{deliver.parent.trace_id:032x}-{deliver.parent.span_id:016x}" == newer["traceparent"][3:-3]
    [link] = deliver.links
    assert f"{link.context.trace_id:032x}-{link.context.span_id:016x}" == planned["traceparent"][3:-3]
    assert deliver.kind is SpanKind.CONSUMER
    assert dict(deliver.attributes) == {"promo.channel": "mastodon", "promo.delivery": "d1", "promo.fence": 2}
    assert spans["render"].parent.span_id == deliver.context.span_id
    elsewhere.provider.shutdown()


def test_the_time_until_its_commit_is_a_span_of_its_own(traced):
    with traced.observer.span(Part.DELIVER, delivery="d1", fence=2):
        pass
    for fence in (1, 2, 2):  # another claim's end, ours, and ours once more
        traced.observer.recorded(delivery="d1", fence=fence, state="published")
    deliver, record = traced.exporter.get_finished_spans()
    assert record.parent.span_id == deliver.context.span_id
    assert record.start_time == deliver.end_time <= record.end_time
    assert record.attributes["promo.state"] == "published"


def test_what_is_never_recorded_is_forgotten_in_the_end(traced, monkeypatch):
    monkeypatch.setattr(span_room, "MOST_SENT", 3)
    for number in range(5):
        with traced.observer.span(Part.DELIVER, delivery=f"d{number}", fence=1):
            pass
    for number in range(5):
        traced.observer.recorded(delivery=f"d{number}", fence=1, state="")
    assert [s.name for s in traced.exporter.get_finished_spans()].count("record") == 3


def test_a_claim_that_finds_nothing_leaves_no_span(traced):
    together = Together(Observer(), traced.observer)
    for observer in (traced.observer, together):
        with observer.span(Part.CLAIM, channel="mastodon"):
            pass
    assert traced.spans() == {}
    with together.span(Part.CLAIM, channel="mastodon") as kept:
        assert {**kept}.keys() == {"traceparent"}
    assert traced.spans().keys() == {"claim"}


def test_a_look_up_long_after_belongs_to_the_last_plan(traced, ledger):
    with traced.observer.span(Part.APPLY) as first:
        event(ledger, "planned", **first)
    with traced.observer.span(Part.APPLY) as second:
        event(ledger, "changed", before="scheduled", **second)
    event(ledger, "changed", before="scheduled")  # by a process that traced nothing
    with traced.observer.span(Part.CLAIM) as claimed:
        event(ledger, "claimed", **claimed)
    with traced.observer.span(Part.LOOK_UP, channel="mastodon", delivery="d1", fence=1):
        traced.observer.answered(channel="mastodon", part=Part.LOOK_UP, outcome="found", seconds=0.1)
    look_up = traced.spans()["look_up"]
    assert look_up.parent is None
    linked = [f"{link.context.span_id:016x}" for link in look_up.links]
    assert linked == [kept["traceparent"].split("-")[2] for kept in (second, claimed)]
    assert look_up.attributes["promo.outcome"] == "found"


def test_without_anything_in_the_ledger_a_delivery_is_traced_all_the_same(traced, ledger):
    event(ledger, "planned", traceparent="garbage")
    event(ledger, "claimed", traceparent="00-not-a-context")
    with traced.observer.span(Part.DELIVER, delivery="d1", fence=1):
        pass
    deliver = traced.spans()["deliver"]
    assert (deliver.parent, deliver.links) == (None, ())


def test_a_ledger_that_is_away_stops_no_span(traced, ledger, tmp_path):
    ledger.engine.dispose()
    (tmp_path / "promo.db").write_bytes(b"not a database any more" * 100)
    with traced.observer.span(Part.DELIVER, delivery="d1", fence=1):
        pass
    assert "deliver" in traced.spans()


def test_what_fails_is_named_by_its_class_alone(traced):
    with pytest.raises(Rejected), traced.observer.span(Part.PUBLISH, channel="mastodon", delivery="d1"):
        raise Rejected("the text “our secret garden” is too long")
    span = traced.spans()["publish"]
    assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, "Rejected")
    assert span.events == ()
    assert "garden" not in span.to_json()


def test_threads_do_not_share_what_is_open(traced):
    def elsewhere():
        with traced.observer.span(Part.PLAN):
            pass

    with traced.observer.span(Part.DELIVER, delivery="d1", fence=1):
        other = threading.Thread(target=elsewhere)
        other.start()
        other.join()
    assert traced.spans()["plan"].parent is None


def test_a_web_call_is_a_span_of_its_own_and_keeps_no_path(traced):
    with http_receiver() as receiver, traced.observer.span(Part.PUBLISH, channel="hook"), new_session() as session:
        session.post(f"{receiver.url}/hooks/s3cr3t?token=s3cr3t", json={"text": "hello"}, timeout=20)
    spans = traced.spans()
    call = spans["POST"]
    assert call.parent.span_id == spans["publish"].context.span_id
    assert call.kind is SpanKind.CLIENT
    assert call.attributes["http.response.status_code"] == 200
    assert call.attributes["server.address"] == "127.0.0.1"
    assert f":{call.attributes['server.port']}" in receiver.url
    assert "s3cr3t" not in call.to_json()
    assert "hello" not in call.to_json()


def test_a_web_call_that_fails(traced):
    with closed_port() as port, new_session() as session, pytest.raises(exceptions.ConnectionError):
        session.get(f"http://127.0.0.1:{port}/", timeout=20)
    call = traced.spans()["GET"]
    assert call.attributes["error.type"] == "ConnectionError"
    assert call.status.status_code is StatusCode.ERROR


def test_the_log_names_the_trace(traced, capsys):
    import structlog

    with traced.observer.span(Part.LOOK_UP, channel="mastodon", delivery="d1"):
        structlog.get_logger().warning("slow")
    said = capsys.readouterr()
    assert f"{traced.spans()['look_up'].context.trace_id:032x}" in said.out + said.err
