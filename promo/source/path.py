"""Paths that files name: they stay below the folder they start from."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from promo.errors import UserMistake
from promo.language import _
from promo.source.problem import Position, Problem


def inside(root: Path, name: str) -> Path:
    """Return `root/name`, resolved. Raises UserMistake where that leaves `root`, by `..`, `/` or a link."""
    leaves = UserMistake(
        _("the path {name} leaves the folder {folder}", name=f"`{name}`", folder=f"`{root.name or root}`"),
        hint=_("name a file below that folder"),
    )
    plain = name.replace("\\", "/")
    if not plain.strip() or "\0" in plain:
        raise UserMistake(_("a path is empty or holds a NUL byte"))
    if PurePosixPath(plain).is_absolute() or plain[1:2] == ":" or ".." in PurePosixPath(plain).parts:
        raise leaves
    try:
        base = root.resolve()
        target = (base / plain).resolve()
    except (OSError, RuntimeError):
        raise UserMistake(_("the path {name} cannot be followed", name=f"`{name}`")) from None
    if not target.is_relative_to(base):
        raise leaves
    return target


def shown_path(path: Path, root: Path) -> Path:
    """Return `path` as people read it in messages: relative to `root` where it lies below."""
    try:
        return path.relative_to(root)
    except ValueError:
        return path


def link_elsewhere(path: Path, folder: Path, root: Path) -> Problem | None:
    """Return a problem where `path` is a link out of `folder`: it is not read then, so no excerpt shows its lines.

    The problem names the file relative to `root`.
    """
    try:
        inside(folder, path.relative_to(folder).as_posix())
    except UserMistake as mistake:
        at = Position(file=shown_path(path, root))
        return Problem(code="path-leaves", message=mistake.message, hint=mistake.hint, at=at)
    return None
