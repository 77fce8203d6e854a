"""Ctrl-C and SIGTERM."""

import subprocess
import sys

HELD = """
import os, signal, threading, time
from promo.engine.signals import graceful

lock, stopped = threading.Lock(), threading.Event()

def stop():
    with lock:
        stopped.set()

with graceful(stop):
    with lock:
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(0.01)
    assert stopped.wait(10)
"""


def test_a_signal_may_come_while_what_stopping_wants_is_held():
    subprocess.run([sys.executable, "-c", HELD], check=True, timeout=30)
