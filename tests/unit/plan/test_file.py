"""The plan as a file, and as lines for people."""

import json

import pytest

from promo.errors import UserMistake
from promo.language import use
from promo.language.width import cells
from promo.plan.file import read_plan, write_plan
from promo.plan.inputs import files_digest
from promo.plan.show import plan_as_json, plan_lines, show_plan, summary

ACTIVITIES = """
- {id: one, kind: online, channels: [micro], schedule: {cron: "0 9 * * MON"}, content: {text: "春天 {{ link }}", link: "https://a.example"}}
- {id: two, kind: online, channels: [plain], schedule: {at: 2027-03-28 02:30}, content: {text: second}}
"""


@pytest.fixture
def plan(place):
    place.campaign(ACTIVITIES, extra="approval: {stages: [brand], deadline: 1d}")
    place.sync()
    place.campaign(
        ACTIVITIES.replace("second", "third").replace("02:30", "04:30").replace("MON", "TUE"),
        extra="approval: {stages: [brand], deadline: 1d}",
    )
    return place.plan()


def test_a_plan_comes_back_as_it_was_written(plan, tmp_path):
    write_plan(tmp_path / "plan.json", plan)
    assert read_plan(tmp_path / "plan.json") == plan
    assert "春天" in (tmp_path / "plan.json").read_text(encoding="utf-8")
    assert [p.name for p in tmp_path.glob("*plan*")] == ["plan.json"]


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda text: text.replace("third", "fourth"), "changed or cut"),
        (lambda text: text[: len(text) // 2], "changed or cut"),
        (lambda text: text.replace('"sha256":"', '"sha256":"0'), "changed or cut"),
        (lambda _text: "", "changed or cut"),
        (lambda _text: "[" * 100_000, "changed or cut"),
        (lambda _text: '{"format": "promo-plan", "version": 1}', "changed or cut"),
        (lambda _text: '{"campaign": "spring"}', "is no plan of promo"),
        (lambda text: text.replace('"version":1', '"version":99'), "another version of promo"),
    ],
)
def test_any_other_file_is_refused_in_one_line(plan, tmp_path, spoil, words):
    path = tmp_path / "plan.json"
    write_plan(path, plan)
    path.write_text(spoil(path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(UserMistake, match=words) as caught:
        read_plan(path)
    assert "\n" not in str(caught.value)


def test_files_that_cannot_be_read_or_written(plan, tmp_path):
    with pytest.raises(UserMistake, match="cannot be read: No such file"):
        read_plan(tmp_path / "none.json")
    with pytest.raises(UserMistake, match="cannot be written"):
        write_plan(tmp_path / "none" / "plan.json", plan)


def test_any_input_moves_the_digest_of_the_files(place):
    place.campaign(ACTIVITIES)
    seen = {files_digest(place.workspace)}
    for name in ("campaigns/spring.yaml", "campaigns/data/rows.csv", "assets/photos/new.jpg", "promo.yaml"):
        path = place.root / name
        place.write(name, (path.read_text() if path.exists() else "") + "# more\n")
        seen.add(files_digest(place.workspace))
    assert len(seen) == 5
    place.write("campaigns/.spring.yaml.swp", "an editor's own")
    assert files_digest(place.workspace) in seen


def test_people_read_what_changes_in_the_campaigns_time(plan):
    lines = ["  " * line.indent + line.text for line in plan_lines(plan)]
    assert lines[0] == "spring  (Europe/Berlin)"
    change = next(number for number, line in enumerate(lines) if line.startswith("  ~ "))
    assert lines[change].startswith("  ~ 2027-03-28 04:30  two → plain  ")
    assert lines[change + 1 : change + 5] == [
        "      time: 2027-03-28 03:00 → 2027-03-28 04:30",
        "      text",
        "        - second",
        "        + third",
    ]
    assert sum(line.startswith("  + ") for line in lines) == 5
    assert sum(line.startswith("  - ") for line in lines) == 5
    assert lines[-1] == "Plan until 2027-04-05: 5 to add, 1 to change, 5 to cancel, 0 unchanged."
    assert show_plan(plan).plain.splitlines()[0] == lines[0]


WORDS = "各位业主：锦绣社区春季开放日将于四月三日上午十点在中心花园举行，届时有新花园导览、社区义诊和亲子手工坊。"
LONG = """
  - {{id: one, kind: online, channels: [plain], schedule: 2027-03-10 10:00, content: "{words}"}}
"""


def test_every_line_fits_the_terminal_and_changed_words_stay_whole(place):
    place.campaign(LONG.format(words=WORDS))
    added = show_plan(place.plan(), width=80).plain.splitlines()
    [line] = [line for line in added if line.startswith("  + ")]
    assert cells(line) <= 80
    assert "各位业主" in line
    assert line.endswith("…")
    place.sync()
    place.campaign(LONG.format(words=WORDS.replace("上午十点", "下午两点半")))
    changed = show_plan(place.plan(), width=60).plain.splitlines()
    assert max(cells(line) for line in changed) <= 60
    whole = "".join(line.strip() for line in changed)
    assert "- 各位业主：锦绣社区" in whole
    assert "上午十点在中心花园" in whole
    assert "下午两点半在中心花园" in whole
    assert whole.count("…") == 2  # what stays the same is cut
    assert "亲子手工坊" not in whole


PLACES = """
  - id: posters
    kind: offline
    type: poster
    channels: [plain]
    schedule: 2027-03-10 10:00
    content: Spring
    placements: [{{id: lobby, name: Lobby, copies: {copies}}}, {{id: gate, name: Gate}}]
"""


def test_of_a_placement_only_what_differs_is_shown(place):
    place.campaign(PLACES.format(copies=2))
    place.sync()
    place.campaign(PLACES.format(copies=5))
    signed = [line.text for line in plan_lines(place.plan()) if line.role in ("old", "new")]
    assert signed == ["- lobby · copies: 2", "+ lobby · copies: 5"]


def test_a_clock_change_is_noted(place):
    place.campaign(ACTIVITIES)
    notes = [line.text for line in plan_lines(place.plan()) if line.role == "note"]
    assert notes == [
        "! 2027-03-28 02:30 does not exist in Europe/Berlin: the clock goes forward; 2027-03-28 03:00 is taken"
    ]


def test_the_same_in_chinese(plan):
    use("zh")
    try:
        assert summary(plan) == "计划至 2027-04-05：新增 5、改动 1、取消 5、不变 0。"
    finally:
        use("en")


def test_machines_read_every_change(plan):
    document = json.loads(json.dumps(plan_as_json(plan)))
    assert document["counts"] == {"add": 5, "change": 1, "cancel": 5, "unchanged": 0, "kept": 0}
    [change] = [c for c in document["changes"] if c["action"] == "change"]
    assert change["fields"] == {"content.text": ["-second", "+third"]}
    assert (change["activity"], change["channel"], change["state"]) == ("two", "plain", "awaiting_approval")


def test_nothing_to_do(place):
    place.campaign(ACTIVITIES)
    place.sync()
    plan = place.plan()
    assert [line.text for line in plan_lines(plan)] == ["Nothing to do: 6 deliveries are as the files want them."]
    assert len(list(plan_lines(plan, everything=True))) == 9
