"""`make scaling`: measures unit costs, plays days, writes build/scaling.json and the tables of docs/scaling.md.

With --write only the tables are written anew, from build/scaling.json and build/bench.json.
"""

import argparse
import json
import os
import platform
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
FILE = ROOT / "build" / "scaling.json"
PAGE = ROOT / "docs" / "scaling.md"
sys.path[:0] = [str(HERE), str(HERE.parent)]


def measure(count, played):
    """Measure everything: a minute, and the played day some milliseconds a delivery."""
    from costs import measure_costs
    from engine_rooms import load, server
    from played import play_day

    rooms = load()
    with rooms.folder() as root, server(root) as url:
        found = measure_costs(rooms, root, url, count=count)
        found["played"] = play_day(rooms, root, count=played) if played else None
    system = f"Linux {platform.release().partition('-')[0]}, Python {platform.python_version()}"
    found["machine"] = f"{os.cpu_count()} cores ({platform.machine()}), {system}"
    return {**found, "count": count, "date": datetime.now(UTC).date().isoformat()}


def write():
    """Put the tables into the page."""
    from tables import every_table

    found = json.loads(FILE.read_text(encoding="utf-8"))
    bench = ROOT / "build" / "bench.json"
    figures = json.loads(bench.read_text(encoding="utf-8")) if bench.exists() else []
    page = PAGE.read_text(encoding="utf-8")
    for name, table in every_table(found, {figure["name"]: figure for figure in figures}).items():
        block = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        page, count = block.subn(lambda m, table=table: f"{m[1]}{table}\n{m[2]}", page)
        if count != 1:
            raise RuntimeError(f"docs/scaling.md has no place for {name}")
    PAGE.write_text(page, encoding="utf-8")


def main():
    """Measure unless told otherwise, then write."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--count", type=int, default=4000, help="deliveries for the unit costs")
    options.add_argument(
        "--played", type=int, default=20_000, help="deliveries of the played day; 0: leave it as it is"
    )
    options.add_argument("--write", action="store_true", help="write the tables only")
    chosen = options.parse_args()
    if not chosen.write:
        FILE.parent.mkdir(exist_ok=True)
        FILE.write_text(json.dumps(measure(chosen.count, chosen.played), indent=2) + "\n", encoding="utf-8")
    write()


if __name__ == "__main__":
    main()
