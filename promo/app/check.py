"""Checking: everything of a workspace is read, and every mistake told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from promo.app.parts import Progress
from promo.app.problems import Checked, ordered
from promo.app.workspace import App
from promo.errors import UserMistake
from promo.source.problem import Problem, Severity
from promo.workspace import readable_workspace

if TYPE_CHECKING:
    from promo.plan.model import PlannedDelivery


def check(app: App, *, progress: Progress | None = None) -> Checked:
    """Read everything and return every mistake of every file, in the order of the files."""
    from promo.app.medium import medium_problems
    from promo.visual.layout.filling import check_filling
    from promo.visual.layout.load import load_layouts
    from promo.visual.logo_files import check_logo_files

    loaded = app.load(progress=progress)
    layouts, of_layouts = load_layouts(app.workspace, brands=app.brands.brands)
    filling = tuple(check_filling(loaded.campaigns, layouts, app.workspace))
    told = {problem.at for problem in filling}
    problems = [
        *app.workspace.problems,
        *settings_problems(app),
        *app.brands.problems,
        *check_logo_files(app.brands, app.workspace),
        *of_layouts,
        *app.credits.problems,
        *filling,
    ]
    deliveries: Sequence[PlannedDelivery] = ()
    if all(p.severity is not Severity.ERROR for p in problems):
        compiled = app.check_deliveries(loaded.campaigns)
        deliveries = compiled.deliveries
        problems += compiled.problems
        problems += medium_problems(app, deliveries, loaded.campaigns)
    # What only seemed misspelt is told better by those who know the layout.
    problems += [p for p in loaded.problems if p.code != "maybe-misspelt" or p.at not in told]
    return Checked(
        problems=ordered(problems),
        campaigns=loaded.campaigns,
        files=loaded.files,
        deliveries=tuple(deliveries),
    )


def check_rest(root: Path, problems: Sequence[Problem], *, progress: Progress | None = None) -> Checked:
    """Check what can be checked of a workspace whose promo.yaml has these `problems`; they are among those returned."""
    workspace = readable_workspace(root)
    if workspace is None:
        return Checked(problems=ordered(problems), campaigns=(), files=0)
    checked = App(workspace).check(progress=progress)
    return replace(checked, problems=ordered([*problems, *checked.problems]))


def settings_problems(app: App) -> list[Problem]:
    """Return the mistakes in promo.yaml that only the installed connectors can tell."""
    from pydantic import ValidationError

    found: list[Problem] = []
    for name, settings in app.workspace.settings.channels.items():
        try:
            kind = app.registry.connector(settings.connector)
        except UserMistake as mistake:
            found.append(
                app.workspace.problem(
                    "no-such-connector", mistake.message, "channels", name, "connector", hint=mistake.hint
                )
            )
            continue
        try:
            kind.Settings.model_validate(settings.settings)
        except ValidationError as error:
            found += app.workspace.explain(error, kind.Settings, "channels", name, "settings")
    return found
