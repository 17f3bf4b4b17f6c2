"""Commands that end by way of their `finally` blocks when a stop signal comes."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from types import FrameType

from mes.demo.errors import Interrupted

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def stopping_by_signal(work: Callable[[], int]) -> int:
    """Does the work; its exit code, or 128 + the stop signal that ended it. A second one does not disturb the end."""

    def stop(signum: int, _frame: FrameType | None) -> None:
        for known in STOP_SIGNALS:
            signal.signal(known, signal.SIG_IGN)
        raise Interrupted(signum)

    before = {signum: signal.signal(signum, stop) for signum in STOP_SIGNALS}
    try:
        code = work()
    except Interrupted as interrupted:
        code = 128 + interrupted.signum
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)
    sys.stdout.flush()
    return code
