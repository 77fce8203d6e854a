"""One process of the model: a publisher that tells the oracle what it does, may die, and may fall asleep."""

import threading

from oracle.world import kinds

from promo.delivery.step import Step
from promo.registry import Registry, open_channels

ON_THE_WIRE = "on-the-wire"  # the channel has done its part, its answer is not read
DEATHS = (
    Step.CLAIMING,
    Step.CLAIM_WRITTEN,
    Step.CLAIMED,
    Step.SENDING,
    ON_THE_WIRE,
    Step.ANSWERED,
    Step.RECORDING,
    Step.RECORDED,
    Step.LOOKING_UP,
    Step.LOOKED_UP,
)
LOOKING = (Step.LOOKING_UP, Step.LOOKED_UP)
SLEEPS = (Step.CLAIMED, Step.SENDING, ON_THE_WIRE, Step.ANSWERED, *LOOKING)
PATIENCE = 30  # seconds of the real clock, for a thread that should have come by


class Died(BaseException):
    """The process is gone."""


class Worker:
    """A publisher of its own, with connectors of its own."""

    def __init__(self, desk, world, oracle, name):
        self.desk, self.world, self.oracle = desk, world, oracle
        channels = open_channels(desk.workspace, Registry({}, kinds(self)), desk.clock)
        self.publisher = desk.another(channels=channels, worker=name, on_step=self.hear)
        self.claims = {}
        self.whenever = False
        self.dies_at = self.sleeps_at = self.sleeps_over = None
        self.asleep = threading.Event()  # or its work is over
        self.wakes = threading.Event()
        self.failed = None
        self._thread = None
        self._look = None

    def now(self):
        return self.desk.clock.now()

    @property
    def holds(self):
        """What it has claimed, and what it looks up."""
        return {*self.claims, *(() if self._look is None else (self._look.post.id,))}

    # -- what the publisher tells ------------------------------------------------------------------------------

    def hear(self, step, who):
        """Hear of a step; die or sleep there."""
        if step is Step.CLAIMED:
            self.claims[who] = self.oracle.claimed(self.oracle.posts[who], self.now(), whenever=self.whenever)
        elif step is Step.SENDING:
            self.oracle.sending(self.claims[who], self.now())
        elif step is Step.LOOKING_UP:
            self._look = self.oracle.reserved(self.oracle.posts[who], self.now())
        elif step is Step.RECORDED:
            chosen = self.desk.row(who).not_before
            self.oracle.recorded(self.claims.pop(who), self.now(), chosen)
        self._stop_here(step, who)
        if step is Step.LOOKED_UP:
            look, self._look = self._look, None
            self.oracle.looked_up(look, self.now())

    def called(self, delivery, answer):
        """Hear that a channel was called and what it does."""
        self.oracle.called(self.claims[delivery], self.now(), answer)
        self._stop_here(ON_THE_WIRE, delivery)

    def asked(self, _delivery, answer):
        """Hear what a channel says to a look-up."""
        self._look.asked, self._look.answer = self.now(), answer

    def _stop_here(self, step, who):
        if step == self.dies_at:
            raise Died
        if step == self.sleeps_at and self.sleeps_over in {None, who}:
            self.sleeps_at = None
            self.asleep.set()
            self.wakes.wait(PATIENCE)

    # -- its work ----------------------------------------------------------------------------------------------

    def run(self, *, only=None):
        """Do what is due; return False where it died of it. `only`: as that channel's lane does, without a sweep."""
        if only is None:
            self.oracle.sweep(self.now(), self.claims)
        names = self.publisher.channels if only is None else [only]
        opened = {name for name in names if not self.oracle.shut(name, self.now())}
        began = self.now()
        try:
            if only is None:
                self.publisher.run_due()
            else:
                self.publisher.run_channel(only)
        except Died:
            self._leave_to_people(opened, cut_short=True)
            return False
        awake = began == self.now()
        self._leave_to_people(opened, cut_short=not awake)
        if awake:
            self.oracle.at_rest(self.now(), opened)
        return True

    def _leave_to_people(self, opened, *, cut_short):
        """Tell the oracle what people have now. One that slept or died came to some: the ledger tells which."""
        for post in self.oracle.posts.values():
            if post.channel in opened and (not cut_short or self.desk.row(post.id).not_before is None):
                self.oracle.left_to_people(post, self.now())

    def sleep_at(self, point, *, over=None):
        """Do what is due in a thread of its own and fall asleep at `point`; return whether it came by there.

        `over`: with that delivery alone.
        """
        self.sleeps_at, self.sleeps_over = point, over

        def work():
            try:
                self.run()
            except Exception as error:  # noqa: BLE001 - the model looks at it
                self.failed = error
            self.asleep.set()

        self._thread = threading.Thread(target=work)
        self._thread.start()
        self.asleep.wait(PATIENCE)
        self._leave_to_people(self.publisher.channels, cut_short=True)
        return self._thread.is_alive() and self.sleeps_at is None

    def wake(self):
        """Go on, to the end."""
        self.asleep.clear()
        self.wakes.set()
        self._thread.join(PATIENCE)
        if self.failed is not None:
            raise self.failed
