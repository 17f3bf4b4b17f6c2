"""Commands that end by way of their `finally` blocks when a stop signal comes."""

from __future__ import annotations

import signal
import sys
import traceback
from collections.abc import Callable
from types import FrameType

from mes.demo.errors import Interrupted

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def stopping_by_signal(work: Callable[[], int]) -> int:
    """Does the work; its exit code, or 128 + the stop signal that ended it. A second one does not disturb the end.

    What goes wrong on the way out of a stopped work is told on stderr: the code still says that it was stopped.
    """
    told: list[int] = []

    def stop(signum: int, _frame: FrameType | None) -> None:
        for known in STOP_SIGNALS:
            signal.signal(known, signal.SIG_IGN)
        told.append(signum)
        raise Interrupted(signum)

    before = {signum: signal.signal(signum, stop) for signum in STOP_SIGNALS}
    try:
        code = work()
    except Interrupted:
        code = 0
    except Exception:
        if not told:
            raise
        traceback.print_exc()
        code = 0
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)
    sys.stdout.flush()
    return 128 + told[0] if told else code
