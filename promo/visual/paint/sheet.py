"""A sheet that marks are laid on: the page itself, or a transparent layer above it."""

from __future__ import annotations

import math

from PIL import Image

from promo.visual.scene import Rect

BAND = 250_000  # pixels of a colour that are laid at a time


class Sheet:
    """Pixels, RGB for the page and RGBA for a layer, with `origin` the page's point at their upper left corner.

    `backdrop` is what a layer will lie on, in RGB and of its size: contrast is measured against it.
    """

    def __init__(
        self, picture: Image.Image, *, origin: tuple[int, int] = (0, 0), backdrop: Image.Image | None = None
    ) -> None:
        self.picture, self.origin, self.backdrop = picture, origin, backdrop

    @property
    def is_page(self) -> bool:
        """Whether this is the page itself."""
        return self.backdrop is None and self.picture.mode == "RGB"

    def fill(self, colour: str, box: tuple[int, int, int, int]) -> None:
        """Fill a box of the page (left, top, right, bottom) with a colour."""
        x, y = self.origin
        self.picture.paste(colour, (box[0] - x, box[1] - y, box[2] - x, box[3] - y))

    def lay(self, source: str | Image.Image, place: tuple[int, int], mask: Image.Image | None) -> None:
        """Lay a colour through a mask, or a picture with or without one, at a point of the page."""
        size = source.size if isinstance(source, Image.Image) else mask.size if mask else (0, 0)
        left, top = place[0] - self.origin[0], place[1] - self.origin[1]
        if self.picture.mode == "RGB":
            if isinstance(source, str) and mask is not None:
                self._tint(source, (left, top), mask)
            else:
                self.picture.paste(source, (left, top, left + size[0], top + size[1]), mask)
            return
        layer = source.convert("RGBA") if isinstance(source, Image.Image) else Image.new("RGBA", size, source)
        if mask is not None:
            layer.putalpha(mask)
        skip = max(0, -left), max(0, -top)
        if skip[0] < size[0] and skip[1] < size[1]:
            self.picture.alpha_composite(layer, (max(0, left), max(0, top)), skip)

    def _tint(self, colour: str, place: tuple[int, int], mask: Image.Image) -> None:
        """Lay a colour through a mask, band by band: a picture is laid three times as fast as a bare colour."""
        rows = max(1, BAND // mask.width)
        solid = Image.new(self.picture.mode, (mask.width, min(rows, mask.height)), colour)
        for top in range(0, mask.height, rows):
            part = mask.crop((0, top, mask.width, min(top + rows, mask.height))) if rows < mask.height else mask
            area = solid if part.size == solid.size else solid.crop((0, 0, *part.size))
            self.picture.paste(area, (place[0], place[1] + top), part)

    def ground(self, box: tuple[int, int, int, int]) -> Image.Image:
        """Return the pixels so far in a box of the page (left, top, right, bottom), in RGB."""
        x, y = self.origin
        here = box[0] - x, box[1] - y, box[2] - x, box[3] - y
        if self.backdrop is None:
            return self.picture.crop(here)
        under = self.backdrop.crop(here).convert("RGBA")
        return Image.alpha_composite(under, self.picture.crop(here)).convert("RGB")

    def layer(self, rect: Rect, *, rotation: float = 0.0) -> Sheet:
        """Return an empty transparent sheet over `rect`, to be laid down by `merge` turned by as many degrees."""
        left, top, right, bottom = rect.pixels()
        if rotation:  # what stands behind, turned as the layer will be seen from itself
            reach = math.hypot(right - left, bottom - top) / 2
            x, y = (left + right) / 2, (top + bottom) / 2
            around = math.floor(x - reach), math.floor(y - reach), math.ceil(x + reach), math.ceil(y + reach)
            turned = self.ground(around).rotate(rotation, Image.Resampling.BILINEAR)
            inset_x, inset_y = left - around[0], top - around[1]
            backdrop = turned.crop((inset_x, inset_y, inset_x + right - left, inset_y + bottom - top))
        else:
            backdrop = self.ground((left, top, right, bottom))
        empty = Image.new("RGBA", (right - left, bottom - top), (0, 0, 0, 0))
        return Sheet(empty, origin=(left, top), backdrop=backdrop)

    def merge(self, layer: Sheet, *, opacity: float, rotation: float, mask: Image.Image | None) -> None:
        """Lay a layer down, faded, turned clockwise around its middle, and clipped to a mask of its size."""
        picture, (left, top) = layer.picture, layer.origin
        if mask is not None or opacity < 1:
            alpha = picture.getchannel("A")
            if mask is not None:
                clipped = Image.new("L", alpha.size, 0)
                clipped.paste(alpha, (0, 0), mask)
                alpha = clipped
            picture.putalpha(alpha.point(lambda value: round(value * opacity)) if opacity < 1 else alpha)
        if rotation:
            turned = picture.rotate(-rotation, Image.Resampling.BICUBIC, expand=True)
            left += round((picture.width - turned.width) / 2)
            top += round((picture.height - turned.height) / 2)
            picture = turned
        self._lay_rgba(picture, (left, top))

    def _lay_rgba(self, picture: Image.Image, place: tuple[int, int]) -> None:
        if self.picture.mode == "RGB":
            self.lay(picture.convert("RGB"), place, picture.getchannel("A"))
            return
        left, top = place[0] - self.origin[0], place[1] - self.origin[1]
        skip = max(0, -left), max(0, -top)
        if skip[0] < picture.width and skip[1] < picture.height:
            self.picture.alpha_composite(picture, (max(0, left), max(0, top)), skip)
