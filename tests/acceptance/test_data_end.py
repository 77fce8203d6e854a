"""A schedule that goes on after the data about days off ends: every command says so once, in both languages."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from promo.app.workspace import App
from promo.clock import VirtualClock
from promo.doctor import examine_machine
from promo.language import use
from promo.plan.days import chinese_data_end

END = chinese_data_end()
ENGLISH = f"China's days off and make-up days are known until {END}: later ones are neither left out by `skip`"
CHINESE = f"中国放假和调休的数据只到 {END}"

CAMPAIGN = """\
campaign: new-year
name: New year
brand: {brand}
owner: lee@brand.example
timezone: Asia/Shanghai
period: {{from: {begin}, until: {end}}}
activities:
  - id: working-days
    kind: online
    channels: [drafts]
    schedule: {{cron: "30 9 * * MON-FRI", skip: days off CN, also: make-up days CN}}
    content: {{text: Good morning., language: en}}
  - id: weekends
    kind: online
    channels: [drafts]
    schedule: {{rrule: FREQ=DAILY;BYHOUR=11;BYMINUTE=0, skip: make-up days CN}}
    content: {{text: Good day., language: en}}
"""


@pytest.fixture
def beyond(workspace, person):
    """A workspace with one campaign that begins twenty days before the data ends, and goes on for as long after it."""
    for path in (workspace / "campaigns").glob("*.yaml"):
        path.unlink()
    brand = next((workspace / "assets/brands").iterdir()).name
    begin, end = END - timedelta(days=45), END + timedelta(days=20)
    text = CAMPAIGN.format(brand=brand, begin=begin, end=end)
    (workspace / "campaigns/new-year.yaml").write_text(text, encoding="utf-8")
    person.clock = VirtualClock(_noon(END - timedelta(days=20)))
    return workspace


def _noon(day):
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


@pytest.mark.parametrize(("lang", "words"), [("en", ENGLISH), ("zh", CHINESE)])
@pytest.mark.parametrize("command", ["check", "plan"])
def test_it_is_told_once(person, beyond, command, lang, words):
    said = person(command, "--no-pictures", lang=lang)
    assert "".join(said.out.split()).count("".join(words.split())) == 1, said.out


@pytest.mark.parametrize(("lang", "words"), [("en", "holidays unknown"), ("zh", "假期未知")])
def test_a_rehearsal_tells_it_once(person, beyond, lang, words):
    said = person("rehearse", "--no-pictures", "--until", END + timedelta(days=3), lang=lang)
    assert said.out.count(words) == 1, said.out


def test_the_rehearsal_names_what_goes_out_after_it(person, beyond):
    said = person("rehearse", "--no-pictures", "--json", "--until", END + timedelta(days=3))
    [trouble] = [t for t in json.loads(said.out)["troubles"] if t["kind"] == "days_unknown"]
    assert trouble["at"][:10] == f"{END + timedelta(days=1)}"
    assert len(trouble["deliveries"]) > 3
    # Nothing is guessed: New Year's Day is no day off for a schedule that cannot know it.
    assert ENGLISH in trouble["detail"]


def test_no_word_of_it_while_the_data_reaches(person, beyond):
    person.clock = VirtualClock(_noon(END - timedelta(days=44)))
    assert "are known until" not in person("plan", "--no-pictures").out
    # What is written is checked to its end, long before the plan gets there.
    assert "".join(ENGLISH.split()) in "".join(person("check", "--no-pictures").out.split())


def test_the_daemon_logs_it_when_it_moves_the_horizon_on(person, beyond):
    early, late = (VirtualClock(_noon(END - timedelta(days=days))) for days in (44, 20))
    app = App.open(beyond, clock=early)
    app.apply(app.plan(), by="lee")
    app.close()
    app = App.open(beyond, clock=late)
    with capture_logs() as logs:
        assert app.extend_horizon() > 0
        assert app.extend_horizon() == 0
    app.close()
    assert [entry["remark"][: len(ENGLISH)] for entry in logs if entry["log_level"] == "warning"] == [ENGLISH]


def test_doctor_says_how_far_the_data_reaches():
    def found(today):
        return {f.what: f for f in examine_machine(today)}

    early, late = found(END - timedelta(days=100)), found(END - timedelta(days=10))
    days = "China's days off and make-up days"
    assert early[days].level == "ok"
    assert early[days].found.startswith(f"known until {END} (chinese-calendar ")
    assert late[days].level == "warning"
    assert "pip install --upgrade chinese-calendar" in late[days].cure
    assert early["public holidays"].found.startswith("holidays ")
    assert found(END + timedelta(days=2000))["time zones"].level == "warning"
    use("zh")
    try:
        assert "数据到" in found(END)["中国放假和调休"].found
    finally:
        use("en")
