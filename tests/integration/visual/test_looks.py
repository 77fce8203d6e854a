"""Pictures are looked at before they go out: each look once, errors stop the plan, what is applied stays."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from promo.app.workspace import App
from promo.clock import VirtualClock
from promo.errors import ProblemsFound
from promo.starter import write_starter

TODAY = date(2026, 11, 22)


class Place:
    """A new workspace; every `app` is opened afresh, as each command does."""

    def __init__(self, root):
        self.root = root
        write_starter(root, name="green", language="en", today=TODAY)
        [self.brand] = root.glob("assets/brands/*/brand.yaml")
        self.campaign = root / "campaigns" / "first.yaml"

    @property
    def app(self):
        return App.open(self.root, clock=VirtualClock(datetime(2026, 11, 22, 4, tzinfo=UTC)))

    def rule(self, name, severity):
        lines = [line for line in self.brand.read_text("utf-8").splitlines() if not line.startswith(f"  {name}:")]
        self.brand.write_text("\n".join([*lines, f"  {name}: {severity}", ""]), "utf-8")  # `rules:` come last

    def change(self, old, new):
        text = self.campaign.read_text("utf-8")
        assert old in text
        self.campaign.write_text(text.replace(old, new), "utf-8")

    def check(self):
        """Return the problems of pictures, and how many pictures were drawn for it."""
        app, drawn = self.app, []
        checked = app.check_pictures(app.check(), progress=lambda done, _all: drawn.append(done))
        return list(checked.problems), len(drawn)


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path / "work")


def test_a_look_is_drawn_once_whatever_its_link_and_how_often_one_checks(place):
    problems, drawn = place.check()
    assert problems == []
    looks = {
        repr({**delivery.visual, "qr": None})
        for delivery in place.app.check().deliveries
        if delivery.visual is not None
    }
    assert drawn == len(looks) > 5
    assert place.check() == ([], 0)
    place.rule("contrast", "warning")
    assert place.check() == ([], 0)  # another severity needs no drawing


def test_many_looks_are_shared_among_processes_and_none_is_lost(place):
    place.change("until: 2026-12-06, late: 3h", "until: 2026-12-21, late: 3h")
    place.change("      alt: 开放日 · Open day\n", "")
    place.change("alt: 开放日 · Open day}", "}")
    problems, drawn = place.check()
    assert drawn > 20
    assert {problem.code for problem in problems if problem.code != "no-alt"} == {"alt-missing"}
    assert f"{drawn - 3} pictures more" in " ".join(problem.message for problem in problems)
    assert place.check() == (problems, 0)


def test_a_finding_is_a_problem_where_the_activity_asks_for_its_picture(place):
    place.change("visual: {layout: poster, title: 开放日,", f"visual: {{layout: poster, title: {'开放日' * 40},")
    place.change("    visual: {title: 开放日,", f"    visual: {{title: {'邻里' * 60},")
    problems, _drawn = place.check()
    by_code = {(problem.code, problem.at.line): problem for problem in problems}
    lines = place.campaign.read_text("utf-8").splitlines()
    wanted = [number for number, line in enumerate(lines, 1) if "开放日开放日" in line or "邻里邻里" in line]
    assert [line for code, line in sorted(by_code) if code == "text-overflow"] == sorted(wanted)
    countdown = by_code["text-overflow", min(wanted)]
    assert countdown.severity == "error"
    assert "event-card" in countdown.message
    assert "pictures more" in countdown.message  # one line, not one a day
    assert "promo render --explain first/countdown" in countdown.hint


def test_errors_stop_the_plan_and_a_plan_made_before(place):
    app = place.app
    plan = app.plan()
    place.rule("alt-missing", "error")
    place.change("alt: 开放日 · Open day}", "}")
    place.change("      alt: 开放日 · Open day\n", "")
    with pytest.raises(ProblemsFound, match="nothing was planned") as found:
        place.app.plan(pictures=True)
    assert {problem.code for problem in found.value.problems} == {"alt-missing"}
    assert all("first.yaml" in str(problem.at.file) for problem in found.value.problems)
    place.app.refuse_pictures(plan)  # its pictures have their words
    with pytest.raises(ProblemsFound):
        place.app.refuse_pictures(place.app.plan())
    place.rule("alt-missing", "off")
    assert place.app.plan(pictures=True).moves


def test_what_is_applied_is_not_looked_at_again(place):
    place.change("alt: 开放日 · Open day}", "}")
    place.change("      alt: 开放日 · Open day\n", "")
    app = place.app
    app.apply(app.plan(pictures=True), by="me")
    place.rule("alt-missing", "error")
    assert not place.app.plan(pictures=True).moves
    place.change('subtitle: "还有', 'subtitle: "只有')
    with pytest.raises(ProblemsFound):
        place.app.plan(pictures=True)


def test_a_picture_that_cannot_be_drawn_is_a_problem_too(place):
    (place.root / "assets" / "photos").mkdir()
    (place.root / "assets" / "photos" / "cut.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    place.change("visual: {layout: event-card, alt", "visual: {layout: event-card, photo: photos/cut.jpg, alt")
    problems, _drawn = place.check()
    assert {(problem.code, problem.severity) for problem in problems} == {("cannot-draw", "error")}
    assert "cut.jpg" in problems[0].message


def test_a_damaged_cache_is_begun_anew(place):
    _problems, drawn = place.check()
    cache = place.app.workspace.state_folder / "cache" / "looks.sqlite"
    cache.write_bytes(b"no database at all, but long enough to be taken for one" * 40)
    assert place.check() == ([], drawn)
    assert place.check() == ([], 0)
