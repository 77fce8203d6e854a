"""Brands of a workspace: every `assets/brands/<name>/brand.yaml`, read and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from promo.brand.check import check_guide
from promo.brand.model import Brand, BrandGuide
from promo.language import _
from promo.source.document import Keys, load_model
from promo.source.path import link_elsewhere
from promo.source.problem import Position, Problem, Severity
from promo.source.suggest import did_you_mean
from promo.workspace import FILE, Workspace

BRAND_FILE = "brand.yaml"


@dataclass(frozen=True, kw_only=True)
class LoadedBrands:
    """The brands without errors, by folder name, and every problem found, warnings included."""

    brands: Mapping[str, Brand]
    problems: tuple[Problem, ...]
    positions: Mapping[str, Mapping[Keys, Position]]  # of what each of the brands says in its file


def load_brands(workspace: Workspace) -> LoadedBrands:
    """Load the brands `promo.yaml` names, or every folder of `assets/brands` when it names none.

    Never raises for a mistake in a file: each is a problem with its position.
    """
    brands: dict[str, Brand] = {}
    positions: dict[str, Mapping[Keys, Position]] = {}
    problems: list[Problem] = []
    present = sorted(path.parent.name for path in workspace.brand_folder.glob(f"*/{BRAND_FILE}"))
    for index, name in enumerate(workspace.settings.brands):
        if name not in present:
            problems.append(
                Problem(
                    code="no-such-brand",
                    message=_("there is no brand {name} in assets/brands", name=f"`{name}`"),
                    at=workspace.positions.get(("brands", index)) or Position(file=Path(FILE)),
                    hint=did_you_mean(name, present),
                )
            )
    for name in workspace.settings.brands or present:
        if name in present:
            file = workspace.brand_folder / name / BRAND_FILE
            if (elsewhere := link_elsewhere(file, workspace.brand_folder, workspace.root)) is not None:
                problems.append(elsewhere)
                continue
            loaded = load_model(file, BrandGuide, root=workspace.root)
            found = list(loaded.problems)
            if loaded.value is not None:
                brand = Brand(id=name, folder=file.parent, file=file, guide=loaded.value)
                found += check_guide(brand, loaded.positions, root=workspace.root)
                if not any(problem.severity is Severity.ERROR for problem in found):
                    brands[name], positions[name] = brand, loaded.positions
            problems += found
    return LoadedBrands(brands=brands, problems=tuple(problems), positions=positions)
