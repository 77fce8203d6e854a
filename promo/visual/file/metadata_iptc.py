"""IPTC IIM: the short records older desks read from JPEGs. Facts: IPTC-NAA IIM 4.2; Photoshop image resources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from promo.visual.file.metadata_model import Metadata, shortened

HEADER = b"Photoshop 3.0\0"
_RESOURCE = b"8BIM\x04\x04\0\0"  # resource 0x0404, an empty name padded to two bytes
_UTF8 = b"\x1b%G"  # 1:90, the escape that announces UTF-8
_TITLE, _KEYWORD, _CREATOR, _CREDIT, _SOURCE, _RIGHTS, _CAPTION = 5, 25, 80, 110, 115, 116, 120
_LONGEST = {_TITLE: 64, _KEYWORD: 64, _CREATOR: 32, _CREDIT: 32, _SOURCE: 32, _RIGHTS: 128, _CAPTION: 2000}  # bytes


def iptc_block(metadata: Metadata) -> bytes:
    """Return the content of a JPEG's APP13 segment, cut to the lengths IIM allows; empty where nothing is said."""
    wanted = [
        (_TITLE, _first(metadata.title)),
        *((_KEYWORD, word) for word in metadata.keywords[:64]),
        *((_CREATOR, name) for name in metadata.creators),
        (_CREDIT, metadata.credit),
        (_SOURCE, metadata.source),
        (_RIGHTS, _first(metadata.rights)),
        (_CAPTION, _first(metadata.description)),
    ]
    records = b"".join(_record(2, number, _cut(text, _LONGEST[number])) for number, text in wanted if text)
    if not records:
        return b""
    records = _record(1, 90, _UTF8) + _record(2, 0, b"\0\4") + records
    return HEADER + _RESOURCE + len(records).to_bytes(4, "big") + records + b"\0" * (len(records) % 2)


def read_iptc(block: bytes) -> Metadata:
    """Return what the records of an APP13 segment say; what is broken is passed over."""
    said: dict[int, list[str]] = {}
    encoding = "latin-1"
    for record, number, value in _records(_resource(block)):
        if (record, number) == (1, 90) and value == _UTF8:
            encoding = "utf-8"
        elif record == 2 and number in _LONGEST:
            said.setdefault(number, []).append(value.decode(encoding, "replace").replace("\0", ""))
    one = {number: texts[0] for number, texts in said.items()}
    return Metadata(
        title=_default(one.get(_TITLE, "")),
        description=_default(one.get(_CAPTION, "")),
        rights=_default(one.get(_RIGHTS, "")),
        creators=tuple(said.get(_CREATOR, ())),
        credit=one.get(_CREDIT, ""),
        source=one.get(_SOURCE, ""),
        keywords=tuple(said.get(_KEYWORD, ())),
    )


def _record(record: int, number: int, value: bytes) -> bytes:
    return bytes((0x1C, record, number)) + len(value).to_bytes(2, "big") + value


def _records(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    at = 0
    while at + 5 <= len(data) and data[at] == 0x1C:
        length = int.from_bytes(data[at + 3 : at + 5], "big")
        if length & 0x8000:  # an extended length: larger than any text read here
            return
        yield data[at + 1], data[at + 2], data[at + 5 : at + 5 + length]
        at += 5 + length


def _resource(block: bytes) -> bytes:
    at = len(HEADER)
    while block[at : at + 4] == b"8BIM":
        name_end = at + 6 + (block[at + 6] + 2 & ~1 if at + 6 < len(block) else 2)
        length = int.from_bytes(block[name_end : name_end + 4], "big")
        if block[at + 4 : at + 6] == b"\x04\x04":
            return block[name_end + 4 : name_end + 4 + length]
        at = name_end + 4 + length + length % 2
    return b""


def _cut(text: str, longest: int) -> bytes:
    return shortened(text).encode()[:longest].decode("utf-8", "ignore").encode()


def _first(texts: Mapping[str, str]) -> str:
    return next((text for text in texts.values() if text), "")


def _default(text: str) -> dict[str, str]:
    return {"x-default": text} if text else {}
