"""Every message has its Chinese words, with the same fields."""

import ast
import string
from pathlib import Path

import pytest

import promo
import promo_connectors
from promo.cli import COMMANDS
from promo.language import chinese, plural, use
from promo.language.zh import clicks

ROOTS = [Path(promo.__file__).parent, Path(promo_connectors.__file__).parent]


def _messages():
    """Yield (file, line, message) for each literal given to `_` or `plural`."""
    for root in ROOTS:
        for path in sorted(root.rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.Call):
                    continue
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                for argument in node.args[: {"_": 1, "plural": 2}.get(name, 0)]:
                    for text in _literals(argument):
                        yield path.relative_to(root.parent), node.lineno, text


def _literals(node):
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.IfExp):
        return _literals(node.body) + _literals(node.orelse)
    return []


def _fields(text):
    return {name for _literal, name, _spec, _conversion in string.Formatter().parse(text) if name is not None}


def test_every_message_has_chinese_words():
    missing = [f"{file}:{line}: {text!r}" for file, line, text in _messages() if text not in chinese()]
    assert not missing, "\n".join(missing)


def test_every_command_line_has_chinese_words():
    missing = [line for _module, line in COMMANDS.values() if line not in chinese()]
    assert not missing, "\n".join(missing)


def test_translations_have_the_same_fields():
    wrong = [
        f"{english!r} → {words!r}"
        for english, words in chinese().items()
        if not _fields(words) <= _fields(english) or _fields(english) - _fields(words) - {"count"}
    ]
    assert not wrong, "\n".join(wrong)


def test_click_words_are_still_clicks():
    import click

    source = "".join(path.read_text(encoding="utf-8") for path in Path(click.__file__).parent.glob("*.py"))
    joined = source.replace('"\n        "', "").replace('"\n            "', "")
    gone = [text for text in clicks.MESSAGES if text.replace("\n", "\\n").replace("\t", "\\t") not in joined]
    assert not gone, "\n".join(gone)


@pytest.mark.parametrize(("count", "words"), [(1, "1 problem in promo.yaml"), (2, "2 problems in promo.yaml")])
def test_plural_chooses_the_words(count, words):
    use("en")
    assert plural("{count} problem in promo.yaml", "{count} problems in promo.yaml", count) == words


def test_chinese_is_spoken_when_chosen():
    use("zh")
    try:
        assert (
            plural("{count} problem in promo.yaml", "{count} problems in promo.yaml", 2) == "promo.yaml 中有 2 处问题"
        )

    finally:
        use("en")
