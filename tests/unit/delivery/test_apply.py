"""Applying a plan: all of it or nothing, never over what is out."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from promo.delivery.apply import Applied, apply_plan
from promo.delivery.query import history
from promo.delivery.state import State
from promo.errors import WorldMoved
from promo.plan.model import Action, Change
from promo.store.database import reading
from promo.store.tables import campaigns, deliveries, events, links

PLACES = [
    {
        "id": place,
        "name": f"the {place}",
        "copies": 2,
        "link": f"https://go.example/l/{place}token",
        "token": f"{place}token",
        "target": "https://leaf.example/spring",
    }
    for place in ("hall", "gate")
]


def change(action, wish):
    return Change(action=action, delivery=wish.id, before=None, after=None if action is Action.CANCEL else wish)


def test_everything_a_delivery_brings_is_written(desk):
    tasks = [{"id": "hang", "what": "hang it", "owner": "zhang", "due": None, "proof": "photo"}]
    content = {"placements": PLACES, "tasks": tasks, "token": "maintoken1", "target": "https://leaf.example/spring"}
    wish = desk.wish(content=content)
    assert desk.apply(wish) == Applied(added=1)
    known = history(desk.engine, wish.id)
    assert known.delivery.content["text"] == "text of one"
    assert [(p.placement, p.copies) for p in known.placements] == [("gate", 2), ("hall", 2)]
    assert [t.owner for t in known.tasks] == ["zhang"]
    assert {(link.token, link.placement) for link in known.links} == {
        ("halltoken", "hall"),
        ("gatetoken", "gate"),
        ("maintoken1", None),
    }
    with reading(desk.engine) as connection:
        row = connection.execute(select(campaigns)).one()
    assert (row.campaign, row.brand, row.applied_at, row.ended) == ("spring", "leaf", desk.clock.now(), False)


def test_a_change_replaces_words_and_parts_but_keeps_printed_links(desk):
    wish = desk.wish(due=timedelta(days=1), content={"placements": PLACES})
    desk.apply(wish)
    other = {**PLACES[0], "target": "https://leaf.example/summer"}
    desk.apply(replace(wish, content={"text": "new", "placements": [other]}, digest="e" * 64), action=Action.CHANGE)
    known = history(desk.engine, wish.id)
    assert known.delivery.content["text"] == "new"
    assert [p.placement for p in known.placements] == ["hall"]
    assert {link.token: link.target for link in known.links} == {
        "halltoken": "https://leaf.example/summer",
        "gatetoken": "https://leaf.example/spring",
    }
    assert desk.events(wish.id) == ["planned", "changed"]


def test_cancelled_and_planned_again(desk):
    wish = desk.wish(due=timedelta(days=1))
    desk.apply(wish)
    assert desk.apply(wish, action=Action.CANCEL) == Applied(cancelled=1)
    assert desk.state(wish.id) == State.CANCELLED
    desk.apply(wish, action=Action.CHANGE)
    assert desk.later(days=1).outcomes == ((wish.id, State.PUBLISHED),)


@pytest.mark.parametrize("action", [Action.CHANGE, Action.CANCEL])
def test_what_is_out_is_never_touched(desk, action):
    wish, second = desk.wish(), desk.wish("second")
    desk.apply(wish)
    desk.run()
    plan = desk.plan(change(Action.ADD, second), change(action, replace(wish, digest="e" * 64)))
    with pytest.raises(WorldMoved):
        apply_plan(desk.engine, plan, clock=desk.clock, by="lin")
    assert desk.state(wish.id) == State.PUBLISHED
    with reading(desk.engine) as connection:
        assert connection.execute(select(func.count()).select_from(deliveries)).scalar() == 1


def test_what_goes_out_meanwhile_voids_no_plan_that_leaves_it_alone(desk):
    wish, second = desk.wish(), desk.wish("second")
    desk.apply(wish)
    plan = desk.plan(change(Action.ADD, second), change(Action.UNCHANGED, wish))
    desk.run()
    assert desk.state(wish.id) == State.PUBLISHED
    assert apply_plan(desk.engine, plan, clock=desk.clock, by="lin").added == 1
    assert desk.state(second.id) == State.SCHEDULED


def test_a_plan_made_for_another_ledger_is_refused_whole(desk):
    first, second = desk.wish("first"), desk.wish("second")
    plan = desk.plan(change(Action.ADD, first))
    desk.apply(second)
    with pytest.raises(WorldMoved, match="ledger"):
        apply_plan(desk.engine, plan, clock=desk.clock, by="lin")
    with pytest.raises(WorldMoved, match="files"):
        apply_plan(desk.engine, desk.plan(change(Action.ADD, first)), clock=desk.clock, by="lin", files_digest="other")
    with reading(desk.engine) as connection:
        assert connection.execute(select(deliveries.c.id)).scalars().all() == [second.id]


def test_a_plan_is_applied_once(desk):
    plan = desk.plan(change(Action.ADD, desk.wish()))
    apply_plan(desk.engine, plan, clock=desk.clock, by="lin")
    with pytest.raises(WorldMoved):
        apply_plan(desk.engine, plan, clock=desk.clock, by="lin")


def test_ten_thousand_are_one_transaction(make_desk):
    desk = make_desk()
    wishes = [
        desk.wish(
            f"n{n}", due=timedelta(minutes=n), content={"token": f"tokentoken{n}", "target": "https://leaf.example"}
        )
        for n in range(10_000)
    ]
    assert desk.apply(*wishes).added == 10_000
    with reading(desk.engine) as connection:
        for table in (deliveries, events, links):
            assert connection.execute(select(func.count()).select_from(table)).scalar() == 10_000
    assert desk.apply(*wishes, action=Action.CANCEL).cancelled == 10_000
