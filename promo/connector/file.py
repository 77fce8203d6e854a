"""Files a connector leaves behind: safe names, and folders that appear whole or not at all."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from promo.errors import Rejected, TryAgain
from promo.language import _

_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]+')  # what Windows, macOS or Linux refuse in a file name
HIDDEN = ".in-progress-"  # prefix of a folder not yet whole


def safe_name(text: str, *, limit: int = 60) -> str:
    """Return `text` as one file name every system takes: no separators, no leading or trailing dots, never empty.

    `limit` counts characters; with Chinese text 60 characters stay under the 255 bytes of a Linux name.
    """
    return _UNSAFE.sub("-", text).strip(" .-")[:limit].rstrip(" .-") or "_"


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


def remove_folder(target: Path) -> None:
    """Remove the folder in one step; one that is gone already is no error. Raises TryAgain."""
    try:
        bin_ = Path(tempfile.mkdtemp(prefix=HIDDEN, dir=target.parent))
        target.rename(bin_ / "gone")
        shutil.rmtree(bin_)
    except FileNotFoundError:
        if target.parent.is_dir():
            shutil.rmtree(bin_, ignore_errors=True)
    except OSError as error:
        raise TryAgain(_("cannot remove {folder}: {reason}", folder=target, reason=error.strerror)) from None


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
