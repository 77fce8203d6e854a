"""Where a number comes from."""

from __future__ import annotations

from enum import StrEnum


class Origin(StrEnum):
    """The origin of a sample, from the one we trust most to the one we trust least.

    Two origins that speak of the same delivery and metric are never added: the first in this order counts,
    the others are shown beside it.
    """

    MEASURED = "measured"  # our own links, QR codes and visits
    ENTERED = "entered"  # a person, with name and proof
    REPORTED = "reported"  # the channel's own count
    ESTIMATED = "estimated"  # a formula, named in the sample's source
