"""The report page in a real browser: it opens from a file, offline, and asks for nothing."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime

import pytest

from promo.language import use
from promo.report.html import write_html
from promo.report.summary import summarize
from promo.store.database import open_database

pytestmark = pytest.mark.browser
NOON = datetime(2027, 3, 20, 4, tzinfo=UTC)
WIDTHS = {"desk": 1280, "phone": 375}


@pytest.fixture(scope="module")
def files(full_ledger, tmp_path_factory):
    """The page of the sample campaign in both languages."""
    folder = tmp_path_factory.mktemp("report")
    engine = open_database(f"sqlite:///{shutil.copy(full_ledger, folder / 'promo.db')}")
    report = summarize(engine, "open-day", now=NOON)
    for tongue in ("en", "zh"):
        use(tongue)
        write_html(report, folder / f"{tongue}.html")
    use("en")
    engine.dispose()
    return folder


@pytest.fixture(params=["en", "zh"])
def tongue(request):
    return request.param


@pytest.fixture
def page_of(files, browser, tongue):
    """Open the report at a width; nothing may be asked for or complained about."""
    file = files / f"{tongue}.html"
    opened = []

    def open_page(width, **options):
        context = browser.new_context(viewport={"width": width, "height": 900}, offline=True, **options)
        opened.append(context)
        page, heard = context.new_page(), []
        page.on("console", lambda message: heard.append(message.text))
        page.on("pageerror", lambda error: heard.append(str(error)))
        page.on("request", lambda request: heard.append(request.url))
        page.goto(file.as_uri())
        assert heard == [file.as_uri()]
        page.evaluate("document.fonts.ready")
        return page

    yield open_page
    for context in opened:
        context.close()


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_the_page_fits_and_its_charts_are_seen(page_of, width, tongue):
    page = page_of(width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    pictures = page.locator("svg:visible")
    assert pictures.count() >= 7
    for place in range(pictures.count()):
        box = pictures.nth(place).bounding_box()
        assert box["width"] > 200
        assert box["height"] > 20
        assert box["x"] + box["width"] <= width
        sizes = (
            pictures.nth(place)
            .locator("text")
            .evaluate_all("all => all.map(one => one.getBoundingClientRect().height)")
        )
        assert min(sizes) >= 9  # px: still to be read on a phone
    assert page.locator("h1").inner_text() == ("锦绣社区春季开放日" if tongue == "zh" else "Jinxiu spring open day")


def test_the_page_brings_its_own_type(page_of):
    page = page_of(1280)
    faces = page.evaluate("[...document.fonts].map(face => face.family + ' ' + face.status)")
    assert [face.replace('"', "") for face in faces] == ["Noto Sans SC page loaded"]


def test_words_in_the_charts_do_not_overlap(page_of):
    for width in WIDTHS.values():
        page = page_of(width)
        clashes = page.evaluate(
            """() => [...document.querySelectorAll('svg')].filter(svg => svg.getClientRects().length).flatMap(svg => {
                const texts = [...svg.querySelectorAll('text')];
                const boxes = texts.map(text => [text.textContent, text.getBoundingClientRect()]);
                return boxes.flatMap(([words, one], place) => boxes.slice(place + 1)
                    .filter(([_, two]) => one.left < two.right - 1 && two.left < one.right - 1
                        && one.top < two.bottom - 5 && two.top < one.bottom - 5)  // a line's box is taller than its ink
                    .map(([other]) => words + ' / ' + other));
            })"""
        )
        assert clashes == []


def test_dark_mode_changes_the_charts_too(page_of):
    colours = [
        page_of(1280, color_scheme=scheme).evaluate(
            "[getComputedStyle(document.documentElement).backgroundColor,"
            " ...[...document.querySelectorAll('svg text')].slice(0, 3).map(text => getComputedStyle(text).fill)]"
        )
        for scheme in ("light", "dark")
    ]
    assert all(light != dark for light, dark in zip(*colours, strict=True))


def test_on_paper_nothing_waits_for_a_click(page_of):
    page = page_of(1280)
    page.emulate_media(media="print")
    assert page.locator("details.paper table").bounding_box()["height"] > 40
    assert page.locator("summary:visible").count() == 0
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
