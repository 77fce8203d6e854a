"""Slots are dealt out once each, in order, and stay where they are."""

from datetime import UTC, datetime, timedelta

NOW = datetime(2027, 3, 1, 0, 0, tzinfo=UTC)

FLATS = """
- id: flat
  kind: online
  channels: [micro]
  each: data/flats.csv
  schedule: {slots: channel}
  content: {text: "{{ row.name }}"}
"""


def rows(place, *names):
    place.write("campaigns/data/flats.csv", "id,name\n" + "".join(f"{name},{name}\n" for name in names))


def when(delivery):
    return (delivery.due_at + timedelta(hours=1)).strftime("%m-%d %H:%M")  # Berlin before 28 March


def slots(place, plan):
    return {c.after.activity: when(c.after) for c in plan.changes if c.after is not None}


def test_rows_take_the_next_free_slots_in_order(place):
    rows(place, "a", "b", "c")
    place.campaign(FLATS)
    assert slots(place, place.plan()) == {"flat/a": "03-01 19:30", "flat/b": "03-01 21:00", "flat/c": "03-02 19:30"}


def test_what_has_a_slot_keeps_it_and_new_rows_come_behind(place):
    rows(place, "a", "b")
    place.campaign(FLATS)
    place.sync()
    rows(place, "new", "b", "a")
    later = slots(place, place.sync(now=NOW + timedelta(hours=1)))
    assert later == {"flat/a": "03-01 19:30", "flat/b": "03-01 21:00", "flat/new": "03-02 19:30"}
    assert not place.plan(now=NOW + timedelta(hours=2)).moves


def test_a_slot_is_free_again_when_its_row_is_gone(place):
    rows(place, "a", "b", "c")
    place.campaign(FLATS)
    place.sync()
    rows(place, "b", "c", "d")
    plan = place.sync()
    assert slots(place, plan) == {"flat/b": "03-01 21:00", "flat/c": "03-02 19:30", "flat/d": "03-01 19:30"}
    assert not place.plan().moves


def test_no_two_deliveries_share_a_slot_across_campaigns_and_with_fixed_times(place):
    rows(place, "a", "b")
    place.campaign(FLATS, name="zeta", file="a.yaml")
    place.campaign(
        """
        - {id: fixed, kind: online, channels: [micro], schedule: {at: 2027-03-01 21:00}, content: {text: x}}
        - {id: mine, kind: online, channels: [micro], schedule: {slots: evenings}, content: {text: y}}
        - {id: other, kind: online, channels: [plain], schedule: {slots: evenings}, content: {text: y}}
        """,
        name="alpha",
        file="z.yaml",
    )
    assert slots(place, place.sync()) == {
        "fixed": "03-01 21:00",
        "mine": "03-01 19:30",  # campaigns in the order of their names
        "other": "03-01 19:30",  # another channel has slots of its own
        "flat/a": "03-02 19:30",
        "flat/b": "03-02 21:00",
    }
    assert not place.plan().moves


def test_published_slots_are_history(place):
    rows(place, "a", "b")
    place.campaign(FLATS)
    place.sync()
    ids = {row.activity: row.id for row in place.rows().values()}
    place.set_state("published", ids["flat/a"])
    place.write("promo.yaml", (place.root / "promo.yaml").read_text().replace("19:30", "18:00"))
    plan = place.sync(now=NOW + timedelta(hours=1))
    assert slots(place, plan) == {"flat/a": "03-01 19:30", "flat/b": "03-01 21:00"}
    assert not plan.moves
    rows(place, "a", "b", "c")
    assert slots(place, place.sync(now=NOW + timedelta(days=1)))["flat/c"] == "03-02 18:00"


def test_a_slot_that_left_the_plan_moves_its_delivery(place):
    rows(place, "a", "b")
    place.campaign(FLATS)
    place.sync()
    place.write("promo.yaml", (place.root / "promo.yaml").read_text().replace('"19:30"', '"20:00"'))
    plan = place.sync()
    assert slots(place, plan) == {"flat/a": "03-01 20:00", "flat/b": "03-01 21:00"}
    assert not place.plan().moves


def test_rows_wait_when_the_horizon_is_full_and_are_told_when_the_plan_is(place):
    rows(place, *"abcdefgh")
    place.campaign(FLATS)
    compiled = place.compile(days=2)
    assert len(compiled.deliveries) == 4
    assert compiled.remarks == ("spring/flat: 4 deliveries wait for a free slot of micro",)
    assert compiled.problems == ()
    place.campaign(FLATS.replace("slots: channel", "slots: channel, until: 2027-03-02"))
    [problem] = place.compile().problems
    assert (problem.code, problem.severity) == ("no-slot", "warning")


def test_skipped_days_have_no_slots_and_added_days_have(place):
    place.campaign(
        """
        - id: post
          kind: online
          channels: [micro]
          schedule: {slots: evenings, count: 4, skip: 2027-03-01, also: 2027-03-04}
          content: {text: x}
        """
    )
    compiled = place.compile()
    assert place.local_times(compiled, "post") == ["03-02 19:30", "03-02 21:00", "03-03 19:30", "03-03 21:00"]
    assert [d.occurrence for d in compiled.deliveries] == ["slot-1", "slot-2", "slot-3", "slot-4"]
    place.campaign(
        """
        - id: post
          kind: online
          channels: [micro]
          schedule: {slots: evenings, count: 2, from: 2027-03-04, also: 2027-03-04}
          content: {text: x}
        """
    )
    assert place.local_times(place.compile(), "post") == ["03-04 19:30", "03-04 21:00"]


def test_slots_of_a_plan_in_another_zone(place):
    text = (place.root / "promo.yaml").read_text()
    place.write("promo.yaml", text.replace("evenings: {days", "evenings: {timezone: Asia/Shanghai, days"))
    place.campaign("- {id: p, kind: online, channels: [micro], schedule: {slots: evenings}, content: {text: x}}")
    [delivery] = place.compile().deliveries
    assert delivery.due_at == datetime(2027, 3, 1, 11, 30, tzinfo=UTC)
