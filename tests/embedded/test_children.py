"""A command that is kept running."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from mes.embedded.children import LONGEST_PAUSE_S, Child, Pauses
from mes.embedded.processes import living_in, wait_until

PATIENCE_S = 20.0


@pytest.fixture
def child(tmp_path: Path) -> Iterator[Child]:
    """A shell that leaves a process behind when it is killed."""
    command = ["sh", "-c", "echo begun; sleep 1000 & wait"]
    made = Child("shell", command, dict(os.environ), folder=tmp_path, log=tmp_path / "shell.log")
    yield made
    made.end()


def begun(child: Child, times: int) -> bool:
    return wait_until(
        lambda: (
            child.log.exists() and child.log.read_text().count("begun") == times and len(living_in(child.folder)) == 2
        ),
        timeout_s=PATIENCE_S,
    )


def test_it_begins_again_after_a_pause_and_leaves_nothing_of_the_one_before(child: Child) -> None:
    child.begin()
    assert begun(child, 1)
    before = living_in(child.folder)
    assert child.pid is not None
    os.kill(child.pid, signal.SIGKILL)
    assert wait_until(lambda: not child.is_running(), timeout_s=PATIENCE_S)
    said = child.heal()
    assert said == f"shell ended by signal 9, begins again in 0.5 s (log: {child.log})"
    assert child.heal() is None
    assert not child.is_running()
    assert wait_until(lambda: child.heal() is None and child.is_running(), timeout_s=PATIENCE_S)
    assert begun(child, 2)
    assert not set(before) & set(living_in(child.folder))


def test_it_ends_with_all_that_it_has_started(child: Child) -> None:
    child.begin()
    assert begun(child, 1)
    assert child.end() == -signal.SIGKILL
    assert wait_until(lambda: living_in(child.folder) == [], timeout_s=PATIENCE_S)
    assert child.last_words() == "begun"


def test_an_exit_code_is_told(child: Child) -> None:
    child.command = ["sh", "-c", "exit 3"]
    child.begin()
    assert wait_until(lambda: not child.is_running(), timeout_s=PATIENCE_S)
    assert "ended with 3" in str(child.heal())


def test_pauses_grow_up_to_a_bound() -> None:
    pauses = Pauses()
    assert pauses.is_over()
    lengths = [pauses.after_failure() for _ in range(8)]
    assert lengths[:3] == [0.5, 1.0, 2.0]
    assert lengths[-1] == LONGEST_PAUSE_S
    assert not pauses.is_over()
    assert pauses.failures == 8
