"""Looking at the pictures of deliveries before they go out: each look once, its findings as problems of the files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from promo.errors import PromoError, UserMistake
from promo.language import _, plural
from promo.source.problem import Position, Problem, Severity
from promo.workspace import FILE

if TYPE_CHECKING:
    from promo.app.workspace import App
    from promo.campaign.load import LoadedCampaign
    from promo.plan.model import PlannedDelivery
    from promo.visual.model import Finding

Progress = Callable[[int, int], None]
SAVED_AFTER = 50  # looks: what was seen is kept, should the rest be interrupted


@dataclass(kw_only=True)
class _Look:
    """One look, shown by a first picture of it, and the deliveries of each activity that have it."""

    request: Mapping[str, Any]
    shown_by: dict[tuple[str, str], PlannedDelivery] = field(default_factory=dict)


def look_problems(
    app: App,
    deliveries: Iterable[PlannedDelivery],
    campaigns: Sequence[LoadedCampaign] = (),
    *,
    progress: Progress | None = None,
) -> list[Problem]:
    """Return what the style guide says of the deliveries' pictures, at the place of their `visual:`.

    Looks seen before are not drawn again. A picture that cannot be drawn is an error, too. Without `campaigns` the
    place is that of the activity.
    """
    from promo.visual.rule.words import worded

    looks = _looks(deliveries)
    found = _found(app, looks, progress)
    by_name = {loaded.campaign.campaign: loaded for loaded in campaigns}
    lines: dict[tuple[str, ...], tuple[PlannedDelivery, Finding | Problem, list[str]]] = {}
    for look, notes in zip(looks, found, strict=True):
        brand = app.brands.brands.get(look.request["brand"])
        words = [notes] if isinstance(notes, Problem) else [f for n in notes if brand and (f := worded(n, brand))]
        for (campaign, activity), delivery in look.shown_by.items():
            for said in words:
                code, layer = (said.code, "") if isinstance(said, Problem) else (said.rule, said.layer)
                line = (campaign, activity, code, layer, str(look.request["format"]))
                lines.setdefault(line, (delivery, said, []))[2].append(delivery.channel)
    return [
        _problem(said, delivery, by_name.get(delivery.campaign), len(more)) for delivery, said, more in lines.values()
    ]


def look_digests(app: App, deliveries: Iterable[PlannedDelivery]) -> list[str]:
    """Return the digest of every look there is among the deliveries. Raises UserMistake for one that is not there."""
    return [app.look_digest(look.request) for look in _looks(deliveries)]


def _looks(deliveries: Iterable[PlannedDelivery]) -> list[_Look]:
    """Return each look once, in the order of the deliveries."""
    looks: dict[str, _Look] = {}
    for delivery in deliveries:
        visual = delivery.visual
        if visual is None:
            continue
        link = visual["qr"]
        places = [place["link"] for place in delivery.content.get("placements", ()) if place.get("link")]
        if link and places:  # each place has its own code
            link = places[0]
        key = repr({**visual, "fields": sorted(visual["fields"].items()), "qr": len(link or "")})
        look = looks.get(key)
        if look is None:
            look = looks[key] = _Look(request={**visual, "qr": link})
        look.shown_by.setdefault((delivery.campaign, delivery.activity.partition("/")[0]), delivery)
    return list(looks.values())


def _found(app: App, looks: Sequence[_Look], progress: Progress | None) -> list[list[dict[str, Any]] | Problem]:
    """Return for each look what was found on it, or why it cannot be drawn."""
    from promo.visual.cache.looks import LookCache

    cache = LookCache(app.look_file)
    found: dict[int, list[dict[str, Any]] | Problem] = {}
    digests: dict[int, str] = {}

    def cannot(number: int, mistake: PromoError) -> None:
        at = next(iter(looks[number].shown_by.values())).at or Position(file=Path(FILE))
        found[number] = Problem(code="cannot-draw", message=mistake.message, hint=mistake.hint, at=at)

    for number, look in enumerate(looks):
        try:
            digests[number] = app.look_digest(look.request)
        except UserMistake as mistake:
            cannot(number, mistake)
    known = cache.known(digests.values())
    found |= {number: known[digest] for number, digest in digests.items() if digest in known}
    fresh: dict[str, list[dict[str, Any]]] = {}
    todo = [number for number in digests if number not in found]
    done = 0

    def seen(place: int, notes: list[dict[str, Any]] | PromoError) -> None:
        nonlocal done
        number, done = todo[place], done + 1
        if isinstance(notes, PromoError):
            cannot(number, notes)
        else:
            found[number] = fresh[digests[number]] = notes
        if len(fresh) >= SAVED_AFTER:
            cache.keep(fresh)
            fresh.clear()
        if progress is not None:
            progress(done, len(todo))

    try:
        app.look_many([looks[number].request for number in todo], on_seen=seen)
    finally:
        cache.keep(fresh)
    return [found[number] for number in range(len(looks))]


def _problem(
    said: Finding | Problem, delivery: PlannedDelivery, loaded: LoadedCampaign | None, pictures: int
) -> Problem:
    """Put a finding where the activity asks for its picture."""
    visual = delivery.visual or {}
    shown = " ".join(filter(None, (str(visual.get("layout", "")), visual.get("format"))))
    message = _("{what} ({picture} → {channel})", what=said.message, picture=shown, channel=delivery.channel)
    if pictures > 1:
        more = plural("{count} picture more is like that", "{count} pictures more are like that", pictures - 1)
        message = f"{message}; {more}"
    if isinstance(said, Problem):
        code, hint, severity, layer = said.code, said.hint, said.severity, ""
    else:
        code, layer = said.rule, said.layer
        severity = Severity.ERROR if said.severity == "error" else Severity.WARNING
        name = f"{delivery.campaign}/{delivery.activity.partition('/')[0]}"
        hint = _("see the spot: promo render --explain {name}", name=name)
    if loaded is None:
        at = delivery.at or Position(file=Path(FILE))
        return Problem(code=code, message=message, at=at, hint=hint, severity=severity)
    keys = asked_at(loaded, delivery, layer)
    return loaded.loaded.problem(code, message, keys, hint=hint, warning=severity is Severity.WARNING)


def asked_at(loaded: LoadedCampaign, delivery: PlannedDelivery, layer: str = "") -> tuple[str | int, ...]:
    """Return where the picture, or the layer's own words, are asked for: in the activity or the defaults."""
    activities = loaded.campaign.activities
    name = delivery.activity.partition("/")[0]
    index = next(number for number, activity in enumerate(activities) if activity.id == name)
    keys: tuple[str | int, ...] = ("activities", index, "visual")
    if activities[index].visual is None and loaded.campaign.defaults.visual:
        keys = ("defaults", "visual")
    return (*keys, layer) if (*keys, layer) in loaded.loaded.positions else keys
