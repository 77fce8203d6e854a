"""Fuzz the layout reader: a layout without problems, or problems with places; never an error, never a hang."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["promo.visual.layout", "promo.source"]):
    from promo.visual.layout import load

from promo.workspace import Workspace, WorkspaceSettings

FOLDER = Path(tempfile.mkdtemp(prefix="promo-fuzz-"))
LAYOUTS = FOLDER / "assets" / "layouts"
LAYOUTS.mkdir(parents=True)
load.BUILT_IN = FOLDER / "none"  # reading those again and again would take most of the time
WORKSPACE = Workspace(FOLDER, WorkspaceSettings(), {})


def one(data: bytes) -> None:
    """Read the bytes as a layout file."""
    (LAYOUTS / "fuzzed.yaml").write_bytes(data)
    layouts, problems = load.load_layouts(WORKSPACE)
    own = [problem for problem in problems if problem.at.file.name == "fuzzed.yaml"]
    assert ("fuzzed" in layouts) or own
    for problem in own:
        assert problem.message
        assert problem.at.line >= 1


atheris.Setup(sys.argv, one)
atheris.Fuzz()
