"""The metrics: what a publisher tells becomes numbers, the ledger's stand is read anew, and labels stay few."""

from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import insert

from promo.clock import VirtualClock
from promo.delivery.observer import Observer, Part
from promo.errors import PromoError
from promo.store.database import transaction
from promo.store.tables import channels
from promo.watch.catalogue import LEDGER, PROCESS
from promo.watch.gauge import gauges
from promo.watch.health import Health
from promo.watch.heartbeat import Heartbeat
from promo.watch.metrics import Metrics, Standing
from promo.watch.together import Together


def families(metrics):
    _kind, text = metrics.scrape()
    return {family.name: family for family in text_string_to_metric_families(text.decode())}


def values(metrics):
    """Return {name{label=value,…}: number} of all samples but the buckets."""
    found = {}
    for family in families(metrics).values():
        for sample in family.samples:
            if not sample.name.endswith(("_bucket", "_created")):
                labels = ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))
                found[f"{sample.name}{{{labels}}}"] = sample.value
    return found


@pytest.fixture
def metrics():
    return Metrics()


def tell_everything(observer):
    observer.claimed(channel="mastodon", count=7)
    observer.waiting(channel="mastodon", reason="rate", seconds=30)
    observer.waiting(channel="mastodon", reason="rate", seconds=-1)
    observer.called(channel="mastodon", late=0.02)
    observer.called(channel="mastodon", late=None)
    observer.answered(channel="mastodon", part=Part.PUBLISH, outcome="published", seconds=0.4)
    observer.answered(channel="mastodon", part=Part.PUBLISH, outcome="not_ready", seconds=None)
    observer.answered(channel="mastodon", part=Part.LOOK_UP, outcome="found", seconds=0.1)
    observer.committed(pieces=12, seconds=0.003)
    observer.committed(pieces=12, seconds=0.003, error="OperationalError")
    observer.expired(state="uncertain", count=2)
    observer.beat(loop="watch", within=1)


def test_what_is_told_is_counted(metrics):
    tell_everything(metrics)
    now = values(metrics)
    assert now["promo_attempts_total{channel=mastodon}"] == 2
    assert now["promo_lateness_seconds_count{channel=mastodon}"] == 1
    assert now["promo_lateness_seconds_sum{channel=mastodon}"] == 0.02
    assert now["promo_outcomes_total{call=publish,channel=mastodon,outcome=published}"] == 1
    assert now["promo_outcomes_total{call=publish,channel=mastodon,outcome=not_ready}"] == 1
    assert now["promo_outcomes_total{call=look_up,channel=mastodon,outcome=found}"] == 1
    assert now["promo_call_seconds_count{call=publish,channel=mastodon}"] == 1
    assert now["promo_waits_total{channel=mastodon,reason=rate}"] == 2
    assert now["promo_wait_seconds_total{channel=mastodon,reason=rate}"] == 30
    assert now["promo_claim_batch_size_sum{channel=mastodon}"] == 7
    assert now["promo_commit_group_size_sum{}"] == 12
    assert now["promo_commit_group_size_count{}"] == 1
    assert now["promo_ledger_write_errors_total{error=OperationalError}"] == 1
    assert now["promo_leases_expired_total{state=uncertain}"] == 2
    assert now["process_resident_memory_bytes{}"] > 0


def test_all_who_listen_hear_the_same():
    first, second = Metrics(), Metrics()
    tell_everything(Together(first, Observer(), second))
    told = values(first)
    assert told["promo_attempts_total{channel=mastodon}"] == 2
    alike = {name for name in told if name.startswith("promo_")}
    assert {name: values(second)[name] for name in alike} == {name: told[name] for name in alike}


def standing(ledger, *, checks=None, clock=None, known=()):
    heartbeat = Heartbeat()
    heartbeat.beat(loop="watch", within=60)
    health = Health(heartbeat=heartbeat, checks={"database": lambda: None, **(checks or {})}, stopping=lambda: False)
    at = clock or ledger.clock
    return Standing(
        health=health,
        ledger=lambda: gauges(ledger.engine, at.now(), known=known),
        role="run",
        database="sqlite",
    )


def test_the_ledger_is_read_when_asked(open_day, metrics):
    minute = timedelta(minutes=1)
    open_day.delivery("late-1", published=None, channel="bluesky", due_at=open_day.clock.now() - 5 * minute)
    open_day.delivery("late-2", published=None, channel="bluesky", due_at=open_day.clock.now() - 90 * minute)
    open_day.delivery("asks", published=None, channel="bluesky", state="uncertain", not_before=open_day.clock.now())
    open_day.delivery("held", published=None, channel="bluesky", state="awaiting_approval", approve_by=None)
    soon = open_day.clock.now() + minute
    open_day.delivery("wanted", published=None, channel="mastodon", state="awaiting_approval", approve_by=soon)
    with transaction(open_day.engine) as connection:
        shut = {"paused": False, "blocked_until": open_day.clock.now() + minute, "reason": "", "paused_by": ""}
        paused = {"paused": True, "blocked_until": None, "reason": "no access", "paused_by": "promo"}
        connection.execute(insert(channels), [{"channel": "mastodon", **shut}, {"channel": "print-shop", **paused}])
    metrics.add(standing(open_day, known=["email"]))
    now = values(metrics)
    assert now["promo_deliveries{channel=bluesky,state=published}"] == 8
    assert now["promo_deliveries{channel=bluesky,state=uncertain}"] == 2
    assert now["promo_needs_person{channel=bluesky}"] == 1, "the other one is looked up by itself"
    assert now["promo_held{channel=bluesky}"] == 2, "the other one is from the campaign itself"
    assert now["promo_held{channel=mastodon}"] == 0, "there is time left"
    assert now["promo_queue_age_seconds{channel=bluesky}"] == 90 * 60
    assert now["promo_queue_age_seconds{channel=mastodon}"] == 0
    assert now["promo_queue_age_seconds{channel=email}"] == 0
    assert now["promo_channel_shut_seconds{channel=mastodon}"] == 60
    assert now["promo_channel_paused{channel=print-shop}"] == 1
    assert now["promo_channel_paused{channel=bluesky}"] == 0
    assert now["promo_ready{check=database}"] == 1
    assert now["promo_ready{check=loop}"] == 1
    assert 0 <= now["promo_heartbeat_age_seconds{loop=watch}"] < 60
    assert sum(name.startswith("promo_build_info") for name in now) == 1
    open_day.delivery("late-3", published=None, channel="mastodon", due_at=open_day.clock.now() - minute)
    assert values(metrics)["promo_queue_age_seconds{channel=mastodon}"] == 60


def test_without_its_database_a_process_still_answers(open_day, metrics):
    def away():
        raise PromoError("the database does not answer")

    metrics.add(standing(open_day, checks={"database": away}))
    now = values(metrics)
    assert now["promo_ready{check=database}"] == 0
    assert not [name for name in now if name.startswith("promo_deliveries")], "no number is better than an old one"


def test_a_database_that_goes_away_meanwhile(open_day, metrics, tmp_path):
    metrics.add(standing(open_day))
    open_day.engine.dispose()
    (tmp_path / "promo.db").write_bytes(b"not a database any more" * 100)
    assert not [name for name in values(metrics) if name.startswith("promo_deliveries")]


def test_every_metric_is_in_the_catalogue_and_each_of_it_is_scraped(open_day, metrics):
    tell_everything(metrics)
    metrics.add(standing(open_day, clock=VirtualClock(open_day.clock.now())))
    scraped = {}
    for family in families(metrics).values():
        if family.name.startswith("promo_"):
            name = f"{family.name}_total" if family.type == "counter" else family.name
            scraped[name] = (family.type, family.documentation, {*family.samples[0].labels} - {"le"})
    declared = {m.name: (m.kind, m.what, {*m.labels}) for m in (*PROCESS.values(), *LEDGER.values())}
    assert scraped == declared


def test_no_label_grows_with_the_ledger(open_day, metrics):
    few = {"channel", "state", "call", "outcome", "reason", "error", "loop", "check", "version", "python", "role"}
    assert {label for m in (*PROCESS.values(), *LEDGER.values()) for label in m.labels} <= few | {"database"}
    metrics.add(standing(open_day))
    before = len(values(metrics))
    with open_day.at_once():
        for number in range(300):
            open_day.delivery(f"more-{number}", channel="mastodon", activity=f"activity-{number}")
    assert len(values(metrics)) == before
