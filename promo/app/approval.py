"""Choosing deliveries by name or filter, and approving them as they look now."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from promo.app.approved import keep_approved
from promo.delivery import steps
from promo.delivery.query import find, list_deliveries
from promo.delivery.request import bytes_digest, read_attachments, render_media
from promo.errors import UserMistake
from promo.language import _

if TYPE_CHECKING:
    from promo.app.workspace import App
    from promo.delivery.state import State
    from promo.visual.model import Finding


def choose(
    app: App,
    names: Sequence[str],
    *,
    campaign: str | None = None,
    activity: str | None = None,
    channel: str | None = None,
    states: Collection[State] = (),
) -> list[str]:
    """Return the ids that are named, or all in `states` that the filters leave. Raises UserMistake for neither."""
    if names:
        return [find(app.ledger, name).id for name in names]
    if campaign is None and activity is None and channel is None:
        raise UserMistake(_("no delivery is named"), hint=_("name deliveries, or --campaign, --activity, --channel"))
    rows = list_deliveries(app.ledger, campaign=campaign, activity=activity, channel=channel, states=states)
    return [row.id for row in rows]


def approve(
    app: App,
    delivery: str,
    *,
    stage: str | None,
    by: str,
    comment: str,
    on_finding: Callable[[Finding], None] | None = None,
) -> State:
    """Approve one stage of a delivery: its exact words, and its picture as it is rendered now.

    `on_finding` hears what the style guide says of the picture.
    """
    row = find(app.ledger, delivery)
    # Rendered now, so that what is approved is what there is; the publisher compares before it sends.
    shown = render_media(row, app.render, on_finding=on_finding)
    digest = bytes_digest((*shown, *read_attachments(row, app.workspace.root)))
    state = steps.approve(
        app.ledger,
        row.id,
        stage=stage,
        by=by,
        comment=comment,
        clock=app.clock,
        visual_digest=digest,
    )
    if digest is not None:
        with suppress(OSError):  # the approval stands; only the comparison with a later picture is lost
            keep_approved(app, row.id, digest, shown)
    return state
