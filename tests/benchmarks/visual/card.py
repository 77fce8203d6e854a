"""One card, drawn by promo, by satori with resvg-js, and by headless Chromium: the same design, side by side.

Warm: photo, brand, layout and words were seen before, the QR code's link is new each time. Cold: a photo of 12
megapixels and words nobody has seen before; the brand's logo, fonts and libraries are loaded, the browser is open.
"""

import contextlib
import io
import shutil
import statistics
import sys
from itertools import count

from PIL import Image
from visual import chromium_peer, design, satori_peer
from visual.ours import Ours, bare_decode, bare_encode

WARM, COLD = 10, 2  # renders in a row; /proc counts hundredths of a second
HOW = "CPU seconds of one card (1080², photo, veils, logo, CJK headline and body, QR code), all processes and threads: "
_numbers = count(1)


def measure(runs):
    """Interleaved rounds, medians."""
    design.prepare()
    folder, missing = design.npm()
    browser = chromium_peer.browser_path()
    for absent, what in ((folder is None, f"satori: {missing}"), (browser is None, "Chromium is not installed")):
        if absent:
            print(f"not measured: {what}", file=sys.stderr)
    times = {}
    with contextlib.ExitStack() as stack:
        ours = stack.enter_context(contextlib.closing(Ours()))
        satori = stack.enter_context(contextlib.closing(satori_peer.Satori(folder))) if folder else None
        chromium = stack.enter_context(contextlib.closing(chromium_peer.Chromium())) if browser else None
        small = _small_photo()
        for number in range(max(runs, 3) + 1):
            found = {}
            _warm_ours(found, ours)
            _cold_ours(found, ours)
            if satori:
                _satori(found, satori, small)
            if chromium:
                _chromium(found, chromium, small)
            for name, seconds in found.items() if number else ():  # the first round loads and compiles
                times.setdefault(name, []).append(seconds)
    return _entries({name: statistics.median(values) for name, values in times.items()})


def _link():
    return design.LINK.format(number=next(_numbers))


def _words():
    """A headline nobody has drawn before, of always the same length."""
    return f"{design.TITLE[:5]}{next(_numbers):04d}{design.TITLE[5:]}"


def _small_photo():
    """The photo cut to the card's size once, as the peers' users would keep it."""
    path = design.BUILD / "photo-small.jpg"
    with Image.open(design.PHOTO) as photo:
        side = min(photo.size)
        left, top = (photo.width - side) // 2, (photo.height - side) // 2
        area = photo.crop((left, top, left + side, top + side))
    area.resize((design.CARD["width"], design.CARD["height"])).save(path, quality=90)
    return path


def _unseen(folder):
    """A copy of the large photo that no cache can know: other bytes, the same pixels."""
    path = folder / f"photo-{next(_numbers)}.jpg"
    shutil.copy(design.PHOTO, path)
    with path.open("ab") as stream:
        stream.write(str(path).encode())
    return path


def _mean(draw, times):
    return statistics.fmean(draw() for _time in range(times))


def _warm_ours(found, ours):
    for kind in ("jpeg", "png", "webp"):
        ours.draw(link=_link(), kind=kind)
        found[kind] = _mean(lambda kind=kind: ours.draw(link=_link(), kind=kind)[0], WARM)
    found["words"] = _mean(lambda: ours.draw(link=_link(), kind="jpeg", title=_words())[0], COLD)
    finished = ours.draw(link=_link(), kind="png")[1]
    shutil.copy(finished.path, design.BUILD / "ours.png")
    with Image.open(finished.path) as picture:
        pixels = picture.convert("RGB")
    for kind in ("jpeg", "webp"):
        found[f"bare-{kind}"] = _mean(lambda kind=kind: bare_encode(pixels, kind), COLD)


def _cold_ours(found, ours):
    def once():
        photo = _unseen(ours.workspace.asset_folder / "photos")
        seconds, _drawn = ours.draw(link=_link(), kind="jpeg", photo=photo.name, title=_words())
        photo.unlink()
        return seconds

    found["cold"] = _mean(once, COLD)
    found["bare-cold"] = _mean(lambda: bare_decode(design.PHOTO), COLD) + found["bare-jpeg"]


def _satori(found, satori, small):
    for kind in ("jpeg", "png"):
        found[f"satori-{kind}"] = _mean(lambda kind=kind: satori.draw(photo=small, link=_link(), kind=kind), WARM)
        satori.draw(photo=small, link=_link(), kind=kind, out=design.BUILD / f"satori.{kind}")

    def once(*, cut):
        photo = _unseen(design.BUILD)
        seconds = satori.draw(photo=photo, link=_link(), kind="jpeg", title=_words(), cut=cut)
        photo.unlink()
        return seconds

    found["satori-cold"] = _mean(lambda: once(cut=False), COLD)
    found["satori-cut"] = _mean(lambda: once(cut=True), COLD)


def _chromium(found, chromium, small):
    def page(photo, kind, **more):
        chromium.open_card(photo, link=_link(), **more)
        return chromium.picture(kind)

    def mean(draw, times):
        before = chromium.seconds()
        for _time in range(times):
            data = draw()
        return (chromium.seconds() - before) / times, data

    for kind in ("jpeg", "png"):
        found[f"chromium-{kind}"], data = mean(lambda kind=kind: page(small, kind), WARM)
        with Image.open(io.BytesIO(data)) as picture:
            picture.convert("RGB").save(design.BUILD / f"chromium-{kind}.png")

    def exchanged():
        chromium.show(link=_link())
        return chromium.picture("jpeg")

    found["chromium-open"], _data = mean(exchanged, WARM)
    photos = [_unseen(design.BUILD) for _time in range(COLD)]
    left = iter(photos)
    found["chromium-cold"], _data = mean(lambda: page(next(left), "jpeg", title=_words(), anew=True), COLD)
    for photo in photos:
        photo.unlink()


def _entries(t):
    warm = "photo, brand, layout and words seen before, the link new each time; every check, the metadata and the cache"
    page = "a page opened for each card in one browser, its photo cut to size before"
    rows = [
        _times("card-jpeg-warm", t["jpeg"], t["bare-jpeg"], 2.5, f"{warm}'s files included ÷ Pillow's bare encode"),
        _times("card-jpeg-words", t["words"], t["bare-jpeg"], 8, "as warm, with words not seen before ÷ bare encode"),
        _times("card-jpeg-cold", t["cold"], t["bare-cold"], 2, "photo of 12 Mpx and words not seen ÷ draft + encode"),
        _times("card-webp", t["webp"], t["bare-webp"], 1.25, f"{warm}'s files included ÷ Pillow's bare encode"),
    ]
    peers = [
        (
            "card-jpeg-warm-satori",
            "satori-jpeg",
            "jpeg",
            14,
            "satori + resvg-js + sharp, fonts and photo loaded ÷ ours",
        ),
        ("card-png-satori", "satori-png", "png", 9, "satori + resvg-js, fonts and photo loaded ÷ ours"),
        (
            "card-jpeg-cold-satori",
            "satori-cold",
            "cold",
            5.5,
            "satori + resvg-js + sharp, photo and words not seen ÷ ours",
        ),
        ("card-jpeg-cold-satori-cut", "satori-cut", "cold", 2, "the same, its photo cut to size by sharp first ÷ ours"),
        ("card-jpeg-warm-chromium", "chromium-jpeg", "jpeg", 30, f"Chromium, {page} ÷ ours"),
        ("card-jpeg-open-chromium", "chromium-open", "jpeg", 15, "Chromium, one page, only its code changed ÷ ours"),
        ("card-png-chromium", "chromium-png", "png", 35, f"Chromium, {page} ÷ ours"),
        (
            "card-jpeg-cold-chromium",
            "chromium-cold",
            "cold",
            5,
            "Chromium, a new page in the open browser, photo and words not seen ÷ ours",
        ),
    ]
    for name, peer, mine, aim, what in peers:
        if peer in t:
            rows.append(_faster(name, t[mine], t[peer], aim, what))
        else:
            print(f"not measured: {name}", file=sys.stderr)
    return rows


def _times(name, mine, bare, aim, what):
    return _entry(name, mine, bare, mine / bare, f"≤ {aim:g}", mine / bare <= aim, what)


def _faster(name, mine, peer, aim, what):
    return _entry(name, mine, peer, peer / mine, f"≥ {aim:g}", peer / mine >= aim, what)


def _entry(name, mine, reference, ratio, aim, holds, what):
    return {
        "name": name,
        "ours": mine,
        "reference": reference,
        "ratio": ratio,
        "aim": aim,
        "holds": holds,
        "what": HOW + what,
    }
