"""Where a layer stands in its file, its changes in formats too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from promo.source.document import Keys, Loaded
from promo.source.problem import Problem
from promo.visual.layout.model import LayoutFile


class Spots:
    """The paths and kinds of a layout's layers by id; `doubles` are ids given a second time, with their paths."""

    def __init__(self, loaded: Loaded[LayoutFile], raw: list[Any]) -> None:
        self.loaded = loaded
        self.paths: dict[str, Keys] = {}
        self.doubles: list[tuple[str, Keys]] = []
        self.kinds: dict[str, Any] = {}
        for name, path, kind in _paths(raw, ("layers",)):
            if name in self.paths:
                self.doubles.append((name, path))
            self.paths.setdefault(name, path)
            self.kinds.setdefault(name, kind)

    def problem(
        self,
        code: str,
        message: str,
        layer: str,
        *keys: str | int,
        line: Sequence[str] = (),
        value: bool = True,
        hint: str | None = None,
        warning: bool = False,
    ) -> Problem:
        """Make a problem at a key of a layer: in the first of the formats in `line` that says it, else in the layer."""
        path: Keys = (*self.paths.get(layer, ("layers",)), *keys)
        for name in line:
            change: Keys = ("formats", name, "layers", layer, *keys[:1])
            if keys and change in self.loaded.positions:
                path = ("formats", name, "layers", layer, *keys)
                break
        return self.loaded.problem(code, message, path, value=value, hint=hint, warning=warning)

    def changed(
        self,
        code: str,
        message: str,
        keys: Keys,
        *,
        merged: list[Any],
        line: Sequence[str],
        value: bool,
        hint: str | None,
    ) -> Problem:
        """Make a problem at a path of merged layers: where a format changed it."""
        layer, rest = "", keys
        here: Any = merged
        for index, key in enumerate(keys[1:], 1):  # the first is `layers` itself
            found = isinstance(here, dict) and key in here
            if not found and not (isinstance(here, list) and isinstance(key, int) and key < len(here)):
                break
            here = here[key]
            if isinstance(here, dict) and here.get("id") in self.paths:
                layer, rest = here["id"], keys[index + 1 :]
        if not rest:  # of the layer as a whole: told where a format changed it
            for name in line:
                path: Keys = ("formats", name, "layers", layer)
                if path in self.loaded.positions:
                    return self.loaded.problem(code, message, path, value=False, hint=hint)
        return self.problem(code, message, layer, *rest, line=line, value=value, hint=hint)


def _paths(raw: Any, above: Keys) -> Iterator[tuple[str, Keys, Any]]:
    for index, layer in enumerate(raw if isinstance(raw, list) else ()):
        if isinstance(layer, dict):
            if isinstance(layer.get("id"), str):
                yield layer["id"], (*above, index), layer.get("kind")
            yield from _paths(layer.get("layers"), (*above, index, "layers"))
