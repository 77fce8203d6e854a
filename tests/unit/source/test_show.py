"""Problems as text, JSON and annotations; paths and secrets in them."""

import json
from pathlib import Path

import pytest

from promo.errors import UserMistake
from promo.source.mask import mask_secrets
from promo.source.path import inside
from promo.source.problem import Position, Problem, Severity
from promo.source.show import format_problems

ROOT = Path("/srv/workspace")


def _problem(**changes):
    values = {
        "code": "no-such-channel",
        "message": "there is no channel `mastdon`",
        "at": Position(file=ROOT / "campaigns/a.yaml", line=7, column=16),
        "hint": "did you mean `mastodon`?",
        "excerpt": "    channels: [mastdon]",
    }
    return Problem(**{**values, **changes})


def test_text_shows_the_place_with_a_caret():
    assert format_problems([_problem()], "text", ROOT) == (
        "campaigns/a.yaml:7:16: error: there is no channel `mastdon` [no-such-channel]\n"
        "  7 |     channels: [mastdon]\n"
        "    |                ^\n"
        "  hint: did you mean `mastodon`?"
    )


def test_the_caret_stands_below_chinese_text():
    shown = format_problems(
        [_problem(excerpt="名称: 开放日 x", at=Position(file=Path("a"), line=1, column=9))], "text", ROOT
    )
    assert shown.split("\n")[2] == "    | " + " " * 13 + "^"


def test_a_long_line_is_cut_around_the_mistake():
    at = Position(file=Path("a"), line=1, column=5001)
    line, caret = format_problems([_problem(excerpt="x" * 5000 + "!" + "y" * 5000, at=at)], "text", ROOT).split("\n")[
        1:3
    ]
    assert len(line) < 200
    assert line[caret.index("^")] == "!"


def test_terminal_codes_of_a_file_are_not_passed_on():
    assert "\x1b" not in format_problems([_problem(excerpt="\x1b[31m", message="\x1b]0;x\x07")], "text", ROOT)


def test_json_holds_every_field():
    [found] = json.loads(format_problems([_problem(severity=Severity.WARNING)], "json", ROOT))
    assert found == {
        "file": "campaigns/a.yaml",
        "line": 7,
        "column": 16,
        "severity": "warning",
        "code": "no-such-channel",
        "message": "there is no channel `mastdon`",
        "hint": "did you mean `mastodon`?",
        "excerpt": "    channels: [mastdon]",
    }


def test_annotations_escape_what_the_runner_would_read():
    at = Position(file=ROOT / "campaigns/50%,a:b.yaml", line=7, column=16)
    shown = format_problems([_problem(message="100% wrong\n::error::forged", hint=None, at=at)], "github", ROOT)
    assert shown == (
        "::error file=campaigns/50%25%2Ca%3Ab.yaml,line=7,col=16,title=no-such-channel::100%25 wrong%0A::error::forged"
    )


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("  password: hunter2", "  password: ***"),
        ("api_token: 'a b c'", "api_token: ***"),
        ("settings: {secret: abc, url: x}", "settings: {secret: ***, url: x}"),
        ('"access-key": abc', '"access-key": ***'),
        ("database: postgresql://promo:hunter2@db/promo", "database: postgresql://promo:***@db/promo"),
        ("token: {env: MASTODON_TOKEN}", "token: {env: MASTODON_TOKEN}"),
        ("keyboard: querty", "keyboard: querty"),
    ],
)
def test_secrets_in_excerpts_are_masked(line, shown):
    assert mask_secrets(line) == shown


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/etc/passwd", "..\\x", "C:\\x", "", "a\0b", "out/x"])
def test_paths_stay_inside(tmp_path, name):
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "out").symlink_to(tmp_path)
    with pytest.raises(UserMistake):
        inside(tmp_path / "root", name)


def test_paths_inside_are_returned_whole(tmp_path):
    assert inside(tmp_path, "a/b.csv") == tmp_path.resolve() / "a" / "b.csv"


def test_a_file_name_that_is_no_utf_8_can_be_shown():
    at = Position(file=Path("campaigns/\udcff.yaml"))
    for form in ("text", "json", "github"):
        assert format_problems([_problem(at=at)], form, ROOT).encode()
