"""What a request says about who asks: address, language, and whether it comes from this machine."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING

from promo.exposure.robot import fetches_ahead
from promo.exposure.visit import Visitor

if TYPE_CHECKING:
    from starlette.requests import Request

    from promo.language import Language

_HERE = {"localhost", "127.0.0.1", "[::1]", "::1"}
_FORWARDED = ("x-forwarded-for", "x-forwarded-host", "x-real-ip", "forwarded", "via")


def visitor_of(request: Request, *, proxies: int) -> Visitor:
    """Return who asks. Only a hash of it is kept, and only until the salt is forgotten."""
    return Visitor(
        address=address_of(request, proxies=proxies),
        user_agent=request.headers.get("user-agent", ""),
        ahead=request.method == "HEAD" or fetches_ahead(request.headers),
    )


def address_of(request: Request, *, proxies: int) -> str:
    """Return the client's address.

    `proxies` reverse proxies of our own each add one address to X-Forwarded-For, so the client's is that many from
    the right; anything further left came from the client and may be invented. 0: the header is not believed at all.
    """
    peer = request.client.host if request.client else ""
    if not proxies:
        return peer
    hops = [hop.strip() for line in request.headers.getlist("x-forwarded-for") for hop in line.split(",")]
    if len(hops) < proxies:
        return peer
    try:
        return str(ip_address(hops[-proxies]))
    except ValueError:
        return peer


def language_of(request: Request) -> Language:
    """Return the language to answer in: `?lang=`, else the first of Accept-Language that we speak, else English."""
    wished = request.query_params.get("lang", "")
    if wished in {"en", "zh"}:
        return "zh" if wished == "zh" else "en"
    ranked: list[tuple[float, int, str]] = []
    for place, part in enumerate(request.headers.get("accept-language", "")[:500].split(",")):
        tag, _semicolon, quality = part.partition(";")
        try:
            weight = float(quality.partition("=")[2] or 1)
        except ValueError:
            weight = 0.0
        ranked.append((-weight, place, tag.strip().lower().split("-")[0]))
    for weight, _place, tag in sorted(ranked):
        if weight < 0 and tag in {"en", "zh"}:
            return "zh" if tag == "zh" else "en"
    return "en"


def is_here(request: Request) -> bool:
    """Return whether a person at this very machine asks, by a name of this machine and through no proxy.

    The name is looked at because a foreign page may point a name of its own at 127.0.0.1 (DNS rebinding).
    """
    if request.client is None or any(name in request.headers for name in _FORWARDED):
        return False
    try:
        loopback = ip_address(request.client.host).is_loopback
    except ValueError:
        return False
    name = request.headers.get("host", "")
    name = name if name.endswith("]") else name.rsplit(":", 1)[0]
    return loopback and name.lower() in _HERE
