"""Extending the rolling plan in a process of its own: reading and compiling all campaigns takes 70 MB, for a moment."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from promo.errors import PromoError
from promo.language import language, use

if TYPE_CHECKING:
    from promo.app.workspace import App


def extend_apart(app: App) -> int:
    """Do what `App.extend_horizon` does, in another process where there is something to do; return its count.

    Raises PromoError with what went wrong there.
    """
    if not app.behind():
        return 0
    wish = {"root": str(app.workspace.root), "language": language()}
    child = subprocess.run(  # noqa: S603 - this very interpreter
        [sys.executable, "-m", __name__], input=json.dumps(wish), stdout=subprocess.PIPE, text=True, check=False
    )
    said = json.loads(child.stdout) if child.returncode == 0 else {"error": f"ended with {child.returncode}"}
    if "error" in said:
        raise PromoError(said["error"])
    return int(said["added"])


def main() -> None:
    """Extend the plan of the workspace named on standard input, and tell how many deliveries came into view."""
    from promo.app.workspace import App

    wish = json.load(sys.stdin)
    use(wish["language"])
    try:
        app = App.open(Path(wish["root"]))
        said: dict[str, object] = {"added": app.extend_horizon()}
    except PromoError as error:
        said = {"error": str(error)}
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    main()
