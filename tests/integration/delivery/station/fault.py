"""The faults: where a publisher dies or stands still, and the order in which they are dealt out."""

import os
import random
import signal
import threading
import time
from collections import deque
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from station.channels import KINDS

from promo.delivery.step import Step

ON_THE_WIRE = "on-the-wire"  # the channel has made the post; its answer has come and nobody has read it
SENDING_AGAIN = "sending-again"  # the same key, because nobody knows what became of the first time
POINTS = (*Step, ON_THE_WIRE, SENDING_AGAIN)
# Where a doubt is settled, and on which channel: it happens after another fault only, to whichever process comes first.
SETTLING = {Step.LOOKING_UP: "lookup", Step.LOOKED_UP: "lookup", SENDING_AGAIN: "key"}
ZOMBIE_POINTS = (Step.CLAIMED, Step.SENDING, Step.ANSWERED, Step.LOOKED_UP, SENDING_AGAIN)
KILL, STOP, NAP = "kill", "stop", "nap"  # SIGKILL; SIGSTOP for longer than the lease; one thread sleeps that long
SINKS_IN = 0.05  # seconds: a thread runs on for a moment after it has stopped its own process
STRUCK = "struck"
RECEIVED = "receiver.log"  # what the channel has
ENOUGH = 1.0  # seconds for the calls under way


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
    """Return each fault there is, once; where a doubt is settled depends on the channel.

    `brief`: zombies take time, so each of their points gets one kind of zombie only, in turn over the channels.
    """
    places = [(point, name) for point in POINTS for name in KINDS if SETTLING.get(point, name) == name]
    kills = [Fault(KILL, point, channel, nth) for point, channel in places]
    zombies = [
        Fault(how, point, channel, nth)
        for n, (point, channel) in enumerate(place for place in places if place[0] in ZOMBIE_POINTS)
        for how in ((STOP, NAP)[n % 2 : n % 2 + 1] if brief else (STOP, NAP))
    ]
    return kills + zombies


def deal(seed, faults):
    """Return the faults, a tuple for each process, in the seed's order, those of the first round first.

    A zombie goes on after its sleep and is killed later.
    """
    chance = random.Random(seed)
    lives = deque()
    for _nth, same in groupby(faults, attrgetter("nth")):
        some = list(same)
        chance.shuffle(some)
        for fault in some:
            then = () if fault.how == KILL else (Fault(KILL, Step.RECORDED, fault.channel, chance.randint(1, 4)),)
            lives.append((fault, *then))
    return lives


def token(root, fault):
    """Return the file that says who is struck by a shared fault: a process, or `STRUCK` once that is done."""
    return root / f"{fault.name} {fault.nth}"


class Fate:
    """Strikes one process: hears of its steps and carries out its own faults, one after the other.

    Those of `shared` strike whichever process passes their point first. Before anything strikes, `log` gets a line
    with its name, for there is no after.
    """

    def __init__(self, faults, shared, mine, log, leases, longer):
        self._faults = list(faults)
        self._shared = list(shared)
        self._taken = []  # of those that are shared
        self._mine = mine  # channel → the ids of its deliveries
        self._log = log
        self._leases = leases  # of the channels, in seconds
        self._longer = longer  # how many leases a zombie sleeps
        self._lock = threading.Condition()
        self._passed = 0
        self._calling = set()  # deliveries whose call is on its way to the channel
        self._still = False

    def __call__(self, step, who):
        """Hear that the delivery (or channel) `who` has come to `step`."""
        fault = self._next(self._point(step, who), who)
        if fault is not None:
            self._strike(fault)
        with self._lock:
            if step == Step.SENDING:
                self._lock.wait_for(lambda: not self._still)
                self._calling.add(who)
            elif step in {ON_THE_WIRE, Step.RECORDING}:
                self._calling.discard(who)
                self._lock.notify_all()

    def _point(self, step, who):
        """Return where it really is: what the receiver has already is being sent again."""
        again = step == Step.SENDING and any(fault.point == SENDING_AGAIN for fault in self._shared)
        log = self._log.with_name(RECEIVED)
        return SENDING_AGAIN if again and log.exists() and f'"{who}' in log.read_text(encoding="utf-8") else step

    def _next(self, step, who):
        with self._lock:
            if self._faults and self._meets(self._faults[0], step, who):
                self._passed += 1
                if self._passed == self._faults[0].nth:
                    self._passed = 0
                    return self._faults.pop(0)
            for fault in self._shared:
                if self._meets(fault, step, who) and self._first(fault):
                    self._shared.remove(fault)
                    self._taken.append(fault)
                    return fault
        return None

    def _meets(self, fault, step, who):
        return step == fault.point and (who == fault.channel or who in self._mine[fault.channel])

    def _first(self, fault):
        """Take a shared fault, with the name in the file at once: whoever dies in between could not give it back."""
        wanted = token(self._log.parent, fault)
        if wanted.exists():
            return False
        mine = self._log.parent / f"{os.getpid()} {threading.get_native_id()}"
        mine.write_text(str(os.getpid()), encoding="utf-8")
        try:
            os.link(mine, wanted)
        except FileExistsError:
            return False
        finally:
            mine.unlink()
        return True

    def _strike(self, fault):
        if fault.how == STOP:
            self._stand_still(fault)
            return
        self._note(fault)
        if fault.how == KILL:
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(self._leases[fault.channel] * self._longer)

    def _note(self, fault):
        with self._log.open("a", encoding="utf-8") as log:
            log.write(f"{os.getpid()} {fault.name}\n")
        if fault in self._taken:
            token(self._log.parent, fault).write_text(STRUCK, encoding="utf-8")

    def _stand_still(self, fault):
        """Stop the whole process, but none of its threads within a call that has not reached the channel.

        No publisher can help a call that sleeps there past its lease; the promise says so. Where calls stay under
        way for long, the fault is put off to another process.
        """
        with self._lock:
            self._still = True
            if self._lock.wait_for(lambda: not self._calling, ENOUGH):
                self._note(fault)
                os.kill(os.getpid(), signal.SIGSTOP)
                time.sleep(SINKS_IN)
            elif fault.point in SETTLING:
                token(self._log.parent, fault).unlink()
            self._still = False
            self._lock.notify_all()
