"""The web as it is served: gunicorn with the project's configuration, on a test database."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Protocol

from mes.embedded.ports import free_port
from tests.database import CHECKOUT

PATIENCE_S = 60.0


class Addresses(Protocol):
    """A database that says how each login reaches it."""

    def url(self, variable: str) -> str: ...


def collect_files(folder: Path) -> None:
    """Fills a folder as the image's build does; that needs no database."""
    nowhere = {"DATABASE_URL": "postgres://mes_web:x@127.0.0.1:1/mes", "STATIC_ROOT": str(folder)}
    subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"],
        cwd=CHECKOUT,
        env=os.environ | nowhere,
        check=True,
        timeout=120,
    )


@contextmanager
def serving(database: Addresses, **more: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Gunicorn and its address, once it answers."""
    address = f"127.0.0.1:{free_port()}"
    environment = {"DATABASE_URL": database.url("DATABASE_URL"), "WEB_BIND": address, **more}
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--config", "docker/gunicorn.conf.py"],
        cwd=CHECKOUT,
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + PATIENCE_S
        while answer(f"http://{address}/livez")[0] != HTTPStatus.OK:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield process, f"http://{address}"
    finally:
        process.kill()
        process.wait()


def answer(url: str) -> tuple[int, str, dict[str, str]]:
    """Status, body and headers; status 0 when nobody listens."""
    try:
        with urllib.request.urlopen(url, timeout=10) as response:
            return response.status, response.read().decode(errors="replace"), dict(response.headers)
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(), dict(error.headers)
    except OSError:
        return 0, "", {}
