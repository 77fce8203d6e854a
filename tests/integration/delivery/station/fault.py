"""The faults: where a publisher dies or stands still, and the order in which they are dealt out."""

import os
import signal
import threading
import time
from dataclasses import dataclass
from itertools import product

from station.channels import KINDS

from promo.delivery.step import Step

ON_THE_WIRE = "on-the-wire"  # the channel has made the post; its answer has come and nobody has read it
POINTS = (*Step, ON_THE_WIRE)
ZOMBIE_POINTS = (Step.ANSWERED,)
KILL, STOP, NAP = "kill", "stop", "nap"  # SIGKILL; SIGSTOP for longer than the lease; one thread sleeps that long


@dataclass(frozen=True)
class Fault:
    """What happens to a process the `nth` time a delivery of `channel` passes `point` in it."""

    how: str
    point: str
    channel: str
    nth: int = 1

    @property
    def name(self):
        return f"{self.how} {self.point} {self.channel}"


def every_fault(nth=1, *, brief=False):
    """Return each fault there is, once; only `lookup` looks anything up.

    `brief`: zombies take time, so each of their points gets one kind of zombie only, in turn over the channels.
    """
    kills = [
        Fault(KILL, point, channel, nth)
        for point in POINTS
        for channel in KINDS
        if channel == "lookup" or not str(point).startswith("look")
    ]
    places = enumerate(product(ZOMBIE_POINTS, KINDS))
    zombies = [
        Fault(how, point, channel, nth)
        for n, (point, channel) in places
        for how in ((STOP, NAP)[n % 2 : n % 2 + 1] if brief else (STOP, NAP))
    ]
    return kills + zombies


class Fate:
    """Strikes one process: hears of its steps and carries out its faults, one after the other.

    Before it strikes, `log` gets a line with the fault's name, for there is no after.
    """

    def __init__(self, faults, mine, log, pause):
        self._faults = list(faults)
        self._mine = mine  # channel → the ids of its deliveries
        self._log = log
        self._pause = pause
        self._lock = threading.Lock()
        self._passed = 0

    def __call__(self, step, who):
        """Hear that the delivery (or channel) `who` has come to `step`."""
        with self._lock:
            if not self._faults:
                return
            fault = self._faults[0]
            if step != fault.point or (who != fault.channel and who not in self._mine[fault.channel]):
                return
            self._passed += 1
            if self._passed < fault.nth:
                return
            self._passed = 0
            self._faults.pop(0)
        self._strike(fault)

    def _strike(self, fault):
        with self._log.open("a", encoding="utf-8") as log:
            log.write(f"{os.getpid()} {fault.name}\n")
        if fault.how == NAP:
            time.sleep(self._pause)
        else:
            os.kill(os.getpid(), signal.SIGKILL if fault.how == KILL else signal.SIGSTOP)
