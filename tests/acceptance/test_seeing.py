"""What a person looks at: lists in a narrow terminal, a full month, what is late, what Tab offers."""

import json
import os
from datetime import timedelta

import pytest

from promo.delivery.rate import block
from promo.delivery.worker import Pulse
from promo.language.width import cells
from promo.store.database import open_database, transaction


@pytest.fixture
def narrow(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize("words", [("list",), ("connectors",), ("calendar", "2026-11"), ("channels",), ("status",)])
def test_it_fits_80_columns(person, workspace, words):
    person("apply", "--yes")
    for lang in ("en", "zh"):
        lines = person(*words, lang=lang).out.splitlines()
        assert lines
        assert max(map(cells, lines)) <= 80


@pytest.mark.usefixtures("narrow")
def test_a_list_has_a_line_a_delivery(person, workspace):
    person("apply", "--yes")
    ids = [row["id"] for row in json.loads(person("list", "--json").out)]
    starts = [line.split(" ")[0] for line in person("list").out.splitlines() if "2026-" in line]
    assert starts == ids


def test_an_empty_list_names_what_nobody_knows(person, workspace):
    person("apply", "--yes")
    assert "No delivery fits" in person("list", "--state", "rejected").out
    wrong = person("list", "--campaign", "frist", ok=False)
    assert wrong.code == 2
    assert "did you mean `first`?" in wrong.err
    assert "did you mean `drafts`?" in person("list", "--channel", "draft", ok=False).err


def test_a_full_day_stays_readable(person, workspace):
    campaign = workspace / "campaigns" / "first.yaml"
    text = campaign.read_text(encoding="utf-8").replace('cron: "30 9 * * MON-FRI"', 'cron: "*/10 9-18 * * MON"')
    campaign.write_text(text, encoding="utf-8")
    person("apply", "--yes")
    month = person("calendar", "2026-11").out
    assert "+" in month
    assert "more" in month
    assert len(month.splitlines()) < 60
    assert "deliveries" in month


@pytest.mark.parametrize("month", ["0001-01", "9999-12"])
def test_a_month_outside_the_calendar(person, workspace, month):
    said = person("calendar", month, ok=False)
    assert said.code == 2
    assert "a month is written as 2027-03" in said.err


def test_what_is_late_is_told(person, workspace):
    person("apply", "--yes")
    assert "overdue" not in person("status").out
    person.clock.advance(timedelta(days=1))
    assert "1 is overdue, since 2026-11-23 09:30" in person("status").out


def test_what_is_late_waits_for_a_worker_where_others_publish(person, workspace, monkeypatch):
    person("apply", "--yes")
    monkeypatch.setenv("PROMO_DATABASE", f"sqlite:///{workspace}/.promo/promo.db")  # only run and worker mind
    (workspace / "promo.local.yaml").write_text("database: {env: PROMO_DATABASE}\nengine: procrastinate\n")
    person.clock.advance(timedelta(days=1))
    said = person("status").out
    assert "overdue, since 2026-11-23 09:30  → promo run, and promo worker" in said
    assert "no process was ever seen  → promo run, and promo worker where none runs" in said


def test_where_nobody_publishes_it_is_said_with_what_to_start(person, workspace):
    person("apply", "--yes")
    for lang in ("en", "zh"):
        assert "promo tick" not in person("status", lang=lang).out
    assert "at work: nothing waits for it" in person("doctor").out
    person.clock.advance(timedelta(days=1))
    nobody = "Nobody is at work: what is due waits, and no process was ever seen  → promo run, or promo tick"
    assert nobody in person("status").out
    nobody = "无人值守\uff1a到期的投放无人发布\uff0c从未见过任何进程  → promo run 或 promo tick"
    assert nobody in person("status", lang="zh").out
    assert json.loads(person("status", "--json").out)["missing"] == "publisher"
    said = person("doctor").out
    assert "at work: what is due waits, and no process was ever seen" in said
    assert "→ start it: promo run, or promo tick" in said
    person("tick")
    assert "Nobody is at work" not in person("status").out
    assert "at work: last seen 2026-11-23 12:00" in person("doctor").out
    assert "值守\uff1a最近一次工作\uff1a2026-11-23 12:00" in person("doctor", lang="zh").out.replace(": ", "\uff1a")


def test_what_was_handed_out_and_not_taken_up_asks_for_a_worker(person, workspace, monkeypatch):
    person("apply", "--yes")
    ledger = open_database(f"sqlite:///{workspace}/.promo/promo.db")
    with transaction(ledger) as connection:
        connection.exec_driver_sql("UPDATE deliveries SET state = 'publishing' WHERE state = 'scheduled'")
    ledger.dispose()
    monkeypatch.setenv("PROMO_DATABASE", f"sqlite:///{workspace}/.promo/promo.db")  # only run and worker mind
    (workspace / "promo.local.yaml").write_text("database: {env: PROMO_DATABASE}\nengine: procrastinate\n")
    person.clock.advance(timedelta(minutes=3))
    assert "what was handed out waits, and no worker was ever seen  → promo worker\n" in person("status").out
    said = person("status", lang="zh").out
    assert "已派发的投放无人处理\uff0c从未见过工作进程  → promo worker\n" in said
    assert json.loads(person("status", "--json").out)["missing"] == "worker"


def test_of_too_many_some_are_listed_and_the_others_counted(person, workspace):
    campaign = workspace / "campaigns" / "first.yaml"
    text = campaign.read_text(encoding="utf-8").replace('cron: "30 9 * * MON-FRI"', 'cron: "*/10 9-18 * * MON"')
    campaign.write_text(text, encoding="utf-8")
    person("apply", "--yes")
    ledger = open_database(f"sqlite:///{workspace}/.promo/promo.db")
    with transaction(ledger) as connection:
        moved = connection.exec_driver_sql(
            "UPDATE deliveries SET state = 'uncertain' WHERE state = 'scheduled'"
        ).rowcount
        held = "UPDATE deliveries SET approve_by = NULL, state = 'awaiting_approval' WHERE id IN"
        some = "(SELECT id FROM deliveries WHERE state = 'uncertain' LIMIT 70)"
        connection.exec_driver_sql(f"{held} {some}")
    ledger.dispose()
    for lang, doubt, wait in (("en", "Uncertain: ", "Held, "), ("zh", "结果不明\uff1a", "未按时审批")):
        said = person("status", lang=lang).out
        assert sum(line.startswith(doubt) for line in said.splitlines()) == 50
        assert f" {moved - 70 - 50} " in said
        assert f" {20} " in said
        assert wait in said
    found = json.loads(person("status", "--json").out)
    assert (len(found["uncertain"]), found["counts"]["uncertain"]) == (50, moved - 70)
    assert (len(found["held"]), found["held_count"]) == (50, 70)


def test_a_proof_alone_closes_a_task_and_no_other_number_is_made_up(person, workspace, tmp_path):
    person("apply", "--yes")
    [poster] = json.loads(person("list", "--json", "--state", "awaiting_approval").out)
    person("approve", poster["id"], "--by", "lin")
    person("publish", poster["id"], "--now")
    photo = tmp_path / "wall.jpg"
    photo.write_bytes(b"\xff\xd8\xff\xe0 a photo of the wall")
    nothing = person("log", poster["id"], "--by", "zhang", ok=False)
    assert "nothing to log" in nothing.err
    assert "nothing to log" in person("log", "first", "--proof", photo, "--by", "zhang", ok=False).err
    assert f"{poster['id']}: done" in person("log", poster["id"], "--proof", photo, "--by", "zhang").out
    story = json.loads(person("show", poster["id"], "--json").out)
    assert story["samples"] == []
    assert [proof["by"] for proof in story["proofs"]] == ["zhang"]


def test_a_great_number_is_written_out(person, workspace):
    person("apply", "--yes")
    assert "impressions = 1,234,567" in person("log", "first", "impressions=1234567", "--by", "li").out


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("promo re", "report"),
        ("promo pause dr", "drafts"),
        ("promo list --state aw", "awaiting_approval"),
        ("promo list --campaign ", "first"),
        ("promo connectors we", "webhook"),
        ("promo log first hea", "headcount="),
    ],
)
def test_tab_offers_the_workspace_s_own_names(person, workspace, program, words, offered):
    person("apply", "--yes")
    asked = {"_PROMO_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    assert f"plain,{offered}" in program(cwd=workspace, env=asked).stdout.splitlines()


def test_tab_offers_deliveries_and_outside_a_workspace_nothing(person, workspace, program, tmp_path):
    person("apply", "--yes")
    [poster] = json.loads(person("list", "--json", "--state", "awaiting_approval").out)
    asked = {"_PROMO_COMPLETE": "zsh_complete", "COMP_WORDS": f"promo show {poster['id'][:4]}", "COMP_CWORD": "2"}
    assert program(cwd=workspace, env=asked).stdout.split("\n")[1:3] == [poster["id"], "first/posters → print-shop"]
    outside = program(cwd=tmp_path, env=asked)
    assert (outside.stdout.strip(), outside.stderr) == ("", "")


def test_a_plug_in_that_ends_the_program_while_imported_ends_only_itself(person, workspace, program, tmp_path):
    folder = tmp_path / "plug"
    about = folder / "promo_rude-0.1.dist-info"
    about.mkdir(parents=True)
    (folder / "promo_rude.py").write_text("raise SystemExit(3)\n")
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: promo-rude\nVersion: 0.1\n")
    (about / "entry_points.txt").write_text("[promo.connectors]\nrude = promo_rude:Rude\n")
    done = program("doctor", cwd=workspace, env={"PYTHONPATH": os.fspath(folder)})
    assert done.returncode == 1
    assert "✗ connector rude: SystemExit: 3" in done.stdout
    assert "promo-rude" in done.stdout
    assert "✓ files" in done.stdout


def test_a_history_is_told_in_the_reader_s_language(person, workspace):
    person("apply", "--yes")
    [poster] = json.loads(person("list", "--json", "--state", "awaiting_approval").out)
    person("approve", poster["id"], "--by", "lin")
    person("publish", poster["id"], "--now")
    person("log", poster["id"], "spend=300 CNY", "--by", "zhang")
    english = person("show", poster["id"]).out
    assert "number entered" in english
    chinese = person("show", poster["id"], lang="zh").out
    for word in ("已通过", "已交办", "登记数字", "花费"):
        assert word in chinese
    for code in ("handover", "handed_over", "logged", "approved"):
        assert code not in chinese


@pytest.mark.parametrize(("lang", "words"), [("en", "drafts asked for patience until"), ("zh", "drafts 要求等到")])
def test_status_names_a_channel_that_asked_for_patience(person, workspace, lang, words):
    person("apply", "--yes")
    with transaction(open_database(f"sqlite:///{workspace / '.promo' / 'promo.db'}")) as connection:
        block(connection, "drafts", person.clock.now() + timedelta(minutes=30))
    assert words in person("status", lang=lang).out
    person.clock.advance(timedelta(hours=1))
    assert words not in person("status", lang=lang).out


@pytest.mark.parametrize(("written", "read"), [("en", "zh"), ("zh", "en")])
def test_a_reason_is_told_in_the_readers_language_whoever_wrote_it(person, workspace, written, read):
    person("apply", "--yes")
    person.clock.advance(timedelta(days=3))
    person("tick", lang=written)
    missed = json.loads(person("list", "--json", "--state", "missed").out)[0]["id"]
    said = {"en": "its window passed before it could go out", "zh": "未能在时限内发布"}
    assert json.loads(person("show", missed, "--json").out)["delivery"]["reason"] == said[written]
    shown = person("show", missed, lang=read).out
    assert f" · {said[read]}" in shown
    assert said[written] not in shown


def test_where_a_process_lives_and_takes_nothing_that_is_said(person, workspace):
    person("apply", "--yes")
    person.clock.advance(timedelta(days=1))
    engine = open_database(f"sqlite:///{workspace}/.promo/promo.db")
    with transaction(engine) as connection:
        Pulse("box:1", "run").beat(connection, person.clock.now(), idle=True)
    engine.dispose()
    said = "what is due waits, and the process that was seen at 2026-11-23 12:00 takes nothing"
    assert f"Nothing goes out: {said}  → promo health" in person("status").out
    assert f"at work: {said} → ask it: promo health" in " ".join(person("doctor").out.split())
    said = (
        "没有投放发出\uff1a到期的投放无人发布\uff0c进程 2026-11-23 12:00 仍在运行\uff0c但未取走任何投放  → promo health"
    )
    assert said in person("status", lang="zh").out
