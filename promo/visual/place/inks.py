"""What a layout asks of a brand by name: colours and sizes of type."""

from __future__ import annotations

from promo.brand.model import ROLES, Brand, Ink
from promo.errors import UserMistake
from promo.language import _
from promo.source.suggest import did_you_mean
from promo.visual.layout.length import Length
from promo.visual.place.canvas import Canvas


def ink(brand: Brand, name: str) -> Ink:
    """Return the ink of a role or a colour of the palette. Raises UserMistake where the brand has none such."""
    try:
        return brand.ink(name)
    except KeyError:
        raise UserMistake(
            _("the brand {brand} has no colour {name}, which the layout uses", brand=brand.id, name=f"`{name}`"),
            hint=did_you_mean(name, (*ROLES, *brand.guide.palette.colors)),
        ) from None


def type_size(brand: Brand, size: Length | str, canvas: Canvas) -> float:
    """Return pixels for a size of type, or for its name in the brand's scale. Raises UserMistake as `ink` does."""
    if isinstance(size, Length):
        return canvas.length(size)
    scale = brand.guide.typography.scale
    if size not in scale:
        raise UserMistake(
            _(
                "the brand {brand} has no size of type {name}, which the layout uses",
                brand=brand.id,
                name=f"`{size}`",
            ),
            hint=did_you_mean(size, scale),
        )
    return scale[size] * canvas.page.unit
