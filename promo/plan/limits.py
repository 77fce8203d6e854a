"""What a channel's limits will do to a delivery: what it refuses, and what goes out changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from promo.connector import Capabilities, TextLimit, TextUnit, count_text
from promo.language import _, plural
from promo.plan.localtime import local_time
from promo.source.problem import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from promo.plan.content import Job, Words

NEAR = 0.9  # of a limit


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing a limit does. `part` is the wording's field it is about; None severity: a note for the plan only."""

    code: str
    message: str
    part: str
    severity: Severity | None
    hint: str | None = None


def check_limits(job: Job, words: Words) -> Iterator[Finding]:
    """Yield what the channel's limits say about these words."""
    limits, content, channel = job.channel.limits, words.content, job.channel.name
    if limits.text is not None:
        for part, text in _texts(content, words.comment):
            yield from _length(channel, limits.text, part, text)
    yield from _shape(limits, content, channel)
    if words.comment is not None and not limits.first_comment:
        yield Finding(
            code="no-first-comment",
            message=_("{channel} cannot answer its own post: the first comment is left out", channel=channel),
            part="first_comment",
            severity=Severity.WARNING,
        )
    yield from _picture(job, words)


def _texts(content: Mapping[str, Any], comment: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    yield "text", content["text"]
    for post in content["thread"]:
        yield "thread", post
    if comment is not None:
        yield "first_comment", comment["text"]


def _length(channel: str, limit: TextLimit, part: str, text: str) -> Iterator[Finding]:
    # No unit counts a character as more than four (a UTF-8 byte sequence): most texts need no counting at all.
    if len(text) * 4 + (limit.link_cost or 0) * text.count("://") < limit.limit * NEAR:
        return
    length = count_text(text, limit)
    fields: dict[str, Any] = {"channel": channel, "length": length, "limit": limit.limit, "unit": _unit(limit.unit)}
    if length > limit.limit:
        over = length - limit.limit
        yield Finding(
            code="text-too-long",
            message=_(
                "{channel}: {length} of {limit} {unit} (links count {cost}), {over} too many",
                cost=limit.link_cost,
                over=over,
                **fields,
            )
            if limit.link_cost is not None and "://" in text
            else _("{channel}: {length} of {limit} {unit}, {over} too many", over=over, **fields),
            part=part,
            severity=Severity.ERROR,
            hint=_("shorten it, or write a variant for {channel}", channel=channel),
        )
    elif length >= limit.limit * NEAR:
        yield Finding(
            code="text-near-limit",
            message=_("{channel}: {length} of {limit} {unit}", **fields),
            part=part,
            severity=None,
        )


def _unit(unit: TextUnit) -> str:
    return {
        TextUnit.CHARACTERS: _("characters"),
        TextUnit.GRAPHEMES: _("characters"),
        TextUnit.BYTES: _("bytes"),
        TextUnit.WEIGHTED: _("half-width characters"),
    }[unit]


def _shape(limits: Capabilities, content: Mapping[str, Any], channel: str) -> Iterator[Finding]:
    posts = 1 + len(content["thread"])
    if posts > limits.thread:
        yield Finding(
            code="thread-too-long",
            message=_("{channel} takes no threads", channel=channel)
            if limits.thread <= 1
            else plural(
                "{channel} takes threads of {count} post, this one has {posts}",
                "{channel} takes threads of {count} posts, this one has {posts}",
                limits.thread,
                channel=channel,
                posts=posts,
            ),
            part="thread",
            severity=Severity.ERROR,
            hint=_("write a variant for {channel} with `thread: []`", channel=channel),
        )
    if limits.needs_title and not content["title"]:
        yield Finding(
            code="no-title",
            message=_("{channel} needs a title", channel=channel),
            part="title",
            severity=Severity.ERROR,
        )
    if limits.needs_body and not (content["body"] or content["text"]):
        yield Finding(
            code="no-body",
            message=_("{channel} needs a body or a text", channel=channel),
            part="body",
            severity=Severity.ERROR,
        )


def _picture(job: Job, words: Words) -> Iterator[Finding]:
    images, channel = job.channel.limits.images, job.channel.name
    if job.wording.own_visual and job.wording.visual is not None and images.count == 0:
        yield Finding(
            code="no-pictures",
            message=_("{channel} takes no pictures: it will go out without its picture", channel=channel),
            part="visual",
            severity=None,
        )
    if words.visual is None or job.activity.kind != "online" or images.alt_text == 0:
        return
    alt = words.content["alt"]
    if not alt:
        yield Finding(
            code="no-alt",
            message=_("the picture for {channel} has no alt text", channel=channel),
            part="alt",
            severity=Severity.WARNING,
            hint=_("say in `alt` what it shows, for people who do not see it"),
        )
    elif images.alt_text is not None and len(alt) > images.alt_text:
        yield Finding(
            code="alt-too-long",
            message=_(
                "{channel}: the alt text has {length} of {limit} characters",
                channel=channel,
                length=len(alt),
                limit=images.alt_text,
            ),
            part="alt",
            severity=Severity.ERROR,
        )


def embargo_note(job: Job, due: datetime, embargo: datetime) -> tuple[str, ...]:
    """Return what to tell a person about a release that is due before its embargo ends, or nothing."""
    if due >= embargo:
        return ()
    until = local_time(embargo, job.zone).isoformat(sep=" ", timespec="minutes")
    return (_("due before its embargo ends at {until}", until=until),)
