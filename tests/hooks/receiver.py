"""A receiver of webhooks on this machine that misbehaves as it is told."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

from standardwebhooks import Webhook

HANG, DRIP, DROP = "hang", "drip", "drop"


@dataclass
class Receiver:
    """`answers`: what it does with the next calls, a status or a way to misbehave; afterwards all is well.

    `Location` of a redirect is `elsewhere`.
    """

    url: str
    elsewhere: str = ""
    answers: list[int | str] = field(default_factory=list)
    calls: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    released: Event = field(default_factory=Event)

    def events(self, secret: str) -> list[dict[str, Any]]:
        """What came, each with a valid signature."""
        return [Webhook(secret).verify(body, headers) for headers, body in self.calls]

    def ids(self) -> list[str]:
        return [headers["webhook-id"] for headers, _body in self.calls]


class _Handler(BaseHTTPRequestHandler):
    """Notes each call, and answers as it is told."""

    receiver: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.receiver.calls.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self._answer(self.receiver.answers.pop(0) if self.receiver.answers else 204)

    def _answer(self, answer: int | str) -> None:
        if answer == HANG:
            self.receiver.released.wait(20)
        elif answer == DRIP:
            while not self.receiver.released.wait(0.05):
                self.wfile.write(b"H")
        elif isinstance(answer, int):
            self.send_response(answer)
            if self.receiver.elsewhere:
                self.send_header("Location", self.receiver.elsewhere)
            self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        return

    def handle(self) -> None:
        with suppress(ConnectionError):  # the caller's patience is over
            super().handle()

    def finish(self) -> None:
        with suppress(ConnectionError):
            super().finish()


@contextmanager
def receiving(port: int = 0, certificate: Path | None = None) -> Iterator[Receiver]:
    """A receiver as long as the block runs. `certificate`: with its key; it speaks TLS then."""
    handler = type("Handler", (_Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    handler.receiver = Receiver(f"http://127.0.0.1:{server.server_address[1]}/hooks?from=park")
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield handler.receiver
    finally:
        handler.receiver.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
