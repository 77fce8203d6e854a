"""The layouts there are: those built in, and the workspace's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from promo.brand.model import Brand
from promo.source.document import in_order, load_model
from promo.source.path import link_elsewhere
from promo.source.problem import Problem, Severity
from promo.visual.layout.check import check_layout
from promo.visual.layout.check_around import Around
from promo.visual.layout.fields import Fields, Needs, fields_of, needs_of
from promo.visual.layout.formats import PageSpec, named, walk
from promo.visual.layout.layers import QrLayer
from promo.visual.layout.model import LayoutFile
from promo.workspace import Workspace

BUILT_IN = Path(__file__).parents[1] / "layouts"


@dataclass(frozen=True, kw_only=True, slots=True)
class Layout:
    """A layout without errors. `id` is its file's name; `file` is absolute; `pages` are its formats, resolved."""

    id: str
    file: Path
    spec: LayoutFile
    pages: Mapping[str, PageSpec]
    fields: Fields
    needs: Needs
    code_levels: tuple[str, ...]  # of error correction, of all its QR codes

    def format(self, name: str | None) -> str:
        """Return the format to use: `name` where the layout has it, else the layout's first."""
        return name if name is not None and name in self.pages else next(iter(self.pages))


def load_layouts(
    workspace: Workspace, *, brands: Mapping[str, Brand] | None = None
) -> tuple[Mapping[str, Layout], tuple[Problem, ...]]:
    """Return the layouts by name, and every problem. A workspace's layout replaces a built-in one of its name.

    With `brands` a colour or a size that none of them has, and a file that is not there, is a problem.
    """
    around = _around(brands, workspace) if brands else None
    layouts: dict[str, Layout] = {}
    problems: list[Problem] = []
    for folder, root in ((BUILT_IN, BUILT_IN), (workspace.asset_folder / "layouts", workspace.root)):
        for file in sorted(folder.glob("*.yaml")):
            if (elsewhere := link_elsewhere(file, folder, root)) is not None:
                problems.append(elsewhere)
                continue
            layout, found = load_layout(file, root, around=around)
            if layout is not None:
                layouts[layout.id] = layout
            else:
                layouts.pop(file.stem, None)  # while one's own is broken, the built-in one is not what one wants
            problems += found
    return layouts, tuple(problems)


def load_layout(file: Path, root: Path, *, around: Around | None = None) -> tuple[Layout | None, tuple[Problem, ...]]:
    """Return one layout, or None where it has errors, and every problem, named relative to `root`. Never raises."""
    loaded = load_model(file, LayoutFile, root=root, prepare=_prepared)
    if loaded.value is None:
        return None, loaded.problems
    pages, found = check_layout(loaded, _prepared(loaded.raw)["layers"], around)
    problems = in_order([*loaded.problems, *found])
    if any(problem.severity is Severity.ERROR for problem in problems):
        return None, problems
    drawn = (layer for page in pages.values() for layer in walk(page.layers))
    levels = {layer.error_correction for layer in drawn if isinstance(layer, QrLayer)}
    fields = fields_of(loaded.value, pages)
    layout = Layout(
        id=file.stem,
        file=file,
        spec=loaded.value,
        pages=pages,
        fields=fields,
        needs=needs_of(fields, pages),
        code_levels=tuple(sorted(levels)),
    )
    return layout, problems


def _around(brands: Mapping[str, Brand], workspace: Workspace) -> Around:
    guides = [brand.guide for brand in brands.values()]
    return Around(
        colours={name for guide in guides for name in guide.palette.colors},
        sizes={name for guide in guides for name in guide.typography.scale},
        assets=workspace.asset_folder,
    )


def _prepared(raw: dict[str, Any]) -> dict[str, Any]:
    return {**raw, "layers": named(raw["layers"])} if "layers" in raw else raw
