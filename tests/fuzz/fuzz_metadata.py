"""Fuzz the metadata of files: reading never fails, and what can be labelled says afterwards what was written."""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["promo.visual.file"]):
    from promo.visual.file.metadata import Metadata, read_metadata, with_metadata

LABEL = Metadata(alt={"zh": "花园"}, creators=("A & B",))
MIMES = (b"\xff\xd8", "image/jpeg"), (b"\x89PNG", "image/png"), (b"RIFF", "image/webp")


def one(data: bytes) -> None:
    """Read the bytes as a picture's metadata, then write others into it."""
    if data.startswith(b"%PDF"):
        return  # a library reads those
    read_metadata(data)
    for start, mime in MIMES:
        if data.startswith(start):
            try:
                labelled = with_metadata(data, mime, LABEL)
            except ValueError:
                continue
            assert read_metadata(labelled) == LABEL
            assert with_metadata(labelled, mime, LABEL) == labelled


atheris.Setup(sys.argv, one)
atheris.Fuzz()
