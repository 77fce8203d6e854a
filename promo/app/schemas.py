"""The JSON Schemas of a workspace's files, for editors."""

from __future__ import annotations

from typing import Any

from promo.app.workspace import App
from promo.language import _


def schemas(app: App) -> dict[str, dict[str, Any]]:
    """Return the JSON Schema of each kind of file, knowing this workspace's channels, brands, slots and layouts."""
    from promo.brand.model import BrandGuide
    from promo.campaign.schema import campaign_schema, workspace_schema
    from promo.source.schema import model_schema
    from promo.visual.layout.schema import layout_schema

    return {
        "campaign": campaign_schema(app.workspace),
        "workspace": workspace_schema(app.registry),
        "brand": model_schema(BrandGuide, _("A brand's style guide")),
        "layout": layout_schema(),
    }
