"""A real Celery worker for the demo's database, in a process group of its own, and the doorbell to it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from mes.core import bell
from mes.demo.database import address, log_folder
from mes.demo.errors import MachineLacks, StepFailed

SWEEP, TELL, TICK = "core.sweep", "core.tell", "core.tick"
PATIENCE_S = 10.0
CUT_SHORT_S = 0.5
LAST_LINES = 15


@dataclass(slots=True)
class Worker:
    """The running worker. No beat stands beside it: the demo rings for what a beat would ring."""

    process: subprocess.Popen[bytes]
    log: Path

    def require_alive(self) -> None:
        """Raises StepFailed, with the end of its log on stderr, when the worker has ended."""
        code = self.process.poll()
        if code is not None:
            print("\n".join(self.log.read_text(errors="replace").splitlines()[-LAST_LINES:]), file=sys.stderr)
            raise StepFailed("worker", f"exit {code}", "running")

    def ring(self, *tasks: str) -> None:
        """Has it do what a beat would ring for; without a name: tell the outbox, sweep for jobs whose ring was lost."""
        for task in tasks or (TELL, SWEEP):
            bell.ring(task)

    def stop(self, *, patience_s: float) -> None:
        """A warm shutdown; whoever of the group is left after that is killed."""
        if self.process.poll() is None:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(patience_s)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@contextmanager
def running_worker(database: str) -> Iterator[Worker]:
    """A worker on a queue named after its database, so that two demos at one broker do not take each other's rings."""
    current_app.conf.task_default_queue = database
    log = log_folder() / "demo-worker.log"
    temporary = tempfile.mkdtemp(prefix="mes-worker-")
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - a fixed command of this checkout
            _command(database),
            env={**os.environ, **_environment(database), "TMPDIR": temporary},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    worker = Worker(process, log)
    patience_s = CUT_SHORT_S
    try:
        yield worker
        patience_s = PATIENCE_S
    finally:
        worker.stop(patience_s=patience_s)
        shutil.rmtree(temporary, ignore_errors=True)  # what a killed worker could not tidy up
        _forget_queue(database)


def _environment(database: str) -> dict[str, str]:
    """The worker's login, and where the code is: its working directory is ours, by which it is known as ours."""
    return {"DATABASE_URL": address("DATABASE_WORKER_URL", database), "PYTHONPATH": str(settings.BASE_DIR)}


def _command(queue: str) -> list[str]:
    options = ["--pool=prefork", "--concurrency=1", "--loglevel=WARNING", f"--hostname={queue}@%h"]
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    return [sys.executable, "-m", "celery", "-A", "mes.celery", "worker", *options, *quiet, "--", *_settings(queue)]


def _settings(queue: str) -> list[str]:
    return [f"task.default_queue={queue}"]


def require_broker() -> None:
    """Raises MachineLacks when the broker cannot be reached."""
    try:
        with current_app.connection_for_write(connect_timeout=5) as broker:
            broker.ensure_connection(max_retries=1, interval_start=1)
    except OperationalError as error:
        raise MachineLacks(f"no connection to the broker of REDIS_URL: {' '.join(str(error).split())}") from error


def _forget_queue(queue: str) -> None:
    """Removes the queue and its binding from the broker; declared first, because only what is bound is unbound."""
    with suppress(OperationalError, RedisError), current_app.connection_for_write() as broker:
        bound = current_app.amqp.queues[queue](broker.default_channel)
        bound.declare()
        bound.delete()
