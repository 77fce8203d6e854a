"""Where the brand stands: its audience, what it promises, and how it differs."""

from __future__ import annotations

from pydantic import Field

from promo.source.value import LocalText, Said
from promo.workspace import Frozen


class Swot(Frozen):
    """Strengths, weaknesses, opportunities, threats: one short line each."""

    strengths: tuple[LocalText, ...] = ()
    weaknesses: tuple[LocalText, ...] = ()
    opportunities: tuple[LocalText, ...] = ()
    threats: tuple[LocalText, ...] = ()


class Competitor(Frozen):
    """Who else the audience may choose, and what sets the brand apart from it."""

    name: LocalText
    difference: LocalText


class Positioning(Frozen):
    """For whom the brand is, what it promises, and how it differs."""

    audience: tuple[LocalText, ...] = Field(min_length=1)
    core_value: Said
    proposition: Said
    slogan: Said
    personality: tuple[LocalText, ...] = ()
    competitors: tuple[Competitor, ...] = ()
    swot: Swot = Swot()
