"""A RabbitMQ of one's own: ordinary processes on free loopback ports, stopped by their ids. Also for benchmarks."""

import os
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager, suppress
from pathlib import Path

SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")  # Debian's; the one on the PATH insists on a user `rabbitmq`
CONTROL = SERVER.with_name("rabbitmqctl")
SECONDS = 60


def missing():
    """Return what is not installed; empty: it can be started."""
    return "" if SERVER.exists() and shutil.which("epmd") else "rabbitmq-server"


def free_ports(count):
    """Return ports that nobody listens on."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


class Rabbit:
    """One broker with a data folder of its own; it keeps durable queues over `stop` and `start`."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.port, distribution, names = free_ports(3)
        self.url = f"amqp://127.0.0.1:{self.port}//"
        self._server = None
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("RABBITMQ_")},
            "HOME": str(self.folder),  # where Erlang keeps its cookie
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(names),
            "RABBITMQ_CONF_ENV_FILE": os.devnull,
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq"),
            "RABBITMQ_DIST_PORT": str(distribution),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "plugins"),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "data"),
            "RABBITMQ_NODENAME": f"promo{self.port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
        }
        # Erlang would start its name server as a daemon and leave it running.
        self._names = subprocess.Popen(["epmd", "-port", str(names), "-address", "127.0.0.1"])

    def start(self):
        """Start the broker and wait until it takes connections."""
        log = (self.folder / "out.log").open("ab")
        with log:
            self._server = subprocess.Popen(
                [str(SERVER)], env=self._environment, stdout=log, stderr=log, start_new_session=True, cwd=self.folder
            )
        give_up = time.monotonic() + SECONDS
        while True:
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                    connection.sendall(b"AMQP\x00\x00\x09\x01")
                    if connection.recv(8):
                        return
            except OSError:
                pass
            if self._server.poll() is not None or time.monotonic() > give_up:
                raise RuntimeError((self.folder / "out.log").read_text(errors="replace")[-2000:])
            time.sleep(0.05)

    def empty(self, queue="promo"):
        """Throw away what waits in a queue, if there is one."""
        from kombu import Connection

        with Connection(self.url) as connection, connection.channel() as channel, suppress(connection.channel_errors):
            channel.queue_purge(queue)

    def control(self, *words):
        """Have the running broker do something."""
        subprocess.run(
            [str(CONTROL), "--quiet", *words], env=self._environment, cwd=self.folder, check=True, timeout=SECONDS
        )

    @contextmanager
    def alarmed(self):
        """Let it run short of memory for as long as the block: it takes no more messages."""
        self.control("set_vm_memory_high_watermark", "absolute", "1MB")
        try:
            yield
        finally:
            self.control("set_vm_memory_high_watermark", "0.6")

    def stop(self):
        """Stop the broker as `systemctl stop` does."""
        self._server.terminate()
        try:
            self._server.wait(SECONDS)
        except subprocess.TimeoutExpired:
            self._server.kill()
            self._server.wait()

    def close(self):
        """Stop the broker and its name server."""
        self.stop()
        self._names.terminate()
        self._names.wait()


@contextmanager
def running(folder):
    """A broker for as long as the block; yields its address."""
    rabbit = Rabbit(folder)
    rabbit.start()
    try:
        yield rabbit.url
    finally:
        rabbit.close()
