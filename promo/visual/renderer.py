"""The renderer: a request in, a finished file out, drawn once and then found in the cache."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import PIL

from promo.brand.model import Brand
from promo.errors import NotFound, UserMistake
from promo.language import _
from promo.source.path import inside
from promo.source.suggest import did_you_mean
from promo.visual.cache import FileDigests, PictureCache
from promo.visual.canvas import Canvas
from promo.visual.compose import Order, compose
from promo.visual.encode import MIME, SUFFIX, encode
from promo.visual.findings import worded
from promo.visual.fonts import chain
from promo.visual.layout import Layout, load_layouts
from promo.visual.model import Visual, VisualRequest
from promo.workspace import Workspace

VERSION = 1  # raise it when the same input is drawn differently


class Renderer:
    """Renders requests of one workspace. `render` and `input_digest` may be called from several threads."""

    def __init__(self, workspace: Workspace, brands: Mapping[str, Brand], cache_folder: Path) -> None:
        self.workspace = workspace
        self.brands = brands
        self.cache = PictureCache(cache_folder)
        self.layouts, self.problems = load_layouts(workspace)
        self._digests = FileDigests()
        self._layout_digests = {name: self._digests.of(layout.file) for name, layout in self.layouts.items()}
        self._brand_digests: dict[str, str] = {}
        self._photo_paths: dict[str, Path] = {}  # resolving a path costs more than all the rest of a digest

    def input_digest(self, request: VisualRequest) -> str:
        """Return sha256 over all that decides the pixels; draws nothing. Raises UserMistake as `render` does.

        Files are read once and again only when they change on disk; brands and layouts are those loaded.
        """
        layout, brand = self._layout(request), self._brand(request)
        photo = self._photo_paths.get(request.photo or "") or self._photo(request)
        parts = [
            VERSION,
            PIL.__version__,
            layout.id,
            layout.format(request.format),
            self._layout_digests[layout.id],
            self._brand_digest(brand),
            self._digests.of(photo) if photo else None,
            request.language,
            sorted(request.fields.items()),
            request.qr,
        ]
        return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()

    def render(self, request: VisualRequest) -> Visual:
        """Return the finished picture, from the cache where it is there already.

        Raises NotFound for an unknown layout or brand and UserMistake for input that cannot be drawn; then
        nothing is written. Breaches of the style guide are findings, not errors.
        """
        key = self.input_digest(request)
        kept = self.cache.find(key)
        if kept is None:
            layout = self._layout(request)
            brand = self._brand(request)
            canvas = Canvas(layout.format(request.format), layout.spec.formats[layout.format(request.format)])
            order = Order(
                layout=layout,
                canvas=canvas,
                brand=brand,
                language=request.language,
                photo=self._photo(request),
                fields={**brand.facts(request.language), **request.fields},
                link=request.qr,
            )
            composed = compose(order)
            data = encode(composed.picture, layout.spec.output, dpi=canvas.dpi)
            facts: dict[str, Any] = {
                "width": canvas.width,
                "height": canvas.height,
                "dpi": canvas.dpi,
                "mime": MIME[layout.spec.output.type],
                "findings": list(composed.findings),
            }
            kept = self.cache.keep(key, data, SUFFIX[layout.spec.output.type], facts)
        path, facts = kept
        return Visual(
            path=path,
            mime=facts["mime"],
            width=facts["width"],
            height=facts["height"],
            sha256=facts["sha256"],
            key=key,
            dpi=facts["dpi"],
            findings=tuple(worded(raw) for raw in facts["findings"]),
        )

    def prune(self, max_bytes: int) -> int:
        """Shrink the cache to `max_bytes`, oldest use first; return the bytes freed."""
        return self.cache.prune(max_bytes)

    def _layout(self, request: VisualRequest) -> Layout:
        layout = self.layouts.get(request.layout)
        if layout is None:
            raise NotFound(
                _("there is no layout {name}", name=request.layout), hint=did_you_mean(request.layout, self.layouts)
            )
        return layout

    def _brand(self, request: VisualRequest) -> Brand:
        brand = self.brands.get(request.brand)
        if brand is None:
            raise NotFound(
                _("there is no brand {name}", name=request.brand), hint=did_you_mean(request.brand, self.brands)
            )
        return brand

    def _photo(self, request: VisualRequest) -> Path | None:
        if not request.photo:
            return None
        path = inside(self.workspace.asset_folder, request.photo)
        if not path.is_file():
            raise UserMistake(
                _("there is no photo {file}", file=request.photo), hint=_("photos are looked for in assets/")
            )
        self._photo_paths[request.photo] = path
        return path

    def _brand_digest(self, brand: Brand) -> str:
        """Digest of a brand file, its logos and every font it may use. Computed once: brands do not reload."""
        digest = self._brand_digests.get(brand.id)
        if digest is None:
            guide = brand.guide
            files = [brand.file, *(brand.folder / variant.file for variant in guide.logo.variants)]
            for _name, style in guide.typography:
                if hasattr(style, "fonts"):
                    files += [face.path for face in chain(style.fonts, style.weight, brand.folder).faces]
            named = [self._digests.of(path) for path in dict.fromkeys(files)]
            digest = hashlib.sha256("\n".join(named).encode()).hexdigest()
            self._brand_digests[brand.id] = digest
        return digest
