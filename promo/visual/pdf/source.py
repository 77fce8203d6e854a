"""A photo read part by part, upright and in sRGB, while it stands in memory once, as its file has it."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from promo.visual.paint.photo import stored_photo, to_srgb

Box = tuple[float, float, float, float]  # left, top, right, bottom
Turn = Image.Transpose
_MIRRORED = {Turn.FLIP_LEFT_RIGHT, Turn.ROTATE_180, Turn.ROTATE_270, Turn.TRANSVERSE}
_UPSIDE_DOWN = {Turn.FLIP_TOP_BOTTOM, Turn.ROTATE_180, Turn.ROTATE_90, Turn.TRANSVERSE}
_SIDEWAYS = {Turn.TRANSPOSE, Turn.ROTATE_90, Turn.ROTATE_270, Turn.TRANSVERSE}


class Source:
    """A photo's file, decoded not much finer than `near`. Raises UserMistake as `open_photo` does."""

    def __init__(self, path: Path, *, near: tuple[int, int]) -> None:
        self._stored, self._profile, self._turn = stored_photo(path, near=near)
        width, height = self._stored.size
        self.size = (height, width) if self._turn in _SIDEWAYS else (width, height)

    @property
    def width(self) -> int:
        """Return the upright photo's width."""
        return self.size[0]

    @property
    def height(self) -> int:
        """Return the upright photo's height."""
        return self.size[1]

    def part(self, box: Box, size: tuple[int, int]) -> Image.Image:
        """Return a box of the upright photo at `size`, in sRGB; pixels around it count, so that parts meet unseen."""
        left, top, right, bottom = box
        if self._turn in _MIRRORED:
            left, right = self.width - right, self.width - left
        if self._turn in _UPSIDE_DOWN:
            top, bottom = self.height - bottom, self.height - top
        if self._turn in _SIDEWAYS:
            left, top, right, bottom, size = top, left, bottom, right, (size[1], size[0])
        part = self._stored.resize(size, Image.Resampling.LANCZOS, box=(left, top, right, bottom))
        return to_srgb(part if self._turn is None else part.transpose(self._turn), self._profile)
