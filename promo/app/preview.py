"""Pictures straight from the campaign files, before anything is applied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from promo.app.names import campaign_names
from promo.app.picture import Wanted, alike, from_ledger
from promo.errors import NotFound, ProblemsFound
from promo.language import _, plural
from promo.source.problem import Problem, Severity
from promo.source.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from promo.app.workspace import App
    from promo.campaign.load import LoadedCampaign
    from promo.plan.model import PlannedDelivery


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What the files want to be seen, each picture once; `problems` are the errors that keep others away."""

    wanted: tuple[Wanted, ...]
    problems: tuple[Problem, ...] = ()


def from_files(app: App, names: Sequence[str]) -> Preview:
    """Return the pictures of campaigns as their files are now; no names: of all.

    A name is a campaign or CAMPAIGN/ACTIVITY of the files; anything else is looked for in the ledger. Raises NotFound,
    and ProblemsFound where a name is in no readable file while others have errors.
    """
    loaded = app.load()
    broken = errors((*app.brands.problems, *app.renderer.problems, *loaded.problems))
    campaigns = {found.campaign.campaign: found for found in loaded.campaigns}
    here = [name for name in names if name.partition("/")[0] in campaigns]
    elsewhere = [name for name in names if name.partition("/")[0] not in campaigns]
    wanted: list[Wanted] = []
    if elsewhere:
        wanted += _from_elsewhere(app, elsewhere, campaigns, broken)
    if here or not names:
        chosen = {name.partition("/")[0] for name in here} or set(campaigns)
        compiled = app.preview([campaigns[name] for name in chosen])
        wanted = [*_chosen(app, compiled.deliveries, here, campaigns), *wanted]
        problems = errors(compiled.problems)
        broken = (*(broken if not names else _of_guides(broken)), *problems)
    else:
        broken = ()
    return Preview(wanted=tuple(wanted), problems=broken)


def _from_elsewhere(
    app: App, names: Sequence[str], campaigns: dict[str, LoadedCampaign], broken: Sequence[Problem]
) -> list[Wanted]:
    gone = next((name for name in names if name.partition("/")[0] in campaign_names(app)), None) if broken else None
    if gone is not None:  # what was applied is not what one wants to see while mending the file
        raise ProblemsFound(_("there is no campaign {name} in the files that can be read", name=gone), problems=broken)
    try:
        return from_ledger(app, names)
    except NotFound as error:
        if broken:
            raise ProblemsFound(
                _("there is no campaign {name} in the files that can be read", name=names[0]), problems=broken
            ) from None
        hint = did_you_mean(names[0].partition("/")[0], campaigns) or error.hint
        raise NotFound(_("there is no campaign, activity or delivery {name}", name=names[0]), hint=hint) from None


def _chosen(
    app: App,
    deliveries: Iterable[PlannedDelivery],
    names: Sequence[str],
    campaigns: dict[str, LoadedCampaign],
) -> list[Wanted]:
    """Return the pictures of the named activities, of each first what comes next."""
    now = app.clock.now()
    found = [delivery for delivery in deliveries if not names or any(_is_named(delivery, name) for name in names)]
    for name in names:
        if not any(_is_named(delivery, name) for delivery in found):
            _refuse_unknown(name, campaigns)
    ahead = [delivery for delivery in found if delivery.due_at >= now]
    passed = [delivery for delivery in reversed(found) if delivery.due_at < now]
    place = {delivery.id: number for number, delivery in enumerate(found)}
    pictures = alike(_wanted(delivery) for delivery in (*ahead, *passed) if delivery.visual)
    return sorted(pictures, key=lambda item: place[item.delivery])


def _is_named(delivery: PlannedDelivery, name: str) -> bool:
    campaign, _slash, activity = name.partition("/")
    within = delivery.activity == activity or delivery.activity.startswith(f"{activity}/")
    return delivery.campaign == campaign and (not activity or within)


def _refuse_unknown(name: str, campaigns: dict[str, LoadedCampaign]) -> None:
    """Raise NotFound where the campaign has no such activity; one without deliveries is merely empty."""
    campaign, _slash, activity = name.partition("/")
    known = [one.id for one in campaigns[campaign].campaign.activities]
    if activity and activity.partition("/")[0] not in known:
        raise NotFound(
            _("the campaign {campaign} has no activity {activity}", campaign=campaign, activity=activity),
            hint=did_you_mean(activity, known),
        )


def _wanted(delivery: PlannedDelivery) -> Wanted:
    """Return a delivery's picture; where each place has a code of its own, that of the first."""
    request = dict(delivery.visual or {})
    places = [place for place in delivery.content.get("placements", ()) if place.get("link")]
    if request.get("qr") and places:
        request["qr"] = places[0]["link"]
    return Wanted(
        request=request,
        placements=tuple(place["id"] for place in places),
        campaign=delivery.campaign,
        activity=delivery.activity,
        channels=(delivery.channel,),
        delivery=delivery.id,
        dates=(delivery.due_at,),
        timezone=delivery.content.get("timezone") or "UTC",
    )


def errors(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return the problems that keep something from being done."""
    return tuple(problem for problem in problems if problem.severity is Severity.ERROR)


def _of_guides(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return the problems of brand and layout files: they concern every campaign."""
    return tuple(problem for problem in problems if problem.at.file.parts[:1] == ("assets",))


def stop_at(problems: Sequence[Problem]) -> None:
    """Raise ProblemsFound where there are any."""
    if problems:
        count = len(problems)
        message = plural("{count} error: something is missing here", "{count} errors: something is missing here", count)
        raise ProblemsFound(message, problems=problems, hint=_("see all with: promo check"))
