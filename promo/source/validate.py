"""Validation by a model outside of a file's own loading: mistakes as problems, wherever the values stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from promo.source.explain import explain
from promo.source.problem import Position, Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import BaseModel, ValidationError


def problems_of(
    error: ValidationError, model: type[BaseModel], position: Callable[..., Position], *, raw: Any = None
) -> list[Problem]:
    """Return one problem for each mistake; `position(*keys)` says where a path of keys stands.

    `raw` are the values that were validated; with them, paths are right for unions of types too.
    """
    return [
        Problem(code=wrong.code, message=wrong.message, hint=wrong.hint, at=position(*wrong.keys))
        for wrong in explain(error, model, raw)
    ]
