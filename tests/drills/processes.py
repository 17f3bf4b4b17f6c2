"""Processes of a drill, each in a session of its own, so that its whole tree can be killed at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from mes.embedded.services import CHECKOUT

QUIET = ("--loglevel=WARNING", "--without-gossip", "--without-mingle")


def web_command() -> list[str]:
    """gunicorn as in production; WEB_BIND says where."""
    return [sys.executable, "-m", "gunicorn", "--config", str(CHECKOUT / "docker" / "gunicorn.conf.py")]


def worker_command(*, name: str, concurrency: int) -> list[str]:
    """A prefork worker."""
    return [
        *(sys.executable, "-m", "celery", "-A", "mes.celery", "worker", "--pool=prefork"),
        *(f"--concurrency={concurrency}", f"--hostname={name}@%h", *QUIET),
    ]


def beat_command() -> list[str]:
    """A beat that keeps its schedule in the working directory."""
    return [sys.executable, "-m", "celery", "-A", "mes.celery", "beat", "--loglevel=WARNING", "--schedule=beat"]


@dataclass
class Process:
    """A command. Its working directory is `folder`, where `name`.log gets what it says."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    _child: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def pid(self) -> int:
        """Its process id. Raises RuntimeError when it was never started."""
        if self._child is None:
            raise RuntimeError(f"{self.name} was not started")
        return self._child.pid

    def start(self) -> None:
        with (self.folder / f"{self.name}.log").open("ab") as log:
            self._child = subprocess.Popen(
                self.command,
                cwd=self.folder,
                env={**self.environment, "PYTHONPATH": str(CHECKOUT)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def is_alive(self) -> bool:
        return self._child is not None and self._child.poll() is None

    def children(self) -> list[int]:
        """Process ids of its children, oldest first; none when it is gone."""
        try:
            return [int(pid) for pid in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()]
        except OSError:
            return []

    def kill(self) -> None:
        """-9 for the whole tree."""
        if self._child is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._child.pid, signal.SIGKILL)
            self._child.wait()

    def freeze(self) -> None:
        """Stops the whole tree without its noticing."""
        os.killpg(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.killpg(self.pid, signal.SIGCONT)

    def kill_alone(self) -> None:
        """-9 for the process itself; its children live on."""
        if self._child is not None:
            self._child.kill()
            self._child.wait()
