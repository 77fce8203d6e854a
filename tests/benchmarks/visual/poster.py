"""An A3 poster at 300 dpi: CPU and memory of promo and of headless Chromium, the same design."""

import contextlib
import statistics
import sys

from visual import chromium_peer, cpu, design
from visual.ours import draw_poster, in_fresh_process

SCALE = 3  # device pixels for one of CSS: the page is laid out at 1169 × 1654


def measure(runs):
    """Medians of interleaved rounds; each of ours in a fresh process, so that its peak of memory is its own."""
    design.prepare()
    if chromium_peer.browser_path() is None:
        print("not measured: poster-a3-chromium, poster-a3-memory: Chromium is not installed", file=sys.stderr)
        return []
    ours, theirs = [], []
    for _run in range(max(runs, 3)):
        seconds, _mb = in_fresh_process(draw_poster, warm=True)
        _seconds, megabytes = in_fresh_process(draw_poster, warm=False)  # a process that draws one poster, no more
        ours.append((seconds, megabytes))
        theirs.append(_chromium())
    mine, peer = (statistics.median(seconds for seconds, _mb in found) for found in (ours, theirs))
    memory, browser = (statistics.median(mb for _seconds, mb in found) for found in (ours, theirs))
    what = "of an A3 poster at 300 dpi (3508 × 4961, JPEG), photo of 12 Mpx not seen before: "
    return [
        {
            "name": "poster-a3-chromium",
            "ours": mine,
            "reference": peer,
            "ratio": peer / mine,
            "aim": "≥ 2",
            "holds": peer / mine >= 2,
            "what": f"CPU seconds {what}headless Chromium, open, all processes ÷ ours, checks and metadata included",
        },
        {
            "name": "poster-a3-memory",
            "ours": memory,
            "reference": browser,
            "ratio": memory / browser,
            "aim": "≤ 0.25",
            "holds": memory / browser <= 0.25,
            "what": f"peak MB {what}our process (RSS) ÷ Chromium's processes (PSS, shared pages counted once)",
        },
    ]


def _chromium():
    page = chromium_peer.poster_page()
    with contextlib.closing(chromium_peer.Chromium()) as chromium, cpu.PeakMemory(chromium.process.pid) as peak:
        chromium.open(width=design.POSTER["width"], height=design.POSTER["height"], scale=SCALE)
        before = chromium.seconds()
        chromium.load(page)
        data = chromium.picture("jpeg", 95)
        seconds = chromium.seconds() - before
    (design.BUILD / "poster-chromium.jpg").write_bytes(data)
    return seconds, peak.megabytes
