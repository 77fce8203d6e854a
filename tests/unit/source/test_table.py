"""Tables beside campaigns: CSV as spreadsheets save it, or a YAML list."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promo.source.table import MAX_ROWS, load_table


def _table(tmp_path, data, name="t.csv"):
    path = tmp_path / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return load_table(path, root=tmp_path)


@pytest.mark.parametrize(
    "data",
    [
        "id,name\na,甲\nb,乙\n",
        "\ufeffid,name\r\na,甲\r\nb,乙\r\n",
        "id,name\na,甲\nb,乙\n".encode("gb18030"),
        "id;name\na;甲\n\nb;乙\n",
        "id\tname\na\t甲\nb\t乙",
        'id,name\n"a"," 甲 "\nb,乙\n',
    ],
    ids=["plain", "excel", "gb18030", "semicolons", "tabs", "quotes"],
)
def test_csv_is_read_as_spreadsheets_save_it(tmp_path, data):
    table = _table(tmp_path, data)
    assert table.problems == ()
    assert table.columns == ("id", "name")
    assert table.rows == [{"id": "a", "name": "甲"}, {"id": "b", "name": "乙"}]
    assert table.keys == ["a", "b"]


def test_yaml_rows_become_texts(tmp_path):
    table = _table(tmp_path, "- {id: a, area: 89.5, sold: true}\n- {id: b, note: null}\n", "t.yaml")
    assert table.problems == ()
    assert table.columns == ("id", "area", "sold", "note")
    assert table.rows[0] == {"id": "a", "area": "89.5", "sold": "true", "note": ""}
    assert [table.position(n).line for n in range(2)] == [1, 2]


def test_rows_without_an_id_keep_their_key_when_others_move(tmp_path):
    first = _table(tmp_path, "name,area\nx,1\ny,2\n").keys
    second = _table(tmp_path, "name,area\nnew,0\ny,2\nx,1\n").keys
    assert set(first) < set(second)
    assert len(set(_table(tmp_path, "name\nx\nx\nx\n").keys)) == 3


def test_a_cell_over_several_lines_keeps_the_next_row_s_line(tmp_path):
    table = _table(tmp_path, 'id,text\na,"one\ntwo"\nb,three\n')
    assert table.rows[0]["text"] == "one\ntwo"
    assert [table.position(n).line for n in range(2)] == [2, 4]


@pytest.mark.parametrize(
    ("data", "code", "line"),
    [
        ("id,name\na\n", "row-length", 2),
        ("id,name\na,b,c\n", "row-length", 2),
        ("id,id\na,b\n", "duplicate-column", 1),
        ("id,\na,b\n", "empty-column", 1),
        ("id\na\nb\na\n", "duplicate-row", 4),
        ("", "empty-file", 1),
        ("\n\n", "empty-file", 1),
        (b"id,name\n\xff\xff\xff,x\n", "not-utf-8", 2),
        ("id\n" + "a" * 30_000 + "\n", "cell-too-long", 2),
        ("id\n" + "".join(f"{n}\n" for n in range(MAX_ROWS + 1)), "too-many-rows", MAX_ROWS + 2),
        ('id,name\na,"open\n', "csv-syntax", 2),
        ("id\n\0\n", "nul-byte", 2),
    ],
)
def test_mistakes_in_csv(tmp_path, data, code, line):
    [problem] = _table(tmp_path, data).problems
    assert (problem.code, problem.at.line) == (code, line)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ("a: 1\n", "not-a-table"),
        ("- a\n", "not-a-row"),
        ("- {a: [1]}\n", "nested-cell"),
        ("- {a: 1\n", "yaml-syntax"),
    ],
)
def test_mistakes_in_yaml_tables(tmp_path, data, code):
    [problem] = _table(tmp_path, data, "t.yaml").problems
    assert problem.code == code


@settings(max_examples=100, deadline=None)
@given(data=st.binary(max_size=120) | st.text(max_size=80).map(lambda text: text.encode("utf-8", "ignore")))
def test_any_bytes_make_rows_or_problems(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "fuzz.csv"
    path.write_bytes(data)
    table = load_table(path, root=path.parent)
    assert len(table.rows) == len(table.keys) == len(table.lines)
    assert len(set(table.keys)) == len(table.keys)


def test_a_spreadsheet_is_to_be_saved_as_csv(tmp_path):
    [problem] = _table(tmp_path, b"PK\x03\x04", "rows.xlsx").problems
    assert (problem.code, problem.hint) == ("not-a-table", "save the sheet as CSV (UTF-8)")
