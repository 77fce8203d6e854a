"""A workspace with the sample brands, two small photos, and a renderer with an empty cache."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from promo.brand.load import load_brands
from promo.visual.model import VisualRequest
from promo.visual.renderer import Renderer
from promo.workspace import Workspace, WorkspaceSettings

SAMPLES = Path(__file__).parents[3] / "assets"
LINK = "https://go.jinxiu.example/l/Ab3dE6gH9k"


@pytest.fixture
def workspace(tmp_path):
    shutil.copytree(SAMPLES / "brands", tmp_path / "assets" / "brands")
    photos = tmp_path / "assets" / "photos"
    photos.mkdir()
    noise = np.random.default_rng(1).integers(90, 170, (90, 120, 3), np.uint8)
    Image.fromarray(noise).resize((2000, 1500)).save(photos / "grey.jpg")
    Image.new("RGB", (1200, 900), "white").save(photos / "white.png")
    return Workspace(tmp_path, WorkspaceSettings(), {})


@pytest.fixture
def renderer(workspace) -> Renderer:
    return fresh(workspace)


def fresh(workspace: Workspace, cache: str = "cache") -> Renderer:
    loaded = load_brands(workspace)
    assert not loaded.problems
    return Renderer(workspace, loaded.brands, workspace.root / cache)


@pytest.fixture
def renew(workspace) -> Callable[..., Renderer]:
    return lambda cache="cache": fresh(workspace, cache)


@pytest.fixture
def request_for() -> Callable[..., VisualRequest]:
    def build(**changes):
        values = {
            "layout": "event-card",
            "format": "square",
            "brand": "jinxiu",
            "language": "zh",
            "photo": "photos/grey.jpg",
            "fields": {"title": "秋季开放日", "subtitle": "把花园还给邻居", "body": "10 月 16 日 · 中心花园"},
            "qr": LINK,
            "alt": "邻居们在花园里种花",
        }
        return VisualRequest(**{**values, **changes})

    return build
