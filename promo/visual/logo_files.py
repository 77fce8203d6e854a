"""The logos of brands, looked at before any picture needs them."""

from __future__ import annotations

from collections.abc import Iterator

from promo.brand.load import LoadedBrands
from promo.errors import UserMistake
from promo.source.problem import Position, Problem
from promo.workspace import Workspace


def check_logo_files(loaded: LoadedBrands, workspace: Workspace) -> Iterator[Problem]:
    """Yield what makes a logo unusable, at its place in the brand file; each is read, an SVG drawn in small."""
    from promo.visual.paint.logo import load_logo

    for name, brand in loaded.brands.items():
        for index, variant in enumerate(brand.guide.logo.variants):
            try:
                load_logo(brand.folder / variant.file, height=32, widest=320)
            except UserMistake as mistake:
                places = loaded.positions[name]
                at = places.get(("logo", "variants", index, "file")) or places.get(("logo", "variants"))
                yield Problem(
                    code="bad-logo",
                    message=mistake.message,
                    at=at or Position(file=brand.file.relative_to(workspace.root)),
                    hint=mistake.hint,
                )
