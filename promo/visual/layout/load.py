"""The layouts there are: those built in, and the workspace's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from promo.language import _
from promo.source.document import load_model
from promo.source.problem import Position, Problem, Severity
from promo.source.suggest import did_you_mean
from promo.visual.layout.model import BRAND_FIELDS, LayoutFile, StackLayer
from promo.workspace import Workspace

BUILT_IN = Path(__file__).parents[1] / "layouts"


@dataclass(frozen=True, kw_only=True, slots=True)
class Layout:
    """A layout without errors. `id` is its file's name; `file` is absolute."""

    id: str
    file: Path
    spec: LayoutFile

    @property
    def fields(self) -> tuple[str, ...]:
        """Return the names of the fields a campaign may fill, in the order they are first drawn."""
        names: dict[str, None] = {}
        for layer in self.spec.layers:
            if isinstance(layer, StackLayer):
                for item in layer.items:
                    names.update(dict.fromkeys(name for name in item.field if name not in BRAND_FIELDS))
        return tuple(names)

    def format(self, name: str | None) -> str:
        """Return the format to use: `name` where the layout has it, else the layout's first."""
        return name if name in self.spec.formats else next(iter(self.spec.formats))


def load_layouts(workspace: Workspace) -> tuple[Mapping[str, Layout], tuple[Problem, ...]]:
    """Return the layouts by name, and every problem. A workspace's layout replaces a built-in one of its name."""
    layouts: dict[str, Layout] = {}
    problems: list[Problem] = []
    for folder, root in ((BUILT_IN, BUILT_IN), (workspace.asset_folder / "layouts", workspace.root)):
        for file in sorted(folder.glob("*.yaml")):
            loaded = load_model(file, LayoutFile, root=root)
            found = list(loaded.problems)
            if loaded.value is not None:
                layout = Layout(id=file.stem, file=file, spec=loaded.value)
                found += _check(layout, loaded.positions, root)
                if not any(problem.severity is Severity.ERROR for problem in found):
                    layouts[layout.id] = layout
            problems += found
    return layouts, tuple(problems)


def _check(layout: Layout, positions: Mapping[tuple[str | int, ...], Position], root: Path) -> list[Problem]:
    """Find formats named in layers that the layout does not have."""
    found = []
    known = layout.spec.formats
    for index, layer in enumerate(layout.spec.layers):
        named = [*((("only",), name) for name in layer.only), *((("box", name), name) for name in layer.box)]
        for keys, name in named:
            if name not in known and name != "default":
                place: tuple[str | int, ...] = ("layers", index, *keys)
                at = positions.get(place) or positions.get(place[:2]) or Position(file=layout.file.relative_to(root))
                message = _("the layout has no format {name}", name=f"`{name}`")
                found.append(Problem(code="no-such-format", message=message, at=at, hint=did_you_mean(name, known)))
    return found
