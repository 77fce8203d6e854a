"""The difference between files and ledger, through real applying and real steps of people."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from promo.clock import VirtualClock
from promo.delivery.steps import cancel, reject, retry
from promo.errors import WorldMoved
from promo.plan.compile import compile_deliveries
from promo.plan.diff import field_changes, ledger_digest, make_plan
from promo.plan.ledger import read_ledger
from promo.plan.model import Action
from promo.registry import open_channels

NOW = datetime(2027, 3, 1, 0, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def actions(plan):
    return sorted((c.action.value, c.after.activity if c.after else c.before["activity"]) for c in plan.changes)


def the(plan, action):
    [change] = [c for c in plan.changes if c.action is action]
    return change


def clock(now=NOW):
    return VirtualClock(now)


POST = """
- id: hello
  kind: online
  channels: [micro]
  schedule: {at: 2027-03-08 10:00}
  content: {text: "Come and see"}
"""
TWO = """
- {id: one, kind: online, channels: [plain], schedule: {at: 2027-03-08 10:00}, content: {text: first}}
- {id: two, kind: online, channels: [plain], schedule: {at: 2027-03-09 10:00}, content: {text: second}}
"""


def test_planning_writes_nothing_and_applying_once_is_enough(place):
    place.campaign(TWO)
    first = place.plan()
    assert actions(first) == [("add", "one"), ("add", "two")]
    assert place.rows() == {}
    place.apply(first)
    again = place.plan()
    assert actions(again) == [("unchanged", "one"), ("unchanged", "two")]
    assert not again.moves


def test_renaming_the_file_and_turning_the_order_changes_nothing(place):
    place.campaign(TWO)
    place.sync()
    (place.root / "campaigns/spring.yaml").unlink()
    place.campaign("\n".join(reversed(TWO.strip().splitlines())), file="renamed/other.yaml")
    assert not place.plan().moves


def test_an_edit_is_shown_word_by_word(place):
    place.campaign(POST)
    place.sync()
    place.campaign(POST.replace('"Come and see"', "'Come and look\n\n    Bring friends'").replace("10:00", "11:30"))
    change = the(place.plan(), Action.CHANGE)
    fields = {f.field: f.lines for f in field_changes(change)}
    assert fields["content.text"] == ("-Come and see", "+Come and look", "+Bring friends")
    assert change.before["due_at"] == "2027-03-08T09:00:00+00:00"
    assert change.after.due_at == datetime(2027, 3, 8, 10, 30, tzinfo=UTC)


def test_a_moved_post_is_a_change_never_a_second_post(place):
    place.campaign(POST)
    place.sync()
    place.campaign(POST.replace("03-08", "03-20"))
    plan = place.sync()
    assert actions(plan) == [("change", "hello")]
    assert len(place.rows()) == 1
    place.campaign(POST.replace("03-08", "09-20"))  # beyond the horizon
    assert actions(place.sync()) == [("change", "hello")]
    assert not place.plan().moves


def test_what_left_the_files_is_cancelled_and_comes_back_with_them(place):
    place.campaign(TWO)
    place.sync()
    place.campaign(TWO.strip().splitlines()[0])
    assert actions(place.sync()) == [("cancel", "two"), ("unchanged", "one")]
    assert not place.plan().moves
    place.campaign(TWO)
    back = place.sync()
    assert actions(back) == [("change", "two"), ("unchanged", "one")]
    assert "planned again" in the(back, Action.CHANGE).notes[0]
    assert {row.state for row in place.rows().values()} == {"scheduled"}


def test_a_removed_campaign_is_cancelled_but_for_what_went_out(place):
    place.campaign(TWO)
    place.campaign(POST, name="autumn", file="autumn.yaml")
    place.sync()
    rows = place.rows()
    place.set_state("published", rows["one", "plain", "once", "main"].id)
    (place.root / "campaigns/spring.yaml").unlink()
    assert actions(place.sync()) == [("cancel", "two"), ("unchanged", "hello")]
    assert place.rows()["one", "plain", "once", "main"].state == "published"


@pytest.mark.parametrize("state", ["publishing", "pending", "handed_over", "published", "done", "uncertain"])
def test_what_is_out_is_never_rewritten(place, state):
    place.campaign(POST)
    place.sync()
    before = place.rows()
    place.set_state(state)
    place.campaign(POST.replace("see", "look").replace("03-08", "03-12"))
    plan = place.sync()
    change = the(plan, Action.KEPT)
    assert "the change is not applied" in change.notes[0]
    assert {f.field for f in field_changes(change)} == {"content.text"}
    [(key, row)] = place.rows().items()
    assert (row.content, row.due_at, row.state) == (before[key].content, before[key].due_at, state)


def test_the_past_is_left_alone_when_the_days_go_by(place):
    place.campaign(
        """
        - id: daily
          kind: online
          channels: [plain]
          schedule: {cron: "0 9 * * *", until: 2027-03-20}
          content: {text: x}
        """
    )
    place.sync(days=5)
    states = ["published", "missed", "failed", "scheduled", "uncertain"]
    for row, state in zip(place.rows().values(), states, strict=True):
        place.set_state(state, row.id)
    plan = place.sync(now=NOW + 10 * DAY, days=5)
    assert {c.action for c in plan.changes} == {Action.ADD}
    assert [row.state for row in list(place.rows().values())[:5]] == states


def test_a_shorter_horizon_cancels_nothing(place):
    place.campaign(TWO)
    place.sync()
    assert not place.plan(days=1).moves


def test_what_a_person_cancelled_stays_cancelled(place):
    place.campaign(TWO)
    place.sync()
    [one, _two] = [row.id for row in place.rows().values()]
    cancel(place.engine, one, by="lee", clock=clock())
    assert not place.sync().moves
    place.campaign(TWO.replace("first", "first of all"))
    assert not place.plan().moves
    retry(place.engine, one, by="lee", clock=clock())
    assert actions(place.sync()) == [("change", "one"), ("unchanged", "two")]


def test_a_rejected_post_waits_for_new_words(place):
    place.campaign(POST, extra="approval: {stages: [brand]}")
    place.sync()
    [row] = place.rows().values()
    reject(place.engine, row.id, stage="brand", by="lee", comment="no", clock=clock())
    assert not place.plan().moves
    place.campaign(POST.replace("03-08", "03-10"), extra="approval: {stages: [brand]}")
    assert actions(place.plan()) == [("kept", "hello")]
    place.campaign(POST.replace("see", "look"), extra="approval: {stages: [brand]}")
    assert actions(place.sync()) == [("change", "hello")]
    assert [r.state for r in place.rows().values()] == ["awaiting_approval"]


def test_a_failed_post_goes_out_again_once_it_is_mended_and_in_time(place):
    place.campaign(POST)
    place.sync()
    place.set_state("failed")
    assert not place.plan(now=NOW + 9 * DAY).moves
    place.campaign(POST.replace("see", "look"))
    assert actions(place.plan(now=NOW + 9 * DAY)) == [("kept", "hello")]
    place.campaign(POST.replace("see", "look").replace("03-08", "03-11"))
    assert actions(place.sync(now=NOW + 9 * DAY)) == [("change", "hello")]


def test_a_missed_post_is_planned_again_when_it_is_moved(place):
    place.campaign(POST)
    place.sync()
    place.set_state("missed")
    assert not place.plan(now=NOW + 9 * DAY).moves
    place.campaign(POST.replace("03-08", "03-12"))
    assert actions(place.sync(now=NOW + 9 * DAY)) == [("change", "hello")]


def test_a_second_try_after_the_window_is_not_undone(place):
    place.campaign(POST)
    place.sync()
    place.set_state("missed")
    [row] = place.rows().values()
    retry(place.engine, row.id, by="lee", clock=clock(NOW + 9 * DAY))
    assert not place.plan(now=NOW + 9 * DAY).moves


COMMENTED = POST.replace('see"', 'see", first_comment: {text: "More", after: 10m}')


def test_a_first_comment_follows_its_post(place):
    place.campaign(COMMENTED)
    place.sync()
    rows = place.rows()
    post, comment = rows["hello", "micro", "once", "main"], rows["hello", "micro", "once", "first-comment"]
    assert (comment.parent, comment.state) == (post.id, "planned")
    cancel(place.engine, post.id, by="lee", clock=clock())
    assert place.rows()["hello", "micro", "once", "first-comment"].state == "cancelled"
    assert not place.plan().moves
    retry(place.engine, post.id, by="lee", clock=clock())
    assert not place.plan().moves
    place.set_state("published", post.id)
    place.campaign(COMMENTED.replace("03-08", "03-12"))
    assert not place.plan().moves  # its time counts from the publication, whatever the file says now


def test_a_change_of_the_approval_rule_is_a_change(place):
    place.campaign(POST)
    place.sync()
    place.campaign(POST, extra="approval: {stages: [brand], deadline: 1d}")
    change = the(place.sync(), Action.CHANGE)
    assert [f.field for f in field_changes(change)] == ["approval"]
    assert [row.state for row in place.rows().values()] == ["awaiting_approval"]


def test_a_new_photo_is_a_change_though_the_words_are_the_same(place):
    place.campaign(POST.rstrip() + "\n  visual: {layout: event-card}\n")

    def plan(version):
        compiled = place.compile(visual_digest=lambda _visual: version)
        with place.engine.connect() as connection:
            return make_plan(connection, compiled, made_at=NOW, horizon=NOW + 35 * DAY, files_digest="")

    place.apply(plan("photo 1"))
    assert not plan("photo 1").moves
    assert [f.field for f in field_changes(the(plan("photo 2"), Action.CHANGE))] == ["visual.files"]


def test_a_broken_plugin_cancels_nothing(place):
    place.campaign(TWO)
    place.sync()
    workspace = place.workspace
    channels = {n: c for n, c in open_channels(workspace, place.registry).items() if n != "plain"}
    with place.engine.connect() as connection:
        ledger = read_ledger(connection)
        limits = {"start": NOW, "horizon": NOW + 35 * DAY}
        compiled = compile_deliveries(place.load(), workspace, channels, ledger=ledger, **limits)
        plan = make_plan(connection, compiled, made_at=NOW, horizon=NOW + 35 * DAY, files_digest="")
    assert plan.changes == ()


def test_a_plan_is_refused_when_the_ledger_has_moved(place):
    place.campaign(TWO)
    plan = place.plan()
    with place.engine.connect() as connection:
        assert ledger_digest(connection) == plan.ledger_digest
    place.apply(plan)
    with pytest.raises(WorldMoved):
        place.apply(plan)
    later = place.plan()
    cancel(place.engine, next(iter(place.rows().values())).id, by="lee", clock=clock())
    with place.engine.connect() as connection:
        assert ledger_digest(connection) != later.ledger_digest


# -- whatever is written: applied once, there is nothing left to do ------------------------------------------------

SCHEDULES = st.one_of(
    st.builds(lambda d, h: f"{{at: 2027-03-{d:02} {h:02}:15}}", st.integers(1, 31), st.integers(0, 23)),
    st.builds(lambda d: f"{{at: [2027-03-{d:02} 09:00, 2027-03-{d + 3:02} 02:30]}}", st.integers(1, 28)),
    st.builds(lambda d, h: f"{{cron: '5 {h} * * {d}', jitter: 20m}}", st.integers(0, 6), st.integers(0, 23)),
    st.just("{rrule: 'FREQ=DAILY;INTERVAL=4;BYHOUR=2;BYMINUTE=30;COUNT=6', late: always}"),
    st.builds(lambda n: f"{{slots: evenings, count: {n}}}", st.integers(1, 9)),
    st.builds(lambda n: f"{{slots: evenings, count: {n}, until: 2027-03-10}}", st.integers(1, 9)),
)
ACTIVITIES = st.dictionaries(
    st.sampled_from("abcd"),
    st.tuples(
        SCHEDULES, st.sampled_from(["[micro]", "[plain]", "[micro, plain]"]), st.sampled_from(["x", "y {{ link }}"])
    ),
    min_size=1,
    max_size=4,
)


def write(place, activities):
    place.campaign(
        "\n".join(
            f"- {{id: {name}, kind: online, channels: {channels}, schedule: {schedule}, content: {{text: '{text}',"
            f" link: 'https://acme.example/', first_comment: 'more'}}}}"
            for name, (schedule, channels, text) in activities.items()
        )
    )


@settings(max_examples=20, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(before=ACTIVITIES, after=ACTIVITIES, wait=st.integers(0, 400))
def test_applied_once_there_is_nothing_left_to_do(tmp_path_factory, make_place, before, after, wait):
    place = make_place(tmp_path_factory.mktemp("place"))
    write(place, before)
    place.sync()
    later = NOW + timedelta(hours=wait)
    assert not place.plan().moves
    write(place, after)
    place.sync(now=later)
    again = place.plan(now=later)
    assert [c for c in again.changes if c.action in (Action.ADD, Action.CHANGE, Action.CANCEL)] == []
    taken = [
        (row.channel, row.due_at)
        for (_activity, _channel, occurrence, part), row in place.rows().items()
        if occurrence.startswith("slot") and part == "main" and row.state != "cancelled"
    ]
    assert len(taken) == len(set(taken))
    place.engine.dispose()
