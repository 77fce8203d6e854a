"""Run every fuzz target for some seconds, from seeds made here. What brings one down is kept in build/fuzz/."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
BUILD = ROOT / "build" / "fuzz"
MODES = ("RGB", "L", "CMYK", "RGBA", "P", "1", "LA")
LARGEST = 4096  # bytes of one input


def pictures() -> Iterator[bytes]:
    """Yield one small picture of every kind Pillow writes."""
    noise = Image.fromarray(np.random.default_rng(7).integers(0, 255, (9, 13, 3), np.uint8))
    exif = Image.Exif()
    exif[0x0112] = 6
    for kind in ("JPEG", "PNG", "WEBP", "TIFF"):
        for mode in MODES:
            for options in ({}, {"progressive": True, "exif": exif}, {"compression": "tiff_lzw", "lossless": True}):
                stream = io.BytesIO()
                try:
                    noise.convert(mode).save(stream, kind, **options)
                except (OSError, ValueError):
                    continue  # that kind has no such mode
                yield stream.getvalue()


def seeds(target: str) -> Iterator[bytes]:
    """Yield the inputs a target starts from."""
    if target == "logo":
        yield from (path.read_bytes() for path in sorted(ROOT.glob("assets/brands/*/*.svg")))
    elif target == "layout":
        yield from (path.read_bytes() for path in sorted(ROOT.glob("promo/visual/layouts/*.yaml")))
    else:
        yield from pictures()


def main(seconds: int) -> int:
    """Run the targets one after the other; return how many failed."""
    failed = 0
    for script in sorted(HERE.glob("fuzz_*.py")):
        target = script.stem.removeprefix("fuzz_")
        corpus = BUILD / "corpus" / target
        corpus.mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(seeds(target)):
            (corpus / f"seed-{number}").write_bytes(seed)
        print(f"{target}: {seconds} s", flush=True)
        options = [f"-max_total_time={seconds}", "-timeout=20", "-rss_limit_mb=1500", f"-max_len={LARGEST}"]
        options += ["-print_final_stats=1", f"-artifact_prefix={BUILD}/{target}-", str(corpus)]
        done = subprocess.run([sys.executable, str(script), *options], check=False, cwd=ROOT)
        failed += done.returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 60))
