"""What makes a document PDF/X-4 (ISO 15930-7:2010), and what it says of itself."""

from __future__ import annotations

import hashlib
import uuid
from datetime import UTC, datetime

import pikepdf

from promo.visual.pdf.colour import PrintSettings

VERSION = "PDF/X-4"
PRODUCER = "promo"
UNDATED = datetime(2000, 1, 1, tzinfo=UTC)  # the standard wants a date; the day of making would change the bytes
_REGISTRY = "http://www.color.org"


def conform(
    pdf: pikepdf.Pdf, settings: PrintSettings, *, title: str, packet: bytes, created: datetime = UNDATED
) -> None:
    """Write document information, XMP and, with a profile, the output intent and the keys of PDF/X-4.

    `packet` is the XMP that says whose the pictures are; what print asks for is added to it.
    """
    stamp = created.astimezone(UTC)
    info = pdf.docinfo
    info.Title, info.Producer, info.Creator = title, PRODUCER, PRODUCER
    info.CreationDate = info.ModDate = pikepdf.String(stamp.strftime("D:%Y%m%d%H%M%SZ"))
    info.Trapped = pikepdf.Name("/False")
    if packet:
        metadata = pikepdf.Stream(pdf, packet)
        metadata.Type, metadata.Subtype = pikepdf.Name.Metadata, pikepdf.Name.XML
        pdf.Root.Metadata = pdf.make_indirect(metadata)
    identity = uuid.UUID(bytes=hashlib.sha256(packet + title.encode()).digest()[:16], version=4)
    moment = stamp.isoformat(timespec="seconds").replace("+00:00", "Z")
    with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as xmp:
        if "dc:title" not in xmp:
            xmp["dc:title"] = title
        xmp["dc:format"] = "application/pdf"
        for name in ("xmp:CreateDate", "xmp:ModifyDate", "xmp:MetadataDate"):
            xmp[name] = moment
        xmp["pdf:Producer"], xmp["pdf:Trapped"] = PRODUCER, "False"
        xmp["xmpMM:DocumentID"] = identity.urn
        xmp["xmpMM:VersionID"], xmp["xmpMM:RenditionClass"] = "1", "default"
        if settings.profile:
            xmp["pdfxid:GTS_PDFXVersion"] = VERSION
    if settings.profile:
        info.GTS_PDFXVersion = VERSION
        _output_intent(pdf, settings, settings.profile)


def _output_intent(pdf: pikepdf.Pdf, settings: PrintSettings, profile: bytes) -> None:
    stream = pikepdf.Stream(pdf, profile)
    stream.N, stream.Alternate = 4, pikepdf.Name.DeviceCMYK
    condition = settings.condition or "Custom"
    intent = pikepdf.Dictionary(
        Type=pikepdf.Name.OutputIntent,
        S=pikepdf.Name.GTS_PDFX,
        OutputConditionIdentifier=condition,
        OutputCondition=condition,
        Info=condition,
        DestOutputProfile=pdf.make_indirect(stream),
    )
    if settings.condition:
        intent.RegistryName = _REGISTRY
    pdf.Root.OutputIntents = pikepdf.Array([pdf.make_indirect(intent)])
