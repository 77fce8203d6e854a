"""Rendered pictures: codes that can be read, space kept clear, the brand's colours, the same bytes every time."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import zxingcpp
from PIL import Image

from promo.errors import NotFound, UserMistake
from promo.language import use
from promo.visual.layout.formats import walk
from promo.visual.layout.layers import TextLayer
from promo.visual.layout.load import BUILT_IN
from promo.visual.renderer import Renderer

LINK = "https://go.jinxiu.example/l/Ab3dE6gH9k"
BRANDS = ("jinxiu", "yunxi", "haowu")
SCREEN = [(layout, name) for layout in ("event-card", "product-card", "press-card") for name in ("square", "landscape")]
SCREEN += [("event-card", "story"), ("product-card", "story"), ("product-card", "portrait")]
FIELDS = {
    "zh": {
        "title": "秋季开放日",
        "subtitle": "把花园还给邻居",
        "body": "10 月 16 日",
        "price": "¥79.00",
        "list_price": "¥119.00",
    },
    "en": {"title": "Autumn open day", "subtitle": "Come and see the garden", "body": "16 October", "price": "¥79.00"},
}


def decoded(path):
    return [code.text for code in zxingcpp.read_barcodes(np.asarray(Image.open(path).convert("L")))]


def rules(visual):
    return {finding.rule for finding in visual.findings}


@pytest.mark.parametrize(("layout", "name"), SCREEN)
def test_every_built_in_layout_suits_every_brand(renderer, request_for, layout, name):
    for brand, language in zip(BRANDS, ("zh", "en", "zh"), strict=True):
        wanted = request_for(layout=layout, format=name, brand=brand, language=language, fields=FIELDS[language])
        visual = renderer.render(wanted)
        assert visual.findings == ()
        assert decoded(visual.path) == [LINK]
        with Image.open(visual.path) as picture:
            page = renderer.layouts[layout].pages[name]
            assert picture.size == (visual.width, visual.height) == (page.width, page.height)


def test_a_poster_is_print_size_with_its_resolution(renderer, request_for):
    visual = renderer.render(request_for(layout="poster", format="a4", brand="haowu"))
    bleed = 35  # 3 mm at 300 dpi
    assert (visual.width, visual.height, visual.dpi) == (2480 + 2 * bleed, 3508 + 2 * bleed, 300)
    assert visual.mime == "application/pdf"
    assert visual.path.read_bytes().startswith(b"%PDF-1.6")
    [preview] = visual.pictures
    with Image.open(preview) as picture:
        assert picture.width / picture.height == pytest.approx(visual.width / visual.height, abs=0.002)
        page = np.asarray(picture.convert("RGB"))
    assert decoded(preview) == [LINK]
    assert [finding.rule for finding in visual.findings] == ["print-rgb"]
    # Colour runs to the paper's edge, words do not.
    assert np.ptp(page[-bleed // 2 :].astype(int), axis=(0, 1)).max() <= 3


def test_the_same_request_gives_the_same_bytes(workspace, renew, request_for):
    first, second = (renew(cache).render(request_for()) for cache in ("one", "two"))
    assert first.path != second.path
    assert first.path.read_bytes() == second.path.read_bytes()
    assert (first.sha256, first.key) == (second.sha256, second.key)


def test_another_process_gives_the_same_bytes(workspace, renderer, request_for):
    program = (
        "import sys; from pathlib import Path; from promo.workspace import Workspace, WorkspaceSettings;"
        "from promo.brand.load import load_brands; from promo.visual.renderer import Renderer;"
        "from promo.visual.model import VisualRequest;"
        "w = Workspace(Path(sys.argv[1]), WorkspaceSettings(), {});"
        "r = Renderer(w, load_brands(w).brands, Path(sys.argv[1]) / 'other');"
        f"print(r.render({request_for()!r}).sha256)"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "7", "TZ": "Pacific/Auckland"}
    command = [sys.executable, "-c", program, str(workspace.root)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert answer.stdout.strip() == renderer.render(request_for()).sha256


def test_threads_may_render_at_once(renew, request_for):
    requests = [request_for(fields={"title": f"开放日 {number}"}, brand=BRANDS[number % 3]) for number in range(9)]
    renderer = renew("alone")
    alone = [renderer.render(request).sha256 for request in requests]
    shared = renew("shared")
    with ThreadPoolExecutor(4) as pool:
        together = [visual.sha256 for visual in pool.map(shared.render, requests * 2)]
    assert together == alone * 2


def test_what_is_drawn_once_comes_from_the_cache(renderer, request_for):
    first = renderer.render(request_for())
    before = first.path.stat().st_ino
    assert renderer.render(request_for()) == first
    assert first.path.stat().st_ino == before


def test_a_damaged_cache_file_is_drawn_again(renderer, request_for):
    first = renderer.render(request_for())
    whole = first.path.read_bytes()
    first.path.write_bytes(whole[:1000])
    assert renderer.render(request_for()).path.read_bytes() == whole


def test_pruning_keeps_what_was_used_last(renderer, request_for):
    old, new = renderer.render(request_for()), renderer.render(request_for(fields={"title": "新"}))
    os.utime(old.path, (1, 1))
    freed = renderer.prune(new.path.stat().st_size)
    assert freed > 0
    assert new.path.exists()
    assert not old.path.exists()
    assert renderer.prune(10**9) == 0


def test_the_digest_follows_every_input(workspace, renew, request_for):
    renderer, base = renew(), request_for()
    digest = renderer.input_digest(base)
    changed = [
        replace(base, fields={"title": "另"}),
        replace(base, brand="yunxi"),
        replace(base, format="landscape"),
        replace(base, language="en"),
        replace(base, qr=LINK + "x"),
        replace(base, photo="photos/white.png"),
        replace(base, layout="press-card"),
    ]
    digests = [renderer.input_digest(request) for request in changed]
    assert len({digest, *digests}) == len(changed) + 1
    assert not (workspace.root / "cache").exists()  # nothing was drawn
    photo = workspace.asset_folder / base.photo
    photo.write_bytes(photo.read_bytes() + b"\0")
    assert renderer.input_digest(base) != digest


def test_the_digest_follows_the_brand_s_files(workspace, renew, request_for):
    digest = renew().input_digest(request_for())
    folder = workspace.brand_folder / "jinxiu"
    (folder / "logo-on-dark.svg").write_text((folder / "logo-on-dark.svg").read_text("utf-8") + "\n", "utf-8")
    with_logo = renew().input_digest(request_for())
    guide = (folder / "brand.yaml").read_text("utf-8")
    (folder / "brand.yaml").write_text(guide.replace("min_px: 36", "min_px: 37"), "utf-8")
    with_limit = renew().input_digest(request_for())
    assert len({digest, with_logo, with_limit}) == 3
    guide = (folder / "brand.yaml").read_text("utf-8")
    (folder / "brand.yaml").write_text(guide.replace("rules: {", "rules: {contrast: off, "), "utf-8")
    assert renew().input_digest(request_for()) == with_limit


def test_the_format_is_the_layout_s_first_where_it_lacks_the_wanted_one(renderer, request_for):
    assert renderer.render(request_for(format=None)).width == 1080
    assert renderer.input_digest(request_for(format="a3")) == renderer.input_digest(request_for(format="square"))


def test_the_palette_is_the_brand_s(renderer, request_for):
    visual = renderer.render(request_for(layout="press-card", format="square", photo=None))
    with Image.open(visual.path) as picture:
        assert picture.getpixel((540, 4)) == (0xE2, 0x70, 0x3A)  # the bar in the accent colour
        colours = {colour for _count, colour in picture.getcolors(10**6)}
    assert (0xFA, 0xF6, 0xEC) in colours  # on_primary


def test_the_logo_keeps_its_clear_space(workspace, renderer, request_for):
    layout = (BUILT_IN / "press-card.yaml").read_text("utf-8")
    (workspace.asset_folder / "layouts").mkdir()
    crowded = layout.replace("box: [8, 25, 84, 49]", "box: [8, 12, 84, 49]").replace(
        "justify: center", "justify: start"
    )
    (workspace.asset_folder / "layouts" / "crowded.yaml").write_text(crowded, "utf-8")
    renderer = Renderer(workspace, renderer.brands, workspace.root / "cache")
    found = renderer.render(request_for(layout="crowded", fields={"kicker": "新闻稿", "title": "开放日"})).findings
    assert [finding.layer for finding in found if finding.rule == "clear-space"]


def test_a_bright_photo_gets_a_stronger_scrim(workspace, renderer, request_for):
    layouts = workspace.asset_folder / "layouts"
    layouts.mkdir()
    weak = (BUILT_IN / "event-card.yaml").read_text("utf-8").replace("opacity: 0.9}", "opacity: 0.35}")
    (layouts / "weak.yaml").write_text(weak, "utf-8")
    (layouts / "fixed.yaml").write_text(
        "\n".join(line for line in weak.split("\n") if "strengthen" not in line), "utf-8"
    )
    renderer = Renderer(workspace, renderer.brands, workspace.root / "cache")
    fields = {"title": "开放日", "subtitle": "来花园坐坐"}
    strengthened, fixed = (
        renderer.render(request_for(layout=name, photo="photos/white.png", fields=fields)) for name in ("weak", "fixed")
    )
    assert "contrast" not in rules(strengthened)
    assert "contrast" in rules(fixed)
    assert {finding.severity for finding in fixed.findings if finding.rule == "contrast"} == {"error"}


def test_a_layout_may_ask_for_larger_modules(workspace, renderer, request_for):
    layouts = workspace.asset_folder / "layouts"
    layouts.mkdir()
    text = (BUILT_IN / "press-card.yaml").read_text("utf-8").replace("{kind: qr, ", "{kind: qr, min_module: 9px, ")
    (layouts / "large.yaml").write_text(text, "utf-8")
    renderer = Renderer(workspace, renderer.brands, workspace.root / "cache")
    [found] = renderer.render(request_for(layout="large", photo=None)).findings
    assert (found.rule, found.limit) == ("qr-small", "9 px")


def test_a_code_nobody_can_read_is_an_error(workspace, renderer, request_for):
    layouts = workspace.asset_folder / "layouts"
    layouts.mkdir()
    text = (BUILT_IN / "press-card.yaml").read_text("utf-8").replace("{kind: qr, ", "{kind: qr, color: background, ")
    (layouts / "pale.yaml").write_text(text, "utf-8")
    renderer = Renderer(workspace, renderer.brands, workspace.root / "cache")
    found = renderer.render(request_for(layout="pale")).findings
    assert ("qr-unreadable", "error") in [(finding.rule, finding.severity) for finding in found]


def test_a_long_headline_shrinks_and_at_last_is_cut(renderer, request_for):
    fits = renderer.render(request_for(fields={"title": "锦绣社区秋季开放日暨园林改造成果展与邻里市集"}))
    assert fits.findings == ()
    cut = renderer.render(request_for(fields={"title": "锦绣社区秋季开放日" * 12}))
    assert ("text-overflow", "error") in {(finding.rule, finding.severity) for finding in cut.findings}


@pytest.mark.parametrize("field", ["title", "subtitle", "body"])
def test_ten_thousand_characters_are_one_clear_mistake(workspace, renderer, request_for, field):
    with pytest.raises(UserMistake, match="10000"):
        renderer.render(request_for(fields={field: "长" * 10_000}))
    assert not list(workspace.root.glob("cache/**/*.*"))


def test_without_photo_words_or_link_the_brand_speaks(renderer, request_for):
    visual = renderer.render(request_for(photo=None, fields={}, qr=None))
    assert visual.findings == ()
    assert decoded(visual.path) == []


def test_a_character_no_font_has_is_an_error(renderer, request_for, monkeypatch):
    monkeypatch.setenv("PATH", "")  # no fontconfig
    found = renderer.render(request_for(fields={"title": "开放日 𓀁"})).findings
    assert [(finding.rule, finding.severity) for finding in found] == [("no-glyph", "error")]
    assert "U+13001" in found[0].message


def test_findings_speak_the_language_in_force(renderer, request_for):
    request = request_for(fields={"title": "锦绣社区秋季开放日" * 12})
    renderer.render(request)
    use("zh")
    try:
        assert "放不下" in next(f.message for f in renderer.render(request).findings if f.rule == "text-overflow")
    finally:
        use("en")


def test_unknown_names_get_a_hint(renderer, request_for):
    with pytest.raises(NotFound, match="event-card"):
        renderer.render(request_for(layout="event-crad"))
    with pytest.raises(NotFound, match="jinxiu"):
        renderer.render(request_for(brand="jinxui"))
    with pytest.raises(UserMistake, match=r"none\.jpg"):
        renderer.input_digest(request_for(photo="photos/none.jpg"))
    with pytest.raises(UserMistake):
        renderer.input_digest(request_for(photo="../promo.yaml"))


def test_a_link_too_long_for_a_code_is_a_mistake(renderer, request_for):
    with pytest.raises(UserMistake, match="too long"):
        renderer.render(request_for(qr="https://jinxiu.example/" + "x" * 5000))


def test_layouts_name_the_fields_a_campaign_may_fill(renderer):
    known = {"badge", "title", "subtitle", "body", "price", "list_price", "photo"}
    assert set(renderer.layouts["product-card"].fields) == known
    for layout in renderer.layouts.values():
        assert any(isinstance(layer, TextLayer) for layer in walk(layout.spec.layers))
        assert any(field.kind == "text" for field in layout.fields.values())


def test_words_written_from_right_to_left_need_no_finding(renderer, request_for):
    assert renderer.render(request_for(fields={"title": "مرحبا 开放日"})).findings == ()
