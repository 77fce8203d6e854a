"""Texts set by the real parts, and files that only Debian brings."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from promo.brand.model import TypeStyle
from promo.visual.text.fit import Setting


@pytest.fixture
def setting(tmp_path) -> Callable[..., Setting]:
    """Return what prepares a text, 100 pixels an em: widths are given in em."""

    def build(text, *, width=20.0, language="zh", fonts=("Noto Sans SC",), tracking=0.0, weight=700, **more):
        style = TypeStyle(fonts=fonts, weight=weight, tracking=tracking, line_height=1.2)
        values = {"size": 100.0, "balance": False, "folder": tmp_path, **more}
        return Setting(text, style=style, language=language, width=width * 100, **values)

    return build


@pytest.fixture
def lines(setting) -> Callable[..., list[str]]:
    def build(text, **more):
        return [line.text for line in setting(text, **more).fitted(0).lines]

    return build


@pytest.fixture(scope="session")
def debian() -> Callable[[str, str], Path]:
    """Return what gives a file of a Debian package, or says which one to install."""

    def find(path, package):
        if not Path(path).exists():
            words = f"{path} is missing: install Debian's {package}"
            if os.environ.get("CI") or os.environ.get("PROMO_TEST_STRICT"):
                pytest.fail(words)
            pytest.skip(words)
        return Path(path)

    return find


@pytest.fixture
def machine_emoji(debian) -> None:
    """Ask for an emoji font of this machine, and for what finds it."""
    debian("/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf", "fonts-noto-color-emoji")
    debian("/usr/bin/fc-list", "fontconfig")
