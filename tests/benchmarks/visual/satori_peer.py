"""satori and resvg-js in a Node process that stays open."""

import json
import subprocess
import sys

from visual import design


class Satori:
    """The open process; `draw` returns the CPU seconds it took."""

    name = "satori + resvg-js"

    def __init__(self, folder):
        setup = {
            "fonts": [{"file": str(design.cut(weight)), "weight": weight} for weight in design.WEIGHTS],
            "logo": str(design.LOGO),
            "design": design.CARD,
        }
        self.process = subprocess.Popen(
            ["node", "satori.mjs", json.dumps(setup)],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=sys.stderr,
            text=True,
        )

    def draw(self, *, photo, link, kind, title=design.TITLE, body=design.BODY, cut=False, out=None):
        """Draw one card; with `cut` the photo is cut to size by sharp first, with `out` the card is kept there."""
        job = {"photo": str(photo), "cut": cut, "link": link, "type": kind, "title": title, "body": body}
        self.process.stdin.write(json.dumps({**job, "out": str(out) if out else None}) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError("satori stopped")
        return json.loads(answer)["cpu"] / 1e6

    def close(self):
        """Let the process end."""
        self.process.stdin.close()
        self.process.wait(timeout=20)
        self.process.stdout.close()
