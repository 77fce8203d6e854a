"""The one design that promo, satori and Chromium all draw, and the files they draw it from.

Everything is made once, in build/bench-visual/: a photo of 12 megapixels, two static cuts of the font (satori reads
no variable fonts), a workspace with the layout for promo, the packages of the peers.
"""

import shutil
import subprocess
from importlib.metadata import entry_points
from pathlib import Path

import numpy as np
from PIL import Image

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
BUILD = ROOT / "build" / "bench-visual"
BRAND = "jinxiu"
LOGO = ROOT / "assets" / "brands" / BRAND / "logo-on-dark.svg"
PHOTO = BUILD / "photo.jpg"
PHOTO_SIZE = 4000, 3000
WEIGHTS = 400, 800
QUALITY = 85

TITLE = "秋季开放日 把花园还给邻居"
BODY = "10 月 16 日上午九点,中心花园。带上孩子和一件旧玩具,换一棵可以带回家的树苗。".replace(",", "\uff0c")
LINK = "https://go.jinxiu.example/l/{number:010d}"
POSTER_TITLE, POSTER_BODY = "秋季开放日", "10 月 16 日上午九点 · 中心花园"
SHADE = "18, 32, 26"  # about the brand's shade: the veil under the words

CARD = {
    "width": 1080,
    "height": 1080,
    "quality": QUALITY,
    "scrims": [
        {"at": [0, 0, 1080, 281], "css": f"linear-gradient(0deg, rgba({SHADE}, 0), rgba({SHADE}, 0.5))"},
        {"at": [0, 324, 1080, 756], "css": f"linear-gradient(180deg, rgba({SHADE}, 0), rgba({SHADE}, 0.92))"},
    ],
    "logo": [76, 70, 247, 80],
    "text": [76, 432, 702, 572],
    "headline": {"size": 92, "weight": 800, "line_height": 1.2},
    "body": {"size": 38, "weight": 400, "line_height": 1.5},
    "gap": 28,
    "qr": [821, 821, 184, 184],
}

POSTER = {  # in CSS pixels, a third of the real ones
    "width": 1169,
    "height": 1654,
    "photo": [0, 0, 1169, 943],
    "veil": [0, 0, 1169, 331],
    "logo": [82, 83, 300, 86],
    "text": [82, 1010, 1005, 400],
    "headline": {"size": 175, "weight": 800, "line_height": 1.2},
    "body": {"size": 47, "weight": 400, "line_height": 1.5},
    "qr": [865, 1320, 222, 222],
}

POSTER_LAYOUT = """\
name: Poster of the benchmark
fields: {title: The headline, body: A line}
formats: {a3: {size: [3508, 4961], dpi: 300}}
output: {type: jpeg, quality: 95}
layers:
  - {kind: image, id: photo, box: [0, 0, 100, 57]}
  - {kind: gradient, box: [0, 0, 100, 20], angle: 0, stops: [{color: shade, opacity: 0}, {color: shade, opacity: 0.65}]}
  - {kind: logo, box: [7, 5, 50, 5.2]}
  - kind: group
    id: words
    box: [7, 61, 86, 24]
    stack: vertical
    gap: 3
    layers:
      - {kind: text, bind: title, style: headline, size: 15, min_size: 8, color: primary, max_lines: 1}
      - {kind: text, bind: body, style: body, size: 4, max_lines: 2}
  - {kind: qr, box: [74, 79.8, 19, 13.4]}
"""

LAYOUT = """\
name: Card of the benchmark
fields: {title: The headline, body: Two or three lines}
formats: {square: {size: [1080, 1080]}}
output: {type: TYPE, quality: 85}
layers:
  - {kind: image, id: photo}
  - {kind: gradient, box: [0, 0, 100, 26], angle: 0, stops: [{color: shade, opacity: 0}, {color: shade, opacity: 0.5}]}
  - kind: gradient
    box: [0, 30, 100, 70]
    stops: [{color: shade, opacity: 0}, {color: shade, opacity: 0.92}]
    strengthen: 0.97
  - {kind: logo, box: [7, 6.5, 50, 7.4]}
  - kind: group
    id: words
    box: [7, 40, 65, 53]
    stack: vertical
    justify: end
    gap: 2.6
    layers:
      - {kind: text, bind: title, style: headline, size: 8.52, min_size: 5, color: photo_text, max_lines: 2}
      - {kind: text, bind: body, style: body, size: 3.52, color: photo_text, max_lines: 3}
  - {kind: qr, box: [76, 76, 17, 17]}
"""


def prepare():
    """Make what is missing in build/bench-visual/."""
    BUILD.mkdir(parents=True, exist_ok=True)
    if not PHOTO.exists():
        _photo(PHOTO)
    for weight in WEIGHTS:
        if not cut(weight).exists():
            _static(weight)
    workspace()


def cut(weight):
    """Return the path of the static font of a weight."""
    return BUILD / f"NotoSansSC-{weight}.ttf"


def workspace():
    """Return the folder of promo's workspace, its layouts written anew."""
    folder = BUILD / "workspace"
    shutil.rmtree(folder / "assets", ignore_errors=True)
    (folder / "assets" / "photos").mkdir(parents=True)
    (folder / "assets" / "layouts").mkdir()
    shutil.copytree(ROOT / "assets" / "brands" / BRAND, folder / "assets" / "brands" / BRAND)
    shutil.copy(PHOTO, folder / "assets" / "photos" / "photo.jpg")
    for kind in ("jpeg", "png", "webp"):
        (folder / "assets" / "layouts" / f"card-{kind}.yaml").write_text(LAYOUT.replace("TYPE", kind), "utf-8")
    (folder / "assets" / "layouts" / "poster.yaml").write_text(POSTER_LAYOUT, "utf-8")
    return folder


def _photo(path):
    """A photo as a camera makes it: 4000 × 3000, with fine grain, 4:2:0, a few megabytes."""
    with Image.open(ROOT / "assets" / "photos" / "courtyard.jpg") as small:
        large = np.asarray(small.convert("RGB").resize(PHOTO_SIZE, Image.Resampling.BICUBIC), np.int16)
    grain = np.random.default_rng(7).normal(0, 5, large.shape[:2]).astype(np.int16)
    pixels = np.clip(large + grain[:, :, None], 0, 255).astype(np.uint8)
    Image.fromarray(pixels).save(path, "JPEG", quality=90, subsampling=2)


def variable_font():
    """Return the packaged variable Noto Sans SC."""
    for point in entry_points(group="justmytype.packs"):
        for folder in point.load()().get_font_directories():
            found = sorted(Path(folder).rglob("NotoSansSC*.ttf"))
            if found:
                return found[0]
    raise RuntimeError("Noto Sans SC is not installed")


def _static(weight):
    from fontTools.ttLib import TTFont
    from fontTools.varLib.instancer import instantiateVariableFont

    print(f"making the static font of weight {weight}, once …")
    with TTFont(variable_font()) as font:
        instantiateVariableFont(font, {"wght": weight}, inplace=True)
        font.save(cut(weight))


def npm():
    """Install the peers' packages into build/; return the folder, or the reason why they cannot run."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return None, "Node.js and npm are missing (Debian: apt-get install nodejs npm)"
    folder = BUILD / "peers"
    folder.mkdir(parents=True, exist_ok=True)
    wanted = (HERE / "peers" / "package-lock.json").read_bytes()
    mark = folder / "installed"
    if not mark.exists() or mark.read_bytes() != wanted:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / "peers" / name, folder)
        done = subprocess.run(
            ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            return None, f"npm could not install satori and resvg-js: {done.stderr.strip().splitlines()[-1:]}"
        mark.write_bytes(wanted)
    shutil.copy(HERE / "peers" / "satori.mjs", folder)
    return folder, None
