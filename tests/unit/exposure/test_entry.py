"""What people count: read, proved, kept."""

from __future__ import annotations

import hashlib
import os
from datetime import timedelta

import pytest

from promo.errors import NotFound, UserMistake
from promo.exposure.entry import log_entry
from promo.exposure.value import parse_values


@pytest.fixture
def event(ledger):
    ledger.campaign()
    ledger.delivery("cc01aa000001", activity="open-day", channel="calendar")
    ledger.delivery("cc02bb000002", activity="countdown")
    return ledger


def log(ledger, subject="cc01aa000001", values=("headcount=320",), **more):
    more = {"by": "zhao", **more}
    return log_entry(ledger.engine, subject, values, workspace=ledger.workspace, clock=ledger.clock, **more)


@pytest.mark.parametrize(
    ("words", "values"),
    [
        (["headcount=320"], {"headcount": 320}),
        (["headcount=1,320", "coverage=3"], {"headcount": 1320, "coverage": 3}),
        (["spend=1200"], {"spend": 1200}),
        (["spend=1200 CNY"], {"spend": 1200}),
        (["spend=1200CNY"], {"spend": 1200}),
        (["spend=1200", "CNY", "headcount=0"], {"spend": 1200, "headcount": 0}),
        (["spend=1,200.50 CNY"], {"spend": 1200.5}),
    ],
)
def test_words_are_read(words, values):
    assert parse_values(words, currency="CNY") == values


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["headcount"], "no metric=value"),
        (["headcount="], "no metric=value"),
        (["heads=3"], "no metric heads"),
        (["headcout=3"], "did you mean `headcount`"),
        (["headcount=-1"], "whole number"),
        (["headcount=2.5"], "whole number"),
        (["headcount=nan"], "whole number"),
        (["headcount=inf"], "whole number"),
        (["headcount=1e99"], "whole number"),
        (["headcount=many"], "whole number"),
        (["headcount=1", "headcount=2"], "given twice"),
        (["spend=20 EUR"], "reckons in CNY"),
        (["spend=-3 CNY"], "an amount from 0"),
        (["spend=lots"], "an amount from 0"),
        (["spend=1.2.3"], "an amount from 0"),
    ],
)
def test_wrong_words_get_one_clear_line(words, says):
    with pytest.raises(UserMistake) as caught:
        parse_values(words, currency="CNY")
    assert says in str(caught.value)


def test_a_campaign_without_money_takes_any_currency_but_wants_one():
    assert parse_values(["spend=20 EUR"], currency=None) == {"spend": 20}
    with pytest.raises(UserMistake):
        parse_values(["spend=20"], currency=None)


def test_a_number_is_kept_with_name_and_proof(event, tmp_path):
    photo = tmp_path / "Sign-in sheet.JPG"
    photo.write_bytes(b"a photo")
    digest = hashlib.sha256(b"a photo").hexdigest()
    entered = log(event, values=["headcount=320", "spend=80"], proof=photo, note="counted at the gate")
    assert entered.file == f".promo/proofs/{digest}.jpg"
    assert (tmp_path / entered.file).read_bytes() == b"a photo"
    [proof] = event.rows("proofs")
    assert (proof["id"], proof["sha256"], proof["kind"], proof["by"]) == (entered.proof, digest, "photo", "zhao")
    rows = event.rows("samples")
    assert {row["metric"]: row["value"] for row in rows} == {"headcount": 320, "spend": 80}
    assert {(row["origin"], row["source"], row["proof"], row["delivery"]) for row in rows} == {
        ("entered", "zhao", proof["id"], "cc01aa000001")
    }
    assert [row["what"] for row in event.rows("events")] == ["logged"]


def test_the_same_proof_is_kept_once(event, tmp_path):
    photo = tmp_path / "sheet.pdf"
    photo.write_bytes(b"pdf")
    first, second = log(event, proof=photo), log(event, proof=photo)
    assert first.file == second.file
    assert first.kind == "document"
    assert len(list((tmp_path / ".promo/proofs").iterdir())) == 1


def test_a_whole_campaign_can_have_a_number_and_a_proof(event, tmp_path):
    bill = tmp_path / "bill.pdf"
    bill.write_bytes(b"pdf")
    entered = log(event, "open-day", ["spend=500 CNY"], proof=bill)
    assert entered.subject.delivery is None
    assert event.rows("proofs")[0]["delivery"] is None
    assert event.rows("samples")[0]["campaign"] == "open-day"


def test_the_beginning_of_an_id_is_enough(event):
    assert log(event, "cc01").subject.delivery == "cc01aa000001"


@pytest.mark.parametrize(
    ("subject", "says"),
    [("cc0", "several"), ("zz", "no delivery or campaign"), ("open-dya", "did you mean `open-day`")],
)
def test_an_unknown_subject(event, subject, says):
    with pytest.raises(NotFound) as caught:
        log(event, subject)
    assert says in str(caught.value)


def test_wildcards_in_an_id_are_no_wildcards(event):
    with pytest.raises(NotFound):
        log(event, "cc__aa")


@pytest.mark.parametrize(
    "change",
    [
        {"by": " "},
        {"at": "tomorrow"},
        {"note": "x" * 3000},
        {"values": ["headcount=3", "coverage=x"]},
        {"proof": "missing.jpg"},
        {"proof": "."},
        {"proof": "empty.jpg"},
        {"proof": "pipe"},
    ],
)
def test_a_mistake_writes_nothing(event, tmp_path, change):
    (tmp_path / "empty.jpg").touch()
    os.mkfifo(tmp_path / "pipe")
    if "proof" in change:
        change = {"proof": tmp_path / change["proof"]}
    if "at" in change:
        change = {"at": event.clock.now() + timedelta(days=1)}
    with pytest.raises(UserMistake):
        log(event, **change)
    assert event.rows("samples") == event.rows("proofs") == event.rows("events") == []
    assert not list(tmp_path.glob(".promo/proofs/*"))


def test_a_proof_that_is_too_large_is_refused(event, tmp_path):
    huge = tmp_path / "film.mov"
    with huge.open("wb") as file:
        file.truncate(64 * 1024 * 1024 + 1)
    with pytest.raises(UserMistake, match="64 MiB"):
        log(event, proof=huge)
