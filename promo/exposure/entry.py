"""Entries: numbers a person brings, with name and proof. Nothing is overwritten; a later value corrects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, insert, select

from promo.errors import NotFound, UserMistake
from promo.exposure.proof import keep_proof
from promo.exposure.value import parse_values
from promo.language import _
from promo.source.suggest import did_you_mean
from promo.source.value import Money
from promo.store.database import reading, transaction
from promo.store.origin import Origin
from promo.store.tables import campaigns, deliveries, events, proofs, samples

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from promo.clock import Clock
    from promo.workspace import Workspace

LONGEST_NOTE = 2000  # characters


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """What an entry speaks of: one delivery, or a whole campaign (`delivery` is None)."""

    campaign: str
    delivery: str | None
    currency: str | None  # ISO 4217, of the campaign's budget or spending goal


@dataclass(frozen=True, kw_only=True, slots=True)
class Entered:
    """What was written down. `proof` is the id of the proof's row, `file` its copy relative to the workspace."""

    subject: Subject
    values: Mapping[str, float]
    at: datetime
    proof: int | None
    file: str | None
    kind: str | None  # of the proof: photo | document


def find_subject(connection: Connection, name: str) -> Subject:
    """Find a delivery by its id or an unambiguous beginning of it, else a campaign by its name. Raises NotFound."""
    found = connection.execute(
        select(deliveries.c.id, deliveries.c.campaign).where(deliveries.c.id.startswith(name, autoescape=True)).limit(2)
    ).all()
    exact = [row for row in found if row.id == name]
    if len(exact or found) == 1:
        row = (exact or found)[0]
        return Subject(campaign=row.campaign, delivery=row.id, currency=_currency(connection, row.campaign))
    known = connection.execute(select(campaigns.c.campaign)).scalars().all()
    if name in known:
        return Subject(campaign=name, delivery=None, currency=_currency(connection, name))
    if len(found) > 1:
        raise NotFound(_("several deliveries begin with {name}", name=name), hint=_("give more of the id"))
    raise NotFound(_("there is no delivery or campaign {name}", name=name), hint=did_you_mean(name, known))


def _currency(connection: Connection, campaign: str) -> str | None:
    document: Mapping[str, Any] = connection.execute(
        select(campaigns.c.document).where(campaigns.c.campaign == campaign)
    ).scalar_one()
    for amount in ((document.get("budget") or {}).get("total"), (document.get("goals") or {}).get("spend")):
        if amount:
            return Money.parse(amount).currency
    return None


def log_entry(
    engine: Engine,
    subject: str,
    values: Sequence[str] | Mapping[str, float],
    *,
    by: str,
    workspace: Workspace,
    clock: Clock,
    proof: Path | None = None,
    note: str = "",
    at: datetime | None = None,
    add: bool = False,
) -> Entered:
    """Write down what a person counted: one sample a metric, and the proof, in one transaction.

    Of a delivery a proof may come without a number.

    `subject` is a delivery's id (or the beginning of one) or a campaign; `values` the words `metric=value`, or
    numbers already read (`spend` then in the campaign's currency). The latest value of a metric is the one that
    counts, so that logging again corrects; with `add` it comes on top. `at` is when it was counted (aware; now by
    default, never later). Raises UserMistake or NotFound, and then nothing is written.
    """
    now = clock.now()
    when = at or now
    if when.tzinfo is None or when > now:
        raise UserMistake(_("{at} has not come yet: log what was counted", at=when.isoformat(sep=" ")))
    if not by.strip():
        raise UserMistake(_("say who counted"), hint=_("as in: --by zhao"))
    if len(note) > LONGEST_NOTE:
        raise UserMistake(_("the note is longer than {count} characters", count=LONGEST_NOTE))
    with reading(engine) as connection:
        found = find_subject(connection, subject)
    words = [f"{metric}={value}" for metric, value in values.items()] if isinstance(values, Mapping) else values
    numbers = parse_values(words, currency=found.currency)
    if not numbers and (proof is None or found.delivery is None):  # a proof by itself can close a delivery's task
        raise UserMistake(_("nothing to log"), hint=_("as in: headcount=320"))
    kept = keep_proof(workspace, proof) if proof is not None else None
    with transaction(engine) as connection:
        proof_id: int | None = None
        if kept is not None:
            written = connection.execute(
                insert(proofs)
                .values(
                    delivery=found.delivery,
                    kind=kept.kind,
                    file=kept.file,
                    sha256=kept.sha256,
                    note=note,
                    by=by.strip(),
                    at=when,
                )
                .returning(proofs.c.id)
            )
            proof_id = written.scalar_one()
        rows = [
            {
                "delivery": found.delivery,
                "campaign": found.campaign,
                "metric": metric,
                "value": value,
                "origin": Origin.ENTERED,
                "at": when,
                "cumulative": not add,
                "source": by.strip(),
                "proof": proof_id,
                "note": note,
            }
            for metric, value in numbers.items()
        ]
        if rows:
            connection.execute(insert(samples), rows)
        detail = {"campaign": found.campaign, "values": numbers, "proof": kept.file if kept else None, "add": add}
        connection.execute(
            insert(events).values(delivery=found.delivery, at=now, what="logged", by=by.strip(), detail=detail)
        )
    return Entered(
        subject=found,
        values=numbers,
        at=when,
        proof=proof_id,
        file=kept.file if kept else None,
        kind=kept.kind if kept else None,
    )
