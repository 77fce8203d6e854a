"""The variables of a campaign's templates: which there are, and their values for one delivery."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from promo.campaign.model import Activity, Campaign

# What every template may name, beside the campaign's and activity's own `variables`.
BUILT_IN = {
    "campaign": "the campaign's identity",
    "name": "the campaign's name in the delivery's language",
    "activity": "the activity's id",
    "kind": "online, offline or media",
    "type": "post, poster, event, press_release, …",
    "channel": "the channel's name",
    "brand": "the brand's name",
    "owner": "who is in charge of the campaign",
    "place": "where an offline activity happens",
    "language": "en or zh",
    "occurrence": "the local moment it goes out",
    "link": "the tracked link",
    "row": "the row of the table under `each`",
}


def variables_for(
    campaign: Campaign,
    activity: Activity,
    *,
    channel: str,
    language: str,
    occurrence: datetime,
    link: str | None = None,
    row: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return what the templates of one delivery may name. `occurrence` is aware, in the campaign's zone.

    Own variables come first from the campaign, then its defaults, then the activity; built-in ones win over all.
    """
    found: dict[str, Any] = {
        **campaign.variables,
        **campaign.defaults.variables,
        **activity.variables,
        "campaign": campaign.campaign,
        "name": campaign.name.in_language(language),
        "activity": activity.id,
        "kind": activity.kind,
        "type": activity.type or "",
        "channel": channel,
        "brand": campaign.brand,
        "owner": campaign.owner,
        "place": activity.place,
        "language": language,
        "occurrence": occurrence,
    }
    if link is not None:
        found["link"] = link
    if row is not None:
        found["row"] = dict(row)
    return found
