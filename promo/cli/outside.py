"""Faults of the world outside, in one line each: a full disk, a locked database, a file in the way."""

from __future__ import annotations

from promo.language import _


def explain(error: Exception) -> str | None:
    """Return one line for a known fault of disk or database, else None."""
    from sqlalchemy.exc import DatabaseError, OperationalError

    if isinstance(error, OSError) and error.strerror:
        name = error.filename if isinstance(error.filename, str) else ""
        return _("{file}: {what}", file=name, what=error.strerror) if name else error.strerror
    if isinstance(error, OperationalError):
        words = str(error.orig)
        if "locked" in words:
            return _("the database is locked by another process; try again in a moment")
        if "disk is full" in words or "disk I/O" in words:
            return _("the disk of the database is full or failing: {what}", what=words)
        return _("the database cannot be used: {what}", what=words)
    if isinstance(error, DatabaseError):
        return _("the database cannot be used: {what}", what=str(error.orig))
    return None
