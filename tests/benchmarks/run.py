"""`make bench`: runs every benchmark of this folder, prints one table, writes build/bench.json.

A benchmark is a module with `measure(runs) -> list[dict]`; each dictionary holds name, ours, reference, ratio,
aim (a text such as "≤ 4"), holds and what. Ours and the reference run interleaved, in one process or as whole
commands; medians of CPU time.
"""

import importlib.util
import json
import os
import platform
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent


def benchmarks(names):
    """Yield the modules that measure something, in the order of their names."""
    sys.path.insert(0, str(HERE))
    for path in sorted(HERE.rglob("*.py")):
        if path.name in {"run.py", "workload.py", "conftest.py"} or path.name.startswith("test_"):
            continue
        if names and path.stem not in names and path.stem.replace("_", "-") not in names:
            continue
        spec = importlib.util.spec_from_file_location(f"bench_{path.stem}", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        if hasattr(module, "measure"):
            yield path.stem, module


def main():
    """Measure, print, write; exit 1 when an aim is missed."""
    names = set(sys.argv[1:])
    runs = int(os.environ.get("BENCH_RUNS", "5"))
    entries = []
    for name, module in benchmarks(names):
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        entries += module.measure(runs)
    print(f"\n{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores, {runs} runs, medians")
    width = max((len(e["name"]) for e in entries), default=4)
    print(f"{'name':{width}}  {'ours':>10}  {'reference':>10}  {'ratio':>7}  {'aim':>6}  holds  what")
    for e in entries:
        holds = "yes" if e["holds"] else "NO"
        row = f"{e['name']:{width}}  {e['ours']:>10.4g}  {e['reference']:>10.4g}  {e['ratio']:>7.3g}  {e['aim']:>6}"
        print(f"{row}  {holds:5}  {e['what']}")
    build = ROOT / "build"
    build.mkdir(exist_ok=True)
    (build / "bench.json").write_text(json.dumps(entries, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return 0 if entries and all(e["holds"] for e in entries) else 1


if __name__ == "__main__":
    sys.exit(main())
