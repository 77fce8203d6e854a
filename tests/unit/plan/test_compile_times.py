"""Campaigns → deliveries: windows, announcements, digests."""

from datetime import UTC, datetime, timedelta

import pytest
from compiled import POST, one

from promo.plan.digest import canonical

NOW = datetime(2027, 3, 1, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("late", "window"),
    [("", timedelta(hours=1)), (", late: 2h", timedelta(hours=2)), (", late: never", timedelta(minutes=5))],
)
def test_the_window(place, late, window):
    place.campaign(POST.replace("10:00}", f"10:00{late}}}"))
    post = one(place.compile())
    assert post.window_until - post.due_at == window


def test_late_always_and_the_campaigns_default(place):
    place.campaign(POST, extra="defaults: {late: always}")
    assert one(place.compile()).window_until is None


def test_nothing_is_filled_in_after_the_event(place):
    place.campaign(
        """
        - {id: daily, kind: online, channels: [plain], schedule: {cron: "0 9 * * *", until: 2027-03-12},
           content: {text: x}}
        - {id: list, kind: online, channels: [plain], schedule: {at: [2027-03-02 09:00, 2027-03-20 09:00]},
           content: {text: y}}
        - {id: late, kind: online, channels: [plain], schedule: {at: 2027-03-10 08:30}, content: {text: z}}
        - {id: gone, kind: online, channels: [plain], schedule: {at: 2027-03-10 07:30}, content: {text: z}}
        """
    )
    compiled = place.compile(now=datetime(2027, 3, 10, 8, 0, tzinfo=UTC))  # 09:00 in Berlin
    assert place.local_times(compiled, "daily", "plain") == ["03-10 09:00", "03-11 09:00", "03-12 09:00"]
    assert place.local_times(compiled, "list", "plain") == ["03-20 09:00"]
    assert place.local_times(compiled, "late", "plain") == ["03-10 08:30"]
    assert place.local_times(compiled, "gone", "plain") == []
    assert compiled.remarks == (
        "spring/daily on plain: 9 occurrences have passed and are not sent later",
        "spring/list on plain: 1 occurrence has passed and is not sent later",
        "spring/gone on plain: 1 occurrence has passed and is not sent later",
    )


def test_jitter_spreads_but_stays_and_never_leaves_the_schedule(place):
    place.campaign(
        """
        - id: daily
          kind: online
          channels: [plain, micro]
          schedule: {cron: "0 9 * * *", until: 2027-03-20 09:00, jitter: 30m}
          content: {text: x}
        """
    )
    first = {d.key: d.due_at for d in place.compile().deliveries}
    assert first == {d.key: d.due_at for d in place.compile(now=NOW + timedelta(hours=3)).deliveries}
    offsets = [(due - due.replace(hour=8, minute=0, second=0)).total_seconds() for due in first.values()]
    assert all(0 <= offset < 1800 for offset in offsets)
    assert len(set(offsets)) > 20
    assert max(first.values()) == datetime(2027, 3, 20, 8, 0, tzinfo=UTC)


def test_an_event_is_announced_ahead_and_its_moment_is_part_of_the_words(place):
    event = """
    - id: fair
      kind: offline
      type: event
      channels: [plain]
      schedule: {at: 2027-03-20 10:00, ahead: 5d}
      content: {title: Fair}
    """
    place.campaign(event)
    before = one(place.compile())
    assert before.due_at == datetime(2027, 3, 15, 9, 0, tzinfo=UTC)
    assert before.content["occurrence"] == "2027-03-20T09:00:00+00:00"
    place.campaign(event.replace("20 10:00, ahead: 5d", "21 10:00, ahead: 6d"))
    moved = one(place.compile())
    assert moved.due_at == before.due_at
    assert moved.digest != before.digest


def test_moving_a_post_keeps_its_digest_and_an_edit_changes_it(place):
    place.campaign(POST)
    before = one(place.compile())
    place.campaign(POST.replace("03-08 10:00", "03-09 18:30"))
    moved = one(place.compile())
    assert (moved.key, moved.digest) == (before.key, before.digest)
    assert moved.due_at != before.due_at
    place.campaign(POST.replace("see", "look"))
    assert one(place.compile()).digest != before.digest


def test_what_a_photo_shows_is_the_alt_text_where_the_campaign_has_none(place):
    def shows(photo, language):
        return f"{photo} in {language}"

    place.write("assets/photos/a.jpg", "")
    picture = "\n  visual: {layout: event-card, photo: photos/a.jpg}\n"
    place.campaign(POST.rstrip() + picture)
    bare, filled = place.compile(), place.compile(photo_alt=shows)
    assert one(bare).content["alt"] == ""
    assert [note.code for note in bare.problems] == ["no-alt"]
    assert one(filled).content["alt"] == "photos/a.jpg in en"
    assert filled.problems == ()
    place.campaign(POST.rstrip() + picture.replace("photo:", "alt: 'A garden', photo:"))
    own = one(place.compile(photo_alt=shows))
    assert own.content["alt"] == own.visual["alt"] == "A garden"


def test_the_picture_counts_by_its_own_digest(place):
    place.campaign(
        POST.rstrip() + "\n  visual: {layout: event-card, title: 'For {{ channel }}', price: 9}\n",
    )
    with_photo = place.compile(visual_digest=lambda visual: canonical(visual) + "photo-1")
    visual = one(with_photo).visual
    assert visual["format"] == "square"
    assert visual["fields"] == {"title": "For micro", "price": "9"}
    assert one(with_photo).digest == one(place.compile(visual_digest=lambda v: canonical(v) + "photo-1")).digest
    assert one(with_photo).digest != one(place.compile(visual_digest=lambda v: canonical(v) + "photo-2")).digest


def test_rows_written_in_a_campaign_come_with_their_cells_filled(place):
    place.campaign(
        POST.rstrip() + "\n  visual: {layout: event-card, rows: [{name: 'Tea {{ channel }}', price: 9}, Coffee]}\n",
    )
    visual = one(place.compile()).visual
    assert visual["tables"] == {"rows": [{"name": "Tea micro", "price": "9"}, {"value": "Coffee"}]}
    assert "rows" not in visual["fields"]
