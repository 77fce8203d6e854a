"""What `deploy/` holds works: the image's files and commands, compose, the systemd units, the crontab line."""

import configparser
import io
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from dockerfile_parse import DockerfileParser
from sqlalchemy import update

from promo.store.database import open_database, transaction
from promo.store.tables import deliveries
from promo.store.wake import announce

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
BIN = Path(sys.executable).parent
UNITS = sorted(path.name for path in (DEPLOY / "systemd").glob("promo*"))
CAMPAIGN = """campaign: soon
name: soon
brand: mine
owner: you@example.com
timezone: UTC
period: {{from: {today}, until: {later}}}
activities:
  - id: post
    kind: online
    channels: [drafts]
    schedule: {{at: [{times}], late: 1d}}
    content: {{text: "到点了 · it is time"}}
"""
POSTS = 5


@pytest.fixture(scope="module")
def planned(tmp_path_factory):
    """A workspace with posts planned for an hour later."""
    folder = tmp_path_factory.mktemp("planned") / "mine"
    done = subprocess.run([BIN / "promo", "init", folder], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (folder / "campaigns" / "first.yaml").unlink()
    first = datetime.now(UTC) + timedelta(hours=1)
    times = ", ".join(f'"{first + timedelta(minutes=n):%Y-%m-%d %H:%M}"' for n in range(POSTS))
    day = timedelta(days=1)
    text = CAMPAIGN.format(today=(first - day).date(), later=(first + day).date(), times=times)
    (folder / "campaigns" / "soon.yaml").write_text(text, encoding="utf-8")
    done = subprocess.run([BIN / "promo", "-C", folder, "apply", "--yes"], capture_output=True, text=True, check=False)
    assert f"{POSTS} added" in done.stdout, done.stdout + done.stderr
    return folder


@pytest.fixture
def workspace(planned, tmp_path):
    """A copy of it for each test."""
    return Path(shutil.copytree(planned, tmp_path / "mine"))


@pytest.fixture
def start(tmp_path):
    """Start processes with nothing but the given environment; what still runs is ended after the test."""
    running = []

    def begin(words, *, cwd, env):
        log = (tmp_path / f"log{len(running)}").open("w")
        process = subprocess.Popen(list(map(str, words)), cwd=cwd, env=env, stdout=log, stderr=subprocess.STDOUT)
        process.log = Path(log.name)
        log.close()
        running.append(process)
        return process

    yield begin
    for process in running:
        if process.poll() is None:
            process.kill()
        process.wait()


def fall_due(address):
    """Everything planned is due now, and whoever waits hears of it."""
    engine = open_database(address)
    with transaction(engine) as connection:
        connection.execute(update(deliveries).values(due_at=datetime.now(UTC)))
        announce(connection)
    engine.dispose()


def posts(folder):
    return sorted((folder / "out" / "channels" / "drafts").glob("*/post.json"))


def until(condition, processes, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return
        for process in processes:
            assert process.poll() is None, process.log.read_text()
        time.sleep(0.1)
    pytest.fail("\n".join(process.log.read_text() for process in processes))


def end_gracefully(process):
    process.send_signal(signal.SIGTERM)
    # the web server ends by the signal itself, once it is done: the same to systemd and to a container
    assert process.wait(timeout=30) in (0, -signal.SIGTERM), process.log.read_text()
    assert "Traceback" not in process.log.read_text()


def free_port():
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return str(bound.getsockname()[1])


def healthy(words, env):
    """Whether a health check's command says so."""
    return subprocess.run([BIN / words[0], *words[1:]], env=env, capture_output=True, check=False).returncode == 0


# -- the image ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def image():
    return DockerfileParser(fileobj=io.BytesIO((DEPLOY / "Containerfile").read_bytes())).structure


def argument(image, instruction):
    """The last value of an instruction that is written as a list of words."""
    [*_others, value] = [step["value"] for step in image if step["instruction"] == instruction]
    return json.loads(value.partition("CMD ")[2] if instruction == "HEALTHCHECK" else value)


def test_the_image_copies_what_is_there_and_not_shut_out(image):
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = {
        source
        for step in image
        if step["instruction"] == "COPY" and "--from" not in step["value"]
        for source in step["value"].split()[:-1]
    }
    assert copied == allowed
    assert all((ROOT / source).exists() for source in copied - {"promo"}), "and promo is what runs here"


def test_the_image_installs_hashed_packages_and_runs_as_nobody_special(image):
    steps = [(step["instruction"], step["value"]) for step in image]
    [install] = [value for name, value in steps if name == "RUN" and ".lock" in value]
    assert "--require-hashes" in install
    lock = (ROOT / install.split()[-1]).read_text()
    named = re.findall(r"^[a-z0-9][a-z0-9._-]*==.*$", lock, re.MULTILINE)
    assert len(named) > 50
    assert all(line.endswith("\\") for line in named), "a package without a hash"
    assert {"psycopg", "procrastinate", "celery", "s3fs"} <= {line.partition("==")[0] for line in named}
    [user] = [value for name, value in steps if name == "USER"]
    assert int(user.partition(":")[0]) > 0
    last_stage = [name for name, _value in steps][::-1].index("FROM")
    assert "USER" in [name for name, _value in steps][-last_stage:]


def test_the_commands_of_the_image_run(image, workspace, start):
    port = free_port()
    words = [
        word.replace("0.0.0.0:9464", f"127.0.0.1:{port}")
        for word in argument(image, "ENTRYPOINT") + argument(image, "CMD")
    ]
    env = {"PATH": f"{BIN}:/usr/bin:/bin", "PYTHONUNBUFFERED": "1"}
    process = start([BIN / words[0], *words[1:]], cwd=workspace, env=env)
    asks = [word.replace(":9464", f":{port}") for word in argument(image, "HEALTHCHECK")]
    until(lambda: healthy(asks, env), [process])
    fall_due(f"sqlite:///{workspace}/.promo/promo.db")
    until(lambda: len(posts(workspace)) == POSTS, [process])
    ledger = workspace / ".promo" / "promo.db"
    away = ledger.rename(ledger.with_name("away.db"))
    assert not healthy(["promo", "health", f"127.0.0.1:{port}"], env)
    assert healthy(asks, env), "a restart brings no database back"
    away.rename(ledger)
    end_gracefully(process)
    assert not healthy(asks, env)


# -- compose -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))


def interpolated(text, env):
    """A value with its `${NAME}` filled in, as the Compose Specification says (chapter Interpolation)."""

    def value(found):
        name, kind, word = found[1], found[2], found[3]
        assert name in env or kind == ":-", f"{name}: {word}"
        return env.get(name) or word

    return re.sub(r"\$\{(\w+)(?:(:-|:\?)([^}]*))?\}", value, text)


def test_the_compose_file_is_one():
    words = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run([*words, DEPLOY / "compose.yaml"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_compose_opens_ports_for_this_machine_alone_and_holds_no_secret(compose):
    ports = [port for service in compose["services"].values() for port in service.get("ports", ())]
    assert len(ports) == 2
    assert all(port.startswith("127.0.0.1:") for port in ports)
    for service in compose["services"].values():
        for name, value in service.get("environment", {}).items():
            assert "PASSWORD" not in name or value.startswith("${"), name
        assert service["image"] != "promo" or (service["read_only"] and service["cap_drop"] == ["ALL"])
    assert compose["services"]["worker"]["deploy"]["replicas"] == 2
    grace = compose["services"]["run"]["stop_grace_period"]
    assert int(grace.removesuffix("s")) > 300, "longer than the default timeout of a channel"


@pytest.mark.timeout(240)
def test_the_services_of_compose_publish_together(compose, workspace, database, start, program):
    """As processes: no container runs here."""
    address = database()
    shown = interpolated(compose["services"]["run"]["environment"]["PROMO_DATABASE"], {"POSTGRES_PASSWORD": "p"})
    assert shown == "postgresql+psycopg://promo:p@postgres/promo"
    env = {"PATH": f"{BIN}:/usr/bin:/bin", "LANG": "C.UTF-8", "PROMO_DATABASE": address}
    done = program("database", "copy", "--to", "env:PROMO_DATABASE", cwd=workspace, env=env)
    assert done.returncode == 0, done.stderr
    settings = workspace / "promo.yaml"
    changes = {"database": {"env": "PROMO_DATABASE"}, "engine": "procrastinate"}
    settings.write_text(yaml.safe_dump(yaml.safe_load(settings.read_text(encoding="utf-8")) | changes))
    ports, processes = {}, {}
    for name, service in compose["services"].items():
        for number in range(service.get("deploy", {}).get("replicas", 1) if service["image"] == "promo" else 0):
            key = f"{name}{number}"
            ports[key] = free_port()
            words = [
                word.replace("0.0.0.0", "127.0.0.1").replace("9464", ports[key]).replace("8470", ports[key])
                for word in service["command"]
            ]
            processes[key] = start([BIN / "promo", *words], cwd=workspace, env=env)
    ports["unit"] = free_port()  # and a worker as systemd starts it
    words = shlex.split(unit("promo-worker@.service")["Service"]["ExecStart"].replace("947%i", ports["unit"]))
    processes["unit"] = start([BIN / "promo", *words[1:]], cwd=workspace, env=env)
    assert sorted(processes) == ["run0", "serve0", "unit", "worker0", "worker1"]
    until(lambda: all(answers(f"http://127.0.0.1:{port}/ready") for port in ports.values()), processes.values(), 90)
    asks = [word.replace("8470", ports["serve0"]) for word in compose["services"]["serve"]["healthcheck"]["test"]]
    assert asks.pop(0) == "CMD"
    assert "--alive" in asks, "a restart brings no database back"
    assert healthy(asks, env)
    fall_due(address)
    until(lambda: len(posts(workspace)) == POSTS, processes.values(), 90)
    for process in processes.values():
        end_gracefully(process)
    said = json.loads(program("list", "--json", cwd=workspace, env=env).stdout)
    assert [row["state"] for row in said] == ["published"] * POSTS


# -- systemd -----------------------------------------------------------------------------------------------------


def unit(name):
    parsed = configparser.ConfigParser(strict=False, interpolation=None)
    parsed.optionxform = str
    parsed.read(DEPLOY / "systemd" / name, encoding="utf-8")
    return parsed


@pytest.fixture
def needs_systemd():
    if shutil.which("systemd-analyze") is None:
        strict = os.environ.get("CI") or os.environ.get("PROMO_TEST_STRICT")
        (pytest.fail if strict else pytest.skip)("systemd-analyze is missing: apt-get install systemd")


def test_the_units_are_units(needs_systemd, tmp_path):
    """Verified by systemd itself, the program put where it is on this machine."""
    for name in UNITS:
        text = (DEPLOY / "systemd" / name).read_text(encoding="utf-8")
        (tmp_path / name).write_text(text.replace("/opt/promo/bin/promo", f"{BIN}/promo"), encoding="utf-8")
    words = ["systemd-analyze", "verify", "--man=no", *(tmp_path / name for name in UNITS)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", [name for name in UNITS if name.endswith(".service")])
def test_a_unit_is_let_do_little(needs_systemd, name):
    """Systemd's own measure: 0 is locked in, 10 may do everything."""
    words = ["systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=20"]
    done = subprocess.run([*words, DEPLOY / "systemd" / name], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-300:] + done.stderr


@pytest.mark.parametrize("name", ["promo.service", "promo-tick.service", "promo-serve.service"])
def test_what_a_unit_starts_runs_and_ends_by_its_signal(name, workspace, start):
    service = unit(name)["Service"]
    port = free_port()
    fall_due(f"sqlite:///{workspace}/.promo/promo.db")
    words = shlex.split(re.sub("9464|8470", port, service["ExecStart"]))
    assert words[0] == "/opt/promo/bin/promo"
    assert service["WorkingDirectory"] == service["ReadWritePaths"] == "/srv/marketing"
    process = start([BIN / "promo", *words[1:]], cwd=workspace, env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"})
    if service["Type"] == "oneshot":
        assert process.wait(timeout=60) == 0, process.log.read_text()
    if name == "promo-serve.service":
        until(lambda: answers(f"http://127.0.0.1:{port}/"), [process])
    else:
        until(lambda: len(posts(workspace)) == POSTS, [] if service["Type"] == "oneshot" else [process])
    if service["Type"] != "oneshot":
        assert service["KillSignal"] == "SIGTERM"
        end_gracefully(process)


def answers(url):
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


def test_the_timer_starts_the_tick_every_minute(needs_systemd):
    timer = unit("promo-tick.timer")["Timer"]
    done = subprocess.run(
        ["systemd-analyze", "calendar", "--iterations=2", "--base-time=2027-03-01 10:00:30 UTC", timer["OnCalendar"]],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "TZ": "UTC"},
    )
    assert "10:01:00" in done.stdout
    assert "10:02:00" in done.stdout


# -- cron --------------------------------------------------------------------------------------------------------


def test_the_cron_line_publishes_what_is_due(workspace, tmp_path):
    """As cron runs it: its own shell, an environment of the lines above, the command after the user's name."""
    lines = [line for line in (DEPLOY / "promo.cron").read_text().splitlines() if line and not line.startswith("#")]
    env = dict(line.split("=", 1) for line in lines if re.match(r"\w+=", line))
    [line] = [line for line in lines if not re.match(r"\w+=", line)]
    *schedule, user, command = line.split(maxsplit=6)
    assert schedule == ["*"] * 5
    assert user == "promo"
    assert "%" not in command, "cron ends a line there"
    command = command.replace("/srv/marketing", shlex.quote(str(workspace)))
    env |= {"HOME": str(tmp_path), "LOGNAME": user, "PATH": env["PATH"].replace("/opt/promo/bin", str(BIN))}
    fall_due(f"sqlite:///{workspace}/.promo/promo.db")
    rounds = [subprocess.Popen([env["SHELL"], "-c", command], env=env, cwd="/") for _ in range(2)]
    assert [process.wait(timeout=60) for process in rounds] == [0, 0]
    log = (workspace / ".promo" / "tick.log").read_text()
    assert len(posts(workspace)) == POSTS, log
    assert f"published: {POSTS}" in log
