"""What a person asked to see: campaigns, activities, deliveries or a layout, in which formats and languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from promo.app.picture import from_ledger, in_formats, in_languages
from promo.app.preview import Preview, from_files
from promo.app.sample import from_layout

if TYPE_CHECKING:
    from promo.app.workspace import App


@dataclass(frozen=True, kw_only=True)
class Choice:
    """`names` are campaigns, activities or deliveries; none: everything. `layout` is one by itself instead."""

    names: tuple[str, ...] = ()
    ledger: bool = False
    layout: str | None = None
    brand: str | None = None
    given: Mapping[str, str] = field(default_factory=dict)
    formats: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()

    def find(self, app: App) -> Preview:
        """Return the pictures, read anew from files or ledger. Raises NotFound and ProblemsFound."""
        if self.layout is not None:
            samples = from_layout(app, self.layout, brand=self.brand, languages=self.languages, given=self.given)
            return Preview(wanted=tuple(in_formats(app, samples, self.formats)))
        found = Preview(wanted=tuple(from_ledger(app, self.names))) if self.ledger else from_files(app, self.names)
        return replace(found, wanted=tuple(in_formats(app, in_languages(found.wanted, self.languages), self.formats)))
