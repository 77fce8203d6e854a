"""Gradients of several stops, in pixels."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from promo.brand.model import Ink
from promo.visual.paint.marks import lay_gradient
from promo.visual.paint.sheet import Sheet
from promo.visual.scene import GradientMark, Rect, Stop

RED, GREEN, BLUE = (Ink(name=name, rgb=rgb) for name, rgb in (("r", "#ff0000"), ("g", "#00ff00"), ("b", "#0000ff")))


def painted(*stops, **more):
    picture = Image.new("RGB", (300, 40), "white")
    mark = GradientMark(layer="g", rect=Rect(left=0, top=0, width=300, height=40), stops=stops, angle=90, **more)
    lay_gradient(Sheet(picture), mark)
    return np.asarray(picture)[20].astype(int)


@pytest.mark.parametrize("linear", [True, False])
def test_every_stop_has_its_colour_at_its_place(linear):
    row = painted(Stop(at=0, ink=RED), Stop(at=0.25, ink=GREEN), Stop(at=1, ink=BLUE), linear=linear)
    assert np.abs(row[0] - (255, 0, 0)).max() < 12
    assert np.abs(row[75] - (0, 255, 0)).max() < 12
    assert np.abs(row[299] - (0, 0, 255)).max() < 12
    assert np.abs(row[187] - (0, 128, 128)).max() < 6  # half way between green and blue


def test_before_the_first_and_after_the_last_stop_the_colour_stays():
    row = painted(Stop(at=0.3, ink=RED), Stop(at=0.6, ink=BLUE))
    assert row[[0, 50, 80]].tolist() == [[255, 0, 0]] * 3
    assert row[[190, 299]].tolist() == [[0, 0, 255]] * 2


def test_opacity_runs_with_the_colours():
    row = painted(Stop(at=0, ink=RED, opacity=0), Stop(at=0.5, ink=RED, opacity=1), Stop(at=1, ink=BLUE, opacity=0))
    assert np.abs(row[0] - 255).max() < 4
    assert np.abs(row[150] - (255, 0, 0)).max() < 6
    assert np.abs(row[299] - 255).max() < 4


def test_a_veil_of_three_stops_becomes_stronger_at_its_last():
    stops = Stop(at=0, ink=BLUE, opacity=0), Stop(at=0.5, ink=BLUE, opacity=0.2), Stop(at=1, ink=BLUE, opacity=0.4)
    weak, strong = (painted(*stops, strengthen=0.9, strength=strength) for strength in (0, 1))
    assert weak[299][0] == pytest.approx(255 * 0.6, abs=3)
    assert strong[299][0] == pytest.approx(255 * 0.1, abs=3)
