"""The renderer: a request in, a finished file out, drawn once and then found in the cache."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import PIL

from promo.brand.model import Brand, TypeStyle
from promo.errors import NotFound, UserMistake
from promo.language import _
from promo.source.suggest import did_you_mean
from promo.visual import qr
from promo.visual.blank import Blank, blank_of
from promo.visual.cache.memory import Memory
from promo.visual.cache.pictures import FileDigests, PictureCache
from promo.visual.cache.shared import SharedStore
from promo.visual.credit import load_credits
from promo.visual.describe import describe
from promo.visual.file.encode import MIME, SUFFIX, encode, in_strips
from promo.visual.file.metadata import Metadata, with_metadata
from promo.visual.file.signature import SIGNED, PictureSigner
from promo.visual.finding import finding
from promo.visual.layout.load import Layout, load_layouts
from promo.visual.layout.model import Output
from promo.visual.model import Visual, VisualRequest
from promo.visual.paint.painter import Painted, paint
from promo.visual.place.scene import place
from promo.visual.rule.check import check
from promo.visual.rule.code import UNREADABLE
from promo.visual.rule.ink import TOTAL_INK
from promo.visual.rule.words import worded
from promo.visual.scene import ImageMark, Scene
from promo.visual.supply import Supply
from promo.visual.text.fonts import chain
from promo.workspace import Workspace

VERSION = 13  # raise it when the same input is drawn differently
MEMORY = 12_000_000  # bytes of photos, grounds and blanks that a process keeps


class Renderer:
    """Renders requests of one workspace. `render` and `input_digest` may be called from several threads."""

    def __init__(self, workspace: Workspace, brands: Mapping[str, Brand], cache_folder: Path) -> None:
        self.workspace = workspace
        self.brands = brands
        stored = workspace.settings.visuals
        self.cache = PictureCache(
            cache_folder,
            limit=stored.cache_megabytes * 1_000_000,
            shared=SharedStore(stored.cache) if stored.cache else None,
        )
        self.layouts, self.problems = load_layouts(workspace)
        self.credits = load_credits(workspace)
        signing = workspace.settings.visuals.c2pa
        self.signer = PictureSigner(workspace, signing) if signing else None
        self._digests = FileDigests()
        self._memory = Memory(MEMORY)
        self._styles: dict[tuple[str, str | None, str, str], str] = {}
        self._supply = Supply(workspace.root, workspace.asset_folder, self.credits, self._digests)

    def input_digest(self, request: VisualRequest) -> str:
        """Return sha256 over all that decides the pixels; draws nothing. Raises UserMistake as `render` does.

        Files are read once and again only when they change on disk; brands and layouts are those loaded.
        """
        return self._digest(request, request.qr)

    def look_digest(self, request: VisualRequest) -> str:
        """Return the digest of a request's look: the same for all links of one length. Raises as `render` does."""
        return self._digest(request, (len(request.qr),) if request.qr else None)

    def look_at(self, request: VisualRequest) -> list[dict[str, Any]]:
        """Draw a picture only to see what is to be found on its pages, without words.

        `promo.visual.rule.words` gives the words. Raises as `render` does.
        """
        layout = self._layout(request)
        spec = layout.pages[layout.format(request.format)]
        if spec.output.type == "pdf":  # its inks are known once it is written; then it is kept, too
            key = self.input_digest(request)
            _path, facts = self.cache.find(key) or self._printed(request, key)
            return list(facts["findings"])
        found: list[dict[str, Any]] = []
        for number in range(1, spec.pages + 1):
            painted = self.paint(request, number)
            notes = self._notes(request, painted, self._said(request, painted.scene))
            found += [{**note, "page": number} for note in notes] if spec.pages > 1 else notes
        return found

    def _digest(self, request: VisualRequest, code: str | tuple[int, ...] | None) -> str:
        """Digest of a request with `code` in place of its link: the same for all links that need as many modules."""
        style = self._style(request)
        supply = self._supply.digest(request, self._layout(request))
        content = sorted(request.fields.items()), code, request.alt, request.links, supply
        return hashlib.sha256(f"{style}{content!r}".encode()).hexdigest()

    def _style(self, request: VisualRequest) -> str:
        """Digest of what thousands of requests share. Kept: layouts and brands do not reload."""
        asked = request.layout, request.format, request.brand, request.language
        style = self._styles.get(asked)
        if style is None:
            layout, brand = self._layout(request), self._brand(request)
            parts = (
                VERSION,
                PIL.__version__,
                layout.id,
                layout.format(request.format),
                self._digests.of(layout.file),
                *(self._digests.of(self._supply.photo(name)) for name in layout.needs.files),
                self._brand_digest(brand),
                request.language,
                self.signer.identity if self.signer else "",
            )
            style = self._styles[asked] = hashlib.sha256(repr(parts).encode()).hexdigest()
        return style

    def render(self, request: VisualRequest) -> Visual:
        """Return the finished picture, from the cache where it is there already.

        Raises NotFound for an unknown layout or brand and UserMistake for input that cannot be drawn; then
        nothing is written. Breaches of the style guide are findings, not errors.
        """
        key, layout = self.input_digest(request), self._layout(request)
        spec = layout.pages[layout.format(request.format)]
        pages = []
        if spec.output.type == "pdf":
            pages.append(self.cache.find(key) or self._printed(request, key))
        else:
            for number in range(1, spec.pages + 1):
                name = key if number == 1 else f"{key}-{number}"
                pages.append(self.cache.find(name) or self._drawn(request, name, number))
        path, facts = pages[0]
        raw_findings = (raw for _path, said in pages for raw in said["findings"])
        said_of_it = (worded(raw, self._brand(request)) for raw in raw_findings)
        return Visual(
            path=path,
            pages=tuple(file for file, _facts in pages),
            mime=facts["mime"],
            width=facts["width"],
            height=facts["height"],
            sha256=facts["sha256"],
            key=key,
            dpi=facts["dpi"],
            findings=tuple(words for words in said_of_it if words is not None),
            previews=self.cache.previews(key, facts["previews"]),
        )

    def is_kept(self, request: VisualRequest) -> bool:
        """Whether the picture is in the cache already, all its pages. Raises as `input_digest` does."""
        key, layout = self.input_digest(request), self._layout(request)
        spec = layout.pages[layout.format(request.format)]
        numbers = range(2, spec.pages + 1) if spec.output.type != "pdf" else ()
        return all(self.cache.find(name) for name in (key, *(f"{key}-{number}" for number in numbers)))

    def made(self, request: VisualRequest) -> tuple[str, str] | None:
        """Return the format a request gets and the type of its file; None for a layout that is not there."""
        layout = self.layouts.get(request.layout)
        if layout is None:
            return None
        name = layout.format(request.format)
        return name, MIME[layout.pages[name].output.type]

    def prints(self, request: VisualRequest) -> bool:
        """Whether a request becomes a print file; False for a layout that is not there."""
        made = self.made(request)
        return made is not None and made[1] == MIME["pdf"]

    def _drawn(self, request: VisualRequest, key: str, number: int) -> tuple[Path, dict[str, Any]]:
        """Print the code into a blank that is there, or draw a whole page; keep the file."""
        layout = self._layout(request)
        spec = layout.pages[layout.format(request.format)]
        output = spec.output
        sides = [qr.modules(request.qr, level).width for level in layout.code_levels] if request.qr else []
        alike = ("blank", self._digest(request, tuple(sides)), number) if request.qr else None
        blank: Blank | None = self._memory.find(alike) if alike else None
        if blank is not None and request.qr:
            page, said, (data, found) = blank.page, blank.said, blank.with_link(request.qr)
        else:
            painted = self.paint(request, number)
            page, said = painted.scene.page, self._said(request, painted.scene)
            strips = in_strips(painted.picture, output, dpi=round(page.dpi))
            whole = encode(painted.picture, output, dpi=round(page.dpi)) if strips is None else b""
            notes = self._notes(request, painted, said)
            lasting = tuple(note for note in notes if note["rule"] != UNREADABLE)
            found = *lasting, *(note for note in notes if note["rule"] == UNREADABLE)
            blank = blank_of(painted, strips=strips, output=output, said=said, findings=lasting)
            if blank is not None:
                self._memory.keep(alike, blank, blank.size)
            del painted  # of a poster 70 MB, not needed beside the file's copies
            data = whole if strips is None else strips.joined()
        mime = MIME[output.type]
        facts: dict[str, Any] = {
            "width": page.width,
            "height": page.height,
            "dpi": round(page.dpi),
            "mime": mime,
            "findings": [{**note, "page": number} for note in found] if spec.pages > 1 else list(found),
        }
        data = with_metadata(data, mime, said)
        if self.signer is not None and mime in SIGNED:
            data = self.signer.sign(data, mime, said)
        return self.cache.keep(key, data, SUFFIX[output.type], facts)

    def _printed(self, request: VisualRequest, key: str) -> tuple[Path, dict[str, Any]]:
        """Write the print file; its rules are checked, and its veils and logos decided, on pages painted small."""
        from promo.visual.pdf.file import print_file, unread
        from promo.visual.pdf.preview import preview_of

        scenes, brand = self._scenes(request), self._brand(request)
        pages = [paint(preview_of(scene), self._memory) for scene in scenes]
        said = self._said(request, *scenes)
        printed = print_file(scenes, [page.scene for page in pages], brand=brand, metadata=said, links=request.links)
        # The file's own inks are known exactly; the rule can only guess them from the pixels.
        notes = [
            {**note, "page": number}
            for number, page in enumerate(pages)
            for note in (*check(page, brand), *unread(page, request.links))
            if note["rule"] != TOTAL_INK
        ]
        found = [{**note, "page": note["page"] + 1 if len(pages) > 1 else 0} for note in (*notes, *printed.findings)]
        facts: dict[str, Any] = {
            "width": scenes[0].page.width,
            "height": scenes[0].page.height,
            "dpi": round(scenes[0].page.dpi),
            "mime": MIME["pdf"],
            "findings": found,
        }
        previews = [encode(page.picture, Output(type="png"), dpi=round(page.scene.page.dpi)) for page in pages]
        return self.cache.keep(key, printed.data, SUFFIX["pdf"], facts, previews=previews)

    def _notes(self, request: VisualRequest, painted: Painted, said: Metadata) -> tuple[dict[str, Any], ...]:
        notes = check(painted, self._brand(request))
        if not said.alt and not painted.scene.page.print:  # nobody reads a file's words off paper
            notes = (*notes, finding("alt-missing", layer="photo" if request.photo else ""))
        return notes

    def paint(self, request: VisualRequest, page: int = 1) -> Painted:
        """Return a page's pixels and the scene they came from, drawn anew. Raises as `render` does."""
        return paint(self._scenes(request)[page - 1], self._memory)

    def _scenes(self, request: VisualRequest) -> tuple[Scene, ...]:
        layout, brand = self._layout(request), self._brand(request)
        content = self._supply.content(request, layout, brand)
        return place(layout, layout.format(request.format), content, brand)

    def _said(self, request: VisualRequest, *scenes: Scene) -> Metadata:
        """Return what the file is to say of itself."""
        shown = dict.fromkeys(mark.file for scene in scenes for mark in scene.walk() if isinstance(mark, ImageMark))
        return describe(request, self._brand(request), [self._supply.known_at(file) for file in shown])

    def prune(self, max_bytes: int) -> int:
        """Shrink the cache to `max_bytes`, oldest use first; return the bytes freed."""
        return self.cache.prune(max_bytes)

    def _layout(self, request: VisualRequest) -> Layout:
        layout = self.layouts.get(request.layout)
        if layout is None and any(problem.at.file.stem == request.layout for problem in self.problems):
            raise UserMistake(
                _("the layout {name} has errors, it cannot be drawn", name=request.layout), hint=_("see: promo check")
            )
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

    def _brand_digest(self, brand: Brand) -> str:
        """Digest of all of a guide that shows in pictures, its logos and every font it may use.

        Severities are left out: they are read with the findings, so another one needs no new drawing.
        """
        guide = brand.guide
        said = hashlib.sha256(guide.model_dump_json(exclude={"rules"}).encode()).hexdigest()
        files = [*(brand.folder / variant.file for variant in guide.logo.variants)]
        files += [brand.folder / guide.print.profile] if guide.print.profile else []
        for _name, style in guide.typography:
            if isinstance(style, TypeStyle):
                files += [face.path for face in chain(style.every_font, style.weight, brand.folder).faces]
        return "\n".join((said, *(self._digests.of(path) for path in dict.fromkeys(files))))
