"""Servers, web, two workers and beat of one drill, in a folder of its own: what an installation runs, on loopback."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from importlib import import_module
from pathlib import Path
from urllib.parse import urlsplit

import django
import psycopg
import redis

from mes.embedded.binaries import postgres_folder, valkey_server
from mes.embedded.ports import LOOPBACK, free_port
from mes.embedded.postgres import Postgres, stop_postgres
from mes.embedded.processes import end, living_in, wait_until
from mes.embedded.secret_values import NAMES
from mes.embedded.services import CHECKOUT, LOGIN_URLS, Services
from mes.embedded.standing import find_standing
from mes.embedded.valkey import Valkey
from tests.drills.processes import Process, beat_command, web_command, worker_command

FOLDER = CHECKOUT / "var" / "drills"
GONE_S = 20.0
Sql = psycopg.Connection[tuple[object, ...]]


@contextmanager
def topology(name: str) -> Iterator[Topology]:
    """Fresh servers with a migrated database, and this process's Django led to it with the worker's login.

    The processes are there to be started. At the end everything is stopped, and at the beginning what an earlier drill
    of that name has left when it was killed itself.
    """
    folder = FOLDER / name
    services = Services("demo", checkout=folder)
    work = folder / "work"
    if work.is_dir():
        end(living_in(work), patience_s=0.5)
    services.stop()
    shutil.rmtree(folder, ignore_errors=True)
    work.mkdir(parents=True)
    for variable in (*LOGIN_URLS, "REDIS_URL", *NAMES):
        os.environ.pop(variable, None)  # somebody's own servers are not to be killed
    environment = services.acquire() | {"API_CALLS_PER_MINUTE": "1000000000"}  # drills call as fast as they can
    stage = Topology(work=work, home=services.home, environment=environment)
    try:
        _migrate(environment)
        os.environ.update(environment | {"DATABASE_URL": environment["DATABASE_WORKER_URL"]})
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mes.settings")
        django.setup()
        import_module("mes.celery")  # what this process adds is rung through the project's own broker
        yield stage
    finally:
        for process in stage.processes:
            process.kill()
        services.release()
        services.stop()


class Topology:
    """The stage of a drill. The processes of one kind have one environment, with the address of one login."""

    def __init__(self, *, work: Path, home: Path, environment: Mapping[str, str]) -> None:
        self._home = home
        self._environment = environment
        self.port = free_port()
        common = {**os.environ, **environment, "WEB_BIND": f"{LOOPBACK}:{self.port}", "TMPDIR": str(work)}
        worker = common | {"DATABASE_URL": environment["DATABASE_WORKER_URL"]}
        for login in ("DATABASE_WORKER_URL", "DATABASE_OWNER_URL"):
            common.pop(login)
            worker.pop(login)
        self.web = Process("web", web_command(), common, work)
        self.workers = [
            Process(name, worker_command(name=name, concurrency=1), worker, work) for name in ("worker-1", "worker-2")
        ]
        self.beat = Process("beat", beat_command(), worker, work)

    @property
    def processes(self) -> list[Process]:
        return [self.web, *self.workers, self.beat]

    @contextmanager
    def sql(self) -> Iterator[Sql]:
        """A connection as owner, who sees all rows."""
        with psycopg.connect(self._environment["DATABASE_OWNER_URL"], autocommit=True) as connection:
            yield connection

    def database_answers(self) -> bool:
        try:
            with self.sql() as sql:
                return sql.execute("SELECT 1").fetchone() == (1,)
        except psycopg.OperationalError:
            return False

    def web_is_ready(self) -> bool:
        connection = HTTPConnection(LOOPBACK, self.port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()

    def database_pids(self) -> list[int]:
        """The processes of the server."""
        return living_in(self._postgres().data)

    def stop_database(self) -> None:
        """A fast shutdown: open transactions are cut off."""
        stop_postgres(self._postgres().data)

    def kill_database(self) -> None:
        """-9 for the postmaster; its children notice and end, and only then can another one start."""
        data = self._postgres().data
        os.kill(int((data / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
        wait_until(lambda: not living_in(data), timeout_s=GONE_S)

    def start_database(self) -> None:
        """At the port where it was."""
        self._postgres().start()

    def flush_broker(self) -> None:
        """It forgets everything."""
        with redis.Redis.from_url(self._environment["REDIS_URL"]) as broker:
            broker.flushall()

    def kill_broker(self) -> None:
        self._signal_broker(signal.SIGKILL)

    def freeze_broker(self) -> None:
        """It accepts connections and never answers."""
        self._signal_broker(signal.SIGSTOP)

    def thaw_broker(self) -> None:
        self._signal_broker(signal.SIGCONT)

    def start_broker(self) -> None:
        """At the port where it was."""
        self._valkey().start()

    def _signal_broker(self, sign: signal.Signals) -> None:
        for pid in living_in(self._valkey().folder):
            os.kill(pid, sign)

    def _postgres(self) -> Postgres:
        port = urlsplit(self._environment["DATABASE_URL"]).port or 0
        standing = find_standing(home=self._home, install=postgres_folder())
        return Postgres(standing=standing, password="", choose_port=lambda: port)

    def _valkey(self) -> Valkey:
        address = urlsplit(self._environment["REDIS_URL"])
        return Valkey(
            server=valkey_server(),
            folder=self._home / "valkey",
            password=address.password or "",
            choose_port=lambda: address.port or 0,
        )


def _migrate(environment: Mapping[str, str]) -> None:
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
        cwd=CHECKOUT,
        env={**os.environ, **environment, "DATABASE_URL": environment["DATABASE_OWNER_URL"]},
        stdin=subprocess.DEVNULL,
        check=True,
    )
