"""Requests are held against limits exactly, and every breach is named."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from promo.connector import (
    Capabilities,
    MediaLimit,
    NotSupported,
    Placement,
    Receipt,
    Rejected,
    Task,
    TextLimit,
    TextUnit,
    count_text,
    enforce_limits,
    find_breaches,
    request_payload,
)
from promo.testing.example import example_key, example_picture, example_request, text_of

KEY = example_key("limits")


@pytest.mark.parametrize("unit", list(TextUnit))
@pytest.mark.parametrize("length", [0, 1, 2, 3, 500])
def test_example_texts_count_what_they_should(unit, length):
    limit = TextLimit(limit=500, unit=unit)
    assert count_text(text_of(length, limit), limit) == length


def test_every_breach_is_named_in_one_refusal(tmp_path):
    picture = example_picture(tmp_path)
    request = example_request(KEY, text="字" * 11, title=" ", body="", thread=("a",), media=(picture, picture))
    limits = Capabilities(
        text=TextLimit(limit=10), needs_title=True, needs_body=True, images=MediaLimit(count=1, max_bytes=10)
    )
    assert len(list(find_breaches(request, limits))) == 7
    with pytest.raises(Rejected, match=r"title.*body.*thread.*11, 10 allowed.*2 pictures.*bytes.*bytes"):
        enforce_limits(request, limits)


def test_a_fitting_request_has_no_breach(tmp_path):
    request = example_request(KEY, media=(example_picture(tmp_path),))
    limits = Capabilities(text=TextLimit(limit=500), images=MediaLimit(count=1, types=("image/png",)))
    assert list(find_breaches(request, limits)) == []
    enforce_limits(request, limits)


def test_each_post_of_a_thread_is_counted():
    request = example_request(KEY, text="short", thread=("short", "a" * 11))
    assert len(list(find_breaches(request, Capabilities(text=TextLimit(limit=10), thread=3)))) == 1


def test_videos_and_pictures_are_counted_apart(tmp_path):
    picture, film = example_picture(tmp_path), example_picture(tmp_path, "film", mime="video/mp4")
    request = example_request(KEY, media=(picture, film))
    assert list(find_breaches(request, Capabilities(images=MediaLimit(count=1), videos=MediaLimit(count=1)))) == []
    assert len(list(find_breaches(request, Capabilities(images=MediaLimit(count=2))))) == 1


def test_a_first_comment_needs_the_ability():
    request = example_request(KEY, reply_to=Receipt(remote_id="1"))
    enforce_limits(request, Capabilities(first_comment=True))
    with pytest.raises(NotSupported):
        enforce_limits(request, Capabilities())


def test_the_payload_is_json_the_same_for_every_try_and_names_no_path(tmp_path):
    due = datetime(2027, 3, 10, tzinfo=UTC)
    changes = {
        "media": (example_picture(tmp_path),),
        "lasts": timedelta(hours=6),
        "placements": (Placement(id="gate", name="东门"),),
        "tasks": (Task(id="hang", what="张贴", owner="zhang@jinxiu.example", due=due),),
        "options": {"visibility": "public", "tags": ("a", "b")},
        "reply_to": Receipt(remote_id="1", at=due),
    }
    first = request_payload(example_request(KEY, **changes))
    again = request_payload(example_request(KEY, **changes, attempt=2, first_attempt_at=due))
    assert first == again
    text = json.dumps(first, ensure_ascii=False)
    assert str(tmp_path) not in text
    assert first["lasts"] == 21600.0
    assert first["media"][0]["path"] == "courtyard.png"
    assert first["tasks"][0]["due"] == "2027-03-10T00:00:00+00:00"
    assert first["options"] == {"visibility": "public", "tags": ["a", "b"]}
