"""The summary: what counts, what stands beside, what is never added."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from promo.errors import NotFound
from promo.report.model import NoteKind
from promo.report.selection import by_day, main_metrics
from promo.report.summary import list_campaigns, summarize
from promo.store.origin import Origin

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MEASURED, ENTERED, REPORTED, ESTIMATED = Origin.MEASURED, Origin.ENTERED, Origin.REPORTED, Origin.ESTIMATED


def report_of(ledger, campaign="open-day"):
    return summarize(ledger.engine, campaign, now=ledger.clock.now())


@pytest.fixture
def campaign(ledger):
    ledger.campaign()
    return ledger


def test_the_latest_total_counts(campaign):
    campaign.delivery("a1")
    for hours, likes in ((1, 3), (6, 9), (24, 20)):
        campaign.sample("a1", "likes", likes, at=campaign.clock.now() - 30 * HOUR + hours * HOUR)
    assert report_of(campaign).totals["likes"].counted == {REPORTED: 20}


def test_of_two_at_the_same_moment_the_later_written_counts(campaign):
    campaign.delivery("a1")
    campaign.sample("a1", "headcount", 300, origin="entered", source="zhao")
    campaign.sample("a1", "headcount", 320, origin="entered", source="li")
    assert report_of(campaign).totals["headcount"].value == 320


def test_additions_come_on_top_of_the_total_before_them(campaign):
    campaign.delivery("a1")
    for value, cumulative in ((5, False), (100, True), (3, False), (4, False)):
        campaign.sample("a1", "spend", value, origin="entered", source="zhao", cumulative=cumulative)
    assert report_of(campaign).totals["spend"].value == 107


def test_additions_without_a_total_are_summed(campaign):
    campaign.delivery("a1")
    campaign.sample("a1", "coverage", 1, origin="entered", cumulative=False)
    campaign.sample("a1", "coverage", 1, origin="entered", cumulative=False)
    assert report_of(campaign).totals["coverage"].value == 2


def test_for_one_delivery_the_most_trusted_origin_counts_and_the_others_stand_beside(campaign):
    campaign.link("t1-x", campaign.delivery("a1"))
    campaign.visit("t1-x", "anna", "bert", "anna")
    campaign.sample("a1", "clicks", 40)
    campaign.sample("a1", "clicks", 30, origin="estimated", source="formula")
    total = report_of(campaign).totals["clicks"]
    assert (total.value, total.counted, total.beside) == (3, {MEASURED: 3}, {REPORTED: 40, ESTIMATED: 30})
    assert NoteKind.BESIDE in {note.kind for note in report_of(campaign).notes}


def test_origins_of_different_deliveries_are_added_and_the_report_says_so(campaign):
    for name in ("a1", "a2"):
        campaign.delivery(name)
    campaign.sample("a1", "impressions", 1000)
    campaign.sample("a2", "impressions", 500, origin="estimated", source="formula")
    report = report_of(campaign)
    assert report.totals["impressions"].value == 1500
    assert report.totals["impressions"].origins == (REPORTED, ESTIMATED)
    [note] = [note for note in report.notes if note.kind is NoteKind.MIXED]
    assert note.fields == {"metric": "impressions", "parts": {REPORTED: 1000, ESTIMATED: 500}}


def test_reach_is_never_added(campaign):
    for number, channel in enumerate(("mastodon", "bluesky", "bluesky")):
        campaign.delivery(f"a{number}", channel=channel)
        campaign.sample(f"a{number}", "reach", 100 + number)
    report = report_of(campaign)
    total = report.totals["reach"]
    assert (total.value, total.at_least, total.counted) == (102, True, {REPORTED: 102})
    assert {group.key: group.totals["reach"].value for group in report.channels} == {"mastodon": 100, "bluesky": 102}
    assert by_day(report, "reach") is None
    assert NoteKind.REACH_NOT_ADDED in {note.kind for note in report.notes}


def test_one_delivery_s_reach_is_what_it_is(campaign):
    campaign.sample(campaign.delivery("a1"), "reach", 100)
    assert not report_of(campaign).totals["reach"].at_least


def test_visitors_are_distinct_over_channels_and_robots_are_left_out(campaign):
    for number, channel in enumerate(("mastodon", "bluesky")):
        campaign.link(f"t{number}-x", campaign.delivery(f"a{number}", channel=channel))
    campaign.visit("t0-x", "anna", "bert")
    campaign.visit("t1-x", "anna", "anna")
    campaign.visit("t1-x", "crawler", robot=True)
    report = report_of(campaign)
    assert (report.visitors, report.visits, report.robots) == (2, 4, 1)
    assert {group.key: group.visitors for group in report.channels} == {"bluesky": 1, "mastodon": 2}
    assert report.totals["clicks"].value == 4
    assert {NoteKind.ROBOTS, NoteKind.VISITORS_DAILY} <= {note.kind for note in report.notes}


def test_a_printed_code_is_scanned_a_post_s_link_is_clicked(campaign):
    campaign.delivery("p1", channel="print-shop", kind="offline", type="poster")
    campaign.delivery("e1", channel="calendar", kind="offline", type="event")
    campaign.link("gate-x", "p1", placement="gate")
    campaign.link("plain-x", "p1")
    campaign.link("event-x", "e1")
    for token in ("gate-x", "plain-x", "event-x"):
        campaign.visit(token, "anna")
    totals = report_of(campaign).totals
    assert (totals["scans"].value, totals["clicks"].value) == (2, 1)


def test_days_are_the_campaign_s_days(campaign):
    campaign.link("t1-x", campaign.delivery("a1"))
    midnight = datetime(2027, 3, 14, 16, tzinfo=UTC)  # 00:00 on the 15th in Shanghai
    campaign.visit("t1-x", "anna", at=midnight - timedelta(seconds=1))
    campaign.visit("t1-x", "anna", "bert", at=midnight)
    series = by_day(report_of(campaign), "clicks")
    assert dict(zip(series.days, series.sums, strict=True)) == {date(2027, 3, 14): 1, date(2027, 3, 15): 2}


def test_days_in_a_zone_of_half_hours_and_summer_time(ledger):
    ledger.campaign("half", timezone="Australia/Lord_Howe")  # +11:00 until 2027-04-04 02:00, then +10:30
    ledger.delivery("a1", campaign="half")
    ledger.link("t1-x", "a1")
    ledger.visit("t1-x", "anna", at=datetime(2027, 4, 2, 12, 59, tzinfo=UTC))  # 23:59 on the 2nd
    ledger.visit("t1-x", "anna", at=datetime(2027, 4, 2, 13, 0, tzinfo=UTC))  # 00:00 on the 3rd
    ledger.visit("t1-x", "anna", at=datetime(2027, 4, 4, 13, 29, tzinfo=UTC))  # 23:59 on the 4th
    ledger.visit("t1-x", "anna", at=datetime(2027, 4, 4, 13, 30, tzinfo=UTC))  # 00:00 on the 5th
    series = by_day(summarize(ledger.engine, "half", now=ledger.clock.now()), "clicks")
    assert series.sums == (1, 1, 1, 1)


def test_what_a_channel_reports_grows_by_the_difference(campaign):
    campaign.delivery("a1")
    for days, value in ((3, 10), (2, 25), (1, 25)):
        campaign.sample("a1", "likes", value, at=campaign.clock.now() - days * DAY)
    series = by_day(report_of(campaign), "likes")
    assert (series.sums, series.origin) == ((10, 15), REPORTED)


def test_a_long_campaign_is_shown_by_week(campaign):
    campaign.link("t1-x", campaign.delivery("a1"))
    for days in (0, 6, 7, 120):
        campaign.visit("t1-x", "anna", at=campaign.clock.now() - 200 * DAY + days * DAY)
    series = by_day(report_of(campaign), "clicks")
    assert (series.step, series.sums[:2], sum(series.sums)) == (7, (2, 1), 4)


def test_goals_with_and_without_a_number(campaign):
    campaign.sample(campaign.delivery("a1"), "headcount", 330, origin="entered")
    goals = {goal.metric: goal for goal in report_of(campaign).goals}
    assert list(goals) == ["reach", "impressions", "clicks", "headcount", "coverage"]
    assert goals["headcount"].share == pytest.approx(1.1)
    assert (goals["coverage"].total, goals["coverage"].share) == (None, None)
    missing = {n.fields["metric"] for n in report_of(campaign).notes if n.kind is NoteKind.NO_NUMBER}
    assert missing == {"reach", "impressions", "clicks", "coverage"}


def test_a_goal_of_nothing_has_no_share(ledger):
    ledger.campaign(goals={"clicks": 0})
    ledger.sample(ledger.delivery("a1"), "clicks", 3)
    assert report_of(ledger).goals[0].share is None


def test_spending_goes_to_the_line_of_its_activity(campaign):
    campaign.delivery("p1", activity="lobby-poster", kind="offline")
    campaign.delivery("f1", activity="flats/12", kind="online")
    for delivery, amount in (("p1", 6420.5), ("f1", 80), (None, 500)):
        campaign.sample(delivery, "spend", amount, origin="entered", source="zhao")
    budget = report_of(campaign).budget
    assert {line.line: (line.planned, line.spent) for line in budget.lines} == {
        "print": (Decimal(6000), Decimal("6420.5")),
        "media": (Decimal(8000), 0),
        "event": (Decimal(6000), 0),
        None: (None, Decimal(580)),
    }
    assert (budget.total, budget.spent, budget.currency) == (Decimal(20000), Decimal("7000.5"), "CNY")
    assert [n.fields["line"] for n in report_of(campaign).notes if n.kind is NoteKind.OVER_BUDGET] == ["print"]


def test_a_campaign_without_money_has_no_budget(ledger):
    ledger.campaign(budget=None)
    assert report_of(ledger).budget is None


def test_numbers_of_the_whole_campaign_have_a_group_of_their_own(campaign):
    campaign.delivery("a1")
    campaign.sample(None, "coverage", 2, origin="entered", source="li")
    groups = {group.key: group for group in report_of(campaign).channels}
    assert groups[None].totals["coverage"].value == 2
    assert groups[None].deliveries == 0


def test_placements_with_and_without_scans(open_day):
    places = {place.placement: (place.scans, place.visitors) for place in report_of(open_day).placements}
    assert places == {"tower-1-lobby": (31, 20), "east-gate": (18, 18), "clubhouse": (0, 0)}


def test_a_placement_without_a_link_is_not_said_to_have_no_scans(campaign):
    campaign.placement(campaign.delivery("p1", kind="offline", type="poster"), "gate")
    [place] = report_of(campaign).placements
    assert place.scans is None


def test_open_cases_are_named(open_day):
    notes = {note.kind: note.fields for note in report_of(open_day).notes}
    assert notes[NoteKind.UNCERTAIN] == {"count": 1, "deliveries": ("aa0000000000",)}
    assert notes[NoteKind.FAILED]["count"] == notes[NoteKind.MISSED]["count"] == 1
    assert notes[NoteKind.NOT_REPORTED]["channels"]["wecom-owners"] == (8, 8)
    assert notes[NoteKind.NO_PROOF] == {"count": 4}


def test_the_strongest_come_first(open_day):
    top = report_of(open_day).top
    visits = [delivery.figures.get("clicks", delivery.figures.get("scans", (None, 0)))[1] for delivery in top]
    assert visits == sorted(visits, reverse=True)
    assert len(top) == 10
    assert top[0].title == "春季开放日海报"


def test_another_campaign_s_numbers_stay_out(open_day):
    before = report_of(open_day)
    open_day.campaign("other")
    open_day.delivery("ee01", campaign="other")
    open_day.link("other-x", "ee01")
    open_day.visit("other-x", "anna")
    open_day.sample("ee01", "likes", 1000, campaign="other")
    assert report_of(open_day) == before
    assert report_of(open_day, "other").totals["likes"].value == 1000


def test_an_empty_campaign_has_a_report(campaign):
    report = report_of(campaign)
    assert (report.deliveries, report.visitors, report.totals, report.days) == (0, 0, {}, ())
    assert NoteKind.NOTHING_PUBLISHED in {note.kind for note in report.notes}
    assert main_metrics(report) == ()


def test_an_unknown_campaign(campaign):
    with pytest.raises(NotFound) as caught:
        report_of(campaign, "open-dya")
    assert "`open-day`" in str(caught.value)


def test_the_list_of_campaigns(open_day):
    open_day.campaign("later", period={"from": "2027-05-01", "until": "2027-05-02"})
    lines = [(line.campaign, line.deliveries, line.published) for line in list_campaigns(open_day.engine)]
    assert lines == [("later", 0, 0), ("open-day", 33, 27)]


def test_a_delivery_is_named_by_its_words_and_not_by_its_link(campaign):
    campaign.delivery("a1", content={"text": "来看花园 👉 https://go.example/l/abc_-1 #开放日"})
    campaign.delivery("a2", content={"text": "https://go.example/l/abc"})
    for id in ("a1", "a2"):
        campaign.sample(id, "impressions", 5)
    assert {top.id: top.title for top in report_of(campaign).top} == {
        "a1": "来看花园 👉 #开放日",
        "a2": "https://go.example/l/abc",
    }
