"""The painter: a scene's marks laid down in order, and how well words and logo stand out where they lie."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, replace

from PIL import Image

from promo.visual.cache.memory import Memory
from promo.visual.paint.contrast import ground_luminance, logo_contrast, text_contrast
from promo.visual.paint.marks import lay_code, lay_gradient, lay_shape
from promo.visual.paint.masks import rounded
from promo.visual.paint.sheet import Sheet
from promo.visual.paint.store import Ground, Measured, Store
from promo.visual.scene import (
    AnyMark,
    GradientMark,
    GroupMark,
    ImageMark,
    LogoMark,
    QrMark,
    Rect,
    Scene,
    ShapeMark,
    TextMark,
    faded_as_one,
)
from promo.visual.text.draw import colour_glyphs

STRONGER = 0.25  # a step from a veil's own opacity (0) to the strongest its layout allows (1)
ONE_PICTURE = 64_000_000  # bytes kept while one picture is painted again with stronger veils
LOGO_CONTRAST = 2.2
LIGHT_GROUND = 0.3  # mean luminance from which the logo for light grounds is taken


@dataclass(frozen=True, kw_only=True, slots=True)
class Code:
    """The last QR code laid straight on the page, and the pixels it hides."""

    mark: QrMark
    under: Image.Image


@dataclass(frozen=True, kw_only=True, slots=True)
class Painted:
    """The finished pixels in RGB, the scene with everything decided that depends on pixels, and measurements."""

    picture: Image.Image
    scene: Scene
    measured: tuple[Measured, ...]
    code: Code | None = None


def paint(scene: Scene, memory: Memory | None = None) -> Painted:
    """Paint the marks; where words or logo do not stand out, again with stronger veils. Raises UserMistake.

    Photos, logos and grounds are kept in `memory` for the next picture; without one, as long as this one takes.
    """
    again = any(isinstance(mark, GradientMark) and mark.strengthen is not None for mark in scene.walk())
    with closing(Store(memory or Memory(ONE_PICTURE), again=again)) as store:
        painter = _Painter(scene, store)
        painted = painter.paint(scene)
        while (stronger := _strengthened(painted)) is not None:
            painted = painter.paint(stronger)
        return painted


def weak(measured: Measured) -> bool:
    """Whether a text or logo stands out too little."""
    if isinstance(measured.mark, TextMark):
        return measured.contrast < measured.mark.min_contrast
    return isinstance(measured.mark, LogoMark) and measured.contrast < LOGO_CONTRAST


def _strengthened(painted: Painted) -> Scene | None:
    """Return the scene with the veils under weak places a step stronger, or None where none can be."""
    places = [_extent(found.mark) for found in painted.measured if weak(found)]
    raised = False

    def stronger(mark: AnyMark) -> AnyMark:
        nonlocal raised
        if isinstance(mark, GroupMark):
            return replace(mark, marks=tuple(map(stronger, mark.marks)))
        if (
            isinstance(mark, GradientMark)
            and mark.strengthen is not None
            and mark.strength < 1
            and any(mark.rect.meets(place) for place in places)
        ):
            raised = True
            return replace(mark, strength=mark.strength + STRONGER)
        return mark

    marks = tuple(map(stronger, painted.scene.marks))
    return replace(painted.scene, marks=marks) if raised else None


def _extent(mark: AnyMark) -> Rect:
    return mark.drawn if isinstance(mark, LogoMark) and mark.drawn else mark.rect


class _Painter:
    """One scene on its way to pixels. Painting may be repeated; what does not change is drawn once."""

    def __init__(self, scene: Scene, store: Store) -> None:
        self.page, self.store = scene.page, store
        self.measured: list[Measured] = []
        self.code: Code | None = None

    def paint(self, scene: Scene) -> Painted:
        ground = self.store.ground(scene, self._ground)
        self.measured, self.code = list(ground.measured), None
        marks = self._lay(Sheet(ground.picture), scene.marks[len(ground.marks) :])
        done = replace(scene, marks=(*ground.marks, *marks))
        return Painted(picture=ground.picture, scene=done, measured=tuple(self.measured), code=self.code)

    def _ground(self, scene: Scene, marks: tuple[AnyMark, ...]) -> Ground:
        """Paint what stands before the first words."""
        picture = Image.new("RGB", (self.page.width, self.page.height), scene.ground.rgb)
        self.measured = []
        decided = self._lay(Sheet(picture), marks)
        return Ground(picture=picture, marks=decided, measured=tuple(self.measured))

    def _lay(self, sheet: Sheet, marks: Iterable[AnyMark]) -> tuple[AnyMark, ...]:
        """Lay marks on a sheet; return them with what was decided on the way."""
        done: list[AnyMark] = []
        for mark in marks:
            if isinstance(mark, GroupMark):
                done.append(self._group(sheet, mark))
            elif mark.rotation or (mark.opacity < 1 and faded_as_one(mark)):
                alone = GroupMark(
                    layer=mark.layer,
                    rect=_extent(mark),
                    opacity=mark.opacity,
                    rotation=mark.rotation,
                    marks=(replace(mark, opacity=1.0, rotation=0.0),),
                )
                inner = self._group(sheet, alone).marks[0]
                done.append(replace(inner, opacity=mark.opacity, rotation=mark.rotation))
            else:
                done.append(self._one(sheet, mark))
        return tuple(done)

    def _one(self, sheet: Sheet, mark: AnyMark) -> AnyMark:
        match mark:
            case ShapeMark():
                lay_shape(sheet, mark)
            case GradientMark():
                lay_gradient(sheet, mark)
            case ImageMark():
                self._image(sheet, mark)
            case TextMark():
                self._text(sheet, mark)
            case QrMark():
                if sheet.is_page:
                    self.code = Code(mark=mark, under=sheet.ground(mark.rect.pixels()))
                lay_code(sheet, mark)
            case LogoMark():
                return self._logo(sheet, mark)
        return mark

    def _group(self, sheet: Sheet, group: GroupMark) -> GroupMark:
        plain = not group.clip and not group.rotation and group.opacity >= 1
        if plain:
            return replace(group, marks=self._lay(sheet, group.marks))
        rect = group.rect if group.clip else _around(group)
        layer = sheet.layer(rect, rotation=group.rotation)
        marks = self._lay(layer, group.marks)
        size = layer.picture.size
        mask = rounded(size, group.radius) if group.clip and group.radius else None
        sheet.merge(layer, opacity=group.opacity, rotation=group.rotation, mask=mask)
        return replace(group, marks=marks)

    def _image(self, sheet: Sheet, mark: ImageMark) -> None:
        left, top, right, bottom = mark.rect.pixels()
        size = right - left, bottom - top
        large = self.store.large_photo(mark, size)
        if large is not None:
            enlarged, bands = large
            mask = rounded(size, mark.radius) if mark.radius else None
            for row, band in bands:
                clip = mask.crop((0, row, size[0], row + band.height)) if mask else None
                sheet.lay(band, (left, top + row), clip)
            self.measured.append(Measured(mark=mark, enlarged=enlarged))
            return
        photo, enlarged = self.store.photo(mark, size)
        left, top = left + (size[0] - photo.width) // 2, top + (size[1] - photo.height) // 2
        sheet.lay(photo, (left, top), rounded(photo.size, mark.radius) if mark.radius else None)
        self.measured.append(Measured(mark=mark, enlarged=enlarged))

    def _logo(self, sheet: Sheet, mark: LogoMark) -> LogoMark:
        box = mark.rect
        ground = ground_luminance(sheet.ground(box.pixels()).reduce(max(1, round(box.height) // 16)))
        by_ground = "light" if float(ground.mean()) > LIGHT_GROUND else "dark"
        wanted = mark.wanted if mark.wanted != "auto" else by_ground
        file = mark.variants.get(wanted) or mark.variants.get("mono") or next(iter(mark.variants.values()))
        image = self.store.logo(file, height=max(1, round(box.height)), widest=max(1, round(box.width)))
        left = round(box.left + (box.width - image.width) * mark.anchor)
        top = round(box.top + (box.height - image.height) / 2)
        drawn = Rect(left=left, top=top, width=image.width, height=image.height)
        decided = replace(mark, file=file, drawn=drawn)
        contrast = logo_contrast(image, sheet.ground(drawn.pixels()))
        self.measured.append(Measured(mark=decided, contrast=contrast))
        sheet.lay(image.convert("RGB"), (left, top), image.getchannel("A"))
        return decided

    def _text(self, sheet: Sheet, mark: TextMark) -> None:
        if mark.plate is not None:
            left, top, right, bottom = mark.rect.pixels()
            sheet.lay(mark.plate.rgb, (left, top), rounded((right - left, bottom - top), mark.plate_radius))
        if not mark.block.lines:
            return
        letters = self.store.letters(mark.block, (self.page.width, self.page.height), strike=mark.strike)
        if letters is not None:
            mask, place = letters
            ground = sheet.ground((*place, place[0] + mask.width, place[1] + mask.height))
            self.measured.append(Measured(mark=mark, contrast=text_contrast(ground, mask, mark.ink.rgb)))
            sheet.lay(mark.ink.rgb, place, mask)
        for picture, place in colour_glyphs(mark.block):
            sheet.lay(picture.convert("RGB"), place, picture.getchannel("A"))


def _around(group: GroupMark) -> Rect:
    """Return the rect of a group and all that stands out of it, its middle unchanged: it is turned around it."""
    x, y = group.rect.left + group.rect.width / 2, group.rect.top + group.rect.height / 2
    rects = [group.rect, *(_extent(mark) for mark in group.marks)]
    reach_x = max(max(rect.right - x, x - rect.left) for rect in rects)
    reach_y = max(max(rect.bottom - y, y - rect.top) for rect in rects)
    return Rect(left=x - reach_x, top=y - reach_y, width=2 * reach_x, height=2 * reach_y).grown(2)
