"""Who is no visitor: robots by their user agent, and browsers that only fetch ahead."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crawlerdetect import CrawlerDetect

# Link-card fetchers that the library's list (JayBizzle/Crawler-Detect 1.4.1, 2026) lacks, as their operators name them.
_MORE = re.compile(r"Cardyb|GoogleImageProxy|WeChat-?WebPreview", re.ASCII | re.IGNORECASE)
_LONGEST = 512  # characters looked at; a longer one is cut, so that no header keeps the matcher busy


@cache
def _detector() -> CrawlerDetect:
    from crawlerdetect import CrawlerDetect

    return CrawlerDetect()


def is_robot(user_agent: str) -> bool:
    """Return True for crawlers, link-preview fetchers, scripts, and for no user agent at all."""
    agent = user_agent[:_LONGEST].strip()
    return not agent or bool(_MORE.search(agent)) or bool(_detector().is_crawler(agent))


def fetches_ahead(headers: Mapping[str, str]) -> bool:
    """Return True when the browser asks before anybody clicked. `headers` finds names in any case.

    `Sec-Purpose: prefetch[;prerender]` (WHATWG Fetch), `Purpose: prefetch` (Chrome before 2023, Safari's
    `preview`), `X-Moz: prefetch` (Firefox before 115).
    """
    said = " ".join(headers.get(name, "") for name in ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")).lower()
    return "prefetch" in said or "prerender" in said or "preview" in said
