"""Campaign files → campaigns, tables and every problem of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from promo.campaign.check import check_campaign, check_together
from promo.campaign.facts import Facts
from promo.campaign.model import Campaign, Defaults
from promo.source.document import Loaded, in_order, load_model, merge
from promo.source.path import link_elsewhere, shown_path
from promo.source.problem import Position, Problem, Severity
from promo.source.salvage import Salvaged, salvage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from promo.source.table import Table
    from promo.workspace import Workspace

    Prepare = Callable[[dict[str, Any]], dict[str, Any]]

DATA = "data"  # folders of this name hold tables, not campaigns
# For keys that are missing or wrong, so that the rest of the file is checked; no message shows one.
STAND_INS = {
    "campaign": "unknown",
    "name": "unknown",
    "brand": "unknown",
    "owner": "unknown",
    "period": {"from": "2000-01-01", "until": "2199-12-31"},
}


@dataclass(frozen=True, kw_only=True)
class LoadedCampaign:
    """One campaign without errors. `tables` holds the tables its activities name, by that name."""

    path: Path  # relative to the workspace
    campaign: Campaign = field(repr=False)
    digest: str  # sha256 of the file, its tables and body files, hex
    tables: Mapping[str, Table] = field(repr=False)
    loaded: Loaded[Campaign] = field(repr=False)

    def position(self, *keys: str | int) -> Position:
        """Return where this path of keys stands in the file, or the nearest place above it."""
        return self.loaded.positions.near(keys)


@dataclass(frozen=True, kw_only=True)
class LoadedCampaigns:
    """All campaigns of a workspace: those without errors, and the problems of all files. `files` counts both."""

    campaigns: tuple[LoadedCampaign, ...]
    problems: tuple[Problem, ...]
    files: int = 0


def campaign_files(workspace: Workspace) -> list[Path]:
    """Return every campaign file, in the order of their names; tables under `data/` are left out."""
    folder = workspace.campaign_folder
    found = [path for ending in ("*.yaml", "*.yml") for path in folder.rglob(ending)]
    return sorted(path for path in found if DATA not in path.relative_to(folder).parts[:-1])


def load_campaigns(workspace: Workspace, *, progress: Callable[[int, int], None] | None = None) -> LoadedCampaigns:
    """Read and check every campaign file. Never raises for what a file says.

    `progress` is called with (files done, files in all).
    """
    facts = Facts(workspace)
    problems = _check_defaults(workspace)
    prepare = partial(with_defaults, above={} if problems else workspace.settings.defaults)
    elsewhere = _links_elsewhere(workspace)
    problems.extend(elsewhere.values())
    files = [path for path in campaign_files(workspace) if path not in elsewhere]
    campaigns: list[LoadedCampaign] = []
    broken: set[Path] = set()
    for done, path in enumerate(files, start=1):
        loaded = load_model(path, Campaign, root=workspace.root, prepare=prepare)
        problems.extend(loaded.problems)
        if loaded.value is None:
            problems.extend(_check_rest(facts, path, loaded, prepare))
        else:
            checked = check_campaign(facts, path, loaded, Salvaged(value=loaded.value))
            problems.extend(checked.problems)
            shown = shown_path(path, workspace.root)
            if _has_errors(checked.problems):
                broken.add(shown)
            campaigns.append(
                LoadedCampaign(
                    path=shown, campaign=loaded.value, digest=checked.digest, tables=checked.tables, loaded=loaded
                )
            )
        if progress is not None:
            progress(done, len(files))
    twice = check_together(campaigns)
    problems.extend(twice)
    broken.update(problem.at.file for problem in twice)
    return LoadedCampaigns(
        campaigns=tuple(c for c in campaigns if c.path not in broken),
        problems=in_order(problems),
        files=len(files) + len(elsewhere),
    )


def _check_rest(facts: Facts, path: Path, loaded: Loaded[Campaign], prepare: Prepare) -> Iterable[Problem]:
    """Return what else is wrong with a campaign that is no valid one, so that one run tells every mistake."""
    if not isinstance(loaded.raw, dict):
        return ()
    salvaged = salvage(Campaign, prepare(loaded.raw), stand_ins=STAND_INS)
    return () if salvaged is None else check_campaign(facts, path, loaded, salvaged).problems


def with_defaults(raw: dict[str, Any], *, above: dict[str, Any]) -> dict[str, Any]:
    """Lay a campaign's `defaults` over those `above`, and complete each activity's `channels` and `visual`."""
    defaults = merge(above, raw.get("defaults") or {})
    if not isinstance(defaults, dict) or not defaults:
        return raw
    prepared = {**raw, "defaults": defaults}
    activities = raw.get("activities")
    if isinstance(activities, list):
        prepared["activities"] = [_completed(activity, defaults) for activity in activities]
    return prepared


def _completed(activity: Any, defaults: dict[str, Any]) -> Any:
    if not isinstance(activity, dict):
        return activity
    channels, visual, own = defaults.get("channels"), defaults.get("visual"), activity.get("visual")
    if channels and "channels" not in activity:
        activity = {**activity, "channels": channels}
    if isinstance(visual, dict) and isinstance(own, dict):
        activity = {**activity, "visual": {**visual, **own}}
    return activity


def _links_elsewhere(workspace: Workspace) -> dict[Path, Problem]:
    """Return the campaign files that are links to elsewhere: they are not read, so no excerpt shows their lines."""
    found = {
        path: link_elsewhere(path, workspace.campaign_folder, workspace.root) for path in campaign_files(workspace)
    }
    return {path: problem for path, problem in found.items() if problem is not None}


def _check_defaults(workspace: Workspace) -> list[Problem]:
    """Return what is wrong with the `defaults` of promo.yaml."""
    try:
        Defaults.model_validate(workspace.settings.defaults)
    except ValidationError as error:
        return workspace.explain(error, Defaults, "defaults")
    return []


def _has_errors(problems: Iterable[Problem]) -> bool:
    return any(problem.severity is Severity.ERROR for problem in problems)
