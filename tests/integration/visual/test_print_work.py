"""Print files as the renderer makes them: from a layout and a brand with its press, every page and place in one."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest
from PIL import ExifTags, Image

from promo.brand.load import load_brands
from promo.visual.file.metadata import read_metadata
from promo.visual.model import VisualRequest
from promo.visual.renderer import Renderer
from promo.workspace import Workspace, WorkspaceSettings

BRANDS = Path(__file__).parents[3] / "assets" / "brands"
LAYOUT = """\
name: Leaflet
formats:
  a5: {size: A5, bleed: 3mm}
  a1: {size: A1, bleed: 3mm}
pages: 2
output: {type: pdf}
layers:
  - {kind: image, id: photo, page: 1, box: [0, 0, 100, 100]}
  - {kind: gradient, id: veil, page: 1, box: [0, 0, 100, 60], angle: 0, strengthen: 0.95,
     stops: [{color: shade, opacity: 0}, {color: shade, opacity: 0.3}]}
  - {kind: logo, id: mark, page: 1, box: [7, 5, 50, 6]}
  - {kind: text, id: head, page: 1, bind: title, box: [7, 14, 86, 20], style: headline, size: 11, color: photo_text}
  - {kind: text, id: words, page: 2, bind: body, box: [7, 10, 86, 30], size: 6}
  - {kind: qr, id: code, page: 2, box: [60, 70, 33, 23]}
"""
LINK = "https://go.jinxiu.example/l/0000000000"
REQUEST = VisualRequest(
    layout="leaflet",
    format="a5",
    brand="jinxiu",
    language="zh",
    photo="photos/photo.jpg",
    fields={"title": "秋季开放日", "body": "把花园还给邻居"},
    qr=LINK,
)
CHILD = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from test_print_work import REQUEST, opened
from dataclasses import replace
visual = opened(Path(sys.argv[2]), "other").render(replace(REQUEST, format=sys.argv[3]))
peak = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(visual.sha256, visual.path, peak)
"""


def opened(root: Path, cache: str = "cache") -> Renderer:
    workspace = Workspace(root, WorkspaceSettings(), {})
    renderer = Renderer(workspace, load_brands(workspace).brands, root / cache)
    assert not renderer.problems
    return renderer


@pytest.fixture
def root(tmp_path, photo, profile):
    folder = tmp_path / "assets" / "brands" / "jinxiu"
    shutil.copytree(BRANDS / "jinxiu", folder)
    (folder / "press.icc").write_bytes(profile)
    guide = (folder / "brand.yaml").read_text()
    assert "\nprint:" not in guide
    (folder / "brand.yaml").write_text(f"{guide}\nprint: {{profile: press.icc, condition: CGATS TR 001}}\n")
    (tmp_path / "assets" / "layouts").mkdir()
    (tmp_path / "assets" / "layouts" / "leaflet.yaml").write_text(LAYOUT)
    (tmp_path / "assets" / "photos").mkdir()
    photo(1200, 1600).rename(tmp_path / "assets" / "photos" / "photo.jpg")
    return tmp_path


def in_another_process(root, format):
    done = subprocess.run(
        [sys.executable, "-c", CHILD, Path(__file__).parent, root, format],
        capture_output=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().split()


def test_a_leaflet_is_one_file_of_two_pages_with_a_preview_of_each(root, tool, make, rastered):
    visual = opened(root).render(REQUEST)
    assert visual.mime == "application/pdf"
    assert "Pages:           2" in tool("pdfinfo", visual.path)
    assert "PDF/X-4" in tool("pdfinfo", visual.path)
    assert len(visual.previews) == 2
    assert tool("zbarimg", "-q", "--raw", visual.previews[1]).strip() == LINK
    assert read_metadata(visual.path.read_bytes()).title["zh"] == "秋季开放日"
    # Painting decides how dense the veil is and which logo stands on it; the press gets what people saw.
    sheet = rastered(visual.path, 300)[0]
    with Image.open(visual.previews[0]) as preview:
        edge = round((10 * 72 / 25.4) / 72 * 300)  # the margin with the crop marks
        page = sheet.crop((edge, edge, sheet.width - edge, sheet.height - edge)).resize(preview.size)
        mean, _worst = make.apart(page.convert("L").convert("RGB"), preview.convert("L").convert("RGB"))
    assert mean < 16  # poppler turns the inks into RGB by a rule of thumb


def test_every_place_has_its_pages_and_its_own_code(root, tool):
    links = tuple(f"https://go.jinxiu.example/l/{number:010}" for number in range(30))
    renderer = opened(root)
    one = renderer.render(REQUEST)
    visual = renderer.render(replace(REQUEST, links=links))
    assert visual.key != one.key
    assert len(visual.previews) == 2
    with pikepdf.open(visual.path) as pdf:
        assert len(pdf.pages) == 60
    assert visual.path.stat().st_size < one.path.stat().st_size + 60 * 2500
    assert {finding.rule for finding in visual.findings} == {finding.rule for finding in one.findings}
    tool("pdftoppm", "-r", "100", "-f", "60", "-singlefile", "-png", visual.path, root / "last")
    assert tool("zbarimg", "-q", "--raw", root / "last.png").strip() == links[-1]


def test_a_link_that_needs_a_larger_code_gets_one_in_the_same_place(root, tool):
    links = (LINK, LINK + "?" + "from=the-notice-board-in-the-lobby-of-tower-1" * 2)
    visual = opened(root).render(replace(REQUEST, links=links))
    tool("pdftoppm", "-r", "200", "-f", "4", "-singlefile", "-png", visual.path, root / "long")
    assert tool("zbarimg", "-q", "--raw", root / "long.png").strip() == links[1]


def test_another_process_writes_the_same_bytes(root):
    assert in_another_process(root, "a5")[0] == opened(root).render(REQUEST).sha256


def test_a_profile_that_changed_makes_another_file(root, profile):
    before = opened(root).render(REQUEST)
    (root / "assets" / "brands" / "jinxiu" / "press.icc").write_bytes(profile[:80] + b"else" + profile[84:])
    assert opened(root).input_digest(REQUEST) != before.key


@pytest.mark.parametrize("orientation", [1, 6])
def test_a1_in_bands_stays_below_600_megabytes(root, tool, orientation):
    """With a photo that fills it at 300 dpi, as the camera stored it: upright, or on its side."""
    file = root / "assets" / "photos" / "photo.jpg"
    with Image.open(file) as small:
        size = (7100, 10020) if orientation == 1 else (10020, 7100)
        exif = Image.Exif()
        exif[ExifTags.Base.Orientation] = orientation
        small.resize(size).save(file, quality=90, exif=exif)
    _digest, path, peak = in_another_process(root, "a1")
    assert int(peak) < 600_000  # kilobytes
    row = tool("pdfimages", "-list", path).splitlines()[2].split()
    assert (row[5], row[8]) == ("cmyk", "jpeg")
    assert int(row[3]) == pytest.approx(7090, abs=12)
    assert int(row[12]) == pytest.approx(300, abs=2)
