"""The one error tree of promo, named for what happens next.

PromoError                     one clear line for a person; the CLI exits with `exit_code`
├─ ProblemsFound               mistakes in files: all of them, with positions (exit 1)
├─ UserMistake                 a wrong word on the command line or in a setting (exit 2)
│  └─ NotFound                 the thing named does not exist
├─ WorldMoved                  a saved plan no longer fits the ledger or the files; plan again (exit 3)
├─ Refused                     the state of a delivery does not allow that step (exit 4)
├─ SecretMissing               a secret named in a setting has no value; set it (exit 5)
└─ ChannelError                what a connector may raise from `publish`, `lookup`, `collect`, `delete`
   ├─ TryAgain                 nothing was sent: wait (`wait`), then again
   ├─ OutcomeUnknown           it may have been sent: look it up or ask a person
   ├─ Rejected                 the channel refuses this content for good
   ├─ AccessLost               the account no longer lets us in: pause the channel
   └─ NotSupported             this connector cannot do that
"""

from __future__ import annotations

TYPE_CHECKING = False  # what mypy reads; `typing` itself costs every start some milliseconds
if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta
    from typing import ClassVar

    from promo.source.problem import Problem


class PromoError(Exception):
    """Anything promo can say in one clear line: `message` is what is wrong, `hint` how to mend it.

    Messages are already in the reader's language (`promo.language`) and never hold a secret.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


class ProblemsFound(PromoError):
    """The files hold mistakes; `problems` lists every one with its position."""

    def __init__(self, message: str, *, problems: Sequence[Problem], hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.problems = tuple(problems)


class UserMistake(PromoError):
    """A wrong word, option or value given by a person."""

    exit_code = 2


class NotFound(UserMistake):
    """The named campaign, delivery, channel, brand or file does not exist."""


class WorldMoved(PromoError):
    """A saved plan no longer matches the files or the ledger: nothing was applied."""

    exit_code = 3


class Refused(PromoError):
    """The delivery's state, or a rule such as a missing approval, does not allow this step."""

    exit_code = 4


class SecretMissing(PromoError):
    """A secret has no value in the environment or the keyring."""

    exit_code = 5


class ChannelError(PromoError):
    """The branch for connectors: what the publisher does next follows from the class alone."""


class TryAgain(ChannelError):
    """Nothing was sent. `wait` is the channel's own word (Retry-After), else None: our back-off decides."""

    def __init__(self, message: str, *, wait: timedelta | None = None, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.wait = wait


class OutcomeUnknown(ChannelError):
    """Bytes left this machine and no clear answer came back: it may or may not be published."""


class Rejected(ChannelError):
    """The channel refuses this content and would refuse it again."""


class AccessLost(ChannelError):
    """Token expired, password changed, account locked: the channel is paused until a person acts."""


class NotSupported(ChannelError):
    """The connector declares that it cannot do this."""
