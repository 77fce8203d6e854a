"""promo's renderer as the benchmarks drive it: whole renders, checks, metadata and the cache's files included."""

import contextlib
import io
import multiprocessing
import os
import shutil
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from PIL import Image
from visual import cpu, design

from promo.brand.load import load_brands
from promo.visual.model import VisualRequest
from promo.visual.pool import render_many
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


def poster(link):
    """Return the request for the poster."""
    return VisualRequest(
        layout="poster",
        format="a3",
        brand=design.BRAND,
        language="zh",
        photo="photos/photo.jpg",
        fields={"title": design.POSTER_TITLE, "body": design.POSTER_BODY},
        qr=link,
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


def in_fresh_process(work, *given, **named):
    """Return what `work` returns, called in a process that has done nothing else."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, *given, **named).result()


def draw_poster(*, warm):
    """Return CPU seconds and peak megabytes of one poster; `warm`: libraries and fonts are loaded by a card before."""
    with contextlib.closing(Ours()) as ours:
        if warm:
            ours.draw(link=design.LINK.format(number=0), kind="jpeg")
        before = time.process_time()
        drawn = ours.renderer.render(poster(design.LINK.format(number=1)))
        seconds = time.process_time() - before
        shutil.copy(drawn.path, design.BUILD / "poster-ours.jpg")
        return seconds, cpu.peak(os.getpid())


def draw_cards(cards, jobs):
    """Render as many cards, each with words of its own; return the seconds by the clock and the peaks of memory."""
    peaks = {}

    def look(done, _all):
        if done % 100 < jobs * 2:
            peaks.update((pid, cpu.peak(pid)) for pid in cpu.family(os.getpid()))

    with contextlib.closing(Ours()) as ours:
        first, rest = design.TITLE[:5], design.TITLE[5:]
        requests = [
            card("jpeg", link=design.LINK.format(number=number), title=f"{first}{number:04d}{rest}")
            for number in range(cards)
        ]
        start = time.perf_counter()
        render_many(ours.renderer, requests, jobs=jobs, progress=look)
        return time.perf_counter() - start, max(peaks.values())
