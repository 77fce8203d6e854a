"""What a command stands on: the workspace's folder, the opened App, the log, the output."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from promo.language import from_environment, language, use

if TYPE_CHECKING:
    from datetime import date

    from promo.app.workspace import App
    from promo.clock import Clock


@dataclass(kw_only=True)
class Session:
    """One run of the command line. `app` opens the workspace when first asked for."""

    folder: str | None = None
    log_format: str | None = None
    verbose: bool = False
    chosen_language: bool = False
    clock: Clock | None = None

    @property
    def today(self) -> date:
        """Return this machine's present day."""
        from promo.clock import SystemClock

        return (self.clock or SystemClock()).now().astimezone().date()

    @cached_property
    def root(self) -> Path:
        """Return the workspace's folder. Raises NotFound."""
        from promo.workspace import find_root

        if self.folder is None:
            return find_root(Path.cwd())
        folder = Path(self.folder).expanduser()
        return find_root(folder) if folder.is_dir() else find_root(folder.parent if folder.is_file() else folder)

    @cached_property
    def app(self) -> App:
        """Open the workspace and start the log. Raises ProblemsFound, NotFound."""
        from promo.app.workspace import App

        app = App.open(self.root, clock=self.clock)
        wanted = app.workspace.settings.language
        if (
            wanted
            and not self.chosen_language
            and not os.environ.get("PROMO_LANG")
            and from_environment() == language()
        ):
            use(wanted)
        from promo.cli.log import start_log

        start_log(self.log_format, verbose=self.verbose)
        return app
