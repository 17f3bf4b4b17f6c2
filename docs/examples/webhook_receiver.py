"""A receiver of webhooks: checks the signature, remembers the id, answers at once and reads the object afterwards.

WEBHOOK_SECRET=whsec_… python docs/examples/webhook_receiver.py      (pip install standardwebhooks)

Behind a proxy that ends TLS. A real one keeps the ids and the addresses to read in its database.
"""

from __future__ import annotations

import os
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock

from standardwebhooks import Webhook, WebhookVerificationError

SEEN: set[str] = set()
TO_READ: deque[str] = deque()
LOCK = Lock()


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            event = Webhook(os.environ["WEBHOOK_SECRET"]).verify(body, dict(self.headers.items()))
        except WebhookVerificationError:
            self.send_response(401)
            self.end_headers()
            return
        with LOCK:
            if self.headers["webhook-id"] not in SEEN:
                SEEN.add(self.headers["webhook-id"])
                TO_READ.append(event["data"]["address"])  # GET it with your key; 404 when it is gone
        self.send_response(204)
        self.end_headers()


def server(port: int = 8080) -> ThreadingHTTPServer:
    """A receiver on this machine."""
    return ThreadingHTTPServer(("127.0.0.1", port), Receiver)


if __name__ == "__main__":
    server().serve_forever()
