"""Golden pictures: the same words look as they did, and words set wrongly do not.

The pictures are our own drawings, looked at before they were kept. `PROMO_DRAW_GOLDEN=1 pytest <this file>` draws them
anew after a change that is meant.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from promo.visual.text.draw import text_mask
from promo.visual.text.fit import fit

GOLDEN = Path(__file__).parents[1] / "golden" / "text"
SIZE = 560, 200
UNLIKE = 0.1  # share of the ink that may lie elsewhere, seen from twice the distance
SAMPLES = {
    "chinese": ("锦绣社区开放日：把花园还给邻居，“云溪毛尖”与「老茶客」同在。", "zh", {}),
    "chinese-spaced": ("云溪茶文化节\n2027 年 11 月 6–7 日", "zh", {"tracking": 0.08, "weight": 500}),
    "traditional": ("社區花園今天開放，歡迎帶上茶具。", "zh-Hant", {}),
    "english": ("A neighbourhood garden opens its gates: AVATAR, Tea & “Toffee” for £5", "en", {"weight": 400}),
    "japanese": ("直売所で新茶フェア、キャッチコピーは「骨まで温まる」。", "ja", {}),
    "korean": ("이웃에게 정원을 돌려드립니다", "ko", {}),
    "arabic": ("افتتاح الحديقة في 16 أكتوبر، أهلاً بالجيران!", "ar", {}),
    "hebrew": ("שלום! הגן נפתח ב-16 באוקטובר (יום שבת)", "he", {}),
    "hindi": ("प्रिय पड़ोसियों, हमारा बग़ीचा फिर से खुल रहा है", "hi", {}),
    "tamil": ("பூங்கா மீண்டும் திறக்கிறது", "ta", {}),
    "mixed": ("开放日 Open Day مرحبا بكم नमस्ते ¥199 起", "zh", {}),
    "cut": (
        "这是一个永远也放不进两行里面去的标题，只好截断了，后面的字谁也看不到",
        "zh",
        {"max_lines": 2, "overflow": "ellipsis"},
    ),
}


def drawn(setting, text, language, *, direction="auto", **more):
    values = {"size": 50.0, "min_size": 25, "max_lines": 3, "balance": True, **more}
    made = setting(text, language=language, direction=direction, width=5.4, **values)
    fitted = fit(made, height=190)
    page = Image.new("L", SIZE, 0)
    letters = text_mask(fitted.block(left=10, top=5, width=540), SIZE)
    if letters is not None:
        page.paste(letters[0], letters[1])
    return page


def unlikeness(one, other):
    """Return which share of the ink of both lies elsewhere: 0 the same, 1 nothing in common."""
    first, second = (np.asarray(image.reduce(2), np.float64) for image in (one, other))
    return float(np.abs(first - second).sum() / np.maximum(first, second).sum())


@pytest.mark.parametrize("name", SAMPLES)
def test_words_look_as_they_did(setting, name):
    text, language, more = SAMPLES[name]
    picture = drawn(setting, text, language, **more)
    file = GOLDEN / f"{name}.png"
    if os.environ.get("PROMO_DRAW_GOLDEN"):
        file.parent.mkdir(parents=True, exist_ok=True)
        picture.quantize(16).save(file, optimize=True)
    with Image.open(file) as golden:
        assert unlikeness(picture, golden.convert("L")) < UNLIKE


def unjoined(text):
    return "\u200c".join(text)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("arabic", lambda text: text[::-1]),
        ("arabic", unjoined),
        ("arabic", lambda text: f"\u202d{text}"),  # as if it ran from left to right
        ("hebrew", lambda text: text[::-1]),
        ("hindi", unjoined),
        ("mixed", lambda text: text.replace("مرحبا بكم", "مكب ابحرم")),
        ("chinese", lambda text: text.replace("开放", "放开").replace("花园", "园花")),
        ("english", lambda text: text.replace("opens", "open s")),
    ],
)
def test_words_set_wrongly_do_not_pass_for_right(setting, name, wrong):
    text, language, more = SAMPLES[name]
    with Image.open(GOLDEN / f"{name}.png") as golden:
        assert unlikeness(drawn(setting, wrong(text), language, **more), golden.convert("L")) > UNLIKE


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("japanese", {"language": "zh"}),  # 直 and 骨 are drawn otherwise in China
        ("chinese", {"weight": 400}),
        ("chinese-spaced", {"tracking": 0.0}),
        ("arabic", {"direction": "ltr"}),
        ("traditional", {"language": "zh"}),
    ],
)
def test_other_type_does_not_pass_for_right(setting, name, more):
    text, language, own = SAMPLES[name]
    picture = drawn(
        setting, text, more.get("language", language), **{**own, **{k: v for k, v in more.items() if k != "language"}}
    )
    with Image.open(GOLDEN / f"{name}.png") as golden:
        assert unlikeness(picture, golden.convert("L")) > UNLIKE / 2
