"""Credits and labels: what is known of a photo reaches the finished file, and machine-made photos say so."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from promo.brand.load import load_brands
from promo.visual.credit import load_credits
from promo.visual.file.metadata import Aigc, Metadata, Origin, read_metadata, with_metadata
from promo.visual.layout.load import load_layouts
from promo.visual.place.content import Content
from promo.visual.place.label import LAYER, LEAST, labelled
from promo.visual.place.scene import place
from promo.visual.scene import ImageMark, LogoMark, QrMark, ShapeMark, TextMark

CREDITS = """\
default: {rights: © 锦绣物业, licence: all rights reserved}
photos:
  grey.jpg:
    creator: 林一
    credit: 锦绣 / 林一
    licence: CC BY 4.0
    licence_url: https://jinxiu.example/rights
    alt: {zh: 灰色的花园, en: a grey garden}
    keywords: [花园]
  white.png: {generated: {by: Cloudbrush, id: cb-17}}
"""


@pytest.fixture
def photos(workspace) -> Path:
    return workspace.asset_folder / "photos"


def said(visual):
    return read_metadata(visual.path.read_bytes())


def test_a_photo_s_credit_is_written_into_the_picture(photos, renew, request_for):
    (photos / "credits.yaml").write_text(CREDITS, "utf-8")
    found = said(renew().render(request_for()))
    assert found.creators == ("林一",)
    assert found.credit == "锦绣 / 林一"
    assert found.licence == "CC BY 4.0"
    assert found.rights == {"x-default": "© 锦绣物业"}
    assert found.web_statement == "https://jinxiu.example/rights"
    assert found.keywords == ("花园",)
    assert found.title == {"zh": "秋季开放日"}
    assert found.alt == {"zh": "邻居们在花园里种花"}
    assert found.origin is None


def test_without_alt_text_of_its_own_a_picture_has_its_photo_s(photos, renew, request_for):
    (photos / "credits.yaml").write_text(CREDITS, "utf-8")
    renderer = renew()
    silent = renderer.render(request_for(alt=""))
    assert said(silent).alt == {"zh": "灰色的花园", "en": "a grey garden"}
    assert silent.findings == ()
    mute = renderer.render(request_for(alt="", photo=None))
    assert [(f.rule, f.severity) for f in mute.findings] == [("alt-missing", "warning")]
    assert said(mute).alt == {}


def test_another_credit_or_alt_text_makes_another_picture(photos, renew, request_for):
    plain = renew()
    first, other = plain.input_digest(request_for()), plain.input_digest(request_for(alt="别的"))
    (photos / "credits.yaml").write_text(CREDITS, "utf-8")
    assert len({first, other, renew().input_digest(request_for())}) == 3


@pytest.mark.parametrize("layout", ["event-card", "product-card", "press-card", "poster"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_machine_made_photo_is_labelled_in_every_format(workspace, photos, layout, language):
    loaded = load_layouts(workspace)[0][layout]
    brand = load_brands(workspace).brands["jinxiu"]
    for format in loaded.spec.formats:
        fields = {**brand.facts(language), "title": "秋季开放日", "subtitle": "把花园还给邻居", "body": "10 月 16 日"}
        content = Content(
            fields=fields,
            language=language,
            images={"photo": photos / "grey.jpg"},
            generated=frozenset([photos / "grey.jpg"]),
            link="https://go.jinxiu.example",
        )
        [scene] = place(loaded, format, content, brand)
        if not any(isinstance(m, ImageMark) for m in scene.walk()):
            assert not labelled(scene)  # this format shows no photo
            continue
        words = [m for m in scene.walk() if isinstance(m, TextMark) and m.layer == LAYER]
        plates = [m for m in scene.walk() if isinstance(m, ShapeMark) and m.layer == LAYER]
        assert len(words) == len(plates) == 1
        assert words[0].block.text == brand.guide.photo.generated.in_language(language)
        assert words[0].block.size >= LEAST * scene.page.unit
        assert scene.page.safe.holds(plates[0].rect)
        assert plates[0].rect.holds(words[0].rect)
        others = [m for m in scene.walk() if isinstance(m, TextMark | QrMark | LogoMark) and m.layer != LAYER]
        assert not [m.layer for m in others if m.rect.meets(plates[0].rect)]
        assert labelled(scene)


@pytest.mark.parametrize(("layout", "format"), [("event-card", "square"), ("poster", "a4")])  # a JPEG and a PDF
def test_the_finished_file_says_that_a_machine_made_the_photo(photos, renew, request_for, layout, format):
    (photos / "credits.yaml").write_text(CREDITS, "utf-8")
    visual = renew().render(request_for(photo="photos/white.png", layout=layout, format=format))
    found = said(visual)
    assert found.origin is Origin.PARTLY_GENERATED
    assert found.aigc == Aigc(producer="Cloudbrush", produce_id="cb-17")
    assert [f.rule for f in visual.findings if f.severity == "error"] == []


def test_all_photos_of_a_picture_are_credited_and_any_of_them_labels_it(photos, renew, request_for):
    (photos / "credits.yaml").write_text(CREDITS.replace("white.png: {", "white.png: {creator: B, "), "utf-8")
    fields = {"title": "前后", "before": "photos/grey.jpg"}
    visual = renew().render(request_for(layout="before-after", photo="photos/white.png", fields=fields, alt=""))
    found = said(visual)
    assert found.creators == ("林一", "B")
    assert found.licence == "CC BY 4.0; all rights reserved"
    assert (found.origin, found.aigc) == (Origin.PARTLY_GENERATED, Aigc(producer="Cloudbrush", produce_id="cb-17"))
    assert found.alt == {"zh": "灰色的花园", "en": "a grey garden"}


def test_a_photo_s_own_metadata_labels_it(photos, renew, request_for):
    stream = io.BytesIO()
    Image.new("RGB", (1600, 1200), "#557755").save(stream, "JPEG")
    aigc = Aigc(producer="001191310000MA00000000", produce_id="x-1")
    own = Metadata(origin=Origin.GENERATED, aigc=aigc, creators=("Cloudbrush",))
    (photos / "made.jpg").write_bytes(with_metadata(stream.getvalue(), "image/jpeg", own))
    renderer = renew()
    found = said(renderer.render(request_for(photo="photos/made.jpg")))
    assert (found.origin, found.aigc, found.creators) == (Origin.PARTLY_GENERATED, aigc, ("Cloudbrush",))
    (photos / "credits.yaml").write_text("photos: {made.jpg: {generated: false}}", "utf-8")
    assert said(renew().render(request_for(photo="photos/made.jpg"))).origin is None


def test_a_label_no_reader_would_understand_is_an_error(workspace, photos, renew, request_for):
    (photos / "credits.yaml").write_text(CREDITS, "utf-8")
    file = workspace.brand_folder / "jinxiu" / "brand.yaml"
    text = file.read_text("utf-8")
    treated = text.replace("\nphoto: {", "\nphoto: {generated: 示意图, ", 1)
    if treated == text:
        treated = text.replace("\nphoto:\n", "\nphoto:\n  generated: 示意图\n", 1)
    if treated == text:
        treated = text + "\nphoto: {generated: 示意图}\n"
    file.write_text(treated, "utf-8")
    visual = renew().render(request_for(photo="photos/white.png"))
    assert "label-missing" in [f.rule for f in visual.findings if f.severity == "error"]


def test_mistakes_in_the_credits_are_told_with_their_place(workspace, photos):
    (photos / "credits.yaml").write_text(
        "photos:\n"
        "  grey.jpeg: {creator: A}\n"
        "  ../brands/jinxiu/logo.svg: {creator: A}\n"
        "  white.png: {generated: maybe}\n",
        "utf-8",
    )
    assert [p.at.line for p in load_credits(workspace).problems] == [4]
    (photos / "credits.yaml").write_text(
        "photos:\n  grey.jpeg: {creator: A}\n  ../brands/jinxiu/logo.svg: {creator: A}\n", "utf-8"
    )
    found = {(p.code, p.at.line, str(p.severity)) for p in load_credits(workspace).problems}
    assert found == {
        ("no-such-photo", 2, "error"),
        ("path-escape", 3, "error"),
        ("no-credit", 1, "warning"),
    }
    hints = [p.hint for p in load_credits(workspace).problems if p.code == "no-such-photo"]
    assert "grey.jpg" in (hints[0] or "")


def test_what_a_photo_shows_is_said_in_the_language_asked_for(workspace, photos):
    (photos / "credits.yaml").write_text(CREDITS, "utf-8")
    credits = load_credits(workspace)
    assert credits.alt("photos/grey.jpg", "en") == "a grey garden"
    assert credits.alt("photos/grey.jpg", "fr") == ""
    assert credits.alt("photos/none.jpg", "en") == ""
    assert credits.alt("../outside.jpg", "en") == ""


def test_without_a_credits_file_nothing_is_asked(workspace):
    assert load_credits(workspace).problems == ()


def test_the_samples_are_credited():
    from promo.workspace import Workspace, WorkspaceSettings

    credits = load_credits(Workspace(Path(__file__).parents[3], WorkspaceSettings(), {}))
    assert credits.problems == ()
    assert all(credit.alt and set(credit.alt) == {"zh", "en"} for credit in credits.by_photo.values())
    assert credits.by_photo
