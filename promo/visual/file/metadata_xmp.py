"""XMP: metadata as an RDF packet, and back. Facts: ISO 16684-1:2019; IPTC Photo Metadata Standard 2025.1."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat
from xml.sax.saxutils import escape

from promo.visual.file.metadata_model import LONGEST, MOST_KEYWORDS, Aigc, Metadata, Origin, shortened

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_SPACES = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "xmpRights": "http://ns.adobe.com/xap/1.0/rights/",
    "Iptc4xmpCore": "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/",
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    "TC260": "http://www.tc260.org.cn/ns/AIGC/1.0/",  # TC260-PG-20258A (2025-08), pictures
}
_ORIGINS = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_AIGC = {  # GB 45438-2025: the keys of the JSON text below `AIGC`, in its order
    "Label": "label",
    "ContentProducer": "producer",
    "ProduceID": "produce_id",
    "ReservedCode1": "reserved1",
    "ContentPropagator": "propagator",
    "PropagateID": "propagate_id",
    "ReservedCode2": "reserved2",
}
_TOOL = "promo"
_HEAD = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
    f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{_RDF}"><rdf:Description rdf:about=""'
)
_TAIL = '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
_DEEPEST = 32  # elements in one another; what is written here has six


def xmp_packet(metadata: Metadata) -> bytes:
    """Return the XMP packet (UTF-8, with its wrapper) that says what `metadata` says. Same input, same bytes."""
    parts = [
        _languages("dc:title", metadata.title),
        _languages("dc:description", metadata.description),
        _list("dc:creator", "Seq", metadata.creators),
        _languages("dc:rights", metadata.rights),
        _list("dc:subject", "Bag", metadata.keywords[:MOST_KEYWORDS]),
        _simple("photoshop:Credit", metadata.credit),
        _simple("photoshop:Source", metadata.source),
        _simple("xmp:CreatorTool", _TOOL),
        "<xmpRights:Marked>True</xmpRights:Marked>" if metadata.rights else "",
        _languages("xmpRights:UsageTerms", {"x-default": metadata.licence} if metadata.licence else {}),
        _simple("xmpRights:WebStatement", metadata.web_statement),
        _languages("Iptc4xmpCore:AltTextAccessibility", metadata.alt),
        _simple("Iptc4xmpExt:DigitalSourceType", _ORIGINS + metadata.origin if metadata.origin else ""),
        _simple("TC260:AIGC", aigc_json(metadata.aigc) if metadata.aigc else "", longest=4 * LONGEST),
    ]
    body = "".join(parts)
    spaces = "".join(f' xmlns:{prefix}="{space}"' for prefix, space in _SPACES.items() if f"<{prefix}:" in body)
    return f"{_HEAD}{spaces}>{body}{_TAIL}".encode()


def aigc_json(aigc: Aigc) -> str:
    """Return the JSON text of the implicit label, its seven keys in the standard's order."""
    fields = {key: shortened(getattr(aigc, name), 400) for key, name in _AIGC.items()}
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


def read_xmp(packet: bytes) -> Metadata:
    """Return what a packet says; empty where it is no XML, holds a document type, or nests absurdly deep."""
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = reader.refuse
    try:
        parser.Parse(packet, True)
    except (expat.ExpatError, _Refused, ValueError, LookupError):  # Lookup: an encoding nobody knows
        return Metadata()
    return reader.metadata()


class _Refused(Exception):
    pass


@dataclass
class _Reader:
    """Collects properties of rdf:Description: elements and attributes, lists and texts by language."""

    texts: dict[str, dict[str, str]] = field(default_factory=dict)  # property → language (or number) → text
    _stack: list[str] = field(default_factory=list)
    _property: str = ""
    _key: str = ""
    _items: int = 0
    _content: list[str] = field(default_factory=list)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._stack.append(tag)
        if len(self._stack) > _DEEPEST:
            raise _Refused
        if tag == f"{_RDF} Description" and not self._property:
            for name, value in attributes.items():
                self._keep(name, "", value)
        elif len(self._stack) > 1 and self._stack[-2] == f"{_RDF} Description" and not self._property:
            self._property, self._key, self._items, self._content = tag, "", 0, []
            for name, value in attributes.items():
                if name == f"{_RDF} resource":
                    self._keep(tag, "", value)
        elif tag == f"{_RDF} li" and self._property:
            language = attributes.get("http://www.w3.org/XML/1998/namespace lang")
            self._key, self._items = language or str(self._items), self._items + 1
            self._content = []

    def end(self, tag: str) -> None:
        self._stack.pop()
        if not self._property:
            return
        if tag == f"{_RDF} li":
            self._keep(self._property, self._key, "".join(self._content))
            self._content = []
        elif tag == self._property and self._stack and self._stack[-1] == f"{_RDF} Description":
            plain = "".join(self._content)
            if plain.strip():
                self._keep(tag, "", plain)
            self._property = ""

    def text(self, content: str) -> None:
        if self._property:
            self._content.append(content)

    def refuse(self, *_declaration: object) -> None:
        raise _Refused

    def _keep(self, tag: str, key: str, value: str) -> None:
        space, _space, name = tag.rpartition(" ")
        for prefix, known in _SPACES.items():
            if space == known:
                self.texts.setdefault(f"{prefix}:{name}", {})[key] = value

    def metadata(self) -> Metadata:
        return Metadata(
            title=self._languages("dc:title"),
            description=self._languages("dc:description"),
            alt=self._languages("Iptc4xmpCore:AltTextAccessibility"),
            rights=self._languages("dc:rights"),
            creators=tuple(self.texts.get("dc:creator", {}).values()),
            credit=self._simple("photoshop:Credit"),
            source=self._simple("photoshop:Source"),
            licence=self._simple("xmpRights:UsageTerms"),
            web_statement=self._simple("xmpRights:WebStatement"),
            keywords=tuple(self.texts.get("dc:subject", {}).values()),
            origin=_origin(self._simple("Iptc4xmpExt:DigitalSourceType")),
            aigc=_aigc(self._simple("TC260:AIGC")),
        )

    def _simple(self, name: str) -> str:
        return next(iter(self.texts.get(name, {}).values()), "")

    def _languages(self, name: str) -> dict[str, str]:
        found = dict(self.texts.get(name, {}))
        default = found.pop("x-default", None)
        if default is not None and default not in found.values():
            found = {"x-default": default, **found}
        return found


def _origin(term: str) -> Origin | None:
    name = term.strip().rpartition("/")[2]
    return Origin(name) if name in set(Origin) else None


def _aigc(text: str) -> Aigc | None:
    try:
        fields: Any = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(fields, dict) and isinstance(fields.get("AIGC"), dict):  # some write the key once more inside
        fields = fields["AIGC"]
    if not isinstance(fields, dict) or "Label" not in fields:
        return None
    return Aigc(**{name: str(fields.get(key, "")) for key, name in _AIGC.items()})


def _simple(name: str, text: str, longest: int = LONGEST) -> str:
    return f"<{name}>{_escaped(text, longest)}</{name}>" if text else ""


def _list(name: str, kind: str, texts: Iterable[str]) -> str:
    items = "".join(f"<rdf:li>{_escaped(text)}</rdf:li>" for text in texts if text)
    return f"<{name}><rdf:{kind}>{items}</rdf:{kind}></{name}>" if items else ""


def _languages(name: str, texts: Mapping[str, str]) -> str:
    """A language alternative. Its first item must be the default one (ISO 16684-1, 8.2.2.4)."""
    said = {language: text for language, text in texts.items() if text}
    if not said:
        return ""
    said = {"x-default": next(iter(said.values())), **said}
    items = "".join(f'<rdf:li xml:lang="{_quoted(tag)}">{_escaped(text)}</rdf:li>' for tag, text in said.items())
    return f"<{name}><rdf:Alt>{items}</rdf:Alt></{name}>"


def _escaped(text: str, longest: int = LONGEST) -> str:
    return escape(shortened(text, longest))


def _quoted(text: str) -> str:
    return escape(shortened(text, 64), {'"': "&quot;", "\n": " ", "\t": " "})
