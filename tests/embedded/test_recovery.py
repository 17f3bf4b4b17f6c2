"""Servers and launchers that were killed, and what they leave: the next run or ``stop`` puts it right."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from mes.embedded.binaries import postgres_folder, valkey_server
from mes.embedded.ports import LOOPBACK, free_port
from mes.embedded.postgres import Postgres, stop_postgres
from mes.embedded.standing import find_standing
from mes.embedded.valkey import Valkey, stop_valkey
from tests.embedded.checkout import Checkout


@pytest.fixture(autouse=True)
def nothing_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """After each test no server of the checkout runs."""
    yield
    if "checkout" in request.fixturenames:
        assert request.getfixturevalue("checkout").processes() == []


def test_servers_killed_in_the_middle_come_back_with_their_data(checkout: Checkout) -> None:
    with checkout.running() as environment:
        with psycopg.connect(environment["DATABASE_OWNER_URL"], autocommit=True) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS survived AS SELECT 1 AS answer")
        with redis.Redis.from_url(environment["REDIS_URL"], decode_responses=True) as client:
            client.set("survived", "1")
        for pid in (checkout.postmaster(), *(pid for pid in checkout.processes() if "valkey" in _name(pid))):
            os.kill(pid, signal.SIGKILL)
    with checkout.running() as environment:
        with psycopg.connect(environment["DATABASE_OWNER_URL"]) as connection:
            assert connection.execute("SELECT answer FROM survived").fetchone() == (1,)
        with redis.Redis.from_url(environment["REDIS_URL"], decode_responses=True) as client:
            assert client.get("survived") == "1"


def test_a_killed_launcher_leaves_servers_that_the_next_run_uses_and_stops(checkout: Checkout) -> None:
    _kill_launcher_and_command(checkout)
    postmaster = checkout.postmaster()
    with checkout.running():
        assert checkout.postmaster() == postmaster


def test_stop_ends_the_servers_of_a_killed_launcher(checkout: Checkout) -> None:
    _kill_launcher_and_command(checkout)
    assert checkout.processes() != []
    assert checkout.launch("stop").returncode == 0


def test_a_pid_file_whose_number_another_process_has_is_healed(checkout: Checkout) -> None:
    with checkout.running():
        lines = (checkout.data / "postmaster.pid").read_text().splitlines()
    other = subprocess.Popen([*checkout.command, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    try:
        (checkout.data / "postmaster.pid").write_text("\n".join([str(other.pid), *lines[1:]]) + "\n")
        assert checkout.launch("run", "--", "true").returncode == 0
    finally:
        other.communicate()


def test_a_port_that_somebody_took_first_is_given_up_for_another(tmp_path: Path) -> None:
    with socket.create_server((LOOPBACK, 0)) as somebody:
        taken = somebody.getsockname()[1]
        home = tmp_path / "home"
        home.mkdir(mode=0o700)
        postgres = Postgres(
            standing=find_standing(home=home, install=postgres_folder()),
            password="secret",
            choose_port=iter([taken, taken, free_port()]).__next__,
        )
        valkey = Valkey(
            server=valkey_server(),
            folder=home / "valkey",
            password="secret",
            choose_port=iter([taken, free_port()]).__next__,
        )
        try:
            assert postgres.start() != taken
            assert valkey.start() != taken
        finally:
            stop_postgres(postgres.data)
            stop_valkey(valkey.folder)


def _kill_launcher_and_command(checkout: Checkout) -> None:
    """Begin a run and end it in a way that lets it stop nothing."""
    code = "import os, time; print(os.getpid(), flush=True); time.sleep(1000)"
    process = checkout.start(*checkout.python(code))
    assert process.stdout is not None
    command = int(process.stdout.readline())
    process.kill()
    os.kill(command, signal.SIGKILL)
    process.communicate()


def _name(pid: int) -> str:
    return Path(f"/proc/{pid}/comm").read_text()
