"""Files a connector leaves behind: safe names, and folders that appear whole or not at all."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from promo.errors import Rejected, TryAgain
from promo.language import _

if TYPE_CHECKING:
    from collections.abc import Callable

_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]+')  # what Windows, macOS or Linux refuse in a file name
HIDDEN = ".in-progress-"  # prefix of a folder not yet whole


def safe_name(text: str, *, limit: int = 60) -> str:
    """Return `text` as one file name every system takes: no separators, no leading or trailing dots, never empty.

    `limit` counts characters; it is cut to 180 bytes too, so that something can be added to a Linux name of 255.
    """
    plain = _UNSAFE.sub("-", text).strip(" .-")[:limit]
    return plain.encode()[:180].decode(errors="ignore").rstrip(" .-") or "_"


def create_folder(target: Path, fill: Callable[[Path], None]) -> bool:
    """Make the folder `target`, filled by `fill`, in one step. False when it was there already: nothing is changed.

    It is filled beside its place and renamed, so a killed process leaves a hidden folder, never half a result.
    Raises TryAgain when the disk does not let us (full, read-only), Rejected from `fill`.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=HIDDEN, dir=target.parent))
    except OSError as error:
        raise TryAgain(_("cannot write in {folder}: {reason}", folder=target.parent, reason=error.strerror)) from None
    try:
        draft.chmod(0o755)  # mkdtemp makes it private; these folders are for people to open
        fill(draft)
        for file in draft.rglob("*"):
            if file.is_file():
                _flush(file)
        draft.rename(target)  # refuses a folder that holds anything: of two processes one wins
        _flush(target.parent)
    except OSError as error:
        if target.is_dir():
            return False
        raise TryAgain(_("cannot write in {folder}: {reason}", folder=target.parent, reason=error.strerror)) from None
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return True


def create_file(target: Path, content: bytes) -> bool:
    """Write the file `target` in one step. False when it was there already: nothing is changed. Raises TryAgain."""

    def put(draft: Path) -> None:
        try:
            os.link(draft, target)  # unlike a rename it never replaces what is there
        except FileExistsError:
            raise
        except OSError:  # a file system without hard links
            with target.open("xb") as file:
                file.write(content)

    return _write_file(target, content, put)


def replace_file(target: Path, content: bytes) -> None:
    """Write the file `target` in one step, in place of the one that may be there. Raises TryAgain."""
    _write_file(target, content, lambda draft: draft.replace(target))


def _write_file(target: Path, content: bytes, put: Callable[[Path], object]) -> bool:
    draft = target.parent / f"{HIDDEN}{secrets.token_hex(8)}"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(content)
        _flush(draft)
        put(draft)
        _flush(target.parent)
    except OSError as error:
        if isinstance(error, FileExistsError) and target.is_file():
            return False
        raise TryAgain(_("cannot write in {folder}: {reason}", folder=target.parent, reason=error.strerror)) from None
    finally:
        with suppress(OSError):
            draft.unlink()
    return True


def remove_file(target: Path) -> None:
    """Remove the file; one that is gone already is no error. Raises TryAgain."""
    try:
        target.unlink(missing_ok=True)
    except OSError as error:
        raise TryAgain(_("cannot remove {file}: {reason}", file=target, reason=error.strerror)) from None


def remove_folder(target: Path) -> None:
    """Remove the folder in one step; one that is gone already is no error. Raises TryAgain."""
    if not target.exists():
        return
    waste = target.parent / f"{HIDDEN}{secrets.token_hex(8)}"
    try:
        target.rename(waste)
        shutil.rmtree(waste)
    except FileNotFoundError:
        return  # another process was quicker
    except OSError as error:
        raise TryAgain(_("cannot remove {file}: {reason}", file=target, reason=error.strerror)) from None


def child(folder: Path, name: str) -> Path:
    """Return `folder/name`. Raises Rejected unless `name` is one plain name: ids come from outside."""
    if name in ("", ".", "..") or _UNSAFE.search(name) or name.startswith(HIDDEN):
        raise Rejected(_("{name} is no id of this channel", name=repr(name)))
    return folder / name


def _flush(path: Path) -> None:
    """Push a file's or folder's content to the disk: a receipt must not outlive what it speaks of."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
