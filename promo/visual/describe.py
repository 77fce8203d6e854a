"""What a finished picture says of itself: the campaign's words, the brand's name, the photo's credits."""

from __future__ import annotations

from promo.brand.model import Brand
from promo.visual.file.metadata import Metadata, Origin
from promo.visual.model import VisualRequest


def describe(request: VisualRequest, brand: Brand, photo: Metadata) -> Metadata:
    """Return the metadata of a picture; `photo` is what is known of the photo in it.

    A machine-made photo under words and a logo makes the whole a composite. Its implicit label is the photo's.
    """
    words, name = request.fields, brand.guide.name.in_language(request.language)
    spoken = {request.language: request.alt} if request.alt else {}
    return Metadata(
        title=_said(request.language, words.get("title", "") or name),
        description=_said(request.language, words.get("subtitle", "") or words.get("body", "")),
        alt={**spoken, **{language: text for language, text in photo.alt.items() if not spoken}},
        rights=photo.rights,
        creators=photo.creators,
        credit=photo.credit or name,
        source=photo.source,
        licence=photo.licence,
        web_statement=photo.web_statement,
        keywords=photo.keywords,
        origin=Origin.PARTLY_GENERATED if photo.origin else None,
        aigc=photo.aigc,
    )


def _said(language: str, text: str) -> dict[str, str]:
    plain = " ".join(text.split())
    return {language: plain} if plain else {}
