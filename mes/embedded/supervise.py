"""One command run to its end: signals passed on, its exit code passed back, nothing left behind."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from mes.embedded.processes import end_children

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PATIENCE_S = 20  # what a command gets to end by itself after it was told to
ORPHAN_PATIENCE_S = 5
COMMAND_NOT_FOUND = 127


class Stopped(BaseException):
    """A stop signal came; ``args[0]`` is its number."""


def run(command: Sequence[str], *, environment: Mapping[str, str], folder: Path | None = None) -> int:
    """Run ``command`` with ``environment`` added to ours; its exit code, or 128 + the signal that ended it.

    ``folder`` is its working directory, ours when left out.
    What it leaves behind becomes our child only after ``adopt_orphans``.
    """
    try:
        child = subprocess.Popen(command, cwd=folder, env={**os.environ, **environment})
    except OSError as error:
        print(f"{command[0]}: {error.strerror}", file=sys.stderr)
        return COMMAND_NOT_FOUND

    def pass_on(signum: int, _frame: FrameType | None) -> None:
        if signum == signal.SIGALRM:
            child.kill()
            return
        signal.alarm(PATIENCE_S)
        if signum != signal.SIGINT or not _terminal_tells_all():
            child.send_signal(signum)

    with handled(pass_on):
        code = child.wait()
        signal.alarm(0)
    return code if code >= 0 else 128 - code


def end_leftovers(*, keep: Sequence[int]) -> None:
    """End what the command started and left running, but our servers, whose process ids are in ``keep``."""
    end_children(keep=keep, patience_s=ORPHAN_PATIENCE_S)


@contextmanager
def handled(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Let ``handler`` receive the stop signals and the alarm, also what a shell has us ignore in the background.

    Only a hang-up that is ignored stays so: that is what ``nohup`` asks for.
    """
    wanted = [*STOP_SIGNALS, signal.SIGALRM]
    if signal.getsignal(signal.SIGHUP) == signal.SIG_IGN:
        wanted.remove(signal.SIGHUP)
    before = {signum: signal.signal(signum, handler) for signum in wanted}
    try:
        yield
    finally:
        for signum, old in before.items():
            signal.signal(signum, old)


def stop_by_exception(signum: int, _frame: FrameType | None) -> None:
    """Handler for the time when no command runs: leave by way of the ``finally`` blocks."""
    raise Stopped(signum)


def undisturbed() -> None:
    """From here to the end a second interrupt does not keep the services from being stopped."""
    for signum in STOP_SIGNALS:
        signal.signal(signum, signal.SIG_IGN)


def _terminal_tells_all() -> bool:
    """Whether an interrupt key reaches the command without us, being in the terminal's foreground group."""
    try:
        return os.tcgetpgrp(sys.__stdin__.fileno() if sys.__stdin__ else -1) == os.getpgrp()
    except (OSError, ValueError):
        return False
