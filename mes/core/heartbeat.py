"""Signs of life of worker and beat: a file that is touched every other second, read by `mes.core.healthy`.

The broker is not asked: `celery inspect ping` waits for busy workers, and fails when it is the broker that is away.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from celery import bootsteps
from celery.beat import Scheduler
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

EVERY_S = 2.0


def prepare() -> None:
    """Forgets an earlier process's last sign. Raises ImproperlyConfigured when the file could not be written."""
    if settings.HEARTBEAT_FILE:
        try:
            Path(settings.HEARTBEAT_FILE).touch()
            Path(settings.HEARTBEAT_FILE).unlink()
        except OSError as error:
            raise ImproperlyConfigured(f"HEARTBEAT_FILE cannot be written: {error.strerror}") from error


def beat() -> None:
    if settings.HEARTBEAT_FILE:
        Path(settings.HEARTBEAT_FILE).touch()


class Pulse(bootsteps.StartStopStep):
    """A step of the worker's consumer. Its event loop beats, so that a loop that hangs is found out.

    Without a broker the loop does not turn and the worker does nothing but try to connect: then a thread beats,
    because a restart would mend nothing. A worker that never reached its broker has no pulse yet.
    """

    requires = ("celery.worker.consumer.connection:Connection",)
    _entry: Any = None
    _connected: threading.Event | None = None

    def start(self, parent: Any) -> None:
        if self._connected is not None:
            self._connected.set()
        beat()
        self._entry = parent.timer.call_repeatedly(EVERY_S, beat)

    def stop(self, parent: Any) -> None:
        """Called when the connection is lost too. Celery then cancels the loop's timers itself; twice is harmless."""
        if self._entry is not None:
            self._entry.cancel()
        self._connected = threading.Event()
        threading.Thread(target=_beat_until, args=(self._connected,), daemon=True).start()


def _beat_until(connected: threading.Event) -> None:
    while not connected.wait(EVERY_S):
        beat()


class BeatingScheduler(Scheduler):
    """Beats at each turn of beat's loop. It keeps no file of last runs: what beat rings may be rung twice."""

    def tick(self, *args: Any, **kwargs: Any) -> float:
        # Waits for the broker in the first turn. Left to the first ring, it would hold a loop that has beaten already.
        assert self.producer is not None
        pause_s = float(super().tick(*args, **kwargs))
        beat()
        return pause_s
