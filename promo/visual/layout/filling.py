"""What campaigns fill layouts with: fields misspelt, missed or too long, pictures and tables that are not there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from promo.campaign.load import LoadedCampaign
from promo.campaign.model import VisualSpec
from promo.errors import UserMistake
from promo.language import _
from promo.source.document import Keys
from promo.source.path import inside
from promo.source.problem import Problem
from promo.source.suggest import did_you_mean
from promo.visual.layout.load import Layout
from promo.visual.layout.model import FieldSpec
from promo.workspace import Workspace

# Keys of a picture that no layout has to know: `body`, `title` and `subtitle` are said for whichever layout shows them.
OWN_KEYS = frozenset(VisualSpec.model_fields)
GIVEN = ("title", "photo")  # a title comes from the content, a photo has keys and checks of its own


def check_filling(
    campaigns: Iterable[LoadedCampaign], layouts: Mapping[str, Layout], workspace: Workspace
) -> Iterator[Problem]:
    """Yield what is wrong with the fields of every activity's picture, each at its key in the campaign's file."""
    for campaign in campaigns:
        yield from _Filling(campaign, layouts, workspace).all()


class _Filling:
    def __init__(self, campaign: LoadedCampaign, layouts: Mapping[str, Layout], workspace: Workspace) -> None:
        self.campaign, self.layouts, self.workspace = campaign, layouts, workspace
        self.defaults: dict[str, Any] = dict(campaign.campaign.defaults.visual or {})

    def all(self) -> Iterator[Problem]:
        used: dict[str, Layout] = {}
        rests_on_defaults = False
        for index, activity in enumerate(self.campaign.campaign.activities):
            if activity.visual is None:
                rests_on_defaults = True
                continue
            given = activity.visual.model_dump(exclude_none=True)
            layout = self.layouts.get(str(given.get("layout")))
            if layout is not None:
                used[layout.id] = layout
                yield from self._given(layout, given, ("activities", index, "visual"))
                yield from self._missed(layout, given, ("activities", index, "visual"))
        layout = self.layouts.get(str(self.defaults.get("layout")))
        if layout is not None and rests_on_defaults:
            yield from self._missed(layout, self.defaults, ("defaults", "visual"))
        if layout is not None:
            used[layout.id] = layout
        known = {name for one in used.values() for name in one.fields}
        for name in self.defaults:
            if used and name == "format":
                yield from self._format(str(self.defaults[name]), list(used.values()), ("defaults", "visual", name))
            elif used and name not in known and name not in OWN_KEYS:
                yield self._unknown(name, layout or next(iter(used.values())), ("defaults", "visual", name))

    def _given(self, layout: Layout, given: Mapping[str, Any], here: Keys) -> Iterator[Problem]:
        for name, value in given.items():
            keys = (*here, name)
            if self.campaign.loaded.documents[-1].find(keys) is None:
                continue  # of the defaults
            spec = layout.fields.get(name)
            if name == "format":
                yield from self._format(str(value), [layout], keys)
            elif spec is not None:
                yield from self._value(name, spec, value, keys)
            elif name not in OWN_KEYS:
                yield self._unknown(name, layout, keys)

    def _format(self, name: str, layouts: Sequence[Layout], keys: Keys) -> Iterator[Problem]:
        """Find a format that none of the layouts has, and that would be passed over for the layout's first."""
        known = {format for layout in layouts for format in layout.pages}
        if name not in known and "{" not in name:
            message = _("the layout {layout} has no format {name}", layout=f"`{layouts[0].id}`", name=f"`{name}`")
            yield self.campaign.loaded.problem("no-such-format", message, keys, hint=did_you_mean(name, known))

    def _missed(self, layout: Layout, given: Mapping[str, Any], here: Keys) -> Iterator[Problem]:
        for name, spec in layout.fields.items():
            filled = given.get(name) if name != "alt" else None
            if spec.required and not filled and spec.default is None and name not in GIVEN:
                message = _("the layout {layout} needs the field {name}", layout=f"`{layout.id}`", name=f"`{name}`")
                hint = spec.note.in_language() if spec.note else None
                yield self.campaign.loaded.problem("missing-field", message, here, value=False, hint=hint)

    def _unknown(self, name: str, layout: Layout, keys: Keys) -> Problem:
        message = _("the layout {layout} has no field {name}", layout=f"`{layout.id}`", name=f"`{name}`")
        hint = did_you_mean(name, layout.fields)
        return self.campaign.loaded.problem("unknown-field", message, keys, value=False, hint=hint, warning=True)

    def _value(self, name: str, spec: FieldSpec, value: Any, keys: Keys) -> Iterator[Problem]:
        if spec.kind == "text":
            yield from self._text(name, spec, value, keys)
        elif spec.kind == "image" and name != "photo":
            yield from self._file(value, self.workspace.asset_folder, keys)
        elif spec.kind == "table" and not isinstance(value, list):
            yield from self._file(value, self.workspace.root, keys)

    def _text(self, name: str, spec: FieldSpec, value: Any, keys: Keys) -> Iterator[Problem]:
        texts = (
            {(): value}
            if isinstance(value, str)
            else {(k,): v for k, v in value.items()}
            if isinstance(value, dict)
            else {}
        )
        if not texts and not isinstance(value, (int, float)):
            message = _("the field {name} takes a text", name=f"`{name}`")
            yield self.campaign.loaded.problem("wrong-kind", message, keys)
        for key, text in texts.items():
            if spec.max_characters is not None and "{" not in str(text) and len(str(text)) > spec.max_characters:
                message = _(
                    "{length} characters are too many for the field {name}: it takes {most}",
                    length=len(str(text)),
                    name=f"`{name}`",
                    most=spec.max_characters,
                )
                yield self.campaign.loaded.problem("field-too-long", message, (*keys, *key))

    def _file(self, value: Any, folder: Path, keys: Keys) -> Iterator[Problem]:
        name = str(value)
        if "{" in name:
            return
        try:
            there = inside(folder, name).is_file()
        except UserMistake as mistake:
            yield self.campaign.loaded.problem("path-leaves", mistake.message, keys, hint=mistake.hint)
            return
        if not there:
            message = _("there is no file {file} in {folder}", file=f"`{name}`", folder=f"`{folder.name}/`")
            yield self.campaign.loaded.problem("no-such-file", message, keys)
