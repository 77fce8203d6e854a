"""What painting keeps between pictures: photos at their size, logos, letters, and grounds up to the words."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image

from promo.visual.cache.memory import Memory, give_back
from promo.visual.paint.logo import load_logo
from promo.visual.paint.photo import photo_at, photo_in_bands, treat
from promo.visual.paint.spool import Spool
from promo.visual.scene import AnyMark, GroupMark, ImageMark, LogoMark, QrMark, Scene, TextMark
from promo.visual.text.block import TextBlock
from promo.visual.text.draw import Placed, text_mask


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """The contrast of one text or logo with the pixels it was laid on; of a photo how far it was enlarged."""

    mark: AnyMark
    contrast: float = 0.0
    enlarged: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Ground:
    """A page up to its first words: the pixels, the marks laid so far, and what was measured on them."""

    picture: Image.Image
    marks: tuple[AnyMark, ...]
    measured: tuple[Measured, ...]


class Store:
    """Finds in memory what was drawn before from the same files, and draws what is not there."""

    def __init__(self, memory: Memory, *, again: bool = False) -> None:
        self.memory = memory
        self.again = again  # the same picture may be painted more than once: hold its photos, however large
        self._held: dict[Hashable, tuple[Image.Image, float]] = {}
        self._spools: dict[ImageMark, Spool] = {}

    def photo(self, mark: ImageMark, size: tuple[int, int]) -> tuple[Image.Image, float]:
        """Return the mark's photo at `size`, treated, and how far it was enlarged. Raises UserMistake."""

        def make() -> tuple[Image.Image, float]:
            photo, enlarged = photo_at(mark.file, size, mark.focal, whole=mark.fit == "contain")
            return _treated(photo, mark), enlarged

        key = "photo", repr(mark), size, _state(mark.file)
        found = self._held.get(key) or self.memory.get(key, make, lambda made: pixels_size(made[0]))
        if self.again:
            self._held[key] = found
        return found

    def large_photo(
        self, mark: ImageMark, size: tuple[int, int]
    ) -> tuple[float, Iterable[tuple[int, Image.Image]]] | None:
        """Return a photo that is too large to be kept, as `photo_in_bands` does, treated; None: it is not."""
        if not self._is_large(mark, size):
            return None
        spool = self._spools.get(mark)
        if spool is not None:
            return spool.enlarged, spool
        enlarged, bands = photo_in_bands(mark.file, size, mark.focal)
        return enlarged, ((top, _treated(band, mark)) for top, band in bands)

    def set_aside(self, marks: tuple[AnyMark, ...]) -> None:
        """Scale the large photos among `marks` before there is a page, and keep them on disk until `close`."""
        for mark in marks:
            if isinstance(mark, ImageMark):
                left, top, right, bottom = mark.rect.pixels()
                size = right - left, bottom - top
                large = None if mark in self._spools else self.large_photo(mark, size)
                if large is not None:
                    with suppress(OSError):  # a full disk: it is scaled again when it is laid
                        self._spools[mark] = Spool(*large)
                    del large  # with it goes the decoded file
                    give_back()

    def close(self) -> None:
        """Forget what was set aside."""
        for spool in self._spools.values():
            spool.close()
        if self._spools:
            self._spools.clear()
            give_back()

    def _is_large(self, mark: ImageMark, size: tuple[int, int]) -> bool:
        return mark.fit == "cover" and size[0] * size[1] * 4 > self.memory.largest

    def logo(self, file: Path, *, height: int, widest: int) -> Image.Image:
        """Return a logo as `load_logo` does."""
        key = "logo", file, _state(file), height, widest
        return self.memory.get(key, lambda: load_logo(file, height=height, widest=widest), pixels_size)

    def letters(self, block: TextBlock, page: tuple[int, int], *, strike: bool) -> Placed | None:
        """Return the mask of a block's letters as `text_mask` does."""
        key = "letters", block, page, strike

        def make() -> tuple[Placed | None]:
            return (text_mask(block, page, strike=strike),)

        return self.memory.get(key, make, lambda made: pixels_size(made[0][0]) if made[0] else 1)[0]

    def ground(self, scene: Scene, make: Callable[[Scene, tuple[AnyMark, ...]], Ground]) -> Ground:
        """Return the ground of a scene, to be painted on: `make` draws it from the marks before the first words."""
        if scene.page.width * scene.page.height * 4 > self.memory.largest:
            self.memory.forget()  # a poster needs the room
        lead = _lead(scene.marks)
        states = tuple(_state(file) for file in _files(lead))
        key = "ground", scene.page.width, scene.page.height, scene.ground.rgb, repr(lead), states
        ground: Ground | None = self.memory.find(key)
        if ground is None:
            self.set_aside(lead)
            ground = make(scene, lead)
            if not self.memory.keep(key, ground, pixels_size(ground.picture)):
                return ground
        return replace(ground, picture=ground.picture.copy())


def _treated(photo: Image.Image, mark: ImageMark) -> Image.Image:
    tint = mark.tint.rgb if mark.tint else None
    return treat(photo, saturation=mark.saturation, tint=tint, opacity=mark.tint_opacity)


def pixels_size(picture: Image.Image) -> int:
    """Return the bytes a picture takes in memory: Pillow keeps four of each coloured pixel."""
    return picture.width * picture.height * (1 if picture.mode == "L" else 4)


def _state(file: Path) -> tuple[int, int] | None:
    """Return what changes when a file does."""
    try:
        stat = file.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size


def _lead(marks: tuple[AnyMark, ...]) -> tuple[AnyMark, ...]:
    words = (index for index, mark in enumerate(marks) if _has_words(mark))
    return marks[: next(words, len(marks))]


def _has_words(mark: AnyMark) -> bool:
    return isinstance(mark, TextMark | QrMark) or (isinstance(mark, GroupMark) and any(map(_has_words, mark.marks)))


def _files(marks: tuple[AnyMark, ...]) -> Iterator[Path]:
    for mark in marks:
        match mark:
            case ImageMark():
                yield mark.file
            case LogoMark():
                yield from mark.variants.values()
            case GroupMark():
                yield from _files(mark.marks)
