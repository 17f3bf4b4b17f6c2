"""`make serve` under kill -9: a command or a server comes back by itself, a launcher by the next start."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from mes.embedded.processes import living_in
from tests.flows.served import Clone, wait, wait_for

PREPARING = "demo_prepare"


def test_whatever_is_killed_while_it_serves_comes_back(clone: Clone) -> None:
    with clone.serving() as served:
        for name, word in {"web": "gunicorn", "worker": "worker", "beat": "beat"}.items():
            kill(clone, first(clone, word))
            wait_for(served, f"{name} ended by signal 9")
            wait(served.is_well)
        for folder in (clone.data, clone.home / "valkey"):
            kill(clone, min(living_in(folder)))
            wait(served.is_well)
        told = "SELECT max(finished_at) FROM core_routine"
        (before,) = clone.ask(told)
        wait(lambda: clone.ask(told)[0] > before)  # beat rings and a worker hears it
        assert first(clone, "gunicorn")


def test_a_killed_launcher_is_replaced_by_the_next_start(clone: Clone) -> None:
    with clone.serving() as served:
        url, left = served.url, set(living_in(clone.work))
        served.process.kill()
        served.process.wait()
        assert left
        assert served.is_well()
        with clone.serving() as next_one:
            assert next_one.url == url
            assert not left & set(living_in(clone.work))
            assert next_one.is_well()


def test_stop_ends_what_a_killed_launcher_left(clone: Clone) -> None:
    with clone.serving() as served:
        served.process.kill()
        served.process.wait()
        assert clone.processes()
        assert clone.run(clone.launcher("stop")).returncode == 0
        assert clone.processes() == []


@pytest.mark.parametrize("what", ["launcher", "preparation"])
def test_a_reset_that_is_killed_leaves_the_data_as_they_were(clone: Clone, what: str) -> None:
    with clone.serving() as served:
        keys = served.firm_keys()
    reset = clone.start(clone.launcher("serve", "--reset"))
    wait_for(reset, "database made")
    os.kill(reset.process.pid if what == "launcher" else first(clone, PREPARING), signal.SIGKILL)
    reset.ends()
    with clone.serving() as served:
        assert served.firm_keys() == keys
        assert served.get("/api/v1/me", keys[0])[0] == 200


def kill(clone: Clone, pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    wait(lambda: pid not in clone.processes())


def first(clone: Clone, word: str) -> int:
    """The oldest of the kept commands whose command line has the word."""
    return min(pid for pid in living_in(clone.work) if word in Path(f"/proc/{pid}/cmdline").read_text().split("\0"))
