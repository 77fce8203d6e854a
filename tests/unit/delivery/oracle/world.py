"""The channels of the model: what they really have, what they answer, and who is listening."""

from collections import Counter
from datetime import timedelta

from promo.connector import Ability, Capabilities, Connector, Handle, Handover, Idempotency, Pending, Receipt, Settings
from promo.errors import AccessLost, NotSupported, OutcomeUnknown, Rejected, SecretMissing, TryAgain

BUSY_FOR = timedelta(seconds=90)
FINISHES_IN = timedelta(minutes=10)

# What a channel may answer to a publication, and whether the post is there then.
ANSWERS = {
    "receipt": True,
    "lost, yet there": True,
    "broken, yet there": True,  # a plugin's own mistake, after the bytes had left
    "nonsense, yet there": True,
    "lost, not there": False,
    "broken, not there": False,
    "finishing": True,
    "finishing, but never": False,
    "handed over": False,
    "busy": False,
    "busy for a while": False,
    "refused": False,
    "unsupported": False,
    "locked out": False,
    "no secret": False,
}
LOST = tuple(name for name in ANSWERS if name.startswith(("lost", "broken", "nonsense")))  # the outcome is unknown
PENDING = tuple(name for name in ANSWERS if name.startswith("finishing"))
LOOKS = ("honest", "lost", "broken", "busy", "busy for a while", "unsupported", "locked out")


def raised(answer):
    """Return the error behind an answer, or None."""
    kind = answer.partition(",")[0]
    return {
        "lost": OutcomeUnknown("no answer"),
        "broken": ValueError("a mistake in the plugin"),
        "busy": TryAgain("busy"),
        "busy for a while": TryAgain("busy", wait=BUSY_FOR),
        "refused": Rejected("no"),
        "unsupported": NotSupported("cannot"),
        "locked out": AccessLost("locked out"),
        "no secret": SecretMissing("no secret"),
    }.get(kind)


class World:
    """What the channels have: the judge's evidence."""

    def __init__(self):
        self.posts = Counter()  # by key
        self.answers = {}  # delivery → its next answer
        self.looks = "honest"

    def send(self, request, *, once):
        """Take a publication; return the answer's name. `once`: the channel knows a key again."""
        answer = self.answers.pop(request.delivery, "receipt")
        if once and self.posts[request.key]:
            # A channel that remembers the key repeats its answer, if it answers at all.
            return answer if raised(answer) and answer not in {"refused", "unsupported"} else "receipt"
        self.posts[request.key] += ANSWERS[answer]
        return answer


class Told(Connector[Settings]):
    """Answers as its world says, and lets its worker know."""

    title = "a channel of the model"
    title_zh = "模型渠道"
    Settings = Settings
    worker = None  # whose process this connector lives in

    def check(self):
        return Handle(account="model")

    def publish(self, request):
        once = self.capabilities.idempotency is Idempotency.KEY
        answer = self.worker.world.send(request, once=once)
        self.worker.called(request.delivery, answer)
        error = raised(answer)
        if error is not None:
            raise error
        if answer.startswith("finishing"):
            return Pending(remote_id=request.key, look_after=FINISHES_IN)
        if answer == "handed over":
            return Handover(remote_id=request.key, to="lin", proof="photo")
        return None if answer.startswith("nonsense") else Receipt(remote_id=request.key)

    def lookup(self, request):
        world = self.worker.world
        answer = world.looks
        if answer == "honest":
            answer = "found" if world.posts[request.key] else "absent"
        self.worker.asked(request.delivery, answer)
        error = raised(answer)
        if error is not None:
            raise error
        return Receipt(remote_id=request.key) if answer == "found" else None


HOUR = timedelta(hours=1)
DECLARED = {
    "by-key": Capabilities(idempotency=Idempotency.KEY, idempotency_window=HOUR),
    "by-key-and-lookup": Capabilities(idempotency=Idempotency.KEY, idempotency_window=HOUR, lookup=Ability.YES),
    "by-lookup": Capabilities(idempotency=Idempotency.LOOKUP, lookup=Ability.YES),
    "by-person": Capabilities(),
}


def kinds(worker):
    """Make the connectors of one worker's process."""
    return {
        name: type("Told", (Told,), {"name": name, "capabilities": declared, "worker": worker})
        for name, declared in DECLARED.items()
    }
