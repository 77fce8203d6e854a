"""How the brand speaks: words it avoids, words it owes, and the trades whose wording rules bind it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator

from promo.language import _
from promo.source.value import LocalText, Said
from promo.workspace import Frozen

# Each names a set of wording rules in `promo/brand/wording/packs`; `general` rules bind every trade.
Trade = Literal[
    "alcohol",
    "cosmetics",
    "education",
    "food",
    "health-food",
    "investment",
    "medical",
    "property",
    "property-management",
    "retail",
    "services",
    "tourism",
]
SPONSORED = LocalText({"zh": "广告", "en": "Ad"})


def _as_text(value: Any) -> Any:
    return {"text": value} if isinstance(value, (str, LocalText)) or _only_languages(value) else value


def _only_languages(value: Any) -> bool:
    return isinstance(value, dict) and not value.keys() & {"text", "when"}


class Banned(Frozen):
    """A word the brand does not use, and what to say instead."""

    word: str = Field(min_length=1)
    hint: LocalText | None = None


class Allowed(Frozen):
    """A phrase that may be said although a rule finds fault with it: a quoted prize's name, a brand name.

    `rules` narrows it to these rules; `reason` is what a reader of the brand file is told.
    """

    phrase: str = Field(min_length=1)
    reason: LocalText
    rules: tuple[str, ...] = ()


class Disclosure(Frozen):
    """A sentence that must be said, wherever one of the words in `when` is; without `when` only layouts use it."""

    text: Said
    when: tuple[Annotated[str, Field(min_length=1)], ...] = ()


class Voice(Frozen):
    """How the brand speaks, the words it avoids, and the sentences it must say."""

    tone: tuple[LocalText, ...] = ()
    banned: tuple[Banned, ...] = ()
    allow: tuple[Allowed, ...] = ()
    required: tuple[Said, ...] = ()
    disclosures: tuple[
        Annotated[Disclosure, BeforeValidator(_as_text, json_schema_input_type=Disclosure | LocalText)], ...
    ] = ()
    sponsored: Said = SPONSORED

    @field_validator("allow")
    @classmethod
    def _with_reason(cls, allow: tuple[Allowed, ...]) -> tuple[Allowed, ...]:
        for entry in allow:
            if not entry.reason.in_language().strip():
                raise ValueError(_("say why {phrase} may be used: `reason:`", phrase=f"“{entry.phrase}”"))
        return allow
