"""The web as a process of its own, as programs find it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException

from mes.embedded.ports import LOOPBACK, free_port
from tests.architecture.source import CHECKOUT

READY_WITHIN_S = 30.0


@contextmanager
def served(database_url: str, **more: str) -> Iterator[str]:
    """Gunicorn on a free port, with the given login; `more`: settings. Gives its address."""
    port = free_port()
    command = ["-m", "gunicorn", "mes.wsgi", "--bind", f"{LOOPBACK}:{port}", "--threads", "4", "--no-control-socket"]
    process = subprocess.Popen(
        [sys.executable, *command],
        cwd=CHECKOUT,
        env=os.environ | {"DATABASE_URL": database_url} | more,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(port, process)
        yield f"http://{LOOPBACK}:{port}"
    finally:
        process.terminate()
        process.wait(20)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    give_up = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < give_up:
        assert process.poll() is None, "the server did not start"
        connection = HTTPConnection(LOOPBACK, port, timeout=1)
        try:
            connection.request("GET", "/livez")
            if connection.getresponse().status == 200:
                return
        except (OSError, HTTPException):
            time.sleep(0.1)
        finally:
            connection.close()
    raise AssertionError("the server does not answer")
