"""What campaigns put into layouts: checked beforehand, brought from files, drawn on every page."""

from __future__ import annotations

import textwrap

import pytest
from PIL import Image

from promo.campaign.load import load_campaigns
from promo.errors import UserMistake
from promo.language import use
from promo.visual.layout.filling import check_filling
from promo.visual.layout.load import load_layouts
from promo.workspace import open_workspace

LEAFLET = """\
name: {zh: 折页, en: Leaflet}
pages: 2
fields:
  title: {max_characters: 12}
  offer: {required: true, note: What is offered}
  before: {kind: image}
  rows: {kind: table, columns: [name, price]}
formats:
  a6: {size: [620, 874]}
output: {type: png}
layers:
  - {kind: image, id: before, source: before, page: 1}
  - {kind: text, bind: title, page: 1, plate: background}
  - {kind: text, bind: offer, page: 1, box: [0, 50, 100, 20], plate: background}
  - kind: group
    id: list
    page: 2
    stack: vertical
    each: rows
    layers: [{kind: text, id: line, text: "{row.name} {row.price}", size: 6}]
"""

CAMPAIGN = """\
campaign: open-day
name: Open day
brand: jinxiu
owner: wang.li@jinxiu.example
period: {{from: 2027-03-01, until: 2027-04-15}}
activities:
  - id: post
    kind: online
    channels: [board]
    schedule: {{at: 2027-03-08 10:00}}
    content: {{text: words}}
    visual:
{visual}
"""


@pytest.fixture
def renderer(workspace, renew):
    use("en")
    (workspace.asset_folder / "layouts").mkdir()
    (workspace.asset_folder / "layouts" / "leaflet.yaml").write_text(LEAFLET, "utf-8")
    (workspace.root / "prices.csv").write_text("name,price\nOolong,88\nGreen,56\n", "utf-8")
    return renew()


@pytest.fixture
def leaflet(request_for):
    def build(**fields):
        said = {"title": "Tea", "offer": "Two for one", "before": "photos/grey.jpg", "rows": "prices.csv", **fields}
        return request_for(layout="leaflet", format="a6", photo=None, qr=None, language="en", fields=said)

    return build


@pytest.fixture
def problems(workspace, renderer):
    """Return what is wrong with one activity's `visual`: (code, the rest of the line it points to, hint)."""

    def check(visual):
        root = workspace.root
        (root / "promo.yaml").write_text("timezone: Asia/Shanghai\nchannels:\n  board: {connector: folder}\n", "utf-8")
        (root / "campaigns").mkdir(exist_ok=True)
        text = CAMPAIGN.format(visual=textwrap.indent(textwrap.dedent(visual).strip(), "      "))
        (root / "campaigns" / "open-day.yaml").write_text(text, "utf-8")
        opened = open_workspace(root)
        loaded = load_campaigns(opened)
        assert [p for p in loaded.problems if p.severity == "error"] == []
        found = check_filling(loaded.campaigns, load_layouts(opened)[0], opened)
        lines = text.split("\n")
        return [(p.code, lines[p.at.line - 1][p.at.column - 1 :], p.hint) for p in found]

    return check


def test_a_picture_with_all_its_fields_has_no_problem(problems):
    visual = "layout: leaflet\noffer: Two for one\nbefore: photos/grey.jpg\nrows: prices.csv\ntitle: Tea\nalt: a cup\n"
    assert problems(visual) == []
    assert problems(visual.replace("rows: prices.csv", "rows: [{name: Oolong, price: 88}]")) == []


@pytest.mark.parametrize(
    ("visual", "code", "at", "hint"),
    [
        ("layout: leaflet", "missing-field", "visual:", "What is offered"),
        ("layout: leaflet\noffer: x\noffr: y", "unknown-field", "offr: y", "`offer`"),
        ("layout: event-card\nsubtitel: x", "unknown-field", "subtitel: x", "`subtitle`"),
        ("layout: leaflet\noffer: x\ntitle: far more words than fit", "field-too-long", "far more", None),
        ("layout: leaflet\noffer: x\ntitle: {zh: 短, en: far more words than fit}", "field-too-long", "far more", None),
        ("layout: leaflet\noffer: x\nbefore: photos/gone.jpg", "no-such-file", "photos/gone.jpg", None),
        ("layout: leaflet\noffer: x\nbefore: ../promo.yaml", "path-leaves", "../promo.yaml", None),
        ("layout: leaflet\noffer: x\nrows: gone.csv", "no-such-file", "gone.csv", None),
        ("layout: leaflet\noffer: [x]", "wrong-kind", "[x]", None),
        ("layout: event-card\nformat: sqare", "no-such-format", "sqare", "`square`"),
    ],
)
def test_what_a_layout_cannot_use_is_told_at_its_key(problems, visual, code, at, hint):
    [(found, where, said)] = problems(visual)
    assert found == code
    assert where.startswith(at)
    assert hint is None or hint in said


def test_titles_and_texts_meant_for_any_layout_are_no_mistake(problems):
    assert problems("layout: press-card\ntitle: x\nsubtitle: y\nbody: z\nphoto: photos/grey.jpg") == []


def test_each_page_is_a_file(renderer, leaflet):
    visual = renderer.render(leaflet())
    assert visual.path == visual.pages[0]
    assert len(set(visual.pages)) == 2
    first, second = (Image.open(page).convert("RGB") for page in visual.pages)
    assert first.size == second.size == (620, 874)
    assert first.tobytes() != second.tobytes()
    visual.pages[1].unlink()
    assert renderer.render(leaflet()).pages[1].is_file()  # a page that is gone is drawn again


def test_findings_tell_their_page(renderer, leaflet):
    found = renderer.render(leaflet(rows="", title="Words " * 60)).findings
    assert {(f.layer, f.page) for f in found if f.rule == "text-cut"} == {("title", 1)}


def test_the_digest_follows_every_file(workspace, renderer, leaflet):
    digests = [renderer.input_digest(leaflet())]
    (workspace.root / "prices.csv").write_text("name,price\nOolong,89\n", "utf-8")
    digests.append(renderer.input_digest(leaflet()))
    digests.append(renderer.input_digest(leaflet(before="photos/white.png")))
    photo = workspace.asset_folder / "photos" / "grey.jpg"
    photo.write_bytes(photo.read_bytes() + b"\0")
    digests.append(renderer.input_digest(leaflet()))
    assert len(set(digests)) == 4


def test_a_photo_s_own_focal_point_goes_before_the_layout_s(workspace, renew, leaflet, renderer):
    credits = workspace.asset_folder / "photos" / "credits.yaml"
    pictures, digests = set(), set()
    for focal in ("[0, 0]", "[1, 1]"):
        credits.write_text(f"photos: {{grey.jpg: {{focal: {focal}}}, white.png: {{}}}}\n", "utf-8")
        fresh = renew()
        digests.add(fresh.input_digest(leaflet()))
        pictures.add(fresh.render(leaflet()).path.read_bytes())
    assert len(digests) == len(pictures) == 2


def test_rows_may_be_written_out(renderer, leaflet, request_for):
    rows = [{"name": "Oolong", "price": "88"}, {"name": "Green", "price": "56"}]
    asked = leaflet(rows="")
    written = request_for(
        layout="leaflet", format="a6", photo=None, qr=None, language="en", fields=asked.fields, tables={"rows": rows}
    )
    assert renderer.render(written).pages[1].read_bytes() == renderer.render(leaflet()).pages[1].read_bytes()


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"rows": "gone.csv"}, r"gone\.csv"),
        ({"rows": "../prices.csv"}, "leaves"),
        ({"rows": "wrong.csv"}, "price"),
        ({"rows": "uneven.csv"}, r"uneven\.csv:2"),
        ({"before": "photos/gone.jpg"}, r"gone\.jpg"),
    ],
)
def test_files_that_cannot_be_used_are_one_clear_line(workspace, renderer, leaflet, change, word):
    (workspace.root / "wrong.csv").write_text("name,cost\nOolong,88\n", "utf-8")
    (workspace.root / "uneven.csv").write_text("name,price\nOolong\n", "utf-8")
    with pytest.raises(UserMistake, match=word) as mistake:
        renderer.render(leaflet(**change))
    assert "\n" not in mistake.value.message
