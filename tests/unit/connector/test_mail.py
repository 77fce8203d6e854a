"""Mail: addresses, headers that must not be folded, and HTML that holds only what we wrote."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from promo.connector import Mail, build_message, first_line, markdown_to_html, parse_address, text_to_html

MAIL = Mail(
    key="a" * 64,
    sender="news@a-rather-long-domain-name-for-a-tea-company.example",
    to=("a@x.example",),
    subject="春茶",
    date=datetime(2027, 3, 22, 1, 30, tzinfo=UTC),
    text="你好",
)


def header(message, name):
    """Return a header as it stands on the wire."""
    head = message.as_bytes().split(b"\r\n\r\n", 1)[0].decode("ascii")
    return next(line for line in head.split("\r\n") if line.lower().startswith(name.lower() + ":"))


def test_long_ids_and_addresses_stay_whole():
    unsubscribe = "https://jinxiu.example/unsubscribe?list=" + "x" * 200
    message = build_message(replace(MAIL, list_unsubscribe=unsubscribe))
    assert header(message, "Message-ID") == f"Message-ID: <{'a' * 64}@{MAIL.sender.split('@')[1]}>"
    assert header(message, "List-Unsubscribe") == f"List-Unsubscribe: <{unsubscribe}>"


def test_one_click_is_promised_only_over_https():
    by_mail = build_message(replace(MAIL, list_unsubscribe="mailto:leave@jinxiu.example"))
    assert by_mail["List-Unsubscribe-Post"] is None
    assert build_message(replace(MAIL, list_unsubscribe="https://j.example/u"))["List-Unsubscribe-Post"] is not None


@pytest.mark.parametrize("key", ["a b", "x\r\nBcc: y", "键", "a" * 200, "<x@y>"])
def test_any_key_makes_a_valid_id_of_its_own(key):
    made = replace(MAIL, key=key).message_id
    assert made.isascii()
    assert made.isprintable()
    assert made != replace(MAIL, key=key + "2").message_id
    assert made == replace(MAIL, key=key).message_id


@pytest.mark.parametrize(
    ("text", "name", "spec"),
    [
        ("a@b.example", "", "a@b.example"),
        ("王丽 <wang.li@jinxiu.example>", "王丽", "wang.li@jinxiu.example"),
        ('"Li, Wang" <wang@x.example>', "Li, Wang", "wang@x.example"),
        ("o@茶.example", "", "o@xn--cl1a.example"),
    ],
)
def test_addresses_are_read(text, name, spec):
    address = parse_address(text)
    assert (address.display_name, address.addr_spec) == (name, spec)


@pytest.mark.parametrize(
    "text",
    ["", "a", "a@", "@b", "a@b@c", "a b@c.example", "a@b.example, c@d.example", "王@x.example", "a@b\r\nX: y", "a@.."],
)
def test_wrong_addresses_are_refused(text):
    with pytest.raises(ValueError, match=r"@|mail address"):
        parse_address(text)


@pytest.mark.parametrize(
    ("source", "wanted", "unwanted"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;", "<script"),
        ("a <img src=x onerror=y> b", "&lt;img", "<img"),
        ("[x](javascript:alert(1))", "[x]", "<a "),
        ("[x](data:text/html;base64,AA)", "[x]", "<a "),
        ("![p](https://spy.example/p.png)", '<a href="https://spy.example/p.png">', "<img"),
        ("https://x.example/?a=1&b=2.", '<a href="https://x.example/?a=1&amp;b=2">', '2.">'),
        ("[now](https://x.example/) https://y.example/", '<a href="https://y.example/">', "x.example/</a>"),
        ("`https://x.example/`", "<code>https://x.example/</code>", "<a "),
        ('https://x.example/"onmouseover="x', '<a href="https://x.example/">', '"onmouseover'),
    ],
)
def test_markdown_gives_only_harmless_html(source, wanted, unwanted):
    made = markdown_to_html(source)
    assert wanted in made
    assert unwanted not in made


def test_plain_text_stays_plain():
    made = text_to_html("# no heading\n*no* <b>\n\nhttps://x.example/l/a")
    assert made.startswith("<p># no heading<br>\n*no* &lt;b&gt;</p>")
    assert '<a href="https://x.example/l/a">' in made


def test_a_subject_is_one_short_line():
    assert first_line("\n## 把花园还给邻居\n\n正文") == "把花园还给邻居"
    assert len(first_line("x" * 500)) == 78
    assert first_line(" \n\t\n") == ""
