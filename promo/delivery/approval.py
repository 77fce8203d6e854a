"""Approval: who has said yes to which exact content and bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection, Row, select

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


def approved_many(connection: Connection, rows: Collection[Row[Any]]) -> dict[str, frozenset[str]]:
    """Return, for each of these deliveries, the digests of the bytes shown to those who approved its present content.

    Deliveries nobody approved such bytes of are left out.
    """
    if not rows:
        return {}
    contents = {row.id: row.digest for row in rows}
    found: dict[str, set[str]] = {}
    for row in connection.execute(
        select(approvals.c.delivery, approvals.c.digest, approvals.c.visual_digest).where(
            approvals.c.delivery.in_(contents),
            approvals.c.decision == "approved",
            approvals.c.void.is_(False),
            approvals.c.visual_digest.is_not(None),
        )
    ):
        if row.digest == contents[row.delivery]:
            found.setdefault(row.delivery, set()).add(row.visual_digest)
    return {delivery: frozenset(digests) for delivery, digests in found.items()}
