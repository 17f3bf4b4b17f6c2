"""A gate before the broker, on its own port: open, shut (refuses) or stuck (accepts and never answers)."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from urllib.parse import urlsplit, urlunsplit

CHUNK = 65536


class Gate:
    """Leads to the server of `target_url`. `knocks` counts the connections that were made. Shut at first."""

    def __init__(self, target_url: str) -> None:
        self._target = urlsplit(target_url)
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self._port = int(probe.getsockname()[1])
        self._server: socket.socket | None = None
        self._through: list[socket.socket] = []
        self.knocks = 0

    @property
    def url(self) -> str:
        """The address that leads through the gate."""
        login = self._target.netloc.rpartition("@")[0]
        return urlunsplit(self._target._replace(netloc=f"{login}@127.0.0.1:{self._port}"))

    def open(self) -> None:
        self._listen(answers=True)

    def stick(self) -> None:
        self._listen(answers=False)

    def shut(self) -> None:
        """Refuses from now on, and cuts those who are through."""
        if self._server is not None:
            with suppress(OSError):
                self._server.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
            self._server.close()
            self._server = None
        for end in self._through:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self._through.clear()

    def _listen(self, *, answers: bool) -> None:
        self.shut()
        self._server = socket.create_server(("127.0.0.1", self._port))
        threading.Thread(target=self._accept, args=(self._server, answers), daemon=True).start()

    def _accept(self, server: socket.socket, answers: bool) -> None:
        with suppress(OSError):
            while True:
                guest, _address = server.accept()
                self.knocks += 1
                self._through.append(guest)
                if answers:
                    host = socket.create_connection((str(self._target.hostname), int(self._target.port or 6379)))
                    self._through.append(host)
                    for pair in ((guest, host), (host, guest)):
                        threading.Thread(target=_carry, args=pair, daemon=True).start()


def _carry(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(CHUNK):
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_RDWR)
