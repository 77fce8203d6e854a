"""The words of a file's metadata: whose it is, what it shows, and whether a machine drew it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

LONGEST = 2_000  # characters of one text, and bytes of one IIM caption (IPTC IIM 4.2, 2:120)
MOST_KEYWORDS = 64


class Origin(StrEnum):
    """How a picture was made: terms of IPTC's Digital Source Type vocabulary (cv.iptc.org, 2025)."""

    CAPTURED = "digitalCapture"
    DRAWN = "digitalCreation"
    GENERATED = "trainedAlgorithmicMedia"
    PARTLY_GENERATED = "compositeWithTrainedAlgorithmicMedia"

    @property
    def machine_made(self) -> bool:
        """Whether trained models drew it, or parts of it."""
        return self in (Origin.GENERATED, Origin.PARTLY_GENERATED)


@dataclass(frozen=True, kw_only=True, slots=True)
class Aigc:
    """China's implicit label of machine-made content: GB 45438-2025, annex on file metadata.

    `label` is 1 (machine-made), 2 (possibly) or 3 (suspected). The producer is a name or registered code, the id is
    that producer's own number of the content; the same for whoever spreads it.
    """

    label: str = "1"
    producer: str = ""
    produce_id: str = ""
    reserved1: str = ""
    propagator: str = ""
    propagate_id: str = ""
    reserved2: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Metadata:
    """The words a file carries. Texts in languages are mappings such as `{"zh": …, "en": …}`, the main one first."""

    title: Mapping[str, str] = field(default_factory=dict)
    description: Mapping[str, str] = field(default_factory=dict)
    alt: Mapping[str, str] = field(default_factory=dict)  # IPTC Alt Text (Accessibility)
    rights: Mapping[str, str] = field(default_factory=dict)  # the copyright notice
    creators: tuple[str, ...] = ()
    credit: str = ""
    source: str = ""
    licence: str = ""  # the terms of use, in words
    web_statement: str = ""  # a page that states the rights
    keywords: tuple[str, ...] = ()
    origin: Origin | None = None
    aigc: Aigc | None = None

    def __bool__(self) -> bool:
        """Whether it says anything."""
        return self != _NOTHING


_NOTHING = Metadata()


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """The blocks of metadata a file holds, as they stand in it; empty where it has none."""

    xmp: bytes = b""
    iptc: bytes = b""


def shortened(text: str, longest: int = LONGEST) -> str:
    """Return `text` in at most `longest` characters, without characters that XML cannot hold."""
    plain = "".join(char for char in text if char >= " " or char in "\n\t") if not text.isprintable() else text
    plain = plain.replace("\ufffe", "").replace("\uffff", "")
    plain = plain.encode("utf-8", "ignore").decode()  # halves of surrogate pairs
    return plain if len(plain) <= longest else plain[: longest - 1].rstrip() + "…"
