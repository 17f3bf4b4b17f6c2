"""A real worker with its beat, in a process group of its own, on a queue of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings


class WorkerProcess:
    """Starts with the object; `kill` ends the whole tree at once."""

    def __init__(self, *, database_url: str, queue: str, folder: Path) -> None:
        self._log = (folder / "worker.log").open("ab")
        self._process = subprocess.Popen(
            [
                sys.executable, "-m", "celery", "-A", "mes.celery", "worker", "--beat", "--pool=prefork",
                "--concurrency=2", "--loglevel=WARNING", f"--schedule={folder / 'beat'}",
                "--without-gossip", "--without-mingle", "--", f"task.default_queue={queue}",
            ],
            cwd=settings.BASE_DIR,
            env=os.environ | {"DATABASE_URL": database_url},
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def kill(self) -> None:
        """-9 for the worker, its children and its beat."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._log.close()


@contextmanager
def worker_process(*, database_url: str, queue: str, folder: Path) -> Iterator[WorkerProcess]:
    worker = WorkerProcess(database_url=database_url, queue=queue, folder=folder)
    try:
        yield worker
    finally:
        if worker.is_alive:
            worker.kill()
