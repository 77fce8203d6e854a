"""What there is in a workspace for campaigns to name: channels, brands, layouts, photos, tables, texts."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from promo.source.path import inside
from promo.source.read import read_text
from promo.source.table import Table, load_table
from promo.workspace import Workspace, brand_names

if TYPE_CHECKING:
    from pathlib import Path

    from promo.source.problem import Problem


class Facts:
    """The things campaign files refer to, each looked up once however many campaigns name it."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.channels = workspace.settings.channels
        self.slots = workspace.settings.slots
        self.brands = frozenset(workspace.settings.brands or brand_names(workspace.brand_folder))
        self.layouts = layout_names(workspace)
        self._assets: dict[str, bool] = {}
        self._tables: dict[Path, Table] = {}
        self._texts: dict[Path, tuple[str, Problem | None]] = {}

    def has_asset(self, name: str) -> bool:
        """Whether `assets/<name>` is a file. Raises UserMistake where the path leaves the folder."""
        if name not in self._assets:
            self._assets[name] = inside(self.workspace.asset_folder, name).is_file()
        return self._assets[name]

    def table(self, folder: Path, name: str) -> Table:
        """Return the table `name` beside a campaign in `folder`. Raises UserMistake where the path leaves it."""
        path = inside(folder, name)
        if path not in self._tables:
            self._tables[path] = load_table(path, root=self.workspace.root)
        return self._tables[path]

    def text(self, folder: Path, name: str) -> tuple[str, Problem | None]:
        """Return the text file `name` beside a campaign, or why it cannot be read. Raises UserMistake as `table`."""
        path = inside(folder, name)
        if path not in self._texts:
            shown = path.relative_to(self.workspace.root) if path.is_relative_to(self.workspace.root) else path
            self._texts[path] = read_text(path, shown)
        return self._texts[path]


def layout_names(workspace: Workspace) -> frozenset[str]:
    """Return the layouts there are: files of assets/layouts, and those that promo brings along."""
    own = (workspace.asset_folder / "layouts").glob("*.yaml")
    built_in = files("promo").joinpath("visual", "layouts")
    brought = [entry.name for entry in built_in.iterdir()] if built_in.is_dir() else []
    return frozenset([path.stem for path in own] + [name[:-5] for name in brought if name.endswith(".yaml")])
