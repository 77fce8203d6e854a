"""Entering numbers with their proofs, and summing a campaign up."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from promo.app.names import campaign_names
from promo.delivery import steps
from promo.delivery.query import find
from promo.delivery.state import OUT, State
from promo.errors import NotFound, Refused, UserMistake
from promo.exposure.entry import Entered, log_entry
from promo.language import _
from promo.report.summary import summarize
from promo.source.suggest import did_you_mean

if TYPE_CHECKING:
    from promo.app.workspace import App
    from promo.report.model import Report


def log(
    app: App,
    subject: str,
    values: Sequence[str],
    *,
    proof: Path | None,
    task: str | None,
    note: str,
    by: str,
    add: bool,
) -> tuple[Entered, State | None]:
    """Write down what a person counted, and close the task that waited for it.

    Returns what was entered and, for a delivery, its state afterwards.
    """
    entered = log_entry(
        app.ledger,
        subject,
        values,
        by=by,
        workspace=app.workspace,
        clock=app.clock,
        proof=proof,
        note=note,
        add=add,
    )
    delivery = entered.subject.delivery
    if delivery is None:
        return entered, None
    for kind in (entered.kind, "headcount" if "headcount" in entered.values else None):
        if kind is None or find(app.ledger, delivery).state not in OUT:
            continue
        try:
            steps.close_with_proof(app.ledger, delivery, task=task, kind=kind, by=by, clock=app.clock, recorded=True)
        except Refused:
            if task is not None:  # a named task wants another proof; without a name the proof is simply kept
                raise
    return entered, State(find(app.ledger, delivery).state)


def report(app: App, campaign: str | None) -> Report:
    """Sum up one campaign; with one campaign in the ledger its name may be left out."""
    known = campaign_names(app)
    if campaign is None:
        if len(known) != 1:
            raise UserMistake(_("which campaign?"), hint=_("known: {words}", words=", ".join(known) or "–"))
        [campaign] = known
    if campaign not in known:
        raise NotFound(
            _("there is no campaign {name} in the ledger", name=campaign), hint=did_you_mean(campaign, known)
        )
    return summarize(app.ledger, campaign, now=app.clock.now())
