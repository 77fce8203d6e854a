"""What a publisher tells those who watch it: counted by the real metrics, traced by the real spans."""

import threading
from datetime import timedelta

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client.parser import text_string_to_metric_families

from promo.clock import SystemClock
from promo.connector.http import watch_calls
from promo.delivery.apply import apply_plan
from promo.delivery.observer import Part
from promo.errors import OutcomeUnknown, TryAgain
from promo.plan.model import Action, Change
from promo.watch.heartbeat import Heartbeat
from promo.watch.metrics import Metrics
from promo.watch.span import Tracing
from promo.watch.together import Together

MINUTE = timedelta(minutes=1)
LABELS = ("channel", "call", "reason", "outcome", "state")


def counted(metrics):
    _kind, text = metrics.scrape()
    samples = [one for family in text_string_to_metric_families(text.decode()) for one in family.samples]
    return {
        (one.name.removeprefix("promo_"), *(one.labels[label] for label in LABELS if label in one.labels)): one.value
        for one in samples
        if one.name.startswith("promo_") and not one.name.endswith("_bucket")
    }


@pytest.fixture
def metrics():
    return Metrics()


def test_a_limit_and_a_channel_that_asks_for_patience(make_desk, metrics):
    desk = make_desk(**{"by-key": {"rate": {"calls": 1, "per": "10m"}}})
    desk.publisher = desk.another(observer=metrics)
    for number in range(3):
        desk.add(f"n{number}")
    desk.add("asked", channel="by-lookup")
    desk.connector("by-lookup").script.append(TryAgain("come back later", wait=timedelta(minutes=30)))
    desk.run()
    for _minute in range(20):  # the daemon looks often: other channels have work, too
        desk.publisher.next_moments()
        desk.later(minutes=1)
    now = counted(metrics)
    assert now["attempts_total", "by-key"] == 3
    assert now["outcomes_total", "by-key", "publish", "published"] == 3
    assert now["wait_seconds_total", "by-key", "rate"] == 20 * 60, "each second once, however often it was met"
    assert now["waits_total", "by-key", "rate"] == 2
    assert now["lateness_seconds_count", "by-key"] == 3
    assert now["lateness_seconds_sum", "by-key"] == 30 * 60, "on time, ten and twenty minutes late"
    assert now["outcomes_total", "by-lookup", "publish", "try_again"] == 1
    assert ("waits_total", "by-lookup", "retry_after") not in now, "its next try is due only then"


def test_what_waits_behind_a_channel_that_asked_for_patience(make_desk, metrics):
    desk = make_desk()
    desk.publisher = desk.another(observer=metrics)
    desk.add("asked", channel="by-lookup")
    desk.add("behind", channel="by-lookup", due=MINUTE)
    desk.connector("by-lookup").script.append(TryAgain("come back later", wait=timedelta(minutes=30)))
    desk.run()
    desk.later(minutes=2)
    desk.later(minutes=2)
    now = counted(metrics)
    assert now["wait_seconds_total", "by-lookup", "retry_after"] == 28 * 60
    assert now["waits_total", "by-lookup", "retry_after"] == 1


def test_doubt_and_leases(desk, metrics):
    desk.publisher = desk.another(observer=metrics)
    desk.add("doubtful", channel="by-lookup")
    desk.connector("by-lookup").script.append(OutcomeUnknown("the answer was lost"))
    desk.run()
    desk.later(minutes=1)
    now = counted(metrics)
    assert now["outcomes_total", "by-lookup", "publish", "unknown"] == 1
    assert now["outcomes_total", "by-lookup", "look_up", "not_found"] == 1
    assert now["call_seconds_count", "by-lookup", "look_up"] == 1
    lost = desk.add("lost")

    class Killed(BaseException):
        pass

    def die(request):
        raise Killed

    desk.connector().script.append(die)
    with pytest.raises(Killed):
        desk.another().run_channel("by-key")
    assert desk.state(lost) == "publishing"
    desk.later(minutes=10)
    assert counted(metrics)["leases_expired_total", "uncertain"] == 1


@pytest.fixture
def traced(desk):
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    desk.observer = Tracing(provider, lambda: desk.engine)
    desk.publisher = desk.another(observer=desk.observer)
    yield exporter
    watch_calls(None)
    provider.shutdown()


def test_from_the_plan_to_the_receipt(desk, traced):
    wish = desk.wish("one", visual={"layout": "card"})
    change = Change(action=Action.ADD, delivery=wish.id, before=None, after=wish)
    with desk.observer.span(Part.PLAN):
        plan = desk.plan(change)
    with desk.observer.span(Part.APPLY) as kept:
        apply_plan(desk.engine, plan, clock=desk.clock, by="lin", detail=kept)
    desk.run()
    assert desk.state(wish.id) == "published"
    spans = {span.name: span for span in traced.get_finished_spans()}
    assert list(spans) == ["plan", "apply", "claim", "render", "publish", "deliver", "record"]
    parents = {name: span.parent and span.parent.span_id for name, span in spans.items()}
    ids = {name: span.context.span_id for name, span in spans.items()}
    assert parents["apply"] == ids["plan"]
    assert parents["claim"] is None
    assert parents["deliver"] == ids["claim"]
    assert parents["render"] == parents["publish"] == parents["record"] == ids["deliver"]
    assert [link.context.span_id for link in spans["deliver"].links] == [ids["apply"]]
    assert spans["deliver"].attributes["promo.outcome"] == "published"
    assert spans["record"].attributes["promo.state"] == "published"
    told = "".join(span.to_json() for span in spans.values())
    assert "text of one" not in told
    assert wish.key not in told


def test_a_second_try_belongs_to_its_own_claim(desk, traced):
    delivery = desk.add("one")
    desk.connector().script.append(TryAgain("busy", wait=MINUTE))
    desk.run()
    desk.later(minutes=2)
    assert desk.state(delivery) == "published"
    spans = traced.get_finished_spans()
    claims = [span.context.span_id for span in spans if span.name == "claim"]
    delivers = [span for span in spans if span.name == "deliver"]
    assert [span.parent.span_id for span in delivers] == claims
    assert [span.attributes["promo.fence"] for span in delivers] == [1, 2]
    assert [span.attributes["promo.outcome"] for span in delivers] == ["try_again", "published"]


def test_a_look_up_is_linked_to_the_claim_in_doubt(desk, traced):
    desk.add("one", channel="by-lookup")
    desk.connector("by-lookup").script.append(OutcomeUnknown("the answer was lost"))
    desk.run()
    desk.later(minutes=1)
    spans = {span.name: span for span in traced.get_finished_spans()}
    look_up = spans["look_up"]
    assert [link.context.span_id for link in look_up.links] == [spans["claim"].context.span_id]
    assert (look_up.parent, look_up.attributes["promo.outcome"]) == (None, "not_found")


def test_the_writer_shows_that_it_lives_while_there_is_one(make_desk, metrics):
    heartbeat = Heartbeat()
    desk = make_desk()
    delivery = desk.add("one", due=SystemClock().now() - desk.clock.now())
    publisher = desk.another(observer=Together(heartbeat, metrics), clock=SystemClock())
    told = threading.Event()
    publisher.open_lanes(on_outcome=lambda _delivery, _state: told.set())
    try:
        publisher.wake("by-key")
        assert told.wait(60)
        assert heartbeat.ages().keys() == {"writer"}
        assert heartbeat.stuck() == {}
    finally:
        publisher.close_lanes()
    assert heartbeat.ages() == {}, "it ended, as it should"
    now = counted(metrics)
    assert now["claim_batch_size_sum", "by-key"] == 1
    assert now["commit_group_size_sum",] >= 2, "its claim and its end"
    assert desk.state(delivery) == "published"
