"""The faces of a report: terminal, page, JSON, CSV; in both languages."""

from __future__ import annotations

import csv
import io
import json
import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from jinja2 import nodes
from PIL import ImageFont
from rich.cells import cell_len
from rich.console import Console

import promo.report.html as page
from promo.language import chinese, use
from promo.report import chart, words
from promo.report.export import COLUMNS, as_csv, as_json
from promo.report.fontfile import font_folder
from promo.report.html import environment, index_page, plain_page, render_html, write_html
from promo.report.model import NoteKind
from promo.report.remark import sentence
from promo.report.summary import list_campaigns, summarize
from promo.report.terminal import render_report

VOID = {"meta", "link", "br", "img", "input", "hr"}


@pytest.fixture(params=["en", "zh"])
def tongue(request):
    use(request.param)
    yield request.param
    use("en")


def report_of(ledger, campaign="open-day"):
    return summarize(ledger.engine, campaign, now=ledger.clock.now())


def printed(report, width=80):
    out = io.StringIO()
    Console(file=out, width=width, force_terminal=False).print(render_report(report))
    return out.getvalue()


class Balanced(HTMLParser):
    """Fails where a tag is closed that is not the last one opened."""

    def __init__(self):
        super().__init__()
        self.open: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, f"</{tag}> at {self.getpos()}"

    def handle_data(self, data):
        if self.open and self.open[-1] not in {"style", "script"}:
            self.words.append(data)


def read(html):
    parser = Balanced()
    parser.feed(html)
    assert parser.open == []
    return " ".join(" ".join(parser.words).split())


def test_the_terminal_fits_80_columns(open_day, tongue):
    text = printed(report_of(open_day))
    assert max(cell_len(line) for line in text.splitlines()) <= 80
    assert "\x1b" not in text
    for said in ("39,805", "306", "320", "107%", "CN¥6,420.50" if tongue == "en" else "¥6,420.50", "aa0000000000"):
        assert said in text


def test_the_terminal_speaks_chinese(open_day):
    use("zh")
    text = printed(report_of(open_day))
    use("en")
    for said in ("锦绣社区春季开放日", "目标达成", "渠道上报", "实测", "结果不明"):
        assert said in text


def test_an_empty_campaign_can_be_shown(ledger, tongue):
    ledger.campaign(goals={}, budget=None)
    report = report_of(ledger)
    assert "0" in printed(report)
    read(render_html(report))
    as_csv(report)
    json.loads(as_json(report))


def test_the_page_is_whole_and_asks_for_nothing(open_day, tongue, tmp_path):
    file = write_html(report_of(open_day), tmp_path / "out" / "report.html")
    html = file.read_text(encoding="utf-8")
    text = read(html)
    assert "<script" not in html
    assert not re.search(r"""(?:src|url\()=?["']?(?!data:|["(]*data:)(?:https?:)?//""", html)
    assert "default-src 'none'" in unescape(html)
    assert f'lang="{"zh-Hans" if tongue == "zh" else "en"}"' in html
    assert ("春季开放日" if tongue == "zh" else "Jinxiu spring open day") in text
    assert "107%" in text
    assert [left for left in (tmp_path / "out").iterdir() if left != file] == []


def test_no_english_is_left_in_a_chinese_page(open_day):
    use("zh")
    text = read(render_html(report_of(open_day)))
    use("en")
    known = {message for message in chinese() if re.fullmatch(r"[A-Z][a-z]+( [a-z]+)+", message)}
    assert [message for message in known if message in text] == []


def test_words_of_the_ledger_cannot_break_the_page(ledger):
    evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    ledger.campaign(name=evil, owner=evil, budget={"total": "10 CNY", "lines": {evil: "5"}})
    ledger.delivery("a1", channel=evil[:60], activity=evil, content={"text": evil}, remote_url="javascript:alert(1)")
    ledger.delivery("a2", channel="plain", remote_url='https://x.example/"><script>')
    ledger.placement("a1", "gate", name=evil)
    for name in ("a1", "a2"):
        ledger.sample(name, "likes", 3)
    ledger.sample("a1", "coverage", 3, origin="entered", source=evil, note=evil)
    html = render_html(report_of(ledger))
    read(html)
    assert "<script" not in html
    assert "<img" not in html
    assert "javascript:" not in html


def test_every_chart_is_a_picture_with_words(open_day, tongue):
    html = render_html(report_of(open_day))
    pictures = [ET.fromstring(svg) for svg in re.findall(r"<svg.*?</svg>", html, re.DOTALL)]
    assert len(pictures) >= 10
    for picture in pictures:
        name = "{http://www.w3.org/2000/svg}"
        assert picture.get("role") == "img"
        assert picture.find(f"{name}title").text
        assert picture.find(f"{name}desc").text
        assert [text.text for text in picture.iter(f"{name}text")]
        assert "#" not in " ".join(part.get("fill", "") for part in picture.iter())  # all colours are the page's
        assert not [part for part in picture.iter() if part.get("font-family")]


def test_a_goal_far_beyond_its_target_stays_in_the_picture(ledger):
    ledger.campaign(goals={"clicks": 1})
    ledger.sample(ledger.delivery("a1"), "clicks", 5000)
    for width in (chart.WIDE, chart.NARROW):
        svg = chart.goal_chart(report_of(ledger), width)
        assert "500,000%" in svg
        ends = [float(x) for x in re.findall(r"M[\d.-]+,[\d.-]+h([\d.]+)", svg)]
        assert max(ends) <= width


def test_the_page_carries_the_characters_it_shows(open_day):
    from base64 import b64decode

    from fontTools.ttLib import TTFont

    use("zh")
    html = render_html(report_of(open_day))
    use("en")
    font = TTFont(io.BytesIO(b64decode(re.search(r"data:font/woff;base64,([^\"]+)", html)[1])))
    shown = {ord(character) for character in read(html) if not character.isspace()}
    assert shown - set(font.getBestCmap()) <= {ord("👉")}
    assert (font["fvar"].axes[0].minValue, font["fvar"].axes[0].maxValue) == (400, 700)


def test_json_has_every_number_with_its_origin(open_day):
    plain = json.loads(as_json(report_of(open_day)))
    assert plain["totals"]["clicks"]["counted"] == {"measured": 306}
    assert plain["totals"]["clicks"]["beside"].keys() == {"reported"}
    assert plain["totals"]["reach"]["at_least"] is True
    assert plain["budget"]["spent"] == "9920.5"
    assert plain["made_at"] == "2027-03-20T04:00:00+00:00"
    assert plain["first_day"] == "2027-03-01"


def test_csv_has_one_number_a_line(open_day):
    rows = list(csv.DictReader(io.StringIO(as_csv(report_of(open_day)))))
    assert tuple(rows[0]) == COLUMNS
    clicks = [row for row in rows if (row["section"], row["metric"]) == ("campaign", "clicks")]
    assert next((row["origin"], row["counts"], row["value"], row["goal"]) for row in clicks) == (
        "measured",
        "yes",
        "306",
        "400",
    )
    assert {row["counts"] for row in clicks} == {"yes", "no"}
    days = [
        row for row in rows if row["section"] == "day" and row["metric"] == "clicks" and row["origin"] == "measured"
    ]
    assert sum(float(row["value"]) for row in days) == 306


def test_csv_runs_no_formula_in_a_spreadsheet(ledger):
    ledger.campaign()
    ledger.sample(ledger.delivery("a1", channel="=cmd|'/c calc'!A1"), "likes", 3)
    rows = list(csv.DictReader(io.StringIO(as_csv(report_of(ledger)))))
    assert [row["name"] for row in rows if row["section"] == "channel"] == ["'=cmd|'/c calc'!A1"]


def test_every_kind_of_note_has_its_sentence(open_day, tongue):
    report = report_of(open_day)
    open_day.campaign("empty", budget=None)
    notes = [*report.notes, *report_of(open_day, "empty").notes]
    assert {note.kind for note in notes} == set(NoteKind)
    for note in notes:
        said = sentence(note, report)
        assert said
        assert "{" not in said


def test_every_word_of_the_templates_has_its_chinese():
    for name in environment().list_templates():
        source = (Path(page.__file__).parent / "templates" / name).read_text(encoding="utf-8")
        for call in environment().parse(source).find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name in {"_", "plural"}:
                for message in call.args[: 2 if call.node.name == "plural" else 1]:
                    assert message.value in chinese(), f"{name}: {message.value}"


def test_numbers_are_written_as_the_reader_is_used_to():
    assert (words.money(1200, "CNY"), words.money(1200.5, "EUR"), words.number(1234.0)) == (
        "CN¥1,200",
        "€1,200.50",
        "1,234",
    )
    assert words.money(5, "") == "5"
    use("zh")
    assert (words.money(1200, "CNY"), words.share(0.765)) == ("¥1,200", "76%")
    use("en")


def test_the_list_and_the_plain_page(open_day, tongue):
    assert "open-day" in index_page(list_campaigns(open_day.engine))
    text = read(plain_page("No <page>", "words"))
    assert "No <page>" in text


def test_the_words_beside_a_goal_stay_in_the_picture(ledger):
    ledger.campaign(goals={"impressions": 120_000_000, "spend": "12345678.90 CNY"})
    ledger.sample(None, "spend", 9_876_543.21, origin="entered", source="li")
    ledger.delivery("a1")
    drawing = chart.goal_chart(report_of(ledger), chart.WIDE)
    [left] = re.findall(r'<g fill="none" transform="translate\((\d+),', drawing)
    face = ImageFont.truetype(next(font_folder().glob("*.ttf")), 100)
    ends = [
        int(left) + int(x) + face.getlength(unescape(text)) / 8
        for x, text in re.findall(r'"start" transform="translate\((\d+),[^>]*>([^<]*)</text>', drawing)
    ]
    assert len(ends) == 2
    assert max(ends) <= chart.WIDE
