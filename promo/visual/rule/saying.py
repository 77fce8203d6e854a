"""What a picture must say: the label of machine-made photos, and the disclosures its words ask for."""

from __future__ import annotations

from collections.abc import Iterator

from promo.visual.finding import finding
from promo.visual.place.label import labelled
from promo.visual.rule.sight import Note, Sight
from promo.visual.scene import ImageMark, TextMark


def check_sayings(sight: Sight) -> Iterator[Note]:
    """Yield labels and disclosures that are not there."""
    scene = sight.painted.scene
    made = [spot for spot in sight.spots if isinstance(spot.mark, ImageMark) and spot.mark.generated]
    if made and not labelled(scene):
        yield finding("label-missing", layer=made[0].mark.layer, where=made[0].rect)
    shown = [
        (s, " ".join(line.text for line in s.mark.block.lines)) for s in sight.texts if isinstance(s.mark, TextMark)
    ]
    everything = _plain("".join(text for _spot, text in shown))
    for disclosure in sight.brand.guide.voice.disclosures:
        if not disclosure.when or any(_plain(text) in everything for text in disclosure.text.values()):
            continue
        for spot, text in shown:
            said = next((word for word in disclosure.when if word.casefold() in text.casefold()), None)
            if said is not None:
                words = disclosure.text.in_language()
                yield finding("disclosure-missing", layer=spot.mark.layer, where=spot.rect, word=said, words=words)
                break


def _plain(text: str) -> str:
    """Return a text without spaces and capitals: lines break where they like."""
    return "".join(text.split()).casefold()
