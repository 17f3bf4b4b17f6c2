"""The doorbell: tells the workers through the broker, and costs a writer little when the broker is away.

What is rung for is a row in PostgreSQL, so a ring may be lost: the sweeper rings again. Hence a ring tries once, on
connections with short timeouts of their own (Celery's would try again for seconds before it says no), and after a
failure the bell stays silent for a while, so that of a burst of writes one alone pays.
"""

from __future__ import annotations

import logging
from threading import Lock

from celery import current_app
from kombu import pools

from mes.core.clock import stopwatch_s

logger = logging.getLogger(__name__)

PATIENCE_S = 0.5
SILENCE_S = 2.0


class Bell:
    """Rings for tasks. `patience_s` bounds each step of a ring, `silence_s` is its pause after a failure."""

    def __init__(self, *, patience_s: float = PATIENCE_S, silence_s: float = SILENCE_S) -> None:
        self._patience_s = patience_s
        self._silence_s = silence_s
        self._silent_until_s: float | None = None
        self._lock = Lock()

    def ring(self, task: str, *arguments: str) -> bool:
        """Sends a task to the workers; whether the broker took it. Raises nothing."""
        if not self._may_try():
            return False
        try:
            self._send(task, arguments)
        except Exception as error:
            self._silence()
            logger.warning("The broker did not take the ring for %s %s: %s", task, " ".join(arguments), error)
            return False
        self._silent_until_s = None
        return True

    def _send(self, task: str, arguments: tuple[str, ...]) -> None:
        limits = {"max_retries": 0, "socket_timeout": self._patience_s, "socket_connect_timeout": self._patience_s}
        connection = current_app.connection_for_write(transport_options=limits)
        with pools.producers[connection].acquire(block=True) as producer:
            current_app.send_task(task, args=arguments, producer=producer, retry=False)

    def _may_try(self) -> bool:
        """Whether the bell is not silent. When a silence is over one caller tries, and the others wait for its news."""
        with self._lock:
            if self._silent_until_s is None:
                return True
            if stopwatch_s() < self._silent_until_s:
                return False
            self._silent_until_s = stopwatch_s() + self._silence_s
            return True

    def _silence(self) -> None:
        self._silent_until_s = stopwatch_s() + self._silence_s


_bell = Bell()


def ring(task: str, *arguments: str) -> bool:
    """Sends a task through this process's bell; whether the broker took it."""
    return _bell.ring(task, *arguments)
