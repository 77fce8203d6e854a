"""What a campaign says against what there is: channels, brands, files, tables, templates, times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from promo.campaign.model import Campaign
from promo.language import _
from promo.source.document import Loaded
from promo.source.path import inside
from promo.source.problem import Problem
from promo.source.suggest import did_you_mean
from promo.source.table import Table, load_table
from promo.errors import UserMistake
from promo.workspace import Workspace

if TYPE_CHECKING:
    from promo.campaign.load import LoadedCampaign


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What the checks of one campaign found."""

    problems: tuple[Problem, ...]
    tables: Mapping[str, Table]
    digest: str


def check_campaign(workspace: Workspace, path: Path, loaded: Loaded[Campaign]) -> Checked:
    """Check one valid campaign against the workspace."""
    campaign = loaded.value
    problems: list[Problem] = []
    tables: dict[str, Table] = {}
    if campaign is None:
        return Checked(problems=(), tables={}, digest=loaded.digest)
    for index, activity in enumerate(campaign.activities):
        for number, name in enumerate(activity.channels):
            if name not in workspace.settings.channels:
                problems.append(
                    loaded.problem(
                        "no-such-channel",
                        _("there is no channel {name} in promo.yaml", name=f"`{name}`"),
                        ("activities", index, "channels", number),
                        hint=did_you_mean(name, workspace.settings.channels),
                    )
                )
        for key in ("each", "outlets"):
            name = getattr(activity, key)
            if isinstance(name, str) and name and name not in tables:
                try:
                    tables[name] = load_table(inside(path.parent, name), root=workspace.root)
                except UserMistake as error:
                    problems.append(
                        loaded.problem("path-leaves", error.message, ("activities", index, key), hint=error.hint)
                    )
                else:
                    problems.extend(tables[name].problems)
    return Checked(problems=tuple(problems), tables=tables, digest=loaded.digest)


def check_together(campaigns: Sequence[LoadedCampaign]) -> list[Problem]:
    """Check all campaigns against each other."""
    return []
