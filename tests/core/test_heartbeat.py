"""Signs of life: real workers and a real beat, asked as the containers' health checks ask them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from mes.core import healthy
from mes.embedded.binaries import valkey_server
from mes.embedded.valkey import Valkey, stop_valkey
from tests.database import TestDatabase

CHECKOUT = Path(__file__).parents[2]
PATIENCE_S = 60.0
WITHIN_S = 6.0  # three beats
WORKER = ("worker", "--pool=prefork", "--concurrency=1", "--without-gossip", "--without-mingle", "--loglevel=INFO")


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Valkey]:
    """A broker of this test's own, which it may take away."""
    folder = tmp_path / "broker"
    valkey = Valkey(server=valkey_server(), folder=folder, password="broker-password")
    valkey.start()
    yield valkey
    stop_valkey(folder)


@contextmanager
def running(*arguments: str, url: str, broker: Valkey, folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """A process of Celery and the file that it touches."""
    file = folder / "heartbeat"
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "mes.celery", *arguments],
            cwd=CHECKOUT,
            env=os.environ | {"DATABASE_URL": url, "REDIS_URL": broker.url(), "HEARTBEAT_FILE": str(file)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process, file
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def fault(file: Path) -> str:
    return healthy.heartbeat({"HEARTBEAT_FILE": str(file)}, within_s=WITHIN_S)


def connections(database: TestDatabase) -> object:
    with psycopg.connect(database.url("DATABASE_OWNER_URL")) as owner:
        found = owner.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE usename = 'mes_worker' AND datname = current_database()"
        ).fetchone()
    return found and found[0]


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def beats_again(file: Path) -> bool:
    """Whether a sign comes that is younger than the last one."""
    last = file.stat().st_mtime_ns
    wait_for(lambda: file.stat().st_mtime_ns > last)
    return fault(file) == ""


def test_a_worker_beats_and_one_that_hangs_is_found_out(
    test_database: TestDatabase, broker: Valkey, tmp_path: Path
) -> None:
    url = test_database.url("DATABASE_WORKER_URL")
    with running(*WORKER, url=url, broker=broker, folder=tmp_path) as (process, file):
        wait_for(file.exists)
        assert beats_again(file)
        assert connections(test_database) == 0  # none before the fork
        process.send_signal(signal.SIGSTOP)
        wait_for(lambda: "s old" in fault(file))
        process.send_signal(signal.SIGCONT)
        assert beats_again(file)


def test_a_worker_whose_broker_went_away_is_well_and_works_on_when_it_is_back(
    test_database: TestDatabase, broker: Valkey, tmp_path: Path
) -> None:
    url = test_database.url("DATABASE_WORKER_URL")
    port = broker.start()
    with running(*WORKER, url=url, broker=broker, folder=tmp_path) as (process, file):
        wait_for(file.exists)
        stop_valkey(broker.folder)
        log = tmp_path / "log"
        wait_for(lambda: "Trying again" in log.read_text())
        assert beats_again(file)
        assert beats_again(file)
        Valkey(server=broker.server, folder=broker.folder, password=broker.password, choose_port=lambda: port).start()
        wait_for(lambda: log.read_text().count("Connected to redis") == 2)
        assert beats_again(file)
        process.send_signal(signal.SIGSTOP)  # the thread that stood in has left: nobody beats for a loop that hangs
        wait_for(lambda: "s old" in fault(file))


def test_beat_beats(test_database: TestDatabase, broker: Valkey, tmp_path: Path) -> None:
    url = test_database.url("DATABASE_WORKER_URL")
    with running("beat", url=url, broker=broker, folder=tmp_path) as (_process, file):
        wait_for(file.exists)
        assert beats_again(file)
        stop_valkey(broker.folder)
        assert beats_again(file)
        assert beats_again(file)
    assert not list(CHECKOUT.glob("celerybeat-schedule*"))


def test_a_worker_stands_back_forgets_an_earlier_one_and_refuses_a_place_that_cannot_be_written(
    test_database: TestDatabase, tmp_path: Path
) -> None:
    old = tmp_path / "heartbeat"
    old.touch()
    environment = {"DATABASE_URL": test_database.url("DATABASE_WORKER_URL"), "REDIS_URL": "redis://127.0.0.1:9/0"}
    process = subprocess.Popen(
        [sys.executable, "-m", "celery", "-A", "mes.celery", *WORKER],
        cwd=CHECKOUT,
        env=os.environ | environment | {"HEARTBEAT_FILE": str(old)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_for(lambda: not old.exists())
        assert fault(old) == f"no heartbeat yet in {old}"
        assert os.getpriority(os.PRIO_PROCESS, process.pid) == settings.WORKER_NICENESS > 0
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    done = subprocess.run(
        [sys.executable, "-m", "celery", "-A", "mes.celery", *WORKER],
        cwd=CHECKOUT,
        env=os.environ | environment | {"HEARTBEAT_FILE": str(tmp_path / "nowhere" / "heartbeat")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 1
    assert "HEARTBEAT_FILE cannot be written" in done.stderr


def test_the_command_says_what_is_wrong_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "heartbeat"

    def ask(*arguments: str, **environment: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-m", "mes.core.healthy", *arguments],
            cwd=CHECKOUT,
            env={"PATH": os.environ["PATH"], **environment},
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        return done.returncode, done.stdout.strip()

    assert ask("heartbeat") == (1, "HEARTBEAT_FILE is not set")
    assert ask("heartbeat", HEARTBEAT_FILE=str(file)) == (1, f"no heartbeat yet in {file}")
    file.touch()
    assert ask("heartbeat", HEARTBEAT_FILE=str(file)) == (0, "well")
    os.utime(file, (0, 0))
    assert ask("heartbeat", HEARTBEAT_FILE=str(file))[0] == 1
    code, said = ask("web", WEB_BIND="127.0.0.1:9")
    assert (code, said.startswith("the web does not answer")) == (1, True)
