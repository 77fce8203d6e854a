"""Proofs: a photo or document is copied into the workspace under the digest of its bytes."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from promo.errors import NotFound, UserMistake
from promo.language import _

if TYPE_CHECKING:
    from promo.workspace import Workspace

LARGEST = 64 * 1024 * 1024  # bytes; a phone's photo has 5 to 15 MB
_PICTURES = {".jpg", ".jpeg", ".png", ".webp", ".heic", ".gif", ".tif", ".tiff"}
_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}", re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptProof:
    """A proof in the workspace: `file` relative to its root, with `/`; `kind` is photo or document."""

    file: str
    sha256: str
    kind: str


def keep_proof(workspace: Workspace, source: Path) -> KeptProof:
    """Copy `source` to `.promo/proofs/<sha256>.<ext>`; the same bytes are kept once.

    Raises NotFound, and UserMistake for anything but a readable regular file of at most 64 MiB.
    """
    suffix = source.suffix.lower()
    suffix = suffix if _SUFFIX.fullmatch(suffix) else ""
    folder = workspace.state_folder / "proofs"
    try:
        # Not blocking: opening a named pipe would otherwise wait for ever.
        handle = os.open(source, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        raise NotFound(_("there is no file {file}", file=source)) from None
    except OSError as error:
        raise UserMistake(_("{file} cannot be read: {why}", file=source, why=error.strerror)) from None
    facts = os.fstat(handle)
    if not stat.S_ISREG(facts.st_mode):
        os.close(handle)
        raise UserMistake(_("{file} is no file: a proof is a photo or a document", file=source))
    with os.fdopen(handle, "rb") as proof:
        if not 0 < facts.st_size <= LARGEST:
            raise UserMistake(
                _("{file} has {size} bytes: a proof has 1 byte to 64 MiB", file=source, size=facts.st_size)
            )
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".new-", delete=False) as copy:
            try:
                shutil.copyfileobj(proof, copy)
                copy.flush()
                os.fsync(copy.fileno())
                copied = Path(copy.name)
                digest = _digest(copied)
                kept = folder / f"{digest}{suffix}"
                copied.replace(kept)
            except BaseException:
                Path(copy.name).unlink(missing_ok=True)
                raise
    return KeptProof(
        file=kept.relative_to(workspace.root).as_posix(),
        sha256=digest,
        kind="photo" if suffix in _PICTURES else "document",
    )


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
