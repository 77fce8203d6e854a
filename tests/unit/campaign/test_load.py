"""Loading a whole workspace of campaigns."""

from datetime import timedelta

import pytest

from promo.errors import ProblemsFound, UserMistake
from promo.source.show import format_problems
from promo.workspace import open_workspace

MINIMAL = """\
campaign: {name}
name: x
brand: jinxiu
owner: a@b.example
period: {{from: 2027-03-01, until: 2027-04-15}}
activities:
  - id: post
    kind: online
    channels: mastodon
    schedule: 2027-03-08 10:00
    content: just a text
"""


def test_short_forms_mean_the_long_ones(desk):
    desk.write("campaigns/short.yaml", MINIMAL.format(name="short"))
    [loaded] = [c for c in desk.load().campaigns if c.campaign.campaign == "short"]
    [activity] = loaded.campaign.activities
    assert activity.channels == ("mastodon",)
    assert [moment.isoformat() for moment in activity.schedule.at] == ["2027-03-08T10:00:00"]
    assert activity.content.text == "just a text"
    assert loaded.position("activities", 0, "schedule").line == 10
    assert loaded.position("activities", 0, "content", "text").line == 11


def test_sub_folders_hold_campaigns_and_data_folders_tables(desk):
    desk.write("campaigns/2027/spring/tea.yaml", MINIMAL.format(name="tea"))
    desk.write("campaigns/2027/spring/data/rows.yaml", "- {a: 1}\n")
    desk.write("campaigns/notes.txt", "no campaign")
    loaded = desk.load()
    assert loaded.problems == ()
    assert [str(c.path) for c in loaded.campaigns] == ["campaigns/2027/spring/tea.yaml", "campaigns/open-day.yaml"]


def test_defaults_fill_what_an_activity_leaves_out(desk):
    desk.change("channels:\n", "defaults: {late: 30m, visual: {layout: event-card}}\nchannels:\n", "promo.yaml")
    desk.change("    channels: [press-desk]\n", "")
    desk.change("  link: {url", "  channels: [owners-mail]\n  link: {url")
    desk.change('visual: {layout: event-card, photo: "photos/{{ row.photo }}"}', "visual: {title: x}")
    [loaded] = desk.load().campaigns
    assert loaded.campaign.activities[3].channels == ("owners-mail",)
    assert loaded.campaign.activities[1].visual.layout == "event-card"
    assert loaded.campaign.defaults.late == timedelta(minutes=30)


def test_a_mistake_in_the_workspace_s_defaults_is_told_once_and_there(desk):
    desk.write("campaigns/second.yaml", MINIMAL.format(name="second"))
    desk.change("channels:\n", "defaults: {lat: 30m}\nchannels:\n", "promo.yaml")
    [problem] = desk.problems()
    assert (str(problem.at), problem.code, problem.hint) == ("promo.yaml:4:12", "unknown-key", "did you mean `late`?")


def test_tables_and_digests(desk):
    [before] = desk.load().campaigns
    assert before.tables["data/flats.csv"].rows[1]["name"] == "乙"
    [again] = desk.load().campaigns
    assert again.digest == before.digest
    digests = {before.digest}
    for name, text in [
        ("campaigns/data/flats.csv", "id,name,area,photo\na1,甲,90,a.jpg\n"),
        ("campaigns/press/release.md", "# new\n"),
    ]:
        desk.write(name, text)
        [changed] = desk.load().campaigns
        digests.add(changed.digest)
    (desk.root / "campaigns/open-day.yaml").rename(desk.root / "campaigns/renamed.yaml")
    [renamed] = desk.load().campaigns
    assert len(digests) == 3
    assert renamed.digest == changed.digest


def test_a_campaign_with_a_broken_table_is_left_out(desk):
    desk.write("campaigns/data/flats.csv", "id,name\na\n")
    desk.write("campaigns/good.yaml", MINIMAL.format(name="good"))
    loaded = desk.load()
    assert [c.campaign.campaign for c in loaded.campaigns] == ["good"]
    assert "row-length" in [p.code for p in loaded.problems]


def test_progress_counts_files(desk):
    from promo.campaign.load import load_campaigns

    desk.write("campaigns/second.yaml", MINIMAL.format(name="second"))
    calls = []
    load_campaigns(open_workspace(desk.root), progress=lambda done, total: calls.append((done, total)))
    assert calls == [(1, 2), (2, 2)]


def test_an_empty_workspace_has_no_campaigns(tmp_path):
    from promo.campaign.load import load_campaigns

    (tmp_path / "promo.yaml").write_text("workspace: empty\n")
    assert load_campaigns(open_workspace(tmp_path)).campaigns == ()


def _many(activity):
    head, _activities, rest = MINIMAL.format(name="many").partition("activities:\n")
    assert rest
    return f"{head}activities:\n" + "".join(activity.format(n=n) for n in range(10_000))


def test_ten_thousand_activities_in_one_file(desk):
    activity = "  - {{id: a{n}, kind: online, channels: [mastodon], schedule: 2027-03-08 10:00, content: text {n}}}\n"
    desk.write("campaigns/many.yaml", _many(activity))
    loaded = desk.load()
    assert loaded.problems == ()
    assert sum(len(c.campaign.activities) for c in loaded.campaigns) == 10_004


@pytest.mark.parametrize(
    ("activity", "code"),
    [
        (
            "  - {{id: a{n}, kind: online, channels: [mastdon], schedule: 2027-03-08 10:00, content: x}}\n",
            "no-such-channel",
        ),
        ("  - {{id: a{n}, knd: online, channels: [mastodon], schedule: 2027-03-08 10:00}}\n", "unknown-key"),
        (
            "  - {{id: a{n}, kind: online, channels: [mastodon], schedule: 2027-03-08, content: '{{{{ x }}}}'}}\n",
            "no-such-variable",
        ),
    ],
    ids=["references", "model", "templates"],
)
def test_ten_thousand_mistakes_are_told_one_by_one(desk, activity, code):
    desk.write("campaigns/many.yaml", _many(activity))
    found = [p for p in desk.problems() if p.code == code]
    assert [p.at.line for p in found] == list(range(7, 10_007))
    assert len(format_problems(found, "github", desk.root).split("\n")) == 10_000


WORKSPACE_MISTAKES = [
    ("timezone: Asia/Shanghai", "timezone: Shanghai", "no-such-zone", "Shanghai"),
    ("timezone: Asia/Shanghai", "time_zone: UTC", "unknown-key", "time_zone"),
    ("connector: folder, slots: evenings", "connector: folder, slots: evening", "no-such-slots", "evening"),
    ("connector: folder, slots: evenings", "slots: evenings", "missing-key", "mastodon:"),
    ('times: ["19:30"]', 'times: ["25:30"]', "bad-value", '"25:30"'),
    ('times: ["19:30"]', "times: []", "too-few", "[]"),
    ("days: [mon, thu]", "days: [monday]", "not-one-of", "monday"),
    ("timezone: Asia/Shanghai", "brands: [jinxui]", "no-such-brand", "jinxui"),
    ("timezone: Asia/Shanghai", "output: ../out", "path-leaves", "../out"),
    ("timezone: Asia/Shanghai", "links: {base: promo.example}", "bad-web-address", "promo.example"),
    ("timezone: Asia/Shanghai", "database: mysql://x/y", "bad-database", "mysql://x/y"),
    ("timezone: Asia/Shanghai", "database: sqlite:///", "bad-database", "sqlite"),
    ("timezone: Asia/Shanghai", "database: sqlite:///../x.db", "path-leaves", "sqlite"),
    ("timezone: Asia/Shanghai", "database: {env: 3}", "bad-value", "{env"),
    ("timezone: Asia/Shanghai", "horizon: a month", "bad-value", "a month"),
    ("timezone: Asia/Shanghai", "engine: dramatiq", "not-one-of", "dramatiq"),
    ("timezone: Asia/Shanghai", "engine: procrastinate", "engine-needs-postgresql", "procrastinate"),
    (
        "timezone: Asia/Shanghai",
        "database: postgresql://db/x\nengine: celery",
        "engine-needs-broker",
        "celery",
    ),
    ("timezone: Asia/Shanghai", "broker: redis://mq.example/0", "bad-broker", "redis://"),
    ("timezone: Asia/Shanghai", "broker: amqp://", "bad-broker", "amqp://"),
]


@pytest.mark.parametrize(
    ("old", "new", "code", "at"), WORKSPACE_MISTAKES, ids=[c[2] + c[1] for c in WORKSPACE_MISTAKES]
)
def test_mistakes_in_the_workspace_s_settings(desk, old, new, code, at):
    desk.change(old, new, "promo.yaml")
    with pytest.raises(ProblemsFound) as error:
        open_workspace(desk.root)
    [problem] = error.value.problems
    assert problem.code == code
    assert str(problem.at.file) == "promo.yaml"
    assert problem.excerpt[problem.at.column - 1 :].startswith(at)


@pytest.mark.parametrize("key", ["database: postgresql", "broker: amqp"])
def test_a_password_in_an_address_is_refused_and_never_shown(desk, key):
    desk.change("timezone: Asia/Shanghai", f"{key}://promo:hunter2@db.example/promo", "promo.yaml")
    with pytest.raises(ProblemsFound) as error:
        open_workspace(desk.root)
    assert [p.code for p in error.value.problems] == ["password-in-clear"]
    for form in ("text", "json", "github"):
        assert "hunter2" not in format_problems(error.value.problems, form, desk.root)


def test_the_database_s_address_comes_from_the_environment(desk, monkeypatch):
    desk.change("timezone: Asia/Shanghai", "database: {env: PROMO_TEST_DATABASE}", "promo.yaml")
    monkeypatch.setenv("PROMO_TEST_DATABASE", "postgresql://promo:hunter2@db.example/promo")
    workspace = open_workspace(desk.root)
    assert workspace.database_url == "postgresql://promo:hunter2@db.example/promo"
    assert "hunter2" not in repr(workspace.settings)


def test_the_engine_and_its_broker_are_settings_and_the_broker_may_be_a_secret(desk, monkeypatch):
    lines = "database: postgresql+psycopg://db.example/promo\nengine: celery\nbroker: {env: PROMO_TEST_BROKER}"
    desk.change("timezone: Asia/Shanghai", lines, "promo.yaml")
    monkeypatch.setenv("PROMO_TEST_BROKER", "amqp://promo:hunter2@mq.example/promo")
    workspace = open_workspace(desk.root)
    assert workspace.settings.engine == "celery"
    assert workspace.broker_url == "amqp://promo:hunter2@mq.example/promo"
    assert "hunter2" not in repr(workspace.settings)
    monkeypatch.setenv("PROMO_TEST_BROKER", "redis://:hunter2@mq.example/0")
    with pytest.raises(UserMistake, match="Redis is no broker") as error:
        _ = workspace.broker_url
    assert "hunter2" not in str(error.value)


def test_this_machine_s_settings_lie_over_the_shared_ones(desk):
    desk.write("promo.local.yaml", "timezone: UTC\nchannels: {mastodon: {settings: {folder: mine}}}\n")
    settings = open_workspace(desk.root).settings
    assert settings.timezone == "UTC"
    assert settings.channels["mastodon"].settings == {"folder": "mine"}
    assert settings.channels["mastodon"].slots == "evenings"
    desk.write("promo.local.yaml", "\ntimezone: Nowhere\n")
    with pytest.raises(ProblemsFound) as error:
        open_workspace(desk.root)
    assert [str(p.at) for p in error.value.problems] == ["promo.local.yaml:2:11"]


def test_a_campaign_file_that_is_a_link_to_elsewhere_is_not_read(desk, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "x.yaml"
    outside.write_text("private: words\n")
    (desk.root / "campaigns/linked.yaml").symlink_to(outside)
    [problem] = desk.problems()
    assert (problem.code, str(problem.at.file)) == ("path-leaves", "campaigns/linked.yaml")
    assert "private" not in format_problems([problem], "text", desk.root)
