"""promo render --watch in a real browser: one edits, the page follows; one breaks a file, it says where."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser
LAYOUT = """\
name: Notice
formats:
  square: {size: [400, 400]}
  wide: {size: [600, 300]}
layers:
  - {kind: shape, id: ground, fill: primary, box: [0, 0, 100, 100]}
  - kind: group
    box: [8, 10, 84, 80]
    stack: vertical
    layers:
      - {kind: text, bind: title, style: headline, size: 12, color: on_primary, max_lines: 2}
"""


@pytest.fixture
def campaign(workspace):
    """The fresh workspace's campaign, its pictures of a small layout."""
    (workspace / "assets" / "layouts").mkdir(parents=True)
    (workspace / "assets" / "layouts" / "notice.yaml").write_text(LAYOUT)
    file = workspace / "campaigns" / "first.yaml"
    text = file.read_text().replace("layout: event-card", "layout: notice").replace("layout: poster", "layout: notice")
    file.write_text(text)
    return file


@contextmanager
def heeding_ctrl_c():
    """Undo what a shell does to what it runs in the background, these tests for one: Ctrl-C would not reach it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.fixture
def served(campaign, tmp_path):
    """The program as people start it; its address."""
    command = [Path(sys.executable).parent / "promo", "--lang", "en", "render", "first", "--watch"]
    env = {**os.environ, "HOME": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    with (
        heeding_ctrl_c(),
        subprocess.Popen(
            command, cwd=campaign.parents[1], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process,
    ):
        try:
            yield process, process.stdout.readline().split()[1]
        finally:
            if process.poll() is None:
                process.kill()


@pytest.fixture
def page(browser, served):
    """The open page, all drawn; it may ask for nothing from elsewhere and complain about nothing."""
    _process, address = served
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page, heard = context.new_page(), []
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("request", lambda request: request.url.startswith(address) or heard.append(request.url))
    page.goto(address)
    page.wait_for_selector("header.fine", timeout=60_000)
    yield page
    context.close()
    assert heard == []


def source(page, place=0):
    return page.locator("figure img").nth(place).get_attribute("src")


def save(campaign, old, new):
    text = campaign.read_text()
    assert old in text
    campaign.write_text(text.replace(old, new))


def test_an_edit_is_seen_within_two_seconds_and_only_where_it_was_made(page, campaign):
    before = [source(page, place) for place in range(6)]
    page.evaluate("document.querySelectorAll('img').forEach((image, place) => { image.dataset.kept = place })")
    began = time.monotonic()
    save(campaign, "title: 开放日, subtitle: Open day", "title: 大开放日, subtitle: Open day")
    page.wait_for_function(
        "old => document.querySelectorAll('figure img')[2].getAttribute('src') !== old", arg=before[2]
    )
    seconds = time.monotonic() - began
    page.wait_for_selector("header.fine")
    after = [source(page, place) for place in range(6)]
    assert [old == new for old, new in zip(before, after, strict=True)] == [True, True, False, False, True, True]
    kept = page.evaluate("[...document.querySelectorAll('img')].map(image => image.dataset.kept ?? null)")
    assert kept == ["0", "1", None, None, "4", "5"]  # the others were not even laid out again
    assert seconds < 6  # on a busy machine; alone it takes less than one


def test_a_syntax_error_is_shown_in_its_line_and_goes_when_mended(page, campaign):
    good = campaign.read_text()
    campaign.write_text(good + "\n  - [broken\n")
    problem = page.locator("#problems article").first
    problem.wait_for()
    assert "campaigns/first.yaml:" in problem.inner_text()
    assert page.locator("figure img").count() == 6
    assert page.locator("header").get_attribute("class") == "broken"
    campaign.write_text(good)
    page.wait_for_selector("header.fine")
    assert page.locator("#problems").count() == 0


def test_the_spot_of_a_finding_is_shown_on_the_picture(page, campaign):
    save(campaign, "title: 开放日, subtitle: Open day", "title: " + "many words " * 30 + ", subtitle: Open day")
    line = page.locator("li.error[data-spot]").first
    line.wait_for()
    page.wait_for_selector("header.fine")
    line.hover()
    spot, picture = page.locator("rect.on"), line.locator("xpath=ancestor::figure").locator("img")
    assert spot.count() == 1
    inner, outer = spot.bounding_box(), picture.bounding_box()
    assert outer["x"] - 2 <= inner["x"] <= inner["x"] + inner["width"] <= outer["x"] + outer["width"] + 2
    assert outer["y"] - 2 <= inner["y"] <= inner["y"] + inner["height"] <= outer["y"] + outer["height"] + 2
    page.mouse.move(2, 2)
    assert page.locator("rect.on").count() == 0


@pytest.mark.parametrize("width", [1280, 375])
def test_it_speaks_chinese_and_fits(page, width):
    page.set_viewport_size({"width": width, "height": 900})
    page.get_by_role("link", name="中文").click()
    page.wait_for_selector("header.fine")
    page.get_by_text("渲染完成").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("link", name="English").click()
    page.get_by_text("drawn at").wait_for()


def test_ctrl_c_ends_it_and_the_page_says_so(page, served):
    process, _address = served
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    _out, errors = process.communicate(timeout=30)
    assert time.monotonic() - began < 10
    assert "Traceback" not in errors
    assert process.returncode == 130
    page.wait_for_selector("body.lost")
    assert "promo has ended" in page.evaluate("getComputedStyle(document.body, '::after').content")
