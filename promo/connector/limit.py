"""Holding a request against a channel's limits, the same way for every connector."""

from __future__ import annotations

from typing import TYPE_CHECKING

from promo.connector.count import count_text
from promo.errors import NotSupported, Rejected
from promo.language import _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from promo.connector.capabilities import Capabilities, MediaLimit, TextLimit
    from promo.connector.request import Media, PublishRequest


def enforce_limits(request: PublishRequest, limits: Capabilities) -> None:
    """Refuse what the channel would refuse, before a byte leaves: call it first in `publish`.

    Raises Rejected with every breach in one line, NotSupported for a first comment that is not declared.
    """
    if request.reply_to is not None and not limits.first_comment:
        raise NotSupported(_("this channel takes no first comment"))
    breaches = list(find_breaches(request, limits))
    if breaches:
        raise Rejected("; ".join(breaches))


def find_breaches(request: PublishRequest, limits: Capabilities) -> Iterator[str]:
    """Yield one line for each limit the request breaks; nothing when it fits."""
    if limits.needs_title and not request.title.strip():
        yield _("a title is needed")
    if limits.needs_body and not request.body.strip():
        yield _("a body text is needed")
    posts = (request.text, *request.thread)
    if len(posts) > limits.thread:
        yield _("{count} posts in the thread, {limit} allowed", count=len(posts), limit=limits.thread)
    if limits.text is not None:
        for text in posts:
            yield from _text_breaches(text, limits.text)
    videos = [medium for medium in request.media if medium.mime.startswith("video/")]
    images = [medium for medium in request.media if not medium.mime.startswith("video/")]
    yield from _media_breaches(images, limits.images)
    yield from _media_breaches(videos, limits.videos)


def _text_breaches(text: str, limit: TextLimit) -> Iterator[str]:
    length = count_text(text, limit)
    if length > limit.limit:
        yield _("the text counts {length}, {limit} allowed", length=length, limit=limit.limit)


def _media_breaches(media: list[Media], limit: MediaLimit) -> Iterator[str]:
    if len(media) > limit.count:
        yield _("{count} pictures or videos, {limit} allowed", count=len(media), limit=limit.count)
    for medium in media:
        name = medium.path.name
        if not medium.path.is_file():
            yield _("{file} is missing", file=name)
            continue
        if limit.types and medium.mime not in limit.types:
            yield _("{file} is {mime}, allowed: {types}", file=name, mime=medium.mime, types=", ".join(limit.types))
        size = medium.path.stat().st_size
        if limit.max_bytes is not None and size > limit.max_bytes:
            yield _("{file} has {size} bytes, {limit} allowed", file=name, size=size, limit=limit.max_bytes)
        pixels = medium.width * medium.height
        if limit.max_pixels is not None and pixels > limit.max_pixels:
            yield _("{file} has {pixels} pixels, {limit} allowed", file=name, pixels=pixels, limit=limit.max_pixels)
        if pixels:
            yield from _ratio_breaches(name, medium.width / medium.height, limit)
        if limit.alt_text and len(medium.alt) > limit.alt_text:
            yield _(
                "the alternative text of {file} has {length} characters, {limit} allowed",
                file=name,
                length=len(medium.alt),
                limit=limit.alt_text,
            )


def _ratio_breaches(name: str, ratio: float, limit: MediaLimit) -> Iterator[str]:
    if limit.min_ratio is not None and ratio < limit.min_ratio:
        yield _("{file} is too tall: width ÷ height is {ratio}", file=name, ratio=f"{ratio:.2f}")
    if limit.max_ratio is not None and ratio > limit.max_ratio:
        yield _("{file} is too wide: width ÷ height is {ratio}", file=name, ratio=f"{ratio:.2f}")
