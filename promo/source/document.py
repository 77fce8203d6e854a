"""A YAML file → a validated model, with the place of every key and all mistakes at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from promo.language import _
from promo.source.explain import explain
from promo.source.mask import mask_secrets
from promo.source.path import shown_path
from promo.source.problem import Position, Problem, Severity
from promo.source.read import read_text
from promo.source.tree import Place, parse_tree

if TYPE_CHECKING:
    from pathlib import Path

T = TypeVar("T", bound=BaseModel)
Keys = tuple[str | int, ...]


@dataclass(frozen=True, kw_only=True)
class Document:
    """One YAML file as it was read. `raw` is None where it could not be read."""

    file: Path  # as shown in messages
    text: str = field(repr=False)
    raw: Any = field(repr=False)
    place: Place | None = field(repr=False, default=None)
    problems: tuple[Problem, ...] = ()

    @cached_property
    def lines(self) -> list[str]:
        """Return the lines of the text."""
        return self.text.splitlines()

    def excerpt(self, line: int) -> str | None:
        """Return line `line` (from 1) with secret-looking values masked."""
        return mask_secrets(self.lines[line - 1].rstrip()) if 0 < line <= len(self.lines) else None

    def find(self, keys: Keys, *, value: bool = False) -> Position | None:
        """Return where the key (or with `value` its value) at this path stands; None: not in this file."""
        place, key_mark = self.place, None
        for key in keys:
            if not isinstance(place, tuple):
                return None
            children = place[1]
            if isinstance(children, dict):
                found = children.get(key) if isinstance(key, str) else None
                if found is None:
                    return None
                key_mark, place = found
            elif isinstance(key, int) and 0 <= key < len(children):
                key_mark, place = None, children[key]
            else:
                return None
        if place is None:
            return None
        mark = place[0] if isinstance(place, tuple) else place
        if key_mark is not None and not value:
            mark = key_mark
        return Position(file=self.file, line=mark.line + 1, column=mark.column + 1)

    def problem(
        self, code: str, message: str, keys: Keys, *, value: bool = True, hint: str | None = None, warning: bool = False
    ) -> Problem:
        """Make a problem at the value (or key) of this path, or at the nearest place above it."""
        return _problem((self,), code, message, keys, value=value, hint=hint, warning=warning)


class Positions(Mapping[Keys, Position]):
    """Path of keys → where it stands; looked up when asked, an overlay before the file below it."""

    def __init__(self, documents: tuple[Document, ...]) -> None:
        self._documents = documents

    def __getitem__(self, keys: Keys) -> Position:
        for document in self._documents:
            if (position := document.find(keys)) is not None:
                return position
        raise KeyError(keys)

    def near(self, keys: Keys) -> Position:
        """Return the position of this path, or of the nearest place above it."""
        return _nearest(self._documents, keys, value=False)[0]

    def __iter__(self) -> Iterator[Keys]:
        seen: set[Keys] = set()
        for document in self._documents:
            for keys in _paths(document.place):
                if keys not in seen:
                    seen.add(keys)
                    yield keys

    def __len__(self) -> int:
        return sum(1 for _keys in self)


@dataclass(frozen=True, kw_only=True)
class Loaded(Generic[T]):
    """A file and what became of it. `value` is None where there are errors."""

    value: T | None
    problems: tuple[Problem, ...]
    positions: Positions
    raw: Any
    documents: tuple[Document, ...]  # the overlay, if any, before the file itself

    @property
    def digest(self) -> str:
        """Return the sha256 of the text that was read, in hex."""
        together = sha256()
        for document in self.documents:
            together.update(document.text.encode("utf-8", "surrogatepass") + b"\0")
        return together.hexdigest()

    def problem(
        self, code: str, message: str, keys: Keys, *, value: bool = True, hint: str | None = None, warning: bool = False
    ) -> Problem:
        """Make a problem at the value (or key) of this path, or at the nearest place above it."""
        return _problem(self.documents, code, message, keys, value=value, hint=hint, warning=warning)


def read_document(path: Path, *, root: Path) -> Document:
    """Read one YAML file. Never raises: what is wrong stands in its `problems`."""
    shown = shown_path(path, root)
    text, unreadable = read_text(path, shown)
    if unreadable is not None:
        return Document(file=shown, text="", raw=None, problems=(unreadable,))
    tree = parse_tree(text)
    document = Document(file=shown, text=text, raw=tree.value, place=tree.place)
    problems = tuple(
        Problem(
            code=mistake.code,
            message=mistake.message,
            hint=mistake.hint,
            at=Position(file=shown, line=mistake.line + 1, column=mistake.column + 1),
            excerpt=document.excerpt(mistake.line + 1),
        )
        for mistake in tree.mistakes
    )
    return replace(document, problems=problems)


def load_model(
    path: Path,
    model: type[T],
    *,
    root: Path,
    overlay: Path | None = None,
    prepare: Callable[[dict[str, Any]], dict[str, Any]] | None = None,
) -> Loaded[T]:
    """Read `path`, lay `overlay` over it where that file exists, and validate it as `model`.

    Files are named in problems relative to `root`. `prepare` may rework the raw mapping before it is validated;
    it returns a new one. Never raises: every mistake is a problem with its position, in the order of the file.
    """
    documents: tuple[Document, ...] = (read_document(path, root=root),)
    if overlay is not None and overlay.exists():
        documents = (read_document(overlay, root=root), *documents)
    problems = [problem for document in documents for problem in document.problems]
    raw: Any = None
    value: T | None = None
    if all(document.place is not None or not document.problems for document in documents):
        raw = documents[-1].raw
        for document in documents:
            if not isinstance(document.raw, dict):
                what = _("the file is empty") if document.raw is None else _("the file must be a mapping: `key: value`")
                problems.append(document.problem("empty-file" if document.raw is None else "not-a-mapping", what, ()))
                raw = None
        if isinstance(raw, dict):
            for document in documents[:-1]:
                raw = merge(raw, document.raw)
            value, wrong = validate(model, prepare(raw) if prepare else raw, documents)
            problems.extend(wrong)
    if any(problem.severity is Severity.ERROR for problem in problems):
        value = None
    return Loaded(
        value=value, problems=in_order(problems), positions=Positions(documents), raw=raw, documents=documents
    )


def validate(model: type[T], raw: Any, documents: tuple[Document, ...]) -> tuple[T | None, list[Problem]]:
    """Validate raw values; every mistake becomes a problem at its place in the first document that has it."""
    try:
        return model.model_validate(raw), []
    except ValidationError as error:
        return None, [
            _problem(documents, wrong.code, wrong.message, wrong.keys, value=wrong.at_value, hint=wrong.hint)
            for wrong in explain(error, model, raw)
        ]


def merge(base: Any, over: Any) -> Any:
    """Lay one mapping over another, mapping by mapping; anything else is replaced whole, `null` takes a key away.

    That is the rule of RFC 7396, JSON Merge Patch.
    """
    if isinstance(base, dict) and isinstance(over, dict):
        joined = {**base, **{key: merge(base.get(key), value) for key, value in over.items()}}
        return {key: value for key, value in joined.items() if key not in over or over[key] is not None}
    return over


def in_order(problems: list[Problem]) -> tuple[Problem, ...]:
    """Sort by file, line and column, each problem once."""
    ordered = sorted(problems, key=lambda p: (str(p.at.file), p.at.line, p.at.column, p.code, p.message))
    return tuple(dict.fromkeys(ordered))


def _nearest(documents: tuple[Document, ...], keys: Keys, *, value: bool) -> tuple[Position, Document]:
    for end in range(len(keys), -1, -1):
        for document in documents:
            # What is missing below a key is told at that key; a plain value may stand for a list of one.
            at_value = value and all(isinstance(key, int) for key in keys[end:])
            position = document.find(keys[:end], value=at_value)
            if position is not None and (end or document is documents[-1]):
                return position, document
    return Position(file=documents[-1].file), documents[-1]


def _problem(
    documents: tuple[Document, ...],
    code: str,
    message: str,
    keys: Keys,
    *,
    value: bool,
    hint: str | None,
    warning: bool = False,
) -> Problem:
    at, document = _nearest(documents, keys, value=value)
    return Problem(
        code=code,
        message=message,
        hint=hint,
        at=at,
        excerpt=document.excerpt(at.line),
        severity=Severity.WARNING if warning else Severity.ERROR,
    )


def _paths(place: Place | None, above: Keys = ()) -> Iterator[Keys]:
    if place is None:
        return
    yield above
    if isinstance(place, tuple):
        children = place[1]
        pairs = ((k, v[1]) for k, v in children.items()) if isinstance(children, dict) else enumerate(children)
        for key, child in pairs:
            yield from _paths(child, (*above, key))
