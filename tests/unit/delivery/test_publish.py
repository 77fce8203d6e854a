"""Publishing: once, at its time, and what each answer or error of a channel leads to."""

from datetime import timedelta

import pytest

from promo.connector import (
    AccessLost,
    Handover,
    NotSupported,
    OutcomeUnknown,
    Pending,
    Rejected,
    SecretMissing,
    TryAgain,
)
from promo.delivery import steps
from promo.delivery.query import history
from promo.delivery.state import State
from promo.errors import Refused


def test_it_goes_out_once_when_it_is_due(desk):
    post = desk.add(due=timedelta(hours=1))
    assert desk.run().outcomes == ()
    assert desk.publisher.next_due() == desk.clock.now() + timedelta(hours=1)
    assert desk.later(hours=1).outcomes == ((post, State.PUBLISHED),)
    assert desk.later(hours=1).outcomes == ()
    [request] = desk.connector().sent
    row = desk.row(post)
    assert (row.remote_id, row.remote_url) == (f"r-{row.key[:8]}", f"https://channel.example/{post}")
    assert (request.key, request.text, request.brand, request.attempt) == (row.key, "text of one", "leaf", 1)
    assert desk.events(post) == ["planned", "claimed", "published"]
