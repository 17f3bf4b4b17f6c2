"""Free ports on the loopback address."""

import socket
from collections.abc import Sequence

from mes.embedded.errors import MachineLacks

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """A port that nobody listens on now. Another program may take it first: who starts a server tries again."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def listener_at(ports: Sequence[int]) -> socket.socket:
    """A listening socket at the first of ``ports`` that is free, 0 for any: from now on the port is ours.

    Raises MachineLacks when all are taken.
    """
    why = ""
    for port in ports:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what was closed lately does not count
        try:
            listener.bind((LOOPBACK, port))
            listener.listen()
        except OSError as error:
            listener.close()
            why = f"port {port} cannot be served: {error.strerror}"
        else:
            return listener
    raise MachineLacks(why)
