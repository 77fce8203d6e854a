"""Addresses to answer on, as people write them."""

import pytest

from promo.source.listen import parse_listen
from promo.source.value import BadValueError


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("9464", "127.0.0.1:9464"),
        (9464, "127.0.0.1:9464"),
        ("127.0.0.1:0", "127.0.0.1:0"),
        (" localhost:9464 ", "localhost:9464"),
        ("0.0.0.0:9464", "0.0.0.0:9464"),
        ("[::1]:9464", "[::1]:9464"),
        ("[::]:65535", "[::]:65535"),
    ],
)
def test_addresses(written, read):
    assert str(parse_listen(written)) == read
    assert parse_listen(parse_listen(written)) == parse_listen(read)


@pytest.mark.parametrize(
    "written",
    [
        "",
        ":9464",
        "host",
        "127.0.0.1:65536",
        "127.0.0.1:99999999",
        "::1:80",
        "http://a:80",
        "a b:80",
        True,
        None,
        1.5,
        -1,
    ],
)
def test_what_is_no_address(written):
    with pytest.raises(BadValueError, match=r"127\.0\.0\.1:9464") as caught:
        parse_listen(written)
    assert "0.0.0.0:9464" in caught.value.hint
