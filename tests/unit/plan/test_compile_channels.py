"""Campaigns → deliveries: what channels make of them, and what is told of it."""

from datetime import UTC, datetime, timedelta

import pytest
from compiled import POST, codes, notes, one

from promo import language
from promo.brand.wording.delivery import WordsProblem
from promo.plan.compile import preview_deliveries
from promo.registry import open_channels

NOW = datetime(2027, 3, 1, 0, 0, tzinfo=UTC)


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
