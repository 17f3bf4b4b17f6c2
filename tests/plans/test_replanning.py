"""After changes the park is planned again: once for those of a minute, and never by plans that chase each other."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mes.core import jobs
from mes.core.actors import DatabaseRole
from mes.core.choices import JobState
from mes.core.clock import database_now
from mes.core.models import BackgroundJob
from mes.core.wall import wall
from production.plans.models import PlanRun
from production.plans.services import replanning
from tests.plans.small_park import ZERO

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("standing_clock", "worker_login")]


def _a_run(*, state: str, publishes_itself: bool) -> PlanRun:
    with wall(DatabaseRole.PLANNER):
        return PlanRun.objects.create(state=state, publishes_itself=publishes_itself, zero_at=ZERO)


def _rung() -> list[BackgroundJob]:
    with wall(DatabaseRole.PLANNER):
        waiting = BackgroundJob.objects.filter(kind=replanning.AGAIN, state=JobState.QUEUED)
        return list(waiting.order_by("queued_at"))


def _turn_comes() -> None:
    """The job that was rung is done, its minute being over."""
    (job,) = _rung()
    with wall(DatabaseRole.PLANNER):
        BackgroundJob.objects.filter(pk=job.pk).update(not_before=database_now() - timedelta(seconds=1))
    assert jobs.run(job.pk)


def _runs(state: str) -> int:
    with wall(DatabaseRole.PLANNER):
        return PlanRun.objects.filter(state=state, publishes_itself=True).count()


def test_changes_of_one_minute_are_planned_once() -> None:
    replanning.on_change({})
    replanning.on_change({"left_as_was": 3})
    assert len(_rung()) == 1
    _turn_comes()
    assert _runs("queued") == 1
    with wall(DatabaseRole.PLANNER):
        assert PlanRun.objects.get(state="queued").is_repair


def test_the_night_plans_all_anew() -> None:
    with wall(DatabaseRole.PLANNER):
        rung = jobs.enqueue(kind=replanning.NIGHTLY, payload={}, key="tonight")
    assert jobs.run(rung)
    with wall(DatabaseRole.PLANNER):
        assert not PlanRun.objects.get(state="queued").is_repair


def test_a_publication_that_left_nothing_is_no_change() -> None:
    replanning.on_change({"left_as_was": 0})
    assert _rung() == []


def test_a_run_that_still_waits_will_read_the_change_itself() -> None:
    _a_run(state="queued", publishes_itself=True)
    replanning.on_change({})
    _turn_comes()
    assert (_runs("queued"), _rung()) == (1, [])


def test_while_a_run_computes_the_next_waits_for_its_end() -> None:
    computing = _a_run(state="running", publishes_itself=True)
    with wall(DatabaseRole.PLANNER):
        rung = jobs.enqueue(kind=replanning.AGAIN, payload={}, key="a minute ago")
    assert jobs.run(rung)
    (later,) = _rung()
    assert later.not_before is not None
    assert later.not_before > database_now()
    assert _runs("queued") == 0
    with wall(DatabaseRole.PLANNER):
        PlanRun.objects.filter(pk=computing.pk).update(state="published")
    _turn_comes()
    assert (_runs("queued"), _rung()) == (1, [])


def test_a_candidate_that_a_person_asked_for_keeps_nobody_waiting() -> None:
    _a_run(state="running", publishes_itself=False)
    replanning.on_change({})
    _turn_comes()
    assert _runs("queued") == 1
