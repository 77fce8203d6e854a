"""One digest over every file a plan is made from."""

from __future__ import annotations

from hashlib import file_digest, sha256
from typing import TYPE_CHECKING

from promo.workspace import FILE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from promo.workspace import Workspace

LOCAL_FILE = "promo.local.yaml"


def files_digest(workspace: Workspace) -> str:
    """Return a digest over names and bytes of promo.yaml, the campaigns with their tables, and the assets, in hex."""
    total = sha256()
    for path in _files(workspace):
        with path.open("rb") as stream:
            content = file_digest(stream, "sha256").hexdigest()
        total.update(f"{path.relative_to(workspace.root).as_posix()}\0{content}\n".encode("utf-8", "surrogateescape"))
    return total.hexdigest()


def _files(workspace: Workspace) -> Iterator[Path]:
    yield from (path for name in (FILE, LOCAL_FILE) if (path := workspace.root / name).is_file())
    for folder in (workspace.campaign_folder, workspace.asset_folder):
        # Hidden files are editors' and systems' own: swap files, .DS_Store.
        yield from sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
