"""Sentences that were kept in one language, told in the other."""

import pytest

from promo import language
from promo.errors import SecretMissing, TryAgain
from promo.language import _
from promo.language.again import again

KEPT = [
    lambda: _("its window passed before it could go out"),
    lambda: _("its post {id} will not appear", id="1f0c9a7b2d3e"),
    lambda: _("an unexpected {kind}", kind="ZeroDivisionError"),
    lambda: _("{what}: the server answered {status}", what="POST https://hooks.example/a", status=503),
    lambda: _(
        "{count} tries are spent; the last one said: {error}", count=8, error=_("{what}: no answer in time", what="x")
    ),
    lambda: str(TryAgain(_("{what}: the server cannot be reached", what="webhook"), hint=_("ask again after that"))),
    lambda: str(
        SecretMissing(
            _("the secret {name} has no value", name="TOKEN"),
            hint=_("set the environment variable {name}", name="TOKEN"),
        )
    ),
    lambda: _("{by} rejected it: {comment}", by="lin", comment="the logo is missing"),
]


@pytest.fixture(autouse=True)
def afterwards_english():
    yield
    language.use("en")


@pytest.mark.parametrize("kept", KEPT)
def test_it_is_told_as_if_it_had_been_written_in_the_other_language(kept):
    words = {}
    for lang in ("en", "zh"):
        language.use(lang)
        words[lang] = kept()
    assert words["en"] != words["zh"]
    for lang in ("en", "zh"):
        language.use(lang)
        assert [again(text) for text in words.values()] == [words[lang]] * 2


@pytest.mark.parametrize(
    "text", ["", "done", "the logo is missing", "cancel", "审批", "Too many requests (429)", "x" * 5000, "{by} (a) (b)"]
)
def test_what_a_person_or_a_server_said_stays_as_it_is(text):
    for lang in ("en", "zh"):
        language.use(lang)
        assert again(text) == text
