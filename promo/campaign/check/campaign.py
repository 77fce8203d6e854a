"""All checks of one campaign, and of all campaigns together."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from promo.campaign.check.activity import check_activity
from promo.campaign.check.findings import Findings
from promo.campaign.check.moment import check_period, check_schedule
from promo.campaign.check.money import check_money
from promo.campaign.check.words import check_words
from promo.language import _
from promo.source.suggest import did_you_mean
from promo.source.zone import find_zone

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from promo.campaign.facts import Facts
    from promo.campaign.load import LoadedCampaign
    from promo.campaign.model import Campaign
    from promo.source.document import Loaded
    from promo.source.problem import Problem
    from promo.source.salvage import Salvaged
    from promo.source.table import Table


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What the checks of one campaign found, and the tables they read."""

    problems: tuple[Problem, ...]
    tables: Mapping[str, Table]
    digest: str  # sha256 of the file, its tables and body files, hex


def check_campaign(facts: Facts, path: Path, loaded: Loaded[Campaign], salvaged: Salvaged[Campaign]) -> Checked:
    """Check one campaign, or what could be read of it; `path` is its file, absolute."""
    findings = Findings(salvaged, loaded, path.parent, facts)
    campaign = salvaged.value
    if campaign.brand not in facts.brands:
        findings.error(
            "no-such-brand",
            _("there is no brand {name}", name=f"`{campaign.brand}`"),
            "brand",
            hint=did_you_mean(campaign.brand, facts.brands)
            or _("a brand is a folder of assets/brands with a brand.yaml"),
        )
    if campaign.approval is not None:
        check_stages(findings, campaign.approval.stages, "approval", "stages")
    check_period(findings)
    check_money(findings)
    zone = find_zone(campaign.timezone or facts.workspace.settings.timezone)
    seen: dict[str, int] = {}
    for index, activity in enumerate(campaign.activities):
        first = seen.setdefault(activity.id, index)
        if first != index:
            findings.error(
                "duplicate-activity",
                _("the activity {name} is there twice", name=f"`{activity.id}`"),
                "activities",
                index,
                "id",
                hint=_("give it another id"),
            )
        check_activity(findings, index, activity)
        if activity.approval is not None and activity.approval != "none":
            check_stages(findings, activity.approval.stages, "activities", index, "approval", "stages")
        check_schedule(findings, index, activity, zone)
    check_words(findings)
    digest = sha256(loaded.digest.encode())
    for name, table in sorted(findings.tables.items()):
        digest.update(f"\0{name}\0{table.digest}".encode())
    for name, text in sorted(findings.texts.items()):
        digest.update(f"\0{name}\0".encode() + sha256(text.encode("utf-8", "surrogatepass")).digest())
    return Checked(problems=tuple(findings.problems), tables=findings.tables, digest=digest.hexdigest())


def check_stages(findings: Findings, stages: Sequence[str], *keys: str | int) -> None:
    """Note approval stages that are named twice."""
    for index, stage in enumerate(stages):
        if stage in stages[:index]:
            findings.error("duplicate-stage", _("the stage {name} is there twice", name=f"`{stage}`"), *keys, index)


def check_together(campaigns: Sequence[LoadedCampaign]) -> list[Problem]:
    """Return the problems of campaigns that claim the same identity; the first file by name keeps it."""
    problems: list[Problem] = []
    owner: dict[str, Path] = {}
    for loaded in campaigns:
        name = loaded.campaign.campaign
        first = owner.setdefault(name, loaded.path)
        if first != loaded.path:
            message = _("the campaign {name} is {file} already", name=f"`{name}`", file=first.as_posix())
            hint = _("give it another identity")
            problems.append(loaded.loaded.problem("duplicate-campaign", message, ("campaign",), hint=hint))
    return problems
