"""A cable to a network of its own: a veth pair of which one end lies in a network namespace. Needs root."""

import os
import subprocess


class Cable:
    """One cable. `near` is this machine's address on it, `far` the one inside the namespace."""

    def __init__(self):
        number = os.getpid() % 60_000
        self.namespace = f"promo-{number}"
        self._ends = f"promo{number}a", f"promo{number}b"
        # Addresses from the range for tests of networks (RFC 2544), a /30 of them.
        block = f"198.18.{number // 64 % 256}.{number % 64 * 4}".rpartition(".")
        self.near = f"{block[0]}.{int(block[2]) + 1}"
        self.far = f"{block[0]}.{int(block[2]) + 2}"

    def lay(self):
        """Make namespace and cable. Raises CalledProcessError where that is not allowed."""
        near, far = self._ends
        inside = ("-n", self.namespace)
        ip("netns", "add", self.namespace)
        ip("link", "add", near, "type", "veth", "peer", "name", far, "netns", self.namespace)
        ip("addr", "add", f"{self.near}/30", "dev", near)
        ip(*inside, "addr", "add", f"{self.far}/30", "dev", far)
        ip("link", "set", near, "up")
        ip(*inside, "link", "set", "lo", "up")
        self.join()

    def cut(self):
        """Take the far end down: what is sent is lost without a word."""
        ip("-n", self.namespace, "link", "set", self._ends[1], "down")

    def join(self):
        ip("-n", self.namespace, "link", "set", self._ends[1], "up")

    def remove(self):
        subprocess.run(["ip", "link", "del", self._ends[0]], check=False, capture_output=True)
        subprocess.run(["ip", "netns", "del", self.namespace], check=False, capture_output=True)


def ip(*words):
    """Run iproute2's `ip`."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True, env=os.environ | {"PATH": path})
