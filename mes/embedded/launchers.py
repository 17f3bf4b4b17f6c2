"""Who serves a checkout: one launcher at a time, told by a lock on a file that also says who it is."""

import fcntl
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from mes.embedded.errors import MachineLacks, ServiceFailed
from mes.embedded.processes import end, living_in, wait_until

STOPPING = "stopping"
STOP_TIMEOUT_S = 60
LEFTOVER_PATIENCE_S = 10


@contextmanager
def only_launcher(folder: Path) -> Iterator[IO[str]]:
    """Hold the lock of ``folder``, made if it is not there. A launcher that is about to stop is waited for.

    Raises ServiceFailed when another one serves, MachineLacks when the folder cannot be written.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.fdopen(os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600), "r+")
    except OSError as error:
        raise MachineLacks(f"{folder} cannot be written: {error.strerror}") from error
    with lock:
        deadline = time.monotonic() + STOP_TIMEOUT_S
        while not _taken(lock):
            pid, where = who(folder)
            if where != STOPPING or time.monotonic() > deadline:
                raise ServiceFailed(f"this checkout is served already: {where} by process {pid}; make stop ends it")
            time.sleep(0.1)
        introduce(lock, "starting")
        try:
            yield lock
        finally:
            lock.truncate(0)


def introduce(lock: IO[str], where: str) -> None:
    """Write down who holds the lock and where it serves."""
    lock.seek(0)
    lock.truncate()
    lock.write(f"{os.getpid()} {where}\n")
    lock.flush()


def who(folder: Path) -> tuple[int, str]:
    """Process id and address of the launcher that wrote itself down last; 0 when none did."""
    pid, _space, where = (folder / "lock").read_text().strip().partition(" ")
    return int(pid or 0), where


def stop_launcher(folder: Path, work: Path) -> None:
    """Stop the launcher of ``folder`` if one runs, and what a killed one left running in ``work``."""
    if not (folder / "lock").exists():
        return
    with (folder / "lock").open("r+") as lock:
        if not _taken(lock):
            pid, _where = who(folder)
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
                if not wait_until(lambda: _taken(lock), timeout_s=STOP_TIMEOUT_S):
                    os.kill(pid, signal.SIGKILL)
        end_leftovers_in(work)


def end_leftovers_in(work: Path) -> None:
    """End what a killed launcher left running."""
    if work.is_dir():
        end(living_in(work), patience_s=LEFTOVER_PATIENCE_S)


def _taken(lock: IO[str]) -> bool:
    """Whether the lock is ours now."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
