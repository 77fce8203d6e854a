"""A work of two pages that is no print file: all its pages go out."""

from __future__ import annotations

from datetime import UTC, datetime

from PIL import Image

CARD = """\
name: Two sides
pages: 2
fields: {title: The headline}
formats:
  card: {size: [800, 600], output: {type: png}}
layers:
  - {kind: shape, id: ground, fill: background}
  - {kind: text, bind: title, box: [10, 20, 80, 20], size: 8, page: 1}
  - {kind: text, id: back, text: Behind, box: [10, 60, 80, 20], size: 8, page: 2}
"""


def test_both_sides_of_a_card_are_published(person, workspace):
    file = workspace / "assets" / "layouts" / "card.yaml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(CARD, "utf-8")
    campaign = workspace / "campaigns" / "first.yaml"
    asked = campaign.read_text("utf-8").replace(
        "visual: {title: 开放日, subtitle", "visual: {layout: card, title: 开放日, subtitle"
    )
    campaign.write_text(asked, "utf-8")
    person("apply", "--yes", "--by", "me")
    person.clock.move_to(datetime(2026, 11, 23, 1, 31, tzinfo=UTC))
    person("tick")
    sides = sorted((workspace / "out").glob("**/*.png"))
    assert len(sides) == 2
    first, second = (Image.open(side).convert("L") for side in sides)
    assert first.crop((0, 0, 800, 300)).getextrema()[0] < 100 < second.crop((0, 0, 800, 300)).getextrema()[0]
