"""The page's type: the characters it needs, cut out of Noto Sans SC and carried inside the page."""

from __future__ import annotations

import base64
import io
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

FAMILY = "Noto Sans SC"  # SIL Open Font License 1.1; documents may embed it
WEIGHTS = (400, 700)


def font_folder() -> Path:
    """Return the folder of the installed font (of the package justmytype-intl-cjk)."""
    return Path(str(files("justmytype_intl_cjk"))) / "fonts" / "ofl" / "notosanssc"


@lru_cache(maxsize=16)
def font_for(characters: frozenset[str]) -> str:
    """Return a variable WOFF font with these characters, weights 400 to 700, as a data: address.

    A machine without Chinese fonts shows the page right, and no request is made for it. Half a second, once a set: the
    layout tables stay behind, since merging their kerning over the weights takes as long as all the rest.
    """
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont
    from fontTools.varLib import instancer

    options = Options(layout_features=[], hinting=False, notdef_outline=True, name_IDs=[0, 13, 14])
    options.drop_tables += ["STAT", "vhea", "vmtx", "BASE", "GSUB", "GPOS", "GDEF"]
    with TTFont(next(font_folder().glob("*.ttf")), lazy=True) as font:
        cutter = Subsetter(options)
        cutter.populate(text="".join(sorted(characters)))
        cutter.subset(font)
        instancer.instantiateVariableFont(font, {"wght": WEIGHTS}, inplace=True)
        font.flavor = "woff"
        packed = io.BytesIO()
        font.save(packed)
    return "data:font/woff;base64," + base64.b64encode(packed.getvalue()).decode()
