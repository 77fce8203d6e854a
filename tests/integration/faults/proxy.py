"""Stands between a client and PostgreSQL and, once, keeps the answer to a COMMIT for itself."""

import contextlib
import socket
import threading


class Proxy:
    """Listens on this machine and passes on to the server's socket. `arm` it to lose the next commit's answer."""

    def __init__(self, path):
        self._path = str(path)
        self._armed = threading.Event()
        self.lost = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def arm(self):
        self._armed.set()

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self):
        with contextlib.suppress(OSError):  # closed: the test is over
            while True:
                client, _address = self._listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._path)
                committing = threading.Event()
                threading.Thread(target=self._ask, args=(client, server, committing), daemon=True).start()
                threading.Thread(target=self._answer, args=(server, client, committing), daemon=True).start()

    def _ask(self, client, server, committing):
        with client, server, contextlib.suppress(OSError):
            while data := client.recv(65536):
                if b"COMMIT" in data and self._armed.is_set():
                    self._armed.clear()
                    committing.set()
                server.sendall(data)
            server.shutdown(socket.SHUT_RDWR)

    def _answer(self, server, client, committing):
        with contextlib.suppress(OSError):
            while data := server.recv(65536):
                if committing.is_set():
                    self.lost.set()
                    break
                client.sendall(data)
            client.shutdown(socket.SHUT_RDWR)
