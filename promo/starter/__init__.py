"""The starter workspace of `promo init`: a brand, a first campaign, channels that need no account."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path

from promo.errors import UserMistake
from promo.language import _

_DAY = re.compile(r"@DAY\+(\d+)@")
# starter file → where it goes; @BRAND@ is the brand's folder
FILES = {
    "promo.yaml": "promo.yaml",
    "gitignore": ".gitignore",
    "campaigns/first.yaml": "campaigns/first.yaml",
    "assets/brand/brand.yaml": "assets/brands/@BRAND@/brand.yaml",
    "assets/brand/logo.svg": "assets/brands/@BRAND@/logo.svg",
}


def write_starter(folder: Path, *, name: str, language: str, today: date) -> list[Path]:
    """Write the starter files into `folder` and return them. Raises UserMistake before anything is written.

    The first campaign begins tomorrow, so that its plan shows something at once.
    """
    brand = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40] or "my-brand"
    targets = {source: folder / target.replace("@BRAND@", brand) for source, target in FILES.items()}
    taken = [path for path in targets.values() if path.exists() or path.is_symlink()]
    if taken:
        raise UserMistake(
            _("{file} exists already; nothing was written", file=taken[0]),
            hint=_("choose a new folder: promo init DIR"),
        )
    if folder.exists() and not folder.is_dir():
        raise UserMistake(_("{file} is not a folder", file=folder), hint=_("choose a new folder: promo init DIR"))
    starter = files("promo.starter") / "files"
    for source, path in targets.items():
        text = (starter / source).read_text(encoding="utf-8")
        text = text.replace("@BRAND@", brand).replace("@NAME@", json.dumps(name, ensure_ascii=False))
        text = text.replace("@LETTER@", _letter(name)).replace("@LANGUAGE@", language)
        text = _DAY.sub(lambda found: (today + timedelta(days=int(found[1]))).isoformat(), text)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return list(targets.values())


def _letter(name: str) -> str:
    first = next((c for c in name if c.isalnum()), "P").upper()
    return first if first not in "&<>" else "P"
