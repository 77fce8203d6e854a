"""The states of a delivery and every step between them: the table that each write goes by, and its picture."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Self

from promo.language import _

if TYPE_CHECKING:
    from collections.abc import Mapping


class State(StrEnum):
    """Where a delivery stands. `note` is one line for the documentation."""

    note: str

    PLANNED = "planned", "a first comment; waits until its post is published"
    AWAITING_APPROVAL = "awaiting_approval", "waits for people to approve its exact text and picture"
    SCHEDULED = "scheduled", "goes out when it is due"
    PUBLISHING = "publishing", "a worker holds it: its attempt is written, its answer is not"
    PENDING = "pending", "the channel took it and finishes later; it is looked up again"
    HANDED_OVER = "handed_over", "a person has it in hand; a proof closes it"
    PUBLISHED = "published", "it is out, and we hold the receipt"
    DONE = "done", "its proofs are in"
    UNCERTAIN = "uncertain", "it may be out or not; never sent again blindly"
    FAILED = (
        "failed",
        "the channel refuses it, its picture could not be rendered or breaks the style guide, or its tries are spent",
    )
    MISSED = "missed", "its window passed before it could go out"
    REJECTED = "rejected", "a person refused it"
    CANCELLED = "cancelled", "taken back by a plan, by a person, or because its post will not appear"

    def __new__(cls, value: str, note: str = "") -> Self:
        """Make a member: its value is the word in the ledger."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.note = note
        return member


class Outcome(StrEnum):
    """What became of one attempt."""

    PUBLISHED = "published"
    PENDING = "pending"
    HANDOVER = "handover"
    TRY_AGAIN = "try_again"  # nothing was sent
    REJECTED = "rejected"
    ACCESS_LOST = "access_lost"
    NOT_SUPPORTED = "not_supported"
    NOT_READY = "not_ready"  # no secret, no picture, no settings: the connector was never called
    UNKNOWN = "unknown"
    ABSENT = "absent"  # was unknown; a look-up or a person found that it never arrived


# Where a delivery begins, and begins again.
ENTRANCE: Mapping[State, str] = {
    State.PLANNED: "answers a post that is not out yet",
    State.AWAITING_APPROVAL: "an approval is missing",
    State.SCHEDULED: "free to go",
}

# Not out, and nobody is at it: these may begin again.
REOPENS: Mapping[State, str] = {
    State.PLANNED: "changed by a plan",
    State.AWAITING_APPROVAL: "changed by a plan",
    State.SCHEDULED: "changed by a plan",
    State.FAILED: "retry, or changed by a plan",
    State.MISSED: "retry, or changed by a plan",
    State.REJECTED: "retry, or changed by a plan",
    State.CANCELLED: "retry, or planned again",
}

STEPS: Mapping[State, Mapping[State, str]] = {
    State.PLANNED: {
        State.SCHEDULED: "its post is published",
        State.CANCELLED: "its post will not appear, or cancel",
    },
    State.AWAITING_APPROVAL: {
        State.SCHEDULED: "approve, the last stage",
        State.PLANNED: "approve, the last stage of a first comment",
        State.REJECTED: "reject",
        State.MISSED: "its window passed",
        State.CANCELLED: "cancel",
    },
    State.SCHEDULED: {
        State.PUBLISHING: "claim",
        State.PUBLISHED: "a receipt came after all",
        State.MISSED: "its window passed",
        State.REJECTED: "reject",
        State.CANCELLED: "cancel",
    },
    State.PUBLISHING: {
        State.PUBLISHED: "receipt",
        State.PENDING: "taken, not finished",
        State.HANDED_OVER: "handed to a person",
        State.SCHEDULED: "nothing was sent: wait, then again",
        State.AWAITING_APPROVAL: "the picture is not the one approved",
        State.MISSED: "nothing was sent and its window passed",
        State.FAILED: "refused, or its tries are spent",
        State.UNCERTAIN: "the answer was lost, or the process died",
    },
    State.PENDING: {
        State.PUBLISHED: "it is there: look-up or resolve",
        State.UNCERTAIN: "looked up many times: still not there",
        State.SCHEDULED: "resolve: it is not there",
        State.MISSED: "resolve: it is not there, and its window passed",
    },
    State.UNCERTAIN: {
        State.PUBLISHING: "sent again with the same key",
        State.PUBLISHED: "it is there: look-up, resolve or late receipt",
        State.SCHEDULED: "it is not there: look-up, resolve or late answer",
        State.MISSED: "it is not there and its window passed",
        State.FAILED: "a late answer: refused",
        State.PENDING: "a late answer: taken",
        State.HANDED_OVER: "a late answer: handed over",
    },
    State.HANDED_OVER: {
        State.DONE: "proof",
        State.CANCELLED: "cancel",
    },
    State.PUBLISHED: {State.DONE: "proof"},
    State.DONE: {},
    State.FAILED: {State.CANCELLED: "cancel"},
    State.MISSED: {State.CANCELLED: "cancel"},
    State.REJECTED: {State.CANCELLED: "cancel"},
    State.CANCELLED: {},
}

# A first comment on one of these will have nothing to answer.
ENDED = frozenset({State.FAILED, State.MISSED, State.REJECTED, State.CANCELLED})
# It is out, or in a person's hands.
OUT = frozenset({State.PUBLISHED, State.HANDED_OVER, State.DONE})


def allowed(before: State, after: State) -> bool:
    """Return whether that step is in the table."""
    return after in STEPS[before] or (before in REOPENS and after in ENTRANCE)


def sources(after: State) -> frozenset[State]:
    """Return the states from which `after` may be reached."""
    return frozenset(before for before in State if allowed(before, after))


def diagram() -> str:
    """Draw the table as a Mermaid state diagram; the block in docs/delivery.md is this text."""
    lines = ["stateDiagram-v2", "    state entrance <<choice>>", "    [*] --> entrance: plan"]
    lines += [f"    entrance --> {after}: {why}" for after, why in ENTRANCE.items()]
    lines += [f"    {before} --> entrance: {why}" for before, why in REOPENS.items()]
    lines += [f"    {before} --> {after}: {why}" for before, steps in STEPS.items() for after, why in steps.items()]
    lines += [f"    {state} --> [*]" for state in State if not STEPS[state] and state not in REOPENS]
    return "\n".join(lines)


def word(state: State | str) -> str:
    """Return the state's name for people, in the language in force."""
    return {
        State.PLANNED: _("planned"),
        State.AWAITING_APPROVAL: _("awaiting approval"),
        State.SCHEDULED: _("scheduled"),
        State.PUBLISHING: _("publishing"),
        State.PENDING: _("pending"),
        State.HANDED_OVER: _("handed over"),
        State.PUBLISHED: _("published"),
        State.DONE: _("done"),
        State.UNCERTAIN: _("uncertain"),
        State.FAILED: _("failed"),
        State.MISSED: _("missed"),
        State.REJECTED: _("rejected"),
        State.CANCELLED: _("cancelled"),
    }[State(state)]
