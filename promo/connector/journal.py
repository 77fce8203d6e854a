"""One delivery, many mails: a write-ahead journal, so that a retry sends only what was not sent.

Each line is flushed to the disk before the next step. `sending` without a line after it means that the process
died or the answer was lost in between: that mail may be out. It is never sent again until a person has been
asked (`asked`) and the delivery comes back, which with `Idempotency.NONE` only a person can order.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from promo.connector.file import safe_name
from promo.connector.mail import Mail, build_message
from promo.connector.smtp import MailServer, Sent, send_mail
from promo.errors import OutcomeUnknown, PromoError, Rejected, TryAgain
from promo.language import _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from promo.connector.base import ChannelContext

GIVE_UP = 2  # temporary refusals in a row: one is perhaps one recipient's greylisting, two are the server


class Step(StrEnum):
    """How far one mail got."""

    SENDING = "sending"  # about to leave; alone, its outcome is unknown
    SENT = "sent"  # the server took it
    AGAIN = "again"  # surely not sent: the next try sends it
    REFUSED = "refused"  # the server refuses it for good
    ASKED = "asked"  # a person was told that its outcome is unknown


@dataclass(frozen=True, kw_only=True)
class Sendings:
    """The outcome of a round: Message-IDs of all mails that are out, and who was refused, with the reason."""

    sent: dict[str, str]
    refused: dict[str, str]


class Journal:
    """The steps of one delivery's mails, kept in one small file of the channel's output folder."""

    def __init__(self, context: ChannelContext, key: str) -> None:
        self.path = context.output / "journal" / f"{safe_name(key)}.jsonl"
        self._context = context

    def read(self) -> dict[str, tuple[Step, str]]:
        """Return the last step of each mail and its note. A torn last line never was: it came before its step."""
        steps: dict[str, tuple[Step, str]] = {}
        if not self.path.exists():
            return steps
        for line in self.path.read_text(encoding="utf-8").splitlines():
            try:
                entry = json.loads(line)
                steps[entry["mail"]] = (Step(entry["step"]), entry["note"])
            except (ValueError, KeyError, TypeError):
                continue
        return steps

    def write(self, mail: str, step: Step, note: str = "") -> None:
        """Append one step and push it to the disk. Raises TryAgain when the disk does not let us."""
        entry = {"mail": mail, "step": step, "at": self._context.clock.now().isoformat(), "note": note}
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab") as file:
                # A torn line of a killed process must not swallow this one.
                file.write(b"\n" + json.dumps(entry, ensure_ascii=False).encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
            folder = os.open(self.path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise TryAgain(_("cannot write in {folder}: {reason}", folder=self.path, reason=error.strerror)) from None


def send_each(mails: Iterable[tuple[str, Mail]], journal: Journal, send: Callable[[Mail], Sent]) -> Sendings:
    """Send each named mail that is not out yet, one after the other; the name is what the journal keeps.

    A refused mail does not stop the others. Raises OutcomeUnknown naming the mails whose answer is lost, TryAgain
    when some wait for the next try, Rejected when all were refused, AccessLost at once.
    """
    steps = journal.read()
    tour = _Round(journal=journal, send=send)
    for name, mail in mails:
        step, note = steps.get(name, (Step.AGAIN, ""))
        match step:
            case Step.SENT:
                tour.sent[name] = note
            case Step.REFUSED:
                tour.refused[name] = note
            case Step.SENDING:
                journal.write(name, Step.ASKED)
                tour.unknown.append(name)
            case Step.AGAIN | Step.ASKED:
                tour.try_one(name, mail)
    return tour.outcome()


@dataclass(kw_only=True)
class _Round:
    """One walk through the mails of a delivery, and what became of each."""

    journal: Journal
    send: Callable[[Mail], Sent]
    sent: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    reason: TryAgain | None = None
    failures: int = 0

    def try_one(self, name: str, mail: Mail) -> None:
        """Send one mail, each step written down before and after."""
        if self.failures == GIVE_UP:
            self.waiting.append(name)
            return
        self.journal.write(name, Step.SENDING)
        try:
            receipt = self.send(mail)
        except OutcomeUnknown:
            self.journal.write(name, Step.ASKED)
            self.unknown.append(name)
        except Rejected as error:
            self.journal.write(name, Step.REFUSED, error.message)
            self.refused[name] = error.message
        except TryAgain as error:
            self.journal.write(name, Step.AGAIN, error.message)
            self.waiting.append(name)
            self.reason = error
            self.failures += 1
        except PromoError:  # access lost, a secret missing: all mails would hear the same
            self.journal.write(name, Step.AGAIN)
            raise
        else:
            self.failures = 0
            self.journal.write(name, Step.SENT, receipt.message_id)
            self.sent[name] = receipt.message_id

    def outcome(self) -> Sendings:
        """Return what is out, or raise what the publisher must know first: the unknown, then the unsent."""
        if self.unknown:
            raise OutcomeUnknown(
                _("sent or not? {names}", names=", ".join(self.unknown)),
                hint=_("ask them; decided as not published, the delivery goes to these again and to nobody twice"),
            )
        if self.reason is not None:
            names = ", ".join(self.waiting)
            raise TryAgain(
                _("{reason}; still to send: {names}", reason=self.reason.message, names=names), wait=self.reason.wait
            )
        if self.refused and not self.sent:
            raise Rejected("; ".join(f"{name}: {reason}" for name, reason in self.refused.items()))
        return Sendings(sent=self.sent, refused=self.refused)


def mail_sender(server: MailServer, context: ChannelContext) -> Callable[[Mail], Sent]:
    """Return the function that builds one mail and hands it to `server`."""
    return lambda mail: send_mail(build_message(mail), mail.to, server, context)
