"""`python -m station`: a receiver, a publisher, or one run of the crash matrix."""

import argparse
import json
import logging
import sys
from datetime import timedelta
from pathlib import Path

import structlog


def say(words):
    """Tell whoever started this one line of JSON."""
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


def publish(options):
    """Be one tick or one daemon."""
    from station.channels import draw, open_station

    from promo.clock import SystemClock
    from promo.delivery.publisher import Publisher
    from promo.engine.embedded import Daemon, Pace, run_once

    engine, workspace, channels = open_station(options.ledger, options.root, options.receiver, options.lease)
    clock = SystemClock()
    publisher = Publisher(engine, channels, clock=clock, render=draw(options.root), workspace=workspace)
    say("ready")
    if options.what == "tick":
        say(run_once(publisher).outcomes)
    else:
        Daemon(publisher, clock=clock, pace=Pace(watch=timedelta(seconds=0.1))).run()
    return 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["receive", "tick", "daemon", "crash"])
    parser.add_argument("--root", type=Path)  # a folder for files
    parser.add_argument("--ledger")
    parser.add_argument("--receiver")
    parser.add_argument("--lease", type=float, default=1.0)  # seconds
    parser.add_argument("--delay", type=float, default=0.0)  # the receiver's, in seconds
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=200)  # deliveries a channel
    parser.add_argument("--over", type=float, default=0.0)  # seconds, over which they fall due
    parser.add_argument("--rounds", type=int, default=1)  # of every fault
    parser.add_argument("--concurrency", type=int, default=4)  # of each channel, over all publishers
    parser.add_argument("--longest", type=float, default=100)  # seconds; then the run is stuck
    parser.add_argument("--brief", action="store_true")  # fewer zombies
    parser.add_argument("--random-kills", type=int, default=0)
    parser.add_argument("--way")  # how publishers work; default: daemons and ticks in turn
    options = parser.parse_args()
    if options.what == "receive":
        from station.receiver import receive

        return receive(options.root / "receiver.log", options.delay, say)
    if options.what == "crash":
        from station.matrix import run_matrix

        say(run_matrix(options).as_json())
        return 0
    return publish(options)


if __name__ == "__main__":
    logging.disable()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    sys.exit(main())
