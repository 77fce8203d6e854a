"""What the tests of compiled deliveries share."""

POST = """
- id: hello
  kind: online
  channels: [micro]
  schedule: {at: 2027-03-08 10:00}
  content: {text: "Come and see"}
"""


def codes(compiled):
    """Return the codes of the problems found."""
    return [problem.code for problem in compiled.problems]


def one(compiled, **wanted):
    """Return the only delivery whose fields are as wanted."""
    [found] = [d for d in compiled.deliveries if all(getattr(d, name) == value for name, value in wanted.items())]
    return found


def notes(compiled, delivery):
    """Return the plan's notes about a delivery."""
    return " | ".join(compiled.notes.get(delivery.id, ()))
