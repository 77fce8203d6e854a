"""promo's renderer as the benchmarks drive it: whole renders, checks, metadata and the cache's files included."""

import io
import shutil
import tempfile
import time
from pathlib import Path

from PIL import Image
from visual import design

from promo.brand.load import load_brands
from promo.visual.model import VisualRequest
from promo.visual.renderer import Renderer
from promo.workspace import Workspace, WorkspaceSettings

RAM = Path("/dev/shm")


class Ours:
    """An open renderer with an empty cache, kept in memory where there is such a folder: disks differ."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="promo-bench-", dir=RAM if RAM.is_dir() else None))
        self.workspace = Workspace(design.workspace(), WorkspaceSettings(), {})
        self.renderer = Renderer(self.workspace, load_brands(self.workspace).brands, self.folder)

    def draw(self, *, link, kind, photo="photo.jpg", title=design.TITLE, body=design.BODY):
        """Render one card; return the CPU seconds it took and the picture."""
        request = card(kind, link=link, photo=photo, title=title, body=body)
        before = time.process_time()
        drawn = self.renderer.render(request)
        return time.process_time() - before, drawn

    def close(self):
        """Forget what was drawn."""
        shutil.rmtree(self.folder, ignore_errors=True)


def card(kind, *, link, photo="photo.jpg", title=design.TITLE, body=design.BODY):
    """Return the request for one card."""
    return VisualRequest(
        layout=f"card-{kind}",
        format="square",
        brand=design.BRAND,
        language="zh",
        photo=f"photos/{photo}",
        fields={"title": title, "body": body},
        qr=link,
        alt="院子",
    )


def bare_encode(pixels, kind):
    """CPU seconds of nothing but Pillow's encoder, at the settings ours has."""
    settings = {"jpeg": {"quality": design.QUALITY, "subsampling": 0}, "webp": {"quality": design.QUALITY, "method": 4}}
    before = time.process_time()
    pixels.save(io.BytesIO(), kind.upper(), **settings[kind])
    return time.process_time() - before


def bare_decode(photo):
    """CPU seconds of nothing but decoding a photo at the smallest size that covers the card."""
    before = time.process_time()
    with Image.open(photo) as image:
        image.draft("RGB", (design.CARD["width"], design.CARD["height"]))
        image.load()
    return time.process_time() - before
