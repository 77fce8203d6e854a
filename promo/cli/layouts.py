"""layouts: what pictures can be made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from promo.app.preview import errors, stop_at
from promo.app.sample import find_layout, sample_words
from promo.cli.completing import a_layout
from promo.cli.context import Session
from promo.cli.options import as_json
from promo.cli.output import print_json, print_table
from promo.language import _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from promo.visual.layout.formats import PageSpec
    from promo.visual.layout.load import Layout


@click.command(help=_("List the layouts with their formats and fields; with NAME what each of its fields is."))
@click.argument("name", required=False, metavar="[NAME]", shell_complete=a_layout)
@as_json
@click.pass_obj
def layouts_command(session: Session, name: str | None, as_json: bool) -> None:
    """Print the layouts, or one."""
    from promo.visual.layout.load import load_layouts

    layouts, problems = load_layouts(session.app.workspace)
    if name is not None:
        layout = find_layout(layouts, name)
        if as_json:
            print_json(_plain(layout))
        else:
            _show(layout, layouts)
        return
    ordered = sorted(layouts.values(), key=lambda layout: layout.id)
    if as_json:
        print_json([_plain(layout) for layout in ordered])
    else:
        print_table(
            [_("layout"), _("name"), _("formats"), _("fields")],
            [
                [one.id, one.spec.name.in_language(), ", ".join(one.spec.formats), ", ".join(one.fields)]
                for one in ordered
            ],
        )
    stop_at(errors(problems))


def _plain(layout: Layout) -> dict[str, Any]:
    return {
        "layout": layout.id,
        "name": layout.spec.name,
        "file": layout.file,
        "formats": {
            name: {"width": page.width, "height": page.height, "dpi": page.dpi, "pages": page.pages}
            for name, page in layout.pages.items()
        },
        "fields": {name: field.model_dump(mode="json", exclude_unset=True) for name, field in layout.fields.items()},
    }


def _show(layout: Layout, layouts: Mapping[str, Layout]) -> None:
    click.echo(f"{layout.id}  {layout.spec.name.in_language()}")
    click.echo(f"{_('file')}: {layout.file}\n")
    print_table(
        [_("format"), _("size")],
        [[name, _size(page)] for name, page in layout.pages.items()],
    )
    click.echo()
    print_table(
        [_("field"), _("what"), _("for example")],
        [
            [name, field.note.in_language() if field.note else "", sample_words(layouts, layout, name)]
            for name, field in layout.fields.items()
        ],
    )
    click.echo("\n" + _("See it with: promo render --layout {name} --format all", name=layout.id))


def _size(page: PageSpec) -> str:
    """Say a format's size as people of its trade do: pixels on a screen, millimetres on paper."""
    if not page.print:
        return f"{page.width} × {page.height} px"
    width, height, bleed = (side / page.dpi * 25.4 for side in (page.width, page.height, page.bleed))
    paper = _("{width} × {height} mm at {dpi} dpi", width=round(width), height=round(height), dpi=page.dpi)
    return f"{paper}, {_('bleed {bleed} mm', bleed=round(bleed))}" if bleed else paper
