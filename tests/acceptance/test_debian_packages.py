"""What the tests need from Debian is installed without starting anything on the machine, now or at its next boot."""

import os
import subprocess
from pathlib import Path

import pytest

from promo.testing.plugin import missing_server

SCRIPT = Path(__file__).parents[2] / ".ci" / "debian-packages"
UNITS = ("epmd.service", "epmd.socket", "rabbitmq-server.service")
# A bare machine, in a mount namespace of its own: no policy, no units, no broker. What is mounted ends with it.
MACHINE = """
for folder in /usr/sbin /lib/systemd/system /usr/lib/rabbitmq; do
    if [ -d $folder ]; then mount -t tmpfs bare $folder; fi
done
mkdir -p /lib/systemd/system
{before}
"$SCRIPT" && code=0 || code=$?
if [ -e /usr/sbin/policy-rc.d ]; then cat /usr/sbin/policy-rc.d; fi
exit $code
"""
# As apt does: asks the policy before it starts something, and brings units that start at the next boot.
APT = """#!/bin/sh
echo "apt-get $*" >>$NOTES
if [ "$1" = install ]; then
    code=0; /usr/sbin/policy-rc.d rabbitmq-server start || code=$?
    echo "policy $code" >>$NOTES
    for unit in $UNITS; do : >>/lib/systemd/system/$unit; done
    $THEN
fi
"""
SYSTEMCTL = """#!/bin/sh
echo "systemctl $*" >>$NOTES
"""


@pytest.fixture
def install(tmp_path):
    """Run the script on a bare machine; return how it ended, the policy that it left and what was called."""
    possible = subprocess.run(["unshare", "--mount", "true"], capture_output=True, text=True, check=False)
    if possible.returncode:
        missing_server("a mount namespace (unshare)", f"run as root: {possible.stderr.strip()}")
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, text in (("apt-get", APT), ("systemctl", SYSTEMCTL)):
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    notes = tmp_path / "notes"

    def run(before="", then=":"):
        given = {"SCRIPT": str(SCRIPT), "NOTES": str(notes), "UNITS": " ".join(UNITS), "THEN": then}
        done = subprocess.run(
            ["unshare", "--mount", "sh", "-eu", "-c", MACHINE.format(before=before)],
            env=given | {"PATH": f"{programs}:{os.environ['PATH']}"},
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        said = notes.read_text().splitlines()
        [packages] = [line for line in said if line.startswith("apt-get install")]
        assert "rabbitmq-server" in packages.split()
        left = done.stdout.partition("…\n")[2]
        return done.returncode, left, [line for line in said if not line.startswith("apt-get")]

    return run


def test_nothing_is_started_now_or_at_the_next_boot(install):
    code, left, said = install()
    assert (code, left) == (0, "")
    assert said[0] == "policy 101"
    assert sorted(said[1:]) == [f"systemctl disable {unit}" for unit in UNITS]


def test_a_policy_and_units_that_were_there_stay(install):
    policy = "#!/bin/sh\nexit 104\n"
    before = f"printf %s '{policy}' >/usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d"
    code, left, said = install(f"{before}; : >/lib/systemd/system/epmd.socket")
    assert (code, left) == (0, policy)
    assert said[0] == "policy 104"
    assert sorted(said[1:]) == ["systemctl disable epmd.service", "systemctl disable rabbitmq-server.service"]


@pytest.mark.parametrize("then", ["exit 100", "kill -TERM $PPID"])
def test_the_policy_goes_when_the_installation_fails_or_is_broken_off(install, then):
    code, left, said = install(then=then)
    assert code != 0
    assert (left, said) == ("", ["policy 101"])
