"""Each mistake a person makes in a campaign file: which problem it becomes, and where it points to."""

import pytest

from promo.source.problem import Severity

# (what is written, what it is changed to, the problem's code, the text at its position)
ERRORS = [
    ("brand: jinxiu", "brand: jinxui", "no-such-brand", "jinxui"),
    ("goals:", "gaols:", "unknown-key", "gaols:"),
    ("owner: wang.li@jinxiu.example\n", "", "missing-key", "campaign: open-day"),
    ("owner: wang.li@jinxiu.example", "owner: wang.li@", "bad-address", "wang.li@"),
    ("campaign: open-day", "campaign: Open Day", "bad-name", "Open Day"),
    ("from: 2027-03-01", "from: 2027-02-30", "no-such-time", "2027-02-30"),
    ("until: 2027-04-15", "until: 2027-01-15", "ends-before", "2027-01-15"),
    ("period:", "timezone: Asia/Shanghia\nperiod:", "no-such-zone", "Asia/Shanghia"),
    ("reach: 50000", "reach: many", "wrong-type", "many"),
    ("reach: 50000", "reach: -5", "out-of-range", "-5"),
    ("reach: 50000", f"reach: 1{'0' * 50}", "out-of-range", "1000"),
    ("print: 6000", "print: 1e20", "out-of-range", "1e20"),
    ("total: 20000 CNY", "total: 20000", "bad-value", "20000"),
    ("total: 20000 CNY", "total: 1e400 CNY", "bad-value", "1e400"),
    ("total: 20000 CNY", "total: 20000 CNZ", "no-such-currency", "20000 CNZ"),
    ("print: 6000", "print: 16000", "over-budget", "lines:"),
    ("spend: 20000 CNY", "spend: 2000 EUR", "other-currency", "2000 EUR"),
    ("[brand, legal]", "[brand, brand]", "duplicate-stage", "brand], deadline"),
    ("id: flats", "id: countdown", "duplicate-activity", "countdown"),
    ("channels: [mastodon, owners-mail]", "channels: [mastdon, owners-mail]", "no-such-channel", "mastdon"),
    ("channels: [mastodon, owners-mail]", "channels: [mastodon, mastodon]", "duplicate-channel", "mastodon]"),
    ("channels: [press-desk]", "channels: []", "no-channel", "id: release"),
    ("        mastodon: {visi", "        mastodom: {visi", "unused-variant", "mastodom:"),
    ("kind: media", "kind: press", "not-one-of", "press"),
    ("    type: poster\n", "", "no-type", "offline"),
    ("type: press_release", "type: poster", "type-of-other-kind", "poster"),
    ("each: data/flats.csv", "each: data/flats.csv\n    place: 花园", "key-of-other-kind", "place:"),
    ("each: data/flats.csv", "each: data/flat.csv", "no-such-table", "data/flat.csv"),
    ("each: data/flats.csv", "each: ../../etc/passwd", "path-leaves", "../../etc/passwd"),
    ("each: data/flats.csv", "each: /etc/passwd", "path-leaves", "/etc/passwd"),
    ("body: press/release.md", "body: ../../etc/passwd", "no-body-file", "../../etc/passwd"),
    ("body: press/release.md", "body: ../../x.md", "path-leaves", "../../x.md"),
    ("    each: data/flats.csv\n", "", "row-without-table", '"{{ row.name'),
    ("{{ row.area }}", "{{ row.aera }}", "no-such-column", '"{{ row.name'),
    ("{{ days_until(day) }}", "{{ days_until(dya) }}", "no-such-variable", "还有"),
    ("{{ days_until(day) }}", "{{ days_untill(day) }}", "bad-template", "还有"),
    ("{{ days_until(day) }}", "{{ day|datum }}", "bad-template", "还有"),
    ("{{ days_until(day) }}", "{{ days_until(day }}", "bad-template", "还有"),
    ("{{ days_until(day) }}", "{{ day.__class__ }}", "bad-template", "还有"),
    ('  link: {url: https://jinxiu.example/open-day, utm: {source: "{{ channel }}"}}', "  late: 1h", "no-link", "还有"),
    ("url: https://jinxiu.example/open-day", "url: jinxiu.example", "bad-link", "jinxiu.example"),
    ("layout: event-card", "layout: event-crad", "no-such-layout", "event-crad"),
    ('photo: "photos/{{ row.photo }}"', "photo: photos/b.jpg", "no-such-photo", "photos/b.jpg"),
    ('photo: "photos/{{ row.photo }}"', "photo: ../promo.yaml", "path-leaves", "../promo.yaml"),
    ("slots: evenings}", "slots: evening}", "no-such-slots", "evening"),
    ('cron: "30 9 * * MON-FRI"', 'cron: "30 25 * * *"', "bad-cron", '"30 25'),
    ('cron: "30 9 * * MON-FRI"', "rrule: FREQ=DAYLY", "bad-rrule", "FREQ=DAYLY"),
    ('cron: "30 9 * * MON-FRI"', "rrule: FREQ=SECONDLY", "bad-rrule", "FREQ=SECONDLY"),
    ('cron: "30 9 * * MON-FRI"', "rrule: FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30", "bad-rrule", "FREQ=HOURLY"),
    ('cron: "30 9 * * MON-FRI"', "rrule: FREQ=DAILY;BYHOUR=9;BYSETPOS=2", "bad-rrule", "FREQ=DAILY"),
    ('cron: "30 9 * * MON-FRI"', "rrule: FREQ=DAILY;BYHOUR=9;INTERVAL=0", "bad-rrule", "FREQ=DAILY"),
    ('cron: "30 9 * * MON-FRI"', "rrule: FREQ=DAILY;BYHOUR=9;BYMONTH=13", "bad-rrule", "FREQ=DAILY"),
    ('cron: "30 9 * * MON-FRI", ', "", "no-time", "schedule:"),
    ('cron: "30 9 * * MON-FRI"', 'cron: "30 9 * * *", slots: evenings', "two-times", "schedule:"),
    ("skip: [holidays CN]", "skip: [holiday CN]", "bad-days", "holiday CN"),
    ("skip: [holidays CN]", "skip: [holidays XQ]", "no-such-country", "holidays XQ"),
    ("skip: [holidays CN]", "skip: [2027-02-30]", "no-such-time", "2027-02-30"),
    ("until: 2027-04-02", "until: 2027-03-02", "ends-before", "2027-03-02"),
    ("late: 2h", "late: soon", "bad-value", "soon"),
    ("at: 2027-03-08 10:00", "at: 2027-03-08 25:00", "no-such-time", "2027-03-08 25:00"),
    ("at: 2027-03-08 10:00", "at: 0001-01-01 00:00", "no-such-time", "0001-01-01"),
    ("at: 2027-03-08 10:00", "at: 9999-12-31 23:59", "no-such-time", "9999-12-31"),
    ("until: 2027-04-15", "until: 9999-12-31", "no-such-time", "9999-12-31"),
    ("at: 2027-03-08 10:00", "at: [2027-03-08 10:00, 2027-03-08 10:00]", "same-time-twice", "2027-03-08 10:00]"),
    ("budget_line: print", "budget_line: pint", "no-such-line", "pint"),
    ("id: gate", "id: lobby", "duplicate-placement", "lobby"),
    ("owner: zhang@jinxiu.example", "owner: zhang@jinxiu@example", "bad-address", "zhang@jinxiu@example"),
    ("outlets: data/outlets.csv", "outlets: data/flats.csv", "no-such-column", "data/flats.csv"),
    ("body: press/release.md", "body: press/realese.md", "no-such-file", "press/realese.md"),
    ("body: press/release.md", "body: ../../secret.md", "path-leaves", "../../secret.md"),
    ("name: 大堂", "name: 大堂, 东侧", "unknown-key", "东侧"),
    ("copies: 2", "copys: 2", "unknown-key", "copys"),
    ("visibility: public", "visibility: 公开,所有人", "no-value", "所有人"),
    ("hashtags: [锦绣]", "hashtags: ['#']", "empty-hashtag", "'#'"),
    ("      text: 还有", "      txet: 还有", "unknown-key", "txet:"),
    (
        "    content:\n      text: 还有 {{ days_until(day) }} 天 {{ link }}\n",
        "    content:\n",
        "nothing-to-say",
        "id: countdown",
    ),
    ("activities:\n", "activities: []\nother:\n", "too-few", "[]"),
]

WARNINGS = [
    ("visibility: public", "titel: x", "maybe-misspelt", "titel"),
    ('photo: "photos/{{ row.photo }}"', "subtitel: x, title2: y", "maybe-misspelt", "subtitel"),
    ("at: 2027-03-08 10:00", "at: 2027-05-08 10:00", "outside-period", "2027-05-08 10:00"),
    ("until: 2027-04-02", "until: 2027-04-02, jitter: 3h", "jitter-over-late", "3h"),
    ("at: 2027-03-08 10:00", "at: 2027-03-08 10:00, count: 2", "no-effect", "count:"),
    ("from: 2027-03-22, until: 2027-04-02", "from: 2027-05-22", "outside-period", "2027-05-22"),
    ("spend: 20000 CNY", "spend: 30000 CNY", "over-budget", "30000 CNY"),
    ("type: poster", "type: event", "no-length", "schedule:"),
    ("hashtags: [锦绣]", "hashtags: [锦绣 社区]", "hashtag-with-space", "锦绣 社区"),
]


def _ids(cases):
    return [f"{code}: {new[:30]}" for _old, new, code, _at in cases]


def _at(problem):
    return problem.excerpt[problem.at.column - 1 :]


def test_the_campaign_itself_has_no_problem(desk):
    loaded = desk.load()
    assert loaded.problems == ()
    assert [c.campaign.campaign for c in loaded.campaigns] == ["open-day"]


@pytest.mark.parametrize(("old", "new", "code", "at"), ERRORS, ids=_ids(ERRORS))
def test_error(desk, old, new, code, at):
    desk.change(old, new)
    loaded = desk.load()
    [problem] = [p for p in loaded.problems if p.code == code][:1] or [None]
    assert problem is not None, [str(p) for p in loaded.problems]
    assert problem.severity is Severity.ERROR
    assert str(problem.at.file) == "campaigns/open-day.yaml"
    assert _at(problem).startswith(at)
    assert problem.message
    assert "\n" not in problem.message
    assert loaded.campaigns == ()


@pytest.mark.parametrize(("old", "new", "code", "at"), WARNINGS, ids=_ids(WARNINGS))
def test_warning_leaves_the_campaign_usable(desk, old, new, code, at):
    desk.change(old, new)
    loaded = desk.load()
    [problem] = loaded.problems
    assert (problem.code, problem.severity) == (code, Severity.WARNING)
    assert _at(problem).startswith(at)
    assert len(loaded.campaigns) == 1


@pytest.mark.parametrize(
    ("old", "new", "hint"),
    [
        ("brand: jinxiu", "brand: jinxui", "did you mean `jinxiu`?"),
        ("    channels: [press-desk]", "    channel: [press-desk]", "did you mean `channels`?"),
        ("channels: [mastodon, owners-mail]", "channels: [mastdon, owners-mail]", "did you mean `mastodon`?"),
        ("{{ row.area }}", "{{ row.aera }}", "did you mean `area`?"),
        ("days_until(day)", "days_until(dya)", "did you mean `day`?"),
        ("days_until(day)", "days_untill(day)", "did you mean `days_until`?"),
        ("layout: event-card", "layout: event-crad", "did you mean `event-card`?"),
        ("kind: media", "kind: medai", "did you mean `media`?"),
        ("proof: photo", "proof: foto", "did you mean `photo`?"),
    ],
)
def test_hint_names_what_was_meant(desk, old, new, hint):
    desk.change(old, new)
    assert hint in [problem.hint for problem in desk.problems()]


def test_a_time_in_a_gap_names_the_one_that_is_taken(desk):
    desk.change("period:", "timezone: Europe/Berlin\nperiod:")
    desk.change("at: 2027-03-08 10:00", "at: 2027-03-28 02:30")
    [problem] = desk.problems()
    assert (problem.code, problem.severity) == ("time-skipped", Severity.WARNING)
    assert "2027-03-28 03:00" in problem.message


def test_a_time_in_a_fold_names_the_first_of_the_two(desk):
    desk.change("until: 2027-04-15", "until: 2027-11-15")
    desk.change("period:", "timezone: Europe/Berlin\nperiod:")
    desk.change("at: 2027-03-08 10:00", "at: 2027-10-31 02:30")
    [problem] = desk.problems()
    assert problem.code == "time-twice"
    assert "+02:00" in problem.message
    assert problem.hint.endswith("2027-10-31 02:30+02:00")


def test_every_mistake_is_told_in_one_run_in_the_order_of_the_file(desk):
    desk.change("brand: jinxiu", "brand: nobody")
    desk.change("{{ row.area }}", "{{ row.aera }}")
    desk.change("channels: [press-desk]", "channels: [pres-desk]")
    desk.write("campaigns/second.yaml", "campaign: second\nnme: x\n")
    found = [(str(p.at.file), p.code) for p in desk.problems()]
    assert found[:3] == [
        ("campaigns/open-day.yaml", "no-such-brand"),
        ("campaigns/open-day.yaml", "no-such-column"),
        ("campaigns/open-day.yaml", "no-such-channel"),
    ]
    assert {code for file, code in found if file == "campaigns/second.yaml"} == {"unknown-key", "missing-key"}
    assert found == [(str(p.at.file), p.code) for p in desk.problems()]


@pytest.mark.parametrize(
    ("words", "code"),
    [("{{ day|datum }}", "bad-template"), ("{{ dya }}", "no-such-variable"), ("{% if %}", "bad-template")],
)
def test_a_mistake_in_a_block_of_text_stands_at_its_line(desk, words, code):
    block = f"|\n        第一行 {{{{ link }}}}\n        第二行 {words}\n        第三行"
    desk.change("还有 {{ days_until(day) }} 天 {{ link }}", block)
    [problem] = desk.problems()
    assert problem.code == code
    assert problem.excerpt == f"        第二行 {words}"
    assert problem.at.column == 9


def _codes(desk):
    return [p.code for p in desk.problems()]


def test_a_slip_hides_no_other_mistake(desk):
    desk.change("goals:", "gaols:")
    desk.change("late: 2h", "late: soon")
    desk.change("brand: jinxiu", "brand: nobody")
    desk.change("{{ days_until(day) }}", "{{ days_until(dya) }}")
    desk.change("copies: 2", "copies: many")
    desk.change("kind: media", "kind: press")  # nothing is said about an activity of no kind, but the rest is read
    desk.change("each: data/flats.csv", "each: ../../etc/passwd")
    found = [(p.code, p.at.line) for p in desk.problems()]
    lines = (desk.root / "campaigns/open-day.yaml").read_text(encoding="utf-8").split("\n")
    assert [(code, lines[line - 1].split(":")[0].strip()) for code, line in found] == [
        ("no-such-brand", "brand"),
        ("unknown-key", "gaols"),
        ("bad-value", "schedule"),
        ("no-such-variable", "text"),
        ("path-leaves", "each"),
        ("wrong-type", "- {id"),
        ("not-one-of", "kind"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("channels: [press-desk]", "chanels: [press-desk]", "unknown-key"),
        ('cron: "30 9 * * MON-FRI"', 'corn: "30 9 * * MON-FRI"', "unknown-key"),
        ("variables: {day: 2027-04-03}", "varables: {day: 2027-04-03}", "unknown-key"),
        ("    type: poster\n", "    typ: poster\n", "unknown-key"),
        ("defaults:", "default:", "unknown-key"),
        ("lines: {print: 6000, media: 8000}", "lines: {print: much, media: 8000}", "wrong-type"),
        ("period: {from: 2027-03-01, until: 2027-04-15}", "period: {from: 2027-03-01}", "missing-key"),
        ("brand: jinxiu", "brand: 3", "wrong-type"),
        ("each: data/flats.csv", "each: 3", "wrong-type"),
        ("channels: [mastodon, owners-mail]", "channels: [3, owners-mail]", "wrong-type"),
    ],
)
def test_one_slip_is_one_problem(desk, old, new, code):
    desk.change(old, new)
    assert _codes(desk) == [code]


def test_mistakes_behind_an_activity_that_cannot_be_read_keep_their_places(desk):
    desk.change("    kind: online\n    channels: [mastodon, owners-mail]\n", "    channels: [mastodon, owners-mail]\n")
    desk.change("channels: [press-desk]", "channels: [pres-desk]")
    missing, unknown = desk.problems()
    assert (missing.code, unknown.code) == ("missing-key", "no-such-channel")
    assert unknown.excerpt.strip() == "channels: [pres-desk]"


def test_two_files_may_not_claim_one_identity(desk):
    text = (desk.root / "campaigns/open-day.yaml").read_text(encoding="utf-8")
    desk.write("campaigns/zz-copy.yaml", text)
    loaded = desk.load()
    assert [(p.code, str(p.at.file)) for p in loaded.problems] == [("duplicate-campaign", "campaigns/zz-copy.yaml")]
    assert [str(c.path) for c in loaded.campaigns] == ["campaigns/open-day.yaml"]


def test_mistakes_of_tables_stand_at_their_rows(desk):
    desk.write("campaigns/data/outlets.csv", "name,email,monthly_visits\nA,a@b.example,1\nB,nobody,many\n")
    desk.write("campaigns/data/flats.csv", "id,name,area,photo\na,x,1,a.jpg\nb,y,2,missing.jpg\n")
    found = [(str(p.at.file), p.at.line, p.code) for p in desk.problems()]
    assert found == [
        ("campaigns/data/flats.csv", 3, "no-such-photo"),
        ("campaigns/data/outlets.csv", 3, "bad-address"),
        ("campaigns/data/outlets.csv", 3, "wrong-type"),
    ]


def test_mistakes_of_a_body_file_stand_at_its_line(desk):
    desk.write("campaigns/press/release.md", "# Title\n\n欢迎 {{ datum }}\n")
    [problem] = desk.problems()
    assert (str(problem.at.file), problem.at.line, problem.code) == (
        "campaigns/press/release.md",
        3,
        "no-such-variable",
    )


def test_a_photo_behind_a_link_that_leaves_the_workspace_is_refused(desk, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "x.jpg"
    outside.write_bytes(b"x")
    (desk.root / "assets/photos/linked.jpg").symlink_to(outside)
    desk.change('photo: "photos/{{ row.photo }}"', "photo: photos/linked.jpg")
    [problem] = desk.problems()
    assert problem.code == "path-leaves"
