"""What requests name and others keep: photos, further pictures and tables, found and read again when they change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from promo.brand.model import Brand
from promo.errors import UserMistake
from promo.language import _
from promo.source.path import inside
from promo.source.problem import Severity
from promo.source.suggest import did_you_mean
from promo.source.table import load_table
from promo.visual.cache.pictures import FileDigests
from promo.visual.credit import Credits
from promo.visual.file.metadata import Metadata
from promo.visual.layout.load import Layout
from promo.visual.model import Row, VisualRequest
from promo.visual.place.content import Content


class Supply:
    """The files of one workspace. May be asked from several threads."""

    def __init__(self, root: Path, assets: Path, credits: Credits, digests: FileDigests) -> None:
        self.root, self.assets, self.credits, self.digests = root, assets, credits, digests
        self._paths: dict[str, Path] = {}  # resolving a path costs more than all the rest of a digest
        self._names: dict[Path, str] = {}
        self._known: dict[str, tuple[str, Metadata, str]] = {}
        self._rows: dict[Path, tuple[str, Sequence[Row]]] = {}

    def digest(self, request: VisualRequest, layout: Layout) -> tuple[object, ...]:
        """Digest of all files a request brings, and what is known of its pictures. Raises as `content` does."""
        needs = layout.needs
        if not (needs.pictures or needs.tables or needs.columns):
            return self._seen(request.photo)
        tables = {name: self._table(request, layout, name) for name in needs.tables}
        return (
            *self._seen(request.photo),
            *(self._seen(request.fields.get(name)) for name in needs.pictures),
            *(self._seen(row.get(column)) for rows in tables.values() for row in rows for column in needs.columns),
            repr(tables),
        )

    def content(self, request: VisualRequest, layout: Layout, brand: Brand) -> Content:
        """Return what fills the layout.

        Raises UserMistake for a picture or table that is not there, lies outside of the workspace, or cannot be read.
        """
        needs = layout.needs
        names = {"photo": request.photo, **{name: request.fields.get(name) for name in needs.pictures}}
        names |= {name: name for name in needs.files}
        tables = {name: self._table(request, layout, name) for name in needs.tables}
        names |= {
            row[column]: row[column]
            for rows in tables.values()
            for row in rows
            for column in needs.columns
            if column in row
        }
        images = {field: self.photo(name) for field, name in names.items() if name}
        made = {path for field, path in images.items() if self.known(names[field]).origin is not None}
        return Content(
            fields={**brand.facts(request.language), **request.fields},
            language=request.language,
            images=images,
            tables=tables,
            focal={path: focal for field, path in images.items() if (focal := self.credits.focal(names[field] or ""))},
            generated=frozenset(made),
            link=request.qr,
        )

    def photo(self, name: str) -> Path:
        """Return the file of a picture below assets/. Raises UserMistake where there is none."""
        path = self._paths.get(name)
        if path is None:
            path = inside(self.assets, name)
            if not path.is_file():
                raise UserMistake(_("there is no photo {file}", file=name), hint=_("photos are looked for in assets/"))
            self._paths[name] = path
            self._names.setdefault(path, name)
        return path

    def known_at(self, path: Path) -> Metadata:
        """Return what is known of a picture that `photo` found before."""
        return self.known(self._names.get(path))

    def known(self, name: str | None) -> Metadata:
        """Return what is known of a picture; its file is read again only when it changes."""
        return self._looked(name)[1] if name else Metadata()

    def _looked(self, name: str) -> tuple[str, Metadata, str]:
        path = self.photo(name)
        digest = self.digests.of(path)
        kept = self._known.get(name)
        if kept is None or kept[0] != digest:
            known = self.credits.of(name, path)
            kept = self._known[name] = (
                digest,
                known,
                repr((known, self.credits.focal(name))),
            )  # writing it out again takes longer than the rest
        return kept

    def _seen(self, name: str | None) -> tuple[str, ...]:
        if not name:
            return ("",)
        digest, _known, said = self._looked(name)
        return digest, said

    def _table(self, request: VisualRequest, layout: Layout, name: str) -> Sequence[Row]:
        rows = request.tables.get(name)
        file = request.fields.get(name, "")
        if rows is None and file:
            path = inside(self.root, file)
            digest = self.digests.of(path)
            kept = self._rows.get(path)
            if kept is None or kept[0] != digest:
                kept = self._rows[path] = digest, _read(path, self.root, file)
            rows = kept[1]
        for column in layout.fields[name].columns if rows else ():
            if rows and column not in rows[0]:
                raise UserMistake(
                    _("the table {table} has no column {name}", table=f"`{name}`", name=f"`{column}`"),
                    hint=did_you_mean(column, rows[0]),
                )
        return rows or ()


def _read(path: Path, root: Path, name: str) -> Sequence[Mapping[str, str]]:
    if not path.is_file():
        raise UserMistake(_("there is no table {file}", file=name), hint=_("tables are looked for in the workspace"))
    table = load_table(path, root=root)
    for problem in table.problems:
        if problem.severity is Severity.ERROR:
            raise UserMistake(f"{problem.at}: {problem.message}", hint=problem.hint)
    return table.rows
