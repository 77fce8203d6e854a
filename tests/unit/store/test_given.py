"""Rows that come with a statement: both databases read back what was given, whatever stands in it."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import BigInteger, select

from promo.store.database import open_database, reading
from promo.store.given import DOCUMENT, NUMBER, TEXT, among, given, rows
from promo.store.tables import Moment, events

COLUMNS = {"of": TEXT, "count": NUMBER, "at": Moment(), "detail": DOCUMENT}
AT = datetime(2027, 3, 22, 1, 30, 0, 123456, tzinfo=UTC)
GIVEN = [
    {"of": 'it\'s "so" \\ $.of', "count": 2**53 - 1, "at": AT, "detail": {"a": [1, {"b": None}], "文": "上新\n🌶"}},
    {"of": "", "count": -1, "at": None, "detail": {}},
    {"of": "第三", "count": None, "at": datetime(1969, 12, 31, tzinfo=UTC), "detail": {"true": True, "f": 1.5}},
]


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request, tmp_path):
    url = f"sqlite:///{tmp_path}/given.db" if request.param == "sqlite" else request.getfixturevalue("postgres")
    engine = open_database(url)
    yield engine
    engine.dispose()


def test_what_is_given_is_read_back(engine):
    table = given(engine.dialect.name, COLUMNS)
    with reading(engine) as connection:
        found = connection.execute(select(table), {"given": rows(GIVEN)}).mappings().all()
        assert [dict(row) for row in found] == GIVEN
        assert connection.execute(select(table), {"given": rows([])}).all() == []


def test_two_tables_in_one_statement_and_a_list(engine):
    dialect = engine.dialect.name
    here, there = given(dialect, {"of": TEXT}, name="here"), given(dialect, {"of": TEXT, "n": NUMBER}, name="there")
    query = select(there.c.n).where(among(dialect, there.c.of, here.c.of)).order_by(there.c.n)
    values = {
        "here": rows([{"of": "b"}, {"of": "c"}, {"of": "x"}]),
        "there": rows([{"of": name, "n": n} for n, name in enumerate("abc")]),
    }
    with reading(engine) as connection:
        assert connection.execute(query, values).scalars().all() == [1, 2]


def test_only_what_has_a_place_there():
    assert isinstance(NUMBER, BigInteger)
    assert rows([{"at": AT}]) == '[{"at":1805679000123456}]'
    with pytest.raises(TypeError, match="a set cannot be written"):
        rows([{"of": {1}}])
    with pytest.raises(ValueError, match="naive"):
        rows([{"at": AT.replace(tzinfo=None)}])
    assert events.c.at.type.process_bind_param(AT, None) == 1805679000123456
