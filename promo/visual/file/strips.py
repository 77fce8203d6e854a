"""A picture encoded in strips that stand alone, so that after a change only the strips it touches are encoded again.

Thousands of cards differ in their QR code alone: a sixth of their rows. A file is the same bytes whether it was
encoded whole or put together from strips.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from PIL import Image

Encoder = Callable[[Image.Image], tuple[bytes, ...]]


@dataclass(frozen=True, kw_only=True)
class Strips:
    """`parts` are the encoded strips from the top, each of `rows` rows, the last may have fewer.

    `encoder` encodes rows that begin at a strip's edge; `joined` makes the file of the parts.
    """

    rows: int
    parts: tuple[bytes, ...]
    encoder: Encoder
    joiner: Callable[[tuple[bytes, ...]], bytes]

    @property
    def size(self) -> int:
        """Return the bytes the strips hold."""
        return sum(map(len, self.parts))

    def around(self, top: int, bottom: int, height: int) -> tuple[int, int]:
        """Return the first row and the row after the last of the strips that rows `top` to `bottom` touch."""
        return top // self.rows * self.rows, min(height, -(-bottom // self.rows) * self.rows)

    def changed(self, area: Image.Image, top: int) -> Strips:
        """Return the strips with whole rows replaced by `area`; `top` and its end are edges as `around` gives them."""
        parts, first = self.encoder(area), top // self.rows
        return replace(self, parts=(*self.parts[:first], *parts, *self.parts[first + len(parts) :]))

    def joined(self) -> bytes:
        """Return the file."""
        return self.joiner(self.parts)
