"""The three sample brands' logos: a mark drawn by hand, and the name set beside it as outlines."""

from __future__ import annotations

import io
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path

import resvg_py
from fontTools.misc.transform import Transform
from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTFont
from PIL import Image

HEIGHT = 120  # of every logo, in its own units
UPEM = 1000  # units per em of Noto Sans SC


@cache
def _font() -> TTFont:
    folders = (
        folder for point in entry_points(group="justmytype.packs") for folder in point.load()().get_font_directories()
    )
    return TTFont(next(path for folder in folders for path in sorted(Path(folder).rglob("NotoSansSC*.ttf"))))


def words(text: str, *, x: float, baseline: float, size: float, weight: int, tracking: float) -> tuple[str, float]:
    """Return `text` as SVG path data, and the x where it ends."""
    font = _font()
    glyphs, cmap, scale = font.getGlyphSet(location={"wght": weight}), font.getBestCmap() or {}, size / UPEM
    data = []
    for character in text:
        glyph = glyphs[cmap[ord(character)]]
        pen = SVGPathPen(glyphs, ntos=lambda number: f"{number:.1f}".rstrip("0").rstrip("."))
        glyph.draw(TransformPen(pen, Transform(scale, 0, 0, -scale, x, baseline)))
        data.append(str(pen.getCommands()))
        x += glyph.width * scale + tracking * size
    return "".join(data), x - tracking * size


def lockup(mark: str, chinese: str, latin: str, *, ink: str, soft: str, tracking: float) -> str:
    """Return an SVG: the mark, the Chinese name, and the Latin name set to the same width below it."""
    left = HEIGHT + 26.0
    name, end = words(chinese, x=left, baseline=70, size=62, weight=700, tracking=tracking)
    _plain, plain_end = words(latin, x=left, baseline=107, size=21, weight=500, tracking=0)
    spread = (end - plain_end) / (21 * (len(latin) - 1))
    below, _end = words(latin, x=left + 1, baseline=107, size=21, weight=500, tracking=spread)
    width = round(end) + 4
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT}" width="{width}" height="{HEIGHT}">\n'
        f"{mark}\n"
        f'<path fill="{ink}" d="{name}"/>\n'
        f'<path fill="{soft}" d="{below}"/>\n'
        "</svg>\n"
    )


def jinxiu_mark(ground: str, figure: str, accent: str) -> str:
    """A garden window with four lobes, and in it a roof over a leaf."""
    lobes = "".join(f'<circle cx="{x}" cy="{y}" r="33"/>' for x, y in ((34, 34), (86, 34), (34, 86), (86, 86)))
    return (
        f'<g fill="{ground}">{lobes}<rect x="26" y="26" width="68" height="68"/></g>\n'
        f'<path fill="none" stroke="{figure}" stroke-width="8" stroke-linecap="round" stroke-linejoin="round" '
        'd="M24 60 60 29 96 60"/>\n'
        f'<path fill="{accent}" d="M60 97C41 90 39 71 60 53 81 71 79 90 60 97Z"/>\n'
        f'<path fill="none" stroke="{ground}" stroke-width="3.6" stroke-linecap="round" d="M60 97V70"/>'
    )


def yunxi_mark(leaf: str, stream: str, cut: str) -> str:
    """A bud with two leaves rising from two lines of water."""
    return (
        f'<path fill="{leaf}" d="M60 2C80 22 82 54 60 84 38 54 40 22 60 2Z"/>\n'
        f'<path fill="{leaf}" d="M8 34C34 34 50 54 55 88 28 84 10 64 8 34Z"/>\n'
        f'<path fill="{leaf}" d="M112 34C86 34 70 54 65 88 92 84 110 64 112 34Z"/>\n'
        f'<path fill="none" stroke="{cut}" stroke-width="3.4" stroke-linecap="round" d="M60 84V38"/>\n'
        f'<path fill="none" stroke="{stream}" stroke-width="7" stroke-linecap="round" '
        'd="M12 98C24 90 36 90 48 98S72 106 84 98 104 92 110 96"/>\n'
        f'<path fill="none" stroke="{stream}" stroke-width="7" stroke-linecap="round" '
        'd="M34 112C44 106 54 106 62 111S80 115 88 110"/>'
    )


def haowu_mark(ground: str, figure: str, accent: str) -> str:
    """A shop's awning over a smile."""
    scallops = "".join(
        f'<path fill="{figure if index % 2 else accent}" d="M{20 + 20 * index} 26h20v26a10 10 0 0 1-20 0Z"/>'
        for index in range(4)
    )
    return (
        f'<rect width="120" height="120" rx="30" fill="{ground}"/>\n'
        f"{scallops}\n"
        f'<path fill="none" stroke="{figure}" stroke-width="9" stroke-linecap="round" d="M37 78C46 99 74 99 83 78"/>'
    )


def logos() -> dict[str, str]:
    """Return file (below assets/brands) → SVG."""
    jinxiu = {
        "logo.svg": (("#14503f", "#faf6ec", "#f0a35e"), "#14503f", "#566a5f"),
        "logo-on-dark.svg": (("#faf6ec", "#14503f", "#d9622b"), "#faf6ec", "#d8dccb"),
        "logo-mono.svg": (("#ffffff", "#000000", "#000000"), "#ffffff", "#ffffff"),
    }
    yunxi = {
        "logo.svg": (("#2f6b3a", "#3b8aa0", "#fbfaf3"), "#23462b", "#5c6f4d"),
        "logo-on-dark.svg": (("#cfe3a1", "#9fd3dc", "#23462b"), "#fbfaf3", "#dbe5c6"),
    }
    haowu = {
        "logo.svg": (("#d8432e", "#fff8ee", "#ffc94d"), "#2b2a33", "#6d6a75"),
        "logo-on-dark.svg": (("#d8432e", "#fff8ee", "#ffc94d"), "#fff8ee", "#f3dcc6"),
    }
    drawn = {}
    for file, (tones, ink, soft) in jinxiu.items():
        mark = jinxiu_mark(*tones)
        if file == "logo-mono.svg":  # one colour: what is not ink is a hole
            mark = (
                '<mask id="m"><rect width="120" height="120" fill="#000"/>'
                + mark
                + '</mask><rect width="120" height="120" fill="#ffffff" mask="url(#m)"/>'
            )
        drawn[f"jinxiu/{file}"] = lockup(mark, "锦绣物业", "JINXIU PROPERTY", ink=ink, soft=soft, tracking=0.04)
    for file, (tones, ink, soft) in yunxi.items():
        drawn[f"yunxi/{file}"] = lockup(
            yunxi_mark(*tones), "云溪富硒茶", "YUNXI SELENIUM TEA", ink=ink, soft=soft, tracking=0.03
        )
    for file, (tones, ink, soft) in haowu.items():
        drawn[f"haowu/{file}"] = lockup(
            haowu_mark(*tones), "好物小铺", "HAOWU CORNER SHOP", ink=ink, soft=soft, tracking=0.04
        )
    return drawn


def as_png(svg: str, height: int) -> bytes:
    """Return an SVG logo as a PNG with a transparent ground."""
    drawn = Image.open(io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=svg, height=height, skip_system_fonts=True))))
    stream = io.BytesIO()
    drawn.save(stream, "PNG", optimize=True)
    return stream.getvalue()


def draw_logos(folder: Path) -> None:
    """Write every logo below `folder`/brands; the shop's light one as PNG, as shops often have nothing else."""
    for name, svg in logos().items():
        path = folder / "brands" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name == "haowu/logo.svg":
            path.with_suffix(".png").write_bytes(as_png(svg, 480))
        else:
            path.write_text(svg, encoding="utf-8")
