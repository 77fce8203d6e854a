"""Telling that a file of the workspace has changed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from promo.workspace import FILE, LOCAL_FILE

FOLDERS = ("campaigns", "assets")
SETTLE = 60  # milliseconds of quiet after which a change counts as done: editors write in several steps
STEP = 20


def watch_files(root: Path, changed: Callable[[], None], stop: threading.Event) -> list[threading.Thread]:
    """Call `changed` after each change in a workspace's campaigns/ and assets/, or of promo.yaml, until `stop` is set.

    The root itself is looked at without its folders: they hold results, and may hold anything else.
    """
    folders = [folder for folder in (root / name for name in FOLDERS) if folder.is_dir()]
    settings = {root / FILE, root / LOCAL_FILE}
    threads = [
        _thread(folders, lambda path: not path.name.startswith("."), changed, stop, deep=True),
        _thread([root], settings.__contains__, changed, stop, deep=False),
    ]
    for thread in threads:
        thread.start()
    return threads


def _thread(
    folders: list[Path],
    matters: Callable[[Path], bool],
    changed: Callable[[], None],
    stop: threading.Event,
    *,
    deep: bool,
) -> threading.Thread:
    from watchfiles import watch

    def run() -> None:
        seen = watch(
            *folders,
            watch_filter=lambda _change, path: matters(Path(path)),
            debounce=SETTLE * 10,
            step=STEP,
            rust_timeout=500,
            stop_event=stop,
            raise_interrupt=False,
            recursive=deep,
            ignore_permission_denied=True,
        )
        for _changes in seen:
            changed()

    return threading.Thread(target=run, name="promo-changes", daemon=True)
