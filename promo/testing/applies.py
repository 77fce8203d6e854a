"""Which tests of the contract suite apply to a connector: decided by what it declares, before collection."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

Test = TypeVar("Test", bound=Callable[..., None])
_CONDITIONS: dict[str, tuple[Callable[[Any], bool], Callable[..., None]]] = {}


class Fault(StrEnum):
    """What the suite lets go wrong, in the order in which one suite arms them."""

    LOST_ANSWER = "lost answer"  # the channel took the post, and its answer never arrived
    BUSY = "busy"  # the channel asks to wait, and takes nothing
    NO_ACCESS = "no access"  # the channel does not accept our credentials any more
    REFUSED = "refused"  # nobody listens at the channel's address; stays so for the rest of the test


def applies(condition: Callable[[Any], bool]) -> Callable[[Test], Test]:
    """Mark a contract test as meant for those suites only whose class meets `condition`."""

    def mark(test: Test) -> Test:
        _CONDITIONS[test.__name__] = (condition, test)
        return test

    return mark


def remove_inapplicable(suite: type) -> None:
    """Take the tests that do not apply out of `suite`: pytest never sees them, so nothing is skipped."""
    for name, (condition, test) in _CONDITIONS.items():
        if getattr(suite, name) in (None, test):  # else the suite has its own test of that name
            setattr(suite, name, test if condition(suite) else None)
