"""Pictures that differ in their code alone: printed into a blank, they are the same as when they are painted whole."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from promo.visual.layout.load import BUILT_IN

LINKS = [f"https://go.jinxiu.example/l/Ab3dE6gH{number:02d}" for number in range(3)]


@pytest.fixture
def with_output(workspace, renew):
    """Return a renderer whose event card is saved as another type."""

    def make(kind, cache):
        said = yaml.safe_load((BUILT_IN / "event-card.yaml").read_text("utf-8"))
        folder = workspace.root / "assets" / "layouts"
        folder.mkdir(exist_ok=True)
        (folder / "event-card.yaml").write_text(yaml.safe_dump({**said, "output": {"type": kind}}), "utf-8")
        return renew(cache)

    return make


@pytest.mark.parametrize(("kind", "format"), [("jpeg", "square"), ("png", "story"), ("webp", "landscape")])
def test_a_code_printed_into_a_blank_makes_the_same_file(with_output, request_for, kind, format):
    first = with_output(kind, "one")
    printed = [first.render(request_for(format=format, qr=link)) for link in LINKS]
    alone = with_output(kind, "alone").render(request_for(format=format, qr=LINKS[-1]))
    assert alone.sha256 == printed[-1].sha256
    assert alone.findings == printed[-1].findings
    assert len({seen.sha256 for seen in printed}) == len(LINKS)


def test_findings_of_the_code_are_its_own(renderer, request_for):
    small = {"layout": "press-card", "format": "landscape"}
    seen = [renderer.render(request_for(qr=link, **small)).findings for link in LINKS]
    assert seen[0] == seen[1] == seen[2]


def test_a_longer_link_needs_another_blank(renderer, renew, request_for):
    long = LINKS[0] + "?utm_source=lobby&utm_medium=poster&utm_campaign=autumn"
    renderer.render(request_for(qr=LINKS[0]))
    assert renderer.render(request_for(qr=long)).sha256 == renew("other").render(request_for(qr=long)).sha256


def test_a_changed_photo_is_seen(renderer, renew, request_for, workspace):
    before = renderer.render(request_for(qr=LINKS[0]))
    photos = workspace.asset_folder / "photos"
    Path(photos / "grey.jpg").write_bytes((photos / "white.png").read_bytes())
    after = renderer.render(request_for(qr=LINKS[1]))
    assert after.sha256 == renew("other").render(request_for(qr=LINKS[1])).sha256
    assert after.path.read_bytes() != before.path.read_bytes()
