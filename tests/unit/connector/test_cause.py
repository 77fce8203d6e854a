"""Errors are raised without what they came from, and causes are found wherever they hide."""

import base64

import pytest

from promo.connector import TryAgain, causes, raise_bare
from promo.testing.secrecy import find_leaks

SECRET = "pa55 wörd/and+more"


def test_a_bare_error_has_no_cause_and_no_context():
    def call():
        try:
            raise ValueError(SECRET)
        except ValueError:
            raise_bare(TryAgain("again"))

    with pytest.raises(TryAgain) as caught:
        call()
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)
    assert find_leaks([caught.value], [SECRET]) == []


def test_causes_are_found_in_chains_arguments_and_reasons():
    inner, reason, context = ValueError("inner"), OSError("reason"), KeyError("context")
    outer = RuntimeError("outer", inner)
    outer.reason = reason
    outer.__context__ = context
    context.__cause__ = outer  # a ring ends too
    assert set(causes(outer)) == {outer, inner, reason, context}


def from_error(secret):
    try:
        raise ValueError(f"https://user:{secret}@host.example")
    except ValueError:
        try:
            raise TryAgain("again") from None
        except TryAgain as error:
            return error


@pytest.mark.parametrize(
    "thing",
    [
        f"text {SECRET} text",
        f"bytes {SECRET}".encode(),
        "?token=pa55%20w%C3%B6rd%2Fand%2Bmore&x=1",
        "Basic " + base64.b64encode(f"u:{SECRET}".encode()).decode(),
        "Basic " + base64.b64encode(f"us:{SECRET}".encode()).decode(),
        "Basic " + base64.b64encode(f"use:{SECRET}x".encode()).decode(),
        ["nested", {"in": SECRET}],
        from_error(SECRET),
    ],
)
def test_leaks_are_found_in_every_form_and_not_repeated(thing):
    leaks = find_leaks([thing], [SECRET])
    assert leaks
    assert not any(SECRET in leak for leak in leaks)


def test_harmless_things_are_no_leaks():
    assert find_leaks(["Basic " + base64.b64encode(b"user:other").decode(), b"", None, ValueError("x")], [SECRET]) == []
