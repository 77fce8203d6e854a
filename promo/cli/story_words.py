"""The words of a delivery's history: events, outcomes of attempts, metrics, origins."""

from __future__ import annotations

from promo.delivery.state import State, word
from promo.language import _


def in_words(column: str, value: str) -> str:
    """Return what a code of the ledger is called in the language in force; one without a name stays as it is."""
    if column == "metric":
        from promo.report.words import metric_name

        return metric_name(value)
    if column == "origin":
        from promo.report.words import origin_name
        from promo.store.origin import Origin

        return origin_name(Origin(value))
    if column not in ("event", "outcome", "decision"):
        return value
    if value in set(State):
        return word(value)
    return {
        "absent": _("never arrived"),
        "access_lost": _("access lost"),
        "approved": _("approved"),
        "changed": _("changed"),
        "claimed": _("claimed"),
        "collect_failed": _("counts not read"),
        "found": _("looked up"),
        "freed": _("free again"),
        "handover": _("handed over"),
        "held": _("held"),
        "late_receipt": _("late receipt"),
        "logged": _("number entered"),
        "lookup_failed": _("look-up failed"),
        "needs_person": _("needs a person"),
        "not_ready": _("not ready"),
        "not_supported": _("not supported"),
        "proof": _("proof"),
        "resolved": _("resolved"),
        "retry": _("tried again by hand"),
        "try_again": _("again later"),
        "unknown": _("outcome unknown"),
        "withdrawn": _("withdrawn by a plan"),
    }.get(value, value)
