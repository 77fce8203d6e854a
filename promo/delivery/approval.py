"""Approval: who has said yes to which exact content and bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection, select

from promo.store.tables import approvals

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from typing import Any


def outstanding(approval: Mapping[str, Any] | None, given: Collection[str]) -> list[str]:
    """Return the stages of the approval rule that nobody has approved yet, in order."""
    return [stage for stage in (approval or {}).get("stages", ()) if stage not in given]


def given_stages(connection: Connection, delivery: str, digest: str) -> set[str]:
    """Return the stages that approved exactly this content."""
    return set(
        connection.execute(
            select(approvals.c.stage).where(
                approvals.c.delivery == delivery,
                approvals.c.digest == digest,
                approvals.c.decision == "approved",
                approvals.c.void.is_(False),
            )
        ).scalars()
    )


def approved_bytes(connection: Connection, delivery: str, digest: str) -> set[str]:
    """Return the digests of the rendered bytes that were shown to those who approved this content."""
    return set(
        connection.execute(
            select(approvals.c.visual_digest).where(
                approvals.c.delivery == delivery,
                approvals.c.digest == digest,
                approvals.c.decision == "approved",
                approvals.c.void.is_(False),
                approvals.c.visual_digest.is_not(None),
            )
        ).scalars()
    )
