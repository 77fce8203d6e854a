"""Wrong input on purpose: one clear line with a mend each, the right exit code, never a traceback."""

import json
import socket

import pytest

LINES = [
    (["plna"], 2, "did you mean `plan`?"),
    (["check", "--formt", "json"], 2, "--format"),
    (["apply", "no-such-file"], 2, "does not exist"),
    (["show", "zzzz"], 2, "no delivery"),
    (["publish", "abc"], 2, "--now"),
    (["calendar", "2027-13"], 2, "a month is written as 2027-03"),
    (["list", "--state", "publshed"], 2, "did you mean `published`?"),
    (["approve"], 2, "--campaign"),
    (["resolve", "abc"], 2, "--published or --not-published"),
    (["pause", "draft"], 2, "did you mean `drafts`?"),
    (["channels", "draft"], 2, "did you mean `drafts`?"),
    (["connectors", "foldr"], 2, "did you mean `folder`?"),
    (["rehearse", "--until", "soon"], 2, "a time is written as"),
    (["rehearse", "--until", "2020-01-01"], 2, "later than the beginning"),
    (["rehearse", "--until", "2150-01-01"], 2, "at most 1100 days"),
    (["rehearse", "--until", "9999-01-01"], 2, "is not one from 2000 to 2199"),
    (["rehearse", "--until", "2027-01-01", "--fault", "drafts 429"], 2, "--fault 'mastodon: 429 for 2h from"),
    (["rehearse", "--until", "2027-01-01", "--fault", "drafts: 430 for 2h from 2026-12-01"], 2, "no trouble 430"),
    (["report", "nix"], 2, "no campaign nix"),
    (["render", "nix"], 2, "known: first"),
    (["render", "--ledger", "nix"], 2, "promo apply"),
    (["render", "first/psters"], 2, "did you mean `posters`?"),
    (["render", "--format", "sqare"], 2, "did you mean `square`?"),
    (["render", "--layout", "even-card"], 2, "did you mean `event-card`?"),
    (["render", "--layout", "event-card", "--brand", "nix"], 2, "no brand nix"),
    (["render", "--layout", "event-card", "--set", "titel=x"], 2, "did you mean `title`?"),
    (["render", "--layout", "event-card", "--set", "x"], 2, "FIELD=TEXT"),
    (["render", "--layout", "event-card", "--language", "fr"], 2, "zh or en"),
    (["render", "--layout", "event-card", "first"], 2, "name no campaign"),
    (["render", "--set", "title=x"], 2, "--layout"),
    (["render", "--exit-code"], 2, "--diff"),
    (["render", "--diff", "--sheet", "a.pdf"], 2, "choose one of --sheet, --diff"),
    (["render", "--sheet", "a.gif"], 2, "PDF or PNG"),
    (["render", "--sheet", "/proc/a.pdf"], 2, "/proc/a.pdf cannot be written"),
    (["render", "--port", "0"], 2, "--watch"),
    (["render", "--watch", "--json"], 2, "choose one of --watch, --json"),
    (["render", "--watch", "--layout", "even-card"], 2, "did you mean `event-card`?"),
    (["layouts", "even-card"], 2, "did you mean `event-card`?"),
    (["log", "nix", "headcount=3"], 2, "nix"),
    (["serve", "--port", "99999"], 2, "65535"),
    (["serve", "--host", "203.0.113.9", "--port", "0"], 2, "203.0.113.9"),
]


@pytest.mark.parametrize(("words", "code", "mend"), LINES, ids=[" ".join(line[0]) for line in LINES])
def test_a_wrong_word_gets_one_clear_line(person, workspace, words, code, mend):
    said = person(*words, ok=False)
    assert said.code == code, said.all
    assert mend in said.err, said.err
    assert len(said.err.strip().splitlines()) <= 3, said.err


@pytest.mark.parametrize(("words", "code", "mend"), LINES[:4], ids=[" ".join(line[0]) for line in LINES[:4]])
def test_a_wrong_word_in_chinese(person, workspace, words, code, mend):
    said = person(*words, ok=False, lang="zh")
    assert said.code == code
    assert any("一" <= c <= "鿿" for c in said.err), said.err


def test_no_workspace_here(program, tmp_path):
    done = program("status")
    assert done.returncode == 2
    assert "no promo.yaml" in done.stderr
    assert "promo init" in done.stderr


def test_a_log_entry_with_a_wrong_metric(person, workspace):
    person("apply", "--yes")
    said = person("log", "first", "headcnt=3", "--by", "li", ok=False)
    assert said.code == 2
    assert "did you mean `headcount`?" in said.err


def test_a_proof_that_is_no_file(person, workspace):
    person("apply", "--yes")
    said = person("log", "first", "headcount=3", "--proof", workspace, "--by", "li", ok=False)
    assert said.code == 2


@pytest.mark.parametrize(
    "text", ["", "\0", "channels: [", "x: *y", "workspace: a\nworkspace: b\n", "- 1\n- 2\n", "\tx: 1\n", "🍵"]
)
def test_a_broken_promo_yaml(person, workspace, text):
    (workspace / "promo.yaml").write_text(text, encoding="utf-8")
    said = person("check", ok=False)
    if text:
        assert said.code == 1
        assert "promo.yaml:" in said.all


@pytest.mark.parametrize("setting", ["timeout: 0s", "rate: {calls: 3, per: 0s}"])
def test_a_channel_that_would_wait_for_nothing(person, workspace, setting):
    file = workspace / "promo.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("connector: folder", f"connector: folder\n    {setting}", 1), encoding="utf-8")
    said = person("check", ok=False)
    assert (said.code, "more than nothing is needed here" in said.all) == (1, True)


def test_a_plan_file_that_was_tampered_with(person, workspace, tmp_path):
    kept = tmp_path / "plan.json"
    person("plan", "--out", kept)
    kept.write_text(kept.read_text(encoding="utf-8").replace("drafts", "events"), encoding="utf-8")
    said = person("apply", kept, ok=False)
    assert said.code != 0
    assert "The ledger is empty" in person("status").out


def test_a_ledger_that_is_no_database(person, workspace):
    (workspace / ".promo").mkdir(exist_ok=True)
    (workspace / ".promo" / "promo.db").write_text("this is no database, it is a letter to a friend" * 50)
    said = person("status", ok=False)
    assert said.code == 1
    assert "database" in said.err


def test_a_port_that_is_taken(person, workspace):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        said = person("serve", "--port", taken.getsockname()[1], ok=False)
    assert said.code == 2
    assert "--port 0" in said.err


def _append(path, line):
    path.write_text(path.read_text(encoding="utf-8") + line, encoding="utf-8")


def test_a_slip_in_promo_yaml_hides_none_in_the_campaigns(person, workspace):
    _append(workspace / "promo.yaml", "outptu: here\n")
    _append(workspace / "campaigns" / "first.yaml", "gols: {}\n")
    found = person("check", "--format", "json", ok=False)
    assert found.code == 1
    assert [(p["file"], p["hint"]) for p in json.loads(found.out)] == [
        ("promo.yaml", "did you mean `output`?"),
        ("campaigns/first.yaml", "did you mean `goals`?"),
    ]
    assert "1 campaign file: 2 errors, 0 warnings." in person("check", ok=False).out
    planned = person("plan", "--json", ok=False)
    assert (planned.code, planned.out) == (1, "")
    assert "outptu" in planned.err


def test_without_the_channels_nothing_is_said_about_campaigns(person, workspace):
    settings = workspace / "promo.yaml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("channels:", "chanels:"), encoding="utf-8")
    said = person("check", "--format", "github", ok=False)
    assert said.code == 1
    [line] = said.out.strip().splitlines()
    assert line.startswith("::error file=promo.yaml,line=")
    assert "did you mean `channels`?" in line


def test_a_port_that_is_taken_for_the_live_page(person, workspace):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        said = person("render", "--watch", "--port", taken.getsockname()[1], ok=False)
    assert said.code == 2
    assert "--port 0" in said.err


@pytest.mark.parametrize(("word", "hints"), [("rabbit", []), ("celary", ["celery"])])
def test_an_engine_that_is_none_is_answered_with_one_list(person, workspace, word, hints):
    (workspace / "promo.local.yaml").write_text(f"engine: {word}\n")
    for lang, says, near in (
        ("en", f"`{word}` is not one of: embedded, procrastinate, celery", "did you mean `celery`?"),
        ("zh", f"`{word}` 不在可选范围内\uff1aembedded, procrastinate, celery", "是不是想写 `celery`\uff1f"),
    ):
        said = person("check", ok=False, lang=lang).all
        assert says in said
        assert said.count("procrastinate") == 1
        assert (near in said) == bool(hints)


@pytest.mark.parametrize(
    ("settings", "name", "setting"),
    [
        ("database: {env: NOT_SET_ANYWHERE}\n", "NOT_SET_ANYWHERE", "database"),
        ("database: {env: LEDGER}\nengine: celery\nbroker: {env: NOT_SET_HERE}\n", "NOT_SET_HERE", "broker"),
    ],
)
def test_a_secret_without_a_value_names_the_setting(program, workspace, database, settings, name, setting):
    (workspace / "promo.local.yaml").write_text(settings)
    for lang, says in (
        ("en", f"the secret {name} of `{setting}:` in promo.yaml has no value"),
        ("zh", f"promo.yaml 中的 `{setting}:` 所指的密钥 {name} 没有值"),
    ):
        said = program("tick", cwd=workspace, env={"LEDGER": database(), "PROMO_LANG": lang})
        assert said.returncode == 5
        assert says in said.stderr
        assert name in said.stderr.splitlines()[1]
