"""The words: templates that can be read, variables and columns that exist, body files, links."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from promo.campaign.check.activity import check_layout, check_photo
from promo.campaign.template import Analysis, TemplateProblem, Templates
from promo.campaign.variables import BUILT_IN
from promo.errors import UserMistake
from promo.language import _
from promo.source.problem import Position, Problem
from promo.source.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from promo.campaign.check.findings import Findings
    from promo.campaign.model import Activity, Content, Link, Variant

Keys = tuple[str | int, ...]
BODY_FILES = (".md", ".markdown", ".txt")
_SCHEME = re.compile(r"(https?://[^\s/]|mailto:|tel:)", re.IGNORECASE)
_LIKE_PATH = re.compile(r"\.{0,2}/[^\s{]+")  # ./, ../ or / at its beginning: nobody means that as words
_TEMPLATES = Templates()


class _Scope:
    """What the templates of one activity (or of the defaults) may name."""

    def __init__(self, names: frozenset[str], columns: tuple[str, ...] | None, *, row: bool, link: bool) -> None:
        self.names = names
        self.columns = columns  # None: not known, because the table could not be read
        self.row = row  # whether there are rows
        self.link = link  # whether there is a link


def check_words(findings: Findings) -> None:
    """Note what is wrong with the words of the whole campaign."""
    campaign, defaults = findings.campaign, findings.campaign.defaults
    names = frozenset((*BUILT_IN, *campaign.variables, *defaults.variables))
    every = names.union(*(activity.variables for activity in campaign.activities if activity.variables))
    scope = _Scope(every, None, row=True, link=defaults.link is not None)
    if defaults.link is not None:
        _check_link(findings, defaults.link, scope, ("defaults", "link"))
    if defaults.visual:
        _check_default_visual(findings, defaults.visual, scope)
    for index, activity in enumerate(campaign.activities):
        table = findings.tables.get(activity.each) if activity.each is not None else None
        content = activity.content
        scope = _Scope(
            names.union(activity.variables) if activity.variables else names,
            table.columns if table is not None and table.columns else None,
            row=activity.each is not None,
            link=defaults.link is not None or content.link is not None,
        )
        _check_content(findings, content, scope, ("activities", index, "content"))
        for name, variant in content.variants.items():
            here: Keys = ("activities", index, "content", "variants", name)
            own = _Scope(scope.names, scope.columns, row=scope.row, link=scope.link or variant.link is not None)
            _check_content(findings, variant, own, here)
            for key, value in (variant.model_extra or {}).items():
                if isinstance(value, str):
                    _check_text(findings, value, own, (*here, key))
        for source, keys in _others(activity, index, defaults.visual or {}):
            _check_text(findings, source, scope, keys)


def _check_content(findings: Findings, content: Content | Variant, scope: _Scope, here: Keys) -> None:
    """Check the texts of a content or variant; the ones without `{` cost a glance only."""
    for key in ("text", "title", "alt", "contact"):
        source = getattr(content, key, None)
        if source is not None and "{" in source:
            _check_text(findings, source, scope, (*here, key))
    if content.thread:
        for number, post in enumerate(content.thread):
            _check_text(findings, post, scope, (*here, "thread", number))
    if content.hashtags:
        _check_hashtags(findings, content.hashtags, scope, (*here, "hashtags"))
    if content.first_comment is not None:
        _check_text(findings, content.first_comment.text, scope, (*here, "first_comment", "text"))
    if content.body is not None:
        _check_body(findings, content.body, scope, (*here, "body"))
    if content.link is not None:
        _check_link(findings, content.link, scope, (*here, "link"))


def _check_hashtags(findings: Findings, hashtags: Sequence[str], scope: _Scope, here: Keys) -> None:
    for number, tag in enumerate(hashtags):
        if "{" in tag:
            _check_text(findings, tag, scope, (*here, number))
        elif not tag.strip().strip("#"):
            findings.error("empty-hashtag", _("a hashtag is empty"), *here, number)
        elif any(char.isspace() for char in tag.strip()):
            findings.warning("hashtag-with-space", _("a hashtag ends at its first space"), *here, number)


def _others(activity: Activity, index: int, inherited: Mapping[str, object]) -> Iterator[tuple[str, Keys]]:
    """Yield the templates of one activity outside of its content. What the defaults say is checked there."""
    if activity.visual is not None:
        for key, value in activity.visual:
            if value is not None and inherited.get(key) != value:
                yield from _in_picture(value, ("activities", index, "visual", key))
    if activity.place:
        yield activity.place, ("activities", index, "place")
    for number, task in enumerate(activity.tasks):
        yield task.what, ("activities", index, "tasks", number, "what")


def _in_picture(value: object, keys: Keys) -> Iterator[tuple[str, Keys]]:
    """Yield the templates of one field of a picture: a text, one for each language, or the rows of a table."""
    if isinstance(value, str):
        yield value, keys
    elif isinstance(value, dict):
        for language, words in value.items():
            yield str(words), (*keys, language)
    elif isinstance(value, list):
        for number, row in enumerate(value):
            cells = row.items() if isinstance(row, dict) else ()
            for column, cell in cells:
                yield str(cell), (*keys, number, str(column))


def _check_default_visual(findings: Findings, visual: Mapping[str, object], scope: _Scope) -> None:
    for key, value in visual.items():
        if isinstance(value, str):
            _check_text(findings, value, scope, ("defaults", "visual", key))
    layout, photo = visual.get("layout"), visual.get("photo")
    if isinstance(layout, str):
        check_layout(findings, layout, "defaults", "visual", "layout")
    if isinstance(photo, str) and "{" not in photo:
        check_photo(findings, photo, "defaults", "visual", "photo")


def _check_link(findings: Findings, link: Link, scope: _Scope, here: Keys) -> None:
    # The link itself cannot be named in its own address.
    inner = _Scope(scope.names - {"link"}, scope.columns, row=scope.row, link=True)
    _check_text(findings, link.url, inner, (*here, "url"))
    if "{" not in link.url and not _SCHEME.match(link.url):
        findings.error(
            "bad-link",
            _("a link begins with https://, http://, mailto: or tel:"),
            *here,
            "url",
            hint=f"https://{link.url}" if "." in link.url and " " not in link.url else None,
        )
    for key, value in link.utm.items():
        _check_text(findings, value, inner, (*here, "utm", key))


def _check_body(findings: Findings, body: str, scope: _Scope, keys: Keys) -> None:
    is_path = _LIKE_PATH.fullmatch(body) is not None
    if not is_path and (not body.endswith(BODY_FILES) or "\n" in body or "{" in body):
        _check_text(findings, body, scope, keys)
        return
    if is_path and not body.endswith(BODY_FILES):
        message = _("{file} would go out as a text: a file of words ends in .md, .markdown or .txt", file=f"`{body}`")
        findings.error("no-body-file", message, *keys)
        return
    try:
        text, unreadable = findings.facts.text(findings.folder, body)
    except UserMistake as mistake:
        findings.leaves(mistake, *keys)
        return
    if unreadable is not None:
        if unreadable.code == "no-such-file":
            findings.error("no-such-file", _("the file {file} does not exist", file=f"`{body}`"), *keys)
        else:
            findings.problems.append(unreadable)
        return
    findings.texts[body] = text
    for code, message, hint, word in _mistakes(text, scope):
        if findings.follows(code, keys):
            continue
        line = next((n for n, words in enumerate(text.split("\n"), start=1) if word and word in words), 1)
        file = (findings.folder / body).relative_to(findings.facts.workspace.root)
        excerpt = text.split("\n")[line - 1][:200] or None
        at = Position(file=file, line=line)
        findings.problems.append(Problem(code=code, message=message, hint=hint, at=at, excerpt=excerpt))


def _check_text(findings: Findings, source: str, scope: _Scope, keys: Keys) -> None:
    if "{" in source:
        for code, message, hint, word in _mistakes(source, scope):
            at_fault = _is_broken if code == "bad-template" else _holds(word)
            findings.error_in_text(code, message, keys, hint=hint, source=source, at_fault=at_fault)


def _holds(word: str) -> Callable[[str], bool]:
    return lambda line: word in line and "{" in line


def _is_broken(line: str) -> bool:
    """Whether a line is no template by itself."""
    try:
        _TEMPLATES.analyse(line)
    except TemplateProblem:
        return True
    return False


def _mistakes(source: str, scope: _Scope) -> Iterator[tuple[str, str, str | None, str]]:
    """Yield (code, message, hint, the word at fault) for each mistake of one template."""
    try:
        found = _TEMPLATES.analyse(source)
    except TemplateProblem as problem:
        yield "bad-template", problem.message, problem.hint, "{"
        return
    if not found.names <= scope.names:
        for name in sorted(found.names - scope.names):
            message = _("there is no variable {name}", name=f"`{name}`")
            yield "no-such-variable", message, did_you_mean(name, scope.names), name
    if "link" in found.names and not scope.link:
        message = _("the text names {name}, but nothing says where it leads", name="`link`")
        yield "no-link", message, _("add link: https://… to the content or the defaults"), "link"
    if "row" in found.names:
        yield from _row_mistakes(found, scope)


def _row_mistakes(found: Analysis, scope: _Scope) -> Iterator[tuple[str, str, str | None, str]]:
    if not scope.row:
        yield "row-without-table", _("{name} needs a table", name="`row`"), _("name one: each: data/table.csv"), "row"
    elif scope.columns is not None:
        for name in sorted(
            column for owner, column in found.attributes if owner == "row" and column not in scope.columns
        ):
            message = _("the table has no column {name}", name=f"`{name}`")
            yield "no-such-column", message, did_you_mean(name, scope.columns), name
