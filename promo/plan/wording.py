"""The templates of one activity on one channel: what the channel's variant, the activity and the defaults say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from promo.campaign.model import Activity, Campaign, FirstComment, Link

if TYPE_CHECKING:
    from collections.abc import Mapping

    from promo.registry import Channel
    from promo.workspace import Workspace

Keys = tuple[str | int, ...]
GRACE = timedelta(minutes=5)  # `late: never`: the time a publisher may need to wake up
USUAL_LATE = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Wording:
    """Templates, not yet filled. `keys` says where each stands in the campaign's file."""

    text: str
    title: str
    body: str
    thread: tuple[str, ...]
    first_comment: FirstComment | None
    hashtags: tuple[str, ...]
    alt: str
    link: Link | None
    language: str
    visual: Mapping[str, Any] | None
    own_visual: bool  # the activity itself asks for the picture; not only the campaign's defaults
    options: Mapping[str, Any]
    keys: Mapping[str, Keys]


def wording_for(campaign: Campaign, index: int, activity: Activity, channel: Channel, workspace: Workspace) -> Wording:
    """Return what applies to activity number `index` of the campaign on `channel`."""
    content, variant = activity.content, activity.content.variants.get(channel.name)
    here: Keys = ("activities", index, "content")
    keys: dict[str, Keys] = {}

    def pick(name: str, fallback: Any = None) -> Any:
        value = getattr(variant, name) if variant is not None else None
        keys[name] = (*here, "variants", channel.name, name) if value is not None else (*here, name)
        if value is None:
            value = getattr(content, name)
        return fallback if value is None else value

    thread = pick("thread")
    text = pick("text", "")
    if not text and thread:
        text, thread = thread[0], thread[1:]
        keys["text"] = (*keys["thread"], 0)
    comment = pick("first_comment")
    hashtags = pick("hashtags") or campaign.defaults.hashtags or ()
    if variant is not None and variant.hashtags is not None:
        hashtags = variant.hashtags
    visual = dict(campaign.defaults.visual or {})
    if activity.visual is not None:
        visual.update(activity.visual.model_dump(exclude_none=True))
    return Wording(
        text=text,
        title=pick("title", ""),
        body=pick("body", ""),
        thread=tuple(thread),
        first_comment=FirstComment(text=comment) if isinstance(comment, str) else comment,
        hashtags=tuple(hashtags),
        alt=pick("alt") or str(visual.get("alt") or ""),
        link=_merged(_as_link(pick("link")), _as_link(campaign.defaults.link)),
        language=content.language
        or campaign.defaults.language
        or channel.settings.language
        or workspace.settings.language
        or "en",
        visual=visual if visual.get("layout") else None,
        own_visual=activity.visual is not None,
        options=dict(variant.model_extra or {}) if variant is not None else {},
        keys=keys,
    )


def lateness(campaign: Campaign, activity: Activity) -> timedelta | None:
    """Return how late a delivery may still go out: the first that says so, else an hour. None: at any time."""
    for late in (activity.schedule.late, campaign.defaults.late):
        if late == "always":
            return None
        if late == "never":
            return GRACE
        if late is not None:
            return late
    return USUAL_LATE


def _as_link(link: Link | str | None) -> Link | None:
    return Link(url=link) if isinstance(link, str) else link


def _merged(own: Link | None, default: Link | None) -> Link | None:
    """Give an activity's own link the default's UTM fields where it names none of its own."""
    if own is None or default is None:
        return own or default
    return Link(url=own.url, utm={**default.utm, **own.utm}, track=own.track)
