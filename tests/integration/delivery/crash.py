"""`make crash`: the whole crash matrix, many seeds on SQLite and on PostgreSQL; a line for each, then a table.

Writes build/crash.json. Exit 1 where anything was doubled or lost, more is uncertain than faults struck, a fault of
the matrix never struck, or a mutant was not found out. What a run leaves behind stays in build/crash/.
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path

from station.channels import KINDS
from station.database import server, temporary_database
from station.fault import every_fault

HERE = Path(__file__).parent
BUILD = HERE.parents[2] / "build"
DATABASES = ("sqlite", "postgresql")
MUTANTS = {"forgets": "doubled", "boasts": "lost"}  # the way it works → what the judge must find
ROUNDS = 2  # how often every fault strikes in one run, at the least


def play(database, seed, way, deliveries, place):
    """Play one seed in a process of its own; return what it found."""
    name = "-".join(filter(None, (database, way, str(seed))))
    root = BUILD / "crash" / name
    root.mkdir(parents=True)
    ledger = nullcontext(f"sqlite:///{root}/ledger.db") if database == "sqlite" else temporary_database(place, name)
    words = ["--seed", str(seed), "--count", str(deliveries // len(KINDS)), "--root", str(root), "--delay", "0.01"]
    words += ["--way", way] if way else []
    words += [] if way in MUTANTS else ["--rounds", str(ROUNDS), "--random-kills", str(deliveries // 30)]
    with ledger as url:
        command = [
            sys.executable,
            "-m",
            "station",
            "crash",
            "--ledger",
            url,
            "--over",
            "12",
            "--longest",
            "400",
            *words,
        ]
        env = os.environ | {"PYTHONPATH": str(HERE)}
        done = subprocess.run(command, capture_output=True, text=True, env=env, check=False)
    if done.returncode:
        return {"database": database, "way": way, "seed": seed, "broken": done.stderr[-2000:]}
    return {"database": database, "way": way, **json.loads(done.stdout)}


def trouble(found):
    """Return what is wrong with a run, in words; empty: nothing."""
    if "broken" in found:
        return found["broken"]
    if found["way"] in MUTANTS:
        return "" if found[MUTANTS[found["way"]]] else "a thoughtless publisher was not found out"
    missing = {fault.name for fault in every_fault()} - found["faults"].keys()
    if found["wrong"] or found["uncertain"] > found["kills"] + found["zombies"]:
        return "; ".join(found["wrong"]) or "more is uncertain than faults struck"
    return f"never struck: {', '.join(sorted(missing))}" if missing else ""


def points(found):
    """Return how often each point was struck, in words."""
    counts = Counter()
    for name, count in found["faults"].items():
        how, point, *_channel = name.split()
        counts[{"kill": point, "random": "anywhere"}.get(how, f"zombie {point}")] += count
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))


def line(found):
    """Return a run in one line."""
    head = f"{found['database']:10} {found['way'] or 'promo':13} seed {found['seed']:2}:"
    if "broken" in found:
        return f"{head} broken"
    parts = [f"{name} {found[name]}" for name in ("doubled", "lost", "uncertain", "published")]
    struck = f"{found['kills']} kills, {found['zombies']} zombies"
    return f"{head} {struck}; {', '.join(parts)}; {found['seconds']:.0f} s ({points(found)})"


def table(runs):
    """Return one row for each database and way of working, summed over the seeds."""
    names = ("kills", "zombies", "published", "uncertain", "doubled", "lost")
    rows = [f"{'':24} {'runs':>5} " + " ".join(f"{name:>10}" for name in names)]
    for kind in dict.fromkeys((run["database"], run["way"]) for run in runs):
        some = [run for run in runs if (run["database"], run["way"]) == kind and "broken" not in run]
        sums = " ".join(f"{sum(run[name] for run in some):>10}" for name in names)
        rows.append(f"{kind[0]:10} {kind[1] or 'promo':13} {len(some):>5} {sums}")
    return "\n".join(rows)


def say(words):
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=12)
    parser.add_argument("--deliveries", type=int, default=600)
    parser.add_argument("--databases", nargs="+", choices=DATABASES, default=DATABASES)
    options = parser.parse_args()
    shutil.rmtree(BUILD / "crash", ignore_errors=True)
    wanted = [(name, seed, way) for name in options.databases for way in MUTANTS for seed in (1,)]
    wanted += [(name, seed, None) for seed in range(1, options.seeds + 1) for name in options.databases]
    if "postgresql" in options.databases:
        wanted += [("postgresql", seed, "procrastinate") for seed in range(1, -(-options.seeds // 4) + 1)]
    runs = []
    needed = server() if "postgresql" in options.databases else nullcontext()
    with needed as place, ThreadPoolExecutor(os.cpu_count()) as pool:
        for found in pool.map(lambda one: play(*one, options.deliveries, place), wanted):
            say(line(found))
            runs.append(found)
    say(f"\n{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores\n{table(runs)}")
    (BUILD / "crash.json").write_text(json.dumps(runs, indent=2) + "\n", encoding="utf-8")
    bad = [f"{run['database']} seed {run['seed']}: {words}" for run in runs if (words := trouble(run))]
    say("\n".join(bad))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
