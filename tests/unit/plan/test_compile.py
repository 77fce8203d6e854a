"""Campaigns → deliveries: words, links, times, what channels make of them."""

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from promo import language
from promo.brand.wording.delivery import WordsProblem
from promo.plan.compile import preview_deliveries
from promo.plan.digest import canonical
from promo.plan.links import with_utm
from promo.registry import open_channels

NOW = datetime(2027, 3, 1, 0, 0, tzinfo=UTC)


def codes(compiled):
    return [problem.code for problem in compiled.problems]


def one(compiled, **wanted):
    [found] = [d for d in compiled.deliveries if all(getattr(d, name) == value for name, value in wanted.items())]
    return found


def notes(compiled, delivery):
    return " | ".join(compiled.notes.get(delivery.id, ()))


POST = """
- id: hello
  kind: online
  channels: [micro]
  schedule: {at: 2027-03-08 10:00}
  content: {text: "Come and see"}
"""


def test_texts_are_filled_with_what_they_may_name(place):
    place.campaign(
        """
        - id: hello
          kind: online
          channels: [micro, plain]
          schedule: {at: 2027-03-08 10:00}
          variables: {flower: tulips}
          content:
            title: "{{ campaign }}/{{ activity }}/{{ channel }}/{{ brand }}"
            text: "{{ days_until('2027-03-10') }} days, {{ flower }}, {{ occurrence.hour }}h, {{ where }}"
            variants:
              plain: {text: "plain {{ flower }}", visibility: "{{ where }}", ttl: 7}
        """,
        extra="variables: {flower: roses, where: court}",
    )
    compiled = place.compile()
    assert compiled.problems == ()
    micro, plain = one(compiled, channel="micro").content, one(compiled, channel="plain").content
    assert micro["title"] == "spring/hello/micro/acme"
    assert micro["text"] == "2 days, tulips, 10h, court"
    assert micro["options"] == {}
    assert plain["text"] == "plain tulips"
    assert plain["options"] == {"visibility": "court", "ttl": 7}


def test_content_is_plain_json_and_chinese_is_not_escaped(place):
    place.campaign(POST.replace("Come and see", "来看看院子 {{ 1 + 1 }} <b>&</b>"))
    content = one(place.compile()).content
    assert json.loads(json.dumps(content)) == content
    assert content["text"] == "来看看院子 2 <b>&</b>"


def test_a_table_makes_one_post_a_row_and_its_id_names_it_for_ever(place):
    activity = """
    - id: flat
      kind: online
      channels: [plain]
      each: data/flats.csv
      schedule: {slots: evenings}
      content: {text: "{{ row.name }}: {{ row.area }}"}
    """
    place.write("campaigns/data/flats.csv", "id,name,area\na,Ash,50\nb,Beech,60\n")
    place.campaign(activity)
    before = {d.activity: d.key for d in place.compile().deliveries}
    assert set(before) == {"flat/a", "flat/b"}
    place.write("campaigns/data/flats.csv", "id,name,area\nc,Cedar,70\nb,Beech,66\na,Ash,50\n")
    after = {d.activity: d.key for d in place.compile().deliveries}
    assert after.items() >= before.items()
    assert one(place.compile(), activity="flat/b").content["text"] == "Beech: 66"


def test_the_body_may_be_a_file_beside_the_campaign(place):
    place.write("campaigns/press/letter.md", "# Dear {{ channel }}\n\nWelcome.\n")
    place.campaign(
        """
        - id: letter
          kind: online
          channels: [letter]
          schedule: {at: 2027-03-08 10:00}
          content: {title: Hello, body: press/letter.md}
        """
    )
    assert one(place.compile()).content["body"] == "# Dear letter\n\nWelcome."


@pytest.mark.parametrize(
    ("channel", "expected"),
    [
        ("micro", "Come #spring\n\n#open #garden"),
        ("weibo", "Come #spring\n\n#open# #garden#"),
        ("letter", "Come #spring"),
    ],
)
def test_hashtags_stand_below_the_text_unless_they_are_in_it_already(place, channel, expected):
    place.campaign(
        f"""
        - id: hello
          kind: online
          channels: [{channel}]
          schedule: {{at: 2027-03-08 10:00}}
          content: {{title: Hi, text: "Come #spring", hashtags: [open, "#garden", spring]}}
        """
    )
    content = one(place.compile()).content
    assert content["text"] == expected
    assert content["hashtags"] == ["open", "garden", "spring"]


LINKED = """
- id: hello
  kind: online
  channels: [micro]
  schedule: {at: 2027-03-08 10:00}
  content:
    text: "See {{ link }}"
    link: {url: "https://acme.example/garden?x=1#map", utm: {medium: "{{ channel }} post", term: ""}}
    first_comment: {text: "Once more {{ link }}", after: 30m}
"""


def test_links_are_tracked_and_lead_to_the_target_with_its_utm_fields(place):
    place.campaign(LINKED)
    compiled = place.compile()
    post, comment = one(compiled, part="main"), one(compiled, part="first-comment")
    assert post.content["link"] == f"https://go.brand.example/l/{post.content['token']}"
    assert post.content["text"] == f"See {post.content['link']}"
    assert len(post.content["token"]) >= 10
    target = urlsplit(post.content["target"])
    assert target.fragment == "map"
    assert parse_qs(target.query) == {
        "x": ["1"],
        "utm_source": ["micro"],
        "utm_medium": ["micro post"],
        "utm_campaign": ["spring"],
        "utm_content": [post.id],
    }
    assert comment.content["token"] != post.content["token"]
    assert comment.parent == post.id
    assert comment.content["delay"] == 1800
    assert comment.due_at == post.due_at + timedelta(minutes=30)


def test_without_a_public_address_links_go_out_untracked(place):
    place.write("promo.yaml", "channels:\n  micro: {connector: micro}\n")
    place.campaign(LINKED)
    content = one(place.compile(), part="main").content
    assert content["token"] is None
    assert content["link"] == content["target"]
    assert content["link"].startswith("https://acme.example/garden?x=1&utm_source=micro")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.example", "https://a.example?utm_source=s%20%26"),
        ("https://a.example/?utm_source=mine", "https://a.example/?utm_source=mine"),
        ("https://a.example/?q", "https://a.example/?q&utm_source=s%20%26"),
        ("mailto:lee@a.example", "mailto:lee@a.example"),
    ],
)
def test_utm_fields_never_overwrite(url, expected):
    assert with_utm(url, {"source": "s &", "medium": ""}) == expected


def test_each_placement_has_a_link_of_its_own(place):
    place.campaign(
        """
        - id: poster
          kind: offline
          type: poster
          channels: [plain]
          schedule: {at: 2027-03-08 10:00, lasts: 2h}
          place: Court
          content: {title: Open day, link: "https://acme.example/"}
          placements:
            - {id: lobby, name: {en: Lobby, zh: 大堂}, copies: 2}
            - {id: gate, name: East gate}
          tasks:
            - {what: "Hang at {{ place }}", owner: kim@acme.example, due: 2027-03-09 18:00, proof: photo}
        """
    )
    content = one(place.compile()).content
    lobby, gate = content["placements"]
    assert (lobby["name"], lobby["copies"], gate["copies"]) == ("Lobby", 2, 1)
    assert len({lobby["token"], gate["token"], content["token"]}) == 3
    assert lobby["link"].endswith(f"/l/{lobby['token']}")
    assert content["tasks"] == [
        {
            "id": "task-1",
            "what": "Hang at Court",
            "owner": "kim@acme.example",
            "due": "2027-03-09T17:00:00+00:00",
            "proof": "photo",
        }
    ]
    assert content["lasts"] == 7200


PRESS = """
- id: release
  kind: media
  type: press_release
  channels: [letter]
  outlets: data/outlets.csv
  embargo: 2027-03-15 08:00
  schedule: {at: 2027-03-12 15:00}
  content: {title: News, text: Read on, contact: lee@acme.example}
"""


def test_a_release_carries_its_outlets_and_its_embargo(place):
    place.write(
        "campaigns/data/outlets.csv", 'name,email,editor,monthly_visits\nEcho,desk@echo.example,Ms Roe,"64,000"\n'
    )
    place.campaign(PRESS)
    compiled = place.compile()
    release = one(compiled)
    assert release.type == "press_release"
    assert release.content["embargo"] == "2027-03-15T07:00:00+00:00"
    assert release.content["outlets"] == [
        {"name": "Echo", "email": "desk@echo.example", "editor": "Ms Roe", "monthly_visits": 64000}
    ]
    assert notes(compiled, release) == "due before its embargo ends at 2027-03-15 08:00"


# -- times -------------------------------------------------------------------------------------------------------


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


# -- what channels make of it ------------------------------------------------------------------------------------


def test_a_text_that_is_too_long_is_an_error_at_its_place(place):
    path = place.campaign(
        """
        - id: hello
          kind: online
          channels: [micro]
          schedule: {cron: "0 9 * * *"}
          content:
            link: "https://acme.example/"
            text: "LONG {{ link }}"
        """.replace("LONG", "x" * 80)
    )
    compiled = place.compile()
    [problem] = compiled.problems
    assert problem.message == "micro: 104 of 100 characters (links count 23), 4 too many"
    assert problem.code == "text-too-long"
    lines = path.read_text().splitlines()
    assert "LONG" not in lines[problem.at.line - 1]
    assert lines[problem.at.line - 1].lstrip().startswith("text:")
    place.campaign(POST.replace("Come and see", "x" * 92))
    compiled = place.compile()
    assert compiled.problems == ()
    assert notes(compiled, one(compiled)) == "micro: 92 of 100 characters"


@pytest.mark.parametrize(
    ("channel", "content", "code", "severity"),
    [
        ("micro", "{text: a, thread: [b, c, d]}", "thread-too-long", "error"),
        ("plain", "{text: a, thread: [b]}", "thread-too-long", "error"),
        ("letter", "{text: a}", "no-title", "error"),
        ("letter", "{title: a}", "no-body", "error"),
        ("plain", "{text: a, first_comment: b}", "no-first-comment", "warning"),
        ("micro", "{text: a, alt: ALT}", "alt-too-long", "error"),
        ("micro", "{text: a}", "no-alt", "warning"),
    ],
)
def test_what_a_channel_cannot_take(place, channel, content, code, severity):
    place.campaign(
        f"""
        - id: hello
          kind: online
          channels: [{channel}]
          schedule: {{at: 2027-03-08 10:00}}
          content: {content.replace("ALT", "x" * 51)}
          visual: {{layout: event-card}}
        """
    )
    [problem] = [p for p in place.compile().problems if p.code == code]
    assert problem.severity == severity
    assert problem.at.line > 1


def test_a_thread_alone_begins_with_its_first_post(place):
    place.campaign(POST.replace('text: "Come and see"', "thread: [one, two]"))
    content = one(place.compile()).content
    assert (content["text"], content["thread"]) == ("one", ["two"])


def test_a_channel_without_pictures_says_so(place):
    place.campaign(
        """
        - id: hello
          kind: online
          channels: [letter]
          schedule: {at: 2027-03-08 10:00}
          content: {title: a, text: b}
          visual: {layout: event-card}
        """
    )
    compiled = place.compile()
    assert one(compiled).visual is None
    assert "will go out without its picture" in notes(compiled, one(compiled))


def test_crowds_are_noted(place):
    times = "[2027-03-08 10:00, 2027-03-08 10:00:30, 2027-03-08 15:00, 2027-03-08 18:00, 2027-03-12 10:00]"
    place.campaign(POST.replace("at: 2027-03-08 10:00", f"at: {times}"))
    compiled = place.compile()
    found = [notes(compiled, d) for d in sorted(compiled.deliveries, key=lambda d: d.due_at)]
    assert found == [
        "micro: 1 other delivery in the same minute",
        "micro: 1 other delivery in the same minute",
        "",
        "micro takes 3 in 1d: it will wait for its turn",
        "",
    ]


def test_a_table_with_one_time_for_all_its_posts_is_a_mistake(place):
    place.write("campaigns/data/flats.csv", "id,name\na,Ash\nb,Beech\n")
    place.campaign(POST.replace("  schedule:", "  each: data/flats.csv\n  schedule:"))
    [problem] = place.compile().problems
    assert (problem.code, problem.severity) == ("same-instant", "error")
    assert "2027-03-08 10:00" in problem.message


def test_what_is_said_is_judged_by_whoever_knows_the_brand(place):
    def check(brand, spoken):
        for part, text in spoken.parts.items():
            if "see" in text:
                yield WordsProblem(
                    rule="see", part=part, message=f"{brand} does not say see", hint=None, severity="warning"
                )

    place.campaign(POST)
    [problem] = place.compile(check_words=check).problems
    assert (problem.code, problem.message, problem.severity) == ("see", "acme does not say see", "warning")


def test_the_end_of_the_holiday_data_is_told_once(place):
    place.campaign(
        """
        - {id: a, kind: online, channels: [plain], schedule: {cron: "0 9 * * *", skip: days off CN},
           content: {text: x}}
        - {id: b, kind: online, channels: [plain], schedule: {cron: "0 8 * * *", also: make-up days CN},
           content: {text: x}}
        """
    ).write_text(
        (place.root / "campaigns/spring.yaml").read_text().replace("2027-", "2099-"),
    )
    compiled = place.compile(now=NOW.replace(year=2099))
    assert codes(compiled) == ["days-unknown"]
    assert [remark for remark in compiled.remarks if "are known until" in remark] == [compiled.problems[0].message]
    assert len(compiled.deliveries) > 60


def test_holidays_that_are_estimates_are_told_once_a_country(place):
    place.campaign(
        """
        - {id: a, kind: online, channels: [plain], schedule: {cron: "0 9 * * *", skip: holidays EG},
           content: {text: x}}
        - {id: b, kind: online, channels: [plain], schedule: {cron: "0 8 * * *", skip: [holidays EG, holidays DE]},
           content: {text: x}}
        """
    ).write_text((place.root / "campaigns/spring.yaml").read_text().replace("2027-", "2040-"))
    compiled = place.compile(now=NOW.replace(year=2040), days=300)
    assert codes(compiled) == ["days-estimated"]
    assert compiled.problems[0].message.endswith("of EG is an estimate: it may move by a day")


def test_a_template_that_fails_for_one_row_is_told_with_its_place(place):
    place.write("campaigns/data/flats.csv", "id,area\na,50\nb,0\n")
    place.campaign(
        """
        - id: flat
          kind: online
          channels: [plain]
          each: data/flats.csv
          schedule: {slots: evenings}
          content: {text: "{{ 100 // (row.area|int) }}"}
        """
    )
    compiled = place.compile()
    [problem] = compiled.problems
    assert (problem.code, problem.severity) == ("cannot-fill", "error")
    assert problem.message == "a division by zero (row `b`)"
    assert problem.excerpt.strip().startswith("content: {text:")
    assert [d.activity for d in compiled.deliveries] == ["flat/a"]


def test_checking_looks_at_every_date_however_far_off(place):
    place.campaign(
        """
        - {id: soon, kind: online, channels: [letter], schedule: {cron: "0 9 * * *"}, content: {title: a, text: b}}
        - {id: far, kind: online, channels: [letter], schedule: {at: 2027-11-01 09:00}, content: {text: b}}
        - {id: rule, kind: online, channels: [letter], schedule: {cron: "0 9 * * *", from: 2027-10-01},
           content: {text: b}}
        - {id: slot, kind: online, channels: [letter], schedule: {slots: evenings, from: 2027-11-01},
           content: {text: b}}
        """
    )
    workspace = place.workspace
    channels = open_channels(workspace, place.registry)
    problems = preview_deliveries(place.load(), workspace, channels, span=timedelta(days=35)).problems
    assert [p.code for p in problems] == ["no-title"] * 3


SILENT = [
    'rrule: "FREQ=YEARLY;BYMONTH=2;BYWEEKNO=40;BYDAY=MO;BYHOUR=9"',
    'rrule: "FREQ=MONTHLY;BYDAY=5MO;BYMONTHDAY=1;BYHOUR=9"',
    'rrule: "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=9;BYHOUR=9"',
    'rrule: "FREQ=DAILY;BYHOUR=9;UNTIL=20260101"',
    'cron: "0 9 29 2 *"',  # 2027 has none
]
SPARSE = [
    'rrule: "FREQ=YEARLY;BYMONTH=11;BYMONTHDAY=11;BYHOUR=9"',
    'rrule: "FREQ=MONTHLY;BYDAY=5FR;BYHOUR=9", from: 2027-11-01',
    'cron: "0 9 24 12 *"',
    'cron: "0 9 29 2 *", also: 2027-03-05',
]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_schedule_that_names_no_time_is_warned_of_at_its_place(place, lang):
    def activity(number, schedule):
        return (
            f"- {{id: a{number}, kind: online, channels: [letter, plain], schedule: {{{schedule}}},"
            " content: {title: a, text: b}}"
        )

    file = place.campaign("\n".join(activity(n, schedule) for n, schedule in enumerate(SILENT + SPARSE)))
    language.use(lang)
    try:
        found = preview_deliveries(
            place.load(), place.workspace, open_channels(place.workspace, place.registry), span=timedelta(days=35)
        ).problems
    finally:
        language.use("en")
    assert [(p.code, p.severity) for p in found] == [("never-fires", "warning")] * len(SILENT)
    lines = file.read_text().splitlines()
    for problem, schedule in zip(found, SILENT, strict=True):
        assert schedule in lines[problem.at.line - 1]
    said = {"en": "it names no time from 2027-", "zh": "之间没有任何触发时间"}[lang]
    assert all(said in p.message and p.hint for p in found)
