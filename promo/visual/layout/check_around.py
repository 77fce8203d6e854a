"""What layers name outside of their layout, and is not there: colours and sizes of brands, files below assets."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from promo.brand.model import ROLES
from promo.errors import UserMistake
from promo.language import _
from promo.source.path import inside
from promo.source.problem import Problem
from promo.source.suggest import did_you_mean
from promo.visual.layout.formats import PageSpec, walk
from promo.visual.layout.layers import AnyLayer, GradientLayer, ImageLayer, TextLayer
from promo.visual.layout.spot import Spots


@dataclass(frozen=True, kw_only=True, slots=True)
class Around:
    """What layouts may speak of: the brands' own colours and sizes of type, and the folder of files."""

    colours: Collection[str]
    sizes: Collection[str]
    assets: Path


def check_around(page: PageSpec, spots: Spots, around: Around, *, line: Sequence[str]) -> Iterator[Problem]:
    """Yield the names in the layers of one format that lead nowhere; roles are always known."""
    for layer in walk(page.layers):
        for keys, name in _colours(layer):
            if name not in ROLES and name not in around.colours:
                message = _("no brand has a colour {name}", name=f"`{name}`")
                hint = did_you_mean(name, (*ROLES, *around.colours))
                yield spots.problem("no-such-colour", message, layer.id or "", *keys, line=line, hint=hint)
        if isinstance(layer, TextLayer) and isinstance(layer.size, str) and layer.size not in around.sizes:
            message = _("no brand has a size of type {name}", name=f"`{layer.size}`")
            hint = did_you_mean(layer.size, around.sizes) or _("write a length, or name it in the brand's scale")
            yield spots.problem("no-such-size", message, layer.id or "", "size", line=line, hint=hint)
        if isinstance(layer, ImageLayer) and layer.file is not None:
            yield from _file(layer, layer.file, spots, around.assets, line)


def _file(layer: ImageLayer, name: str, spots: Spots, assets: Path, line: Sequence[str]) -> Iterator[Problem]:
    try:
        if inside(assets, name).is_file():
            return
        message, hint = _("there is no file {file} in {folder}", file=f"`{name}`", folder=f"`{assets.name}/`"), None
    except UserMistake as mistake:
        message, hint = mistake.message, mistake.hint
    yield spots.problem("no-such-file", message, layer.id or "", "source", line=line, hint=hint)


def _colours(layer: AnyLayer) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for key in ("color", "plate", "fill", "border", "ground", "background"):
        if (name := getattr(layer, key, None)) is not None:
            yield (key,), name
    if isinstance(layer, ImageLayer):
        yield from ((("fallback", index), name) for index, name in enumerate(layer.fallback or ()))
    if isinstance(layer, GradientLayer):
        yield from ((("stops", index), stop.color) for index, stop in enumerate(layer.stops))
