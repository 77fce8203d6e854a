"""What a finished picture says of itself: the campaign's words, the brand's name, its photos' credits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from promo.brand.model import Brand
from promo.visual.file.metadata import Metadata, Origin
from promo.visual.model import VisualRequest


def describe(request: VisualRequest, brand: Brand, photos: Sequence[Metadata]) -> Metadata:
    """Return the metadata of a picture; `photos` is what is known of each photo in it.

    A machine-made photo under words and a logo makes the whole a composite. Its implicit label is the photo's.
    """
    words, name = request.fields, brand.guide.name.in_language(request.language)
    alt = {request.language: request.alt} if request.alt else _by_language(photo.alt for photo in photos)
    return Metadata(
        title=_said(request.language, words.get("title", "") or name),
        description=_said(request.language, words.get("subtitle", "") or words.get("body", "")),
        alt=alt,
        rights=_by_language(photo.rights for photo in photos),
        creators=tuple(dict.fromkeys(creator for photo in photos for creator in photo.creators)),
        credit=_joined(photo.credit for photo in photos) or name,
        source=_joined(photo.source for photo in photos),
        licence=_joined(photo.licence for photo in photos),
        web_statement=next((photo.web_statement for photo in photos if photo.web_statement), ""),
        keywords=tuple(dict.fromkeys(word for photo in photos for word in photo.keywords)),
        origin=Origin.PARTLY_GENERATED if any(photo.origin for photo in photos) else None,
        aigc=next((photo.aigc for photo in photos if photo.aigc), None),
    )


def _said(language: str, text: str) -> dict[str, str]:
    plain = " ".join(text.split())
    return {language: plain} if plain else {}


def _joined(texts: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(text for text in texts if text))


def _by_language(texts: Iterable[Mapping[str, str]]) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for one in texts:
        for language, text in one.items():
            found.setdefault(language, []).append(text)
    return {language: _joined(parts) for language, parts in found.items()}
