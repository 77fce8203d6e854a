"""A ledger carried from SQLite to PostgreSQL and back says the same; what is in the way is told."""

from __future__ import annotations

import math
import random
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import JSON, Boolean, Float, String, create_engine, delete, insert, select, text, update

from promo.delivery.tally import tally
from promo.errors import NotFound, PromoError, UserMistake
from promo.store.compare import compare_ledgers
from promo.store.copy import copy_ledger
from promo.store.database import open_database, reading, transaction
from promo.store.presence import others_present
from promo.store.rows import ordered_tables
from promo.store.tables import Moment, channels, deliveries, events, samples, visits
from promo.store.target import begin_copy, finish_copy, open_other

TEXTS = (
    "",
    "春季开放日 👩‍🌾🌸",
    'it\'s "quoted" \\ %s :name ?',
    "line\nbreak\ttab\r",
    "e\u0301 \u202e \ufeff",
    "长" * 50_000,
)
FLOATS = (0.0, -0.0, 0.1 + 0.2, 1e-310, -1.7976931348623157e308, math.inf, 6420.5, 3)
DOCUMENTS = (None, {}, [], {"名": ["春", 1.5, None, True], "n": 2**60}, {"nul": "a\0b", "": "长" * 5000})


@pytest.fixture
def opened():
    """Open what a test asks for and close it after the test."""
    engines = []

    def opening(engine):
        engines.append(engine)
        return engine

    yield opening
    for engine in engines:
        engine.dispose()


def fill(engine, *, rows=40):
    """Write rows into every table, of every kind of value its columns may hold."""
    chance = random.Random(11)
    known: dict[str, list] = {}
    with transaction(engine) as connection:
        for table in ordered_tables():
            made = [{c.name: value(c, number, known, chance) for c in stored(table)} for number in range(rows)]
            connection.execute(insert(table), made)
            for column in table.columns:
                if column.computed is None:
                    known[f"{table.name}.{column.name}"] = [row[column.name] for row in made]


def stored(table):
    return [column for column in table.columns if column.computed is None]


def value(column, number, known, chance):
    if column.foreign_keys:
        [key] = column.foreign_keys
        return None if column.nullable and number % 3 == 0 else known[key.target_fullname][number]
    if column.nullable and chance.random() < 0.3:
        return None
    kind = column.type
    if isinstance(kind, JSON):
        return DOCUMENTS[number % len(DOCUMENTS)]
    if isinstance(kind, Moment):
        return datetime(1, 1, 2, tzinfo=UTC) + timedelta(days=chance.randrange(3_600_000), microseconds=number)
    if isinstance(kind, Boolean):
        return number % 2 == 0
    if isinstance(kind, Float):
        return FLOATS[number % len(FLOATS)]
    if isinstance(kind, String) and kind.length:
        return f"{'Ä猫zb'[number % 4]}{number}-{column.name}"[: kind.length]
    return TEXTS[number % len(TEXTS)] if isinstance(kind, String) else number * 7 + 1


def raw(engine):
    """Every row of a SQLite file, as it lies there."""
    with engine.connect() as connection:
        return {
            table.name: sorted(map(repr, connection.exec_driver_sql(f"SELECT * FROM {table.name}")))
            for table in ordered_tables()
        }


def differing(here, there):
    return [table.table for table in compare_ledgers(here, there) if not table.same]


@pytest.mark.timeout(180)
def test_there_and_back_every_value_is_the_same(ledger, database, tmp_path, opened):
    fill(ledger.engine)
    server = opened(begin_copy(database(), source="here"))
    assert copy_ledger(ledger.engine, server).added == 40 * len(ordered_tables())
    assert differing(ledger.engine, server) == []
    finish_copy(server)
    with reading(ledger.engine) as here, reading(server) as there:
        for table in ordered_tables():
            mine, theirs = (list(map(repr, side.execute(select(table)))) for side in (here, there))
            assert sorted(mine) == sorted(theirs), table.name
    back = opened(begin_copy(f"sqlite:///{tmp_path}/back.db", source="there"))
    copy_ledger(server, back)
    assert differing(server, back) == []
    assert raw(back) == raw(ledger.engine)


def test_new_rows_are_numbered_after_those_copied(open_day, database, opened):
    server = opened(begin_copy(database(), source="here"))
    copy_ledger(open_day.engine, server)
    highest = {table: max(row["id"] for row in open_day.rows(table)) for table in ("visits", "samples", "proofs")}
    with transaction(server) as connection:
        visit = {"token": "tok0001xyz", "at": open_day.clock.now(), "visitor": "v"}
        assert connection.execute(insert(visits).values(visit)).inserted_primary_key == (highest["visits"] + 1,)
        event = {"at": open_day.clock.now(), "what": "first", "detail": {}}
        assert connection.execute(insert(events).values(event)).inserted_primary_key == (1,)


@pytest.mark.parametrize("kind", ["server", "file"])
def test_what_changed_since_is_carried_over(kind, open_day, database, tmp_path, opened):
    place = database() if kind == "server" else f"sqlite:///{tmp_path}/copy.db"
    server = opened(begin_copy(place, source="here"))
    copy_ledger(open_day.engine, server)
    with transaction(open_day.engine) as connection:
        connection.execute(update(deliveries).where(deliveries.c.state == "scheduled").values(state="published"))
        connection.execute(delete(visits).where(visits.c.robot))
        connection.execute(insert(channels).values(channel="mastodon", paused=True))
    assert differing(open_day.engine, server) == ["channels", "deliveries", "visits"]
    again = opened(begin_copy(place, source="here"))
    copied = copy_ledger(open_day.engine, again)
    assert (copied.added, copied.changed, copied.removed) == (1, 2, 9)
    assert differing(open_day.engine, server) == []
    with reading(open_day.engine) as mine, reading(again) as theirs:
        assert tally(mine) == tally(theirs), "what the database counts by itself"


def test_what_others_write_meanwhile_is_not_half_seen(open_day, database, opened):
    server = opened(begin_copy(database(), source="here"))
    before = len(open_day.rows("visits"))
    wrote = []

    def write(done, _all):
        if not wrote:  # the campaigns are copied, the visits are not
            open_day.delivery("ee0000000001")
            open_day.link("late", "ee0000000001")
            open_day.visit("late", "somebody")
            wrote.append(done)

    copy_ledger(open_day.engine, server, progress=write)
    with reading(server) as connection:
        assert len(connection.execute(select(visits)).all()) == before
    assert differing(open_day.engine, server) == ["deliveries", "links", "visits"]


def test_a_nul_character_is_shown(ledger, database, opened):
    ledger.campaign()
    ledger.delivery("a1", reason="cut\0here\0", content={"text": "kept\0as it is"})
    server = opened(begin_copy(database(), source="here"))
    assert copy_ledger(ledger.engine, server).nul == {"deliveries.reason": 1}
    assert differing(ledger.engine, server) == []
    with reading(server) as connection:
        row = connection.execute(select(deliveries)).one()
    assert (row.reason, row.content) == ("cut␀here␀", {"text": "kept\0as it is"})


def test_a_row_the_other_database_refuses_is_named(ledger, database, opened):
    ledger.campaign()
    for number in range(30):
        ledger.delivery(f"a{number:02}", **({"activity": "x" * 201} if number == 17 else {}))
    server = opened(begin_copy(database(), source="here"))
    with pytest.raises(
        PromoError, match=r"row a17 of the table deliveries: value too long for type character varying\(200\)"
    ):
        copy_ledger(ledger.engine, server)
    with transaction(ledger.engine) as connection:
        connection.execute(update(deliveries).where(deliveries.c.id == "a17").values(activity="mended"))
    copy_ledger(ledger.engine, server)
    assert differing(ledger.engine, server) == []


def test_no_number_is_no_number_in_sqlite(ledger, database, tmp_path, opened):
    server = opened(open_database(database()))
    sample = {"campaign": "c", "metric": "reach", "value": math.nan, "origin": "entered", "at": ledger.clock.now()}
    with transaction(server) as connection:
        connection.execute(insert(samples).values(**sample, source="li"))
    back = opened(begin_copy(f"sqlite:///{tmp_path}/back.db", source="there"))
    with pytest.raises(PromoError, match="row 1 of the table samples: NOT NULL"):
        copy_ledger(server, back)


def test_a_copy_that_is_not_whole_opens_for_nobody(open_day, tmp_path, opened):
    place = f"sqlite:///{tmp_path}/copy.db"
    copy = opened(begin_copy(place, source="here"))
    with pytest.raises(PromoError, match="not whole yet"):
        open_database(place)
    with pytest.raises(UserMistake, match="another ledger"):
        begin_copy(place, source="elsewhere")
    copy_ledger(open_day.engine, copy)
    finish_copy(copy)
    opened(open_database(place))
    with pytest.raises(UserMistake, match="a ledger already; it has rows in: campaigns, deliveries"):
        begin_copy(place, source="here")


def test_what_else_lies_there_is_left_alone(database, tmp_path, opened):
    place = database()
    other = opened(create_engine(place))
    with other.begin() as connection:
        connection.execute(text("CREATE TABLE customers (name text)"))
    with pytest.raises(UserMistake, match="not promo's: customers"):
        begin_copy(place, source="here")
    with other.begin() as connection:
        connection.execute(text("ALTER TABLE customers RENAME TO procrastinate_jobs"))
    opened(begin_copy(place, source="here"))
    latin = database(ENCODING="'LATIN1'", LC_COLLATE="'C'", LC_CTYPE="'C'", TEMPLATE="template0")
    with pytest.raises(UserMistake, match="LATIN1"):
        begin_copy(latin, source="here")
    with pytest.raises(UserMistake, match="ledger itself"):
        begin_copy(f"sqlite:///{tmp_path}/a.db", source=f"sqlite:///{tmp_path}/a.db")
    with pytest.raises(UserMistake, match="in memory"):
        begin_copy("sqlite:///:memory:", source="here")
    with pytest.raises(NotFound):
        open_other(f"sqlite:///{tmp_path}/none.db")
    assert not (tmp_path / "none.db").exists()
    with pytest.raises(PromoError, match="no ledger"):
        open_other(database())


def test_who_else_has_the_ledger_open(ledger, database, opened):
    place = database()
    server = opened(open_database(place))
    for mine, address in ((ledger.engine, str(ledger.engine.url)), (server, place)):
        with transaction(mine) as connection:
            connection.execute(insert(events).values(at=ledger.clock.now(), what="written", detail={}))
        assert not others_present(mine)
        other = open_database(address)
        assert others_present(mine)
        with transaction(other) as connection:
            connection.execute(insert(events).values(at=ledger.clock.now(), what="written", detail={}))
        other.dispose()
        assert not others_present(mine)
