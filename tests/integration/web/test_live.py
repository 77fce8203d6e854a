"""The live page's server: what it answers while files change, break and are mended, and whom it answers."""

import re
import threading
import time
from datetime import date

import pytest
import requests

from promo.app.changes import watch_files
from promo.app.choice import Choice
from promo.app.live import Live
from promo.app.workspace import App
from promo.language import use
from promo.starter import write_starter
from promo.web.live.page import live_app
from promo.web.serve import running

FILES = ("promo.yaml", "campaigns/first.yaml", "assets/layouts/notice.yaml")
LAYOUT = """\
name: Notice
formats:
  square: {size: [160, 160]}
  wide: {size: [200, 120]}
layers:
  - {kind: shape, id: ground, fill: primary, box: [0, 0, 100, 100]}
  - kind: group
    box: [8, 10, 84, 80]
    stack: vertical
    layers:
      - {kind: text, bind: title, style: headline, size: 12, color: on_primary, max_lines: 3}
"""


def edit(root, old, new):
    campaign = root / "campaigns" / "first.yaml"
    text = campaign.read_text()
    assert old in text
    campaign.write_text(text.replace(old, new))


class Page:
    """The running page; `until` waits for what it is to say."""

    def __init__(self, live, address):
        self.live, self.address = live, address

    def get(self, path="/view", **headers):
        return requests.get(self.address + path, headers=headers, timeout=20)

    def until(self, expected, seconds=20):
        end = time.monotonic() + seconds
        while not (found := re.search(expected, self.get().text)):
            assert time.monotonic() < end, self.get().text
            time.sleep(0.05)
        return found


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A fresh workspace with a small layout."""
    root = tmp_path_factory.mktemp("live") / "brand"
    write_starter(root, name="Brand", language="en", today=date(2026, 11, 22))
    (root / "assets" / "layouts").mkdir(parents=True)
    (root / "assets" / "layouts" / "notice.yaml").write_text(LAYOUT)
    edit(root, "layout: event-card", "layout: notice")
    edit(root, "layout: poster", "layout: notice")
    return root


@pytest.fixture(scope="module")
def page(root):
    """The page of the workspace's one campaign, drawn once."""
    use("en")
    stop = threading.Event()
    live = Live(lambda: App.open(root), Choice(names=("first",)))
    threads = [threading.Thread(target=live.run, daemon=True), *watch_files(root, live.changed, stop)]
    threads[0].start()
    with running(live_app(live, ending=stop.is_set)) as address:
        try:
            page = Page(live, address)
            page.until("drawn at")
            yield page
        finally:
            stop.set()
            live.stop()
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()


@pytest.fixture
def workspace(root, page):
    """The workspace, for a test to change; afterwards it is what it was, and so is the page."""
    files = [root / name for name in FILES]
    before, shown = [file.read_bytes() for file in files], pictures(page)
    yield root
    for file, content in zip(files, before, strict=True):
        file.write_bytes(content)
    page.live.speak("en")
    for picture in shown:
        page.until(picture)
    page.until("drawn at")


def pictures(page):
    return re.findall(r'img src="(/picture/[0-9a-f]+/1)"', page.get().text)


def test_every_activity_in_every_format(page):
    text = page.get().text
    assert text.count("<figure") == 6
    assert text.count("160×160</p>") == text.count("200×120</p>") == 3
    for path in pictures(page):
        answer = page.get(path)
        assert answer.headers["content-type"] == "image/jpeg"
        assert "immutable" in answer.headers["cache-control"]


def test_an_edit_draws_what_it_touches_and_nothing_else(page, workspace):
    before = pictures(page)
    edit(workspace, "title: 开放日, subtitle: Open day", "title: Other words, subtitle: Open day")
    page.until(f'(?s)^(?!.*{before[2]}").*drawn at')
    after = pictures(page)
    assert [old == new for old, new in zip(before, after, strict=True)] == [True, True, False, False, True, True]
    assert page.get(before[2]).status_code == 404  # only what is on the page is given out


def test_a_broken_file_is_told_in_its_line_and_the_pictures_stay(page, workspace):
    before = pictures(page)
    edit(workspace, "kind: offline", "kind: ofline")
    page.until(r"campaigns/first.yaml:\d+:\d+</code> `ofline`")
    assert "did you mean `offline`?" in page.get().text
    assert pictures(page) == before
    edit(workspace, "kind: ofline", "kind: offline")
    page.until("drawn at")
    assert "problems" not in page.get().text
    assert pictures(page) == before


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("content", [b"", b"{[", b"\xff\xfe\x00", b"a: " + b"[" * 5000])
def test_the_page_outlives_whatever_is_written(page, workspace, name, content):
    (workspace / name).write_bytes(content)
    page.until('id="problems"|class="error"')
    assert len(pictures(page)) == 6


def test_a_new_photo_and_a_new_layout_are_seen(page, workspace):
    before = pictures(page)
    layout = workspace / "assets" / "layouts" / "notice.yaml"
    layout.write_text(LAYOUT.replace("fill: primary", "fill: accent"))
    page.until(f'(?s)^(?!.*{before[0]}").*drawn at')
    layout.write_text(LAYOUT.replace("  wide: {size: [200, 120]}\n", ""))
    page.until("(?s)^(?!.*200×120).*drawn at")
    assert len(pictures(page)) == 3


def test_the_news_are_versions(page, workspace):
    with requests.get(f"{page.address}/news", stream=True, timeout=20) as news:
        assert news.headers["content-type"].startswith("text/event-stream")
        lines = news.iter_lines(decode_unicode=True)
        first = next(line for line in lines if line.startswith("data:"))
        edit(workspace, "title: 开放日, subtitle: Open day", "title: News, subtitle: Open day")
        assert next(line for line in lines if line.startswith("data:")) != first


def test_the_language_changes_for_page_and_findings(page, workspace):
    edit(workspace, "title: 开放日, subtitle: Open day", "title: " + "many words " * 20 + ", subtitle: Open day")
    page.until("does not fit")
    assert 'lang="zh-Hans"' in page.get("/?lang=zh").text
    page.until("渲染完成")
    assert "does not fit" not in page.get().text


def test_a_spot_is_marked_where_the_finding_is(page, workspace):
    edit(workspace, "title: 开放日, subtitle: Open day", "title: " + "many words " * 20 + ", subtitle: Open day")
    page.until("does not fit")
    x, y, width, height = map(
        int, page.until(r'<rect data-spot="\d" class="error" x="(\d+)" y="(\d+)" width="(\d+)" height="(\d+)"').groups()
    )
    assert 0 <= x < x + width <= 200
    assert 0 <= y < y + height <= 160


def test_words_of_files_are_no_markup(page, workspace):
    edit(workspace, "id: countdown", "id: countdown\n    name: '<script>alert(1)</script>'")
    page.until("&lt;script&gt;")
    assert "<script>alert" not in page.get().text


def test_nothing_is_loaded_from_elsewhere(page):
    answer = page.get("/")
    assert not re.findall(r'(?:src|href)="(?!/)', answer.text)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in page.get("/live.js").text + page.get("/live.css").text


@pytest.mark.parametrize("path", ["/", "/view", "/news", "/live.js", "/font"])
@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"X-Forwarded-For": "203.0.113.7"}])
def test_the_page_does_not_exist_for_anybody_else(page, path, headers):
    assert page.get(path, **headers).status_code == 404


@pytest.mark.parametrize("path", ["/page.py", "/picture/..%2f..%2fpromo.yaml", "/picture/00/1", "/%2e%2e/promo.yaml"])
def test_no_other_file_is_given_out(page, path):
    assert page.get(path).status_code == 404
