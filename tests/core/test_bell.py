"""The bell costs little when the broker refuses or hangs, and rings again when it is back, in the same process."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from celery import current_app
from kombu import pools

from mes.core import bell, jobs
from mes.core.bell import Bell
from mes.core.choices import JobState
from tests.core.gate import Gate
from tests.core.work import at_once, job, queued, rings

TASK = "test.ring"
LONG_S = 3600.0


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    """The way of all rings to the broker."""
    rings()
    gate = Gate(os.environ["REDIS_URL"])
    monkeypatch.setattr(current_app.conf, "broker_url", gate.url)
    yield gate
    gate.shut()
    pools.reset()
    rings()


def test_a_ring_reaches_the_workers(gate: Gate) -> None:
    gate.open()
    assert Bell().ring(TASK, "one")
    assert rings() == ["one"]


def test_a_refused_ring_is_lost_and_raises_nothing(gate: Gate) -> None:
    assert not Bell().ring(TASK, "one")
    assert rings() == []


def test_after_a_failure_the_bell_is_silent_for_a_while(gate: Gate) -> None:
    impatient = Bell(silence_s=LONG_S)
    assert not impatient.ring(TASK, "one")
    gate.open()
    assert not impatient.ring(TASK, "two")
    assert gate.knocks == 0


def test_a_burst_at_a_broker_that_hangs_knocks_once(gate: Gate) -> None:
    gate.stick()
    patient = Bell(patience_s=0.1, silence_s=LONG_S)
    assert [patient.ring(TASK, str(number)) for number in range(20)] == [False] * 20
    assert gate.knocks == 1


def test_when_the_silence_is_over_one_caller_tries_and_the_others_do_not_wait(gate: Gate) -> None:
    gate.stick()
    patient = Bell(patience_s=0.1, silence_s=LONG_S)
    patient.ring(TASK, "before")
    patient._silent_until_s = 0.0
    assert at_once(8, lambda number: patient.ring(TASK, str(number))) == [False] * 8
    assert gate.knocks == 2


@pytest.mark.parametrize("outage", ["shut", "stick"])
def test_the_same_process_rings_again_when_the_broker_is_back(gate: Gate, outage: str) -> None:
    lively = Bell(patience_s=0.5, silence_s=0.0)
    gate.open()
    assert lively.ring(TASK, "before")
    getattr(gate, outage)()
    assert not lively.ring(TASK, "lost")
    gate.open()
    assert lively.ring(TASK, "after")
    assert lively.ring(TASK, "and on")
    assert set(rings()) == {"before", "after", "and on"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("worker_login")
def test_a_job_is_written_down_while_the_broker_is_away_and_rung_by_the_sweeper(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bell, "_bell", Bell(silence_s=0.0))
    waiting = {queued(), queued()}
    assert {job(job_id).state for job_id in waiting} == {JobState.QUEUED}
    assert jobs.sweep() == 0
    gate.open()
    assert jobs.sweep() == 2
    assert set(rings()) == {str(job_id) for job_id in waiting}


def test_the_rings_of_beat_are_void_once_the_next_is_due() -> None:
    for entry in current_app.conf.beat_schedule.values():
        assert entry["options"]["expires"] == entry["schedule"]
