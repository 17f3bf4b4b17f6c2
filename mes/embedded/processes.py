"""Processes seen through /proc: who lives in a folder, who is a child of ours, and how to end them."""

import ctypes
import os
import signal
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path

PR_SET_PDEATHSIG = 1  # linux/prctl.h
PR_SET_CHILD_SUBREAPER = 36
STEP_S = 0.02
GENERATIONS = 20  # a process that even SIGKILL does not end must not keep us for ever


def living_in(folder: Path) -> list[int]:
    """Process ids whose working directory is ``folder``: PostgreSQL and Valkey both move into theirs.

    A pid file may name a process that has long been another one; the working directory cannot.
    """
    wanted = str(folder.resolve())
    return [pid for pid in _all_pids() if _working_directory(pid) == wanted]


def lives_in(pid: int, folder: Path) -> bool:
    """Whether that process runs and ``folder`` is its working directory."""
    return _working_directory(pid) == str(folder.resolve())


def end(pids: Collection[int], *, patience_s: float) -> None:
    """Ask the processes to end, and kill those that have not done so after ``patience_s``."""
    for sign, wait_s in ((signal.SIGTERM, patience_s), (signal.SIGKILL, 5.0)):
        for pid in pids:
            if _alive(pid):
                _send(pid, sign)
        if wait_until(lambda: not any(_alive(pid) for pid in pids), timeout_s=wait_s):
            return


def wait_until(condition: Callable[[], bool], *, timeout_s: float) -> bool:
    """Whether ``condition`` came true in time. For what other programs do, which send us no event."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(STEP_S)
    return True


def adopt_orphans() -> None:
    """From now on what a child leaves behind becomes a child of this process, whatever its session."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end_children(*, keep: Collection[int], patience_s: float) -> None:
    """End all children of this process but ``keep``, and the children that they leave in their turn."""
    for _generation in range(GENERATIONS):
        left = [pid for pid in _children() if pid not in keep]
        if not left:
            return
        end(left, patience_s=patience_s)


def reap_adopted(*, keep: Collection[int]) -> None:
    """Take leave of adopted children that have ended; whoever waits for those of ``keep`` does so itself."""
    mine = str(os.getpid())
    for pid in _all_pids():
        if pid not in keep and _status(pid) == ["Z", mine]:
            with suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)


def end_with_parent() -> None:
    """From now on this process is asked to end (SIGTERM) when its parent does, however that happens."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


def _all_pids() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208


def _children() -> list[int]:
    mine = str(os.getpid())
    return [pid for pid in _all_pids() if _status(pid)[1:2] == [mine] and _alive(pid)]


def _alive(pid: int) -> bool:
    """Whether the process still runs; a dead child of ours is reaped here, another's counts as gone."""
    state = _status(pid)[:1]
    if state == ["Z"]:
        try:
            os.waitpid(pid, os.WNOHANG)
        except ChildProcessError:
            return False
    return state not in ([], ["Z"], ["X"])


def _status(pid: int) -> list[str]:
    """State and parent as /proc/PID/stat gives them after the name; empty when there is no such process."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[:2]
    except OSError:
        return []


def _working_directory(pid: int) -> str:
    try:
        return os.readlink(f"/proc/{pid}/cwd")  # noqa: PTH115
    except OSError:
        return ""


def _send(pid: int, sign: signal.Signals) -> None:
    with suppress(ProcessLookupError):  # it may have ended by itself just now
        os.kill(pid, sign)
