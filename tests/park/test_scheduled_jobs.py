"""What the association sees of the scheduled jobs, and starts out of turn."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mes.core import jobs, routines, schedule, tasks
from mes.core.actors import Actor, DatabaseRole
from mes.core.clock import database_now
from mes.core.errors import NotAllowedInState, NotFound, NotPermitted
from mes.core.models import AuditRow, BackgroundJob
from mes.core.schedule import DailyAt, Schedule
from mes.core.wall import actor_wall, wall
from mes.firms.choices import Role
from mes.park.selectors.scheduled_jobs import ScheduledJob, scheduled_jobs
from mes.park.services import scheduled_job_run
from tests.core.people import make_officer, staff_actor
from tests.core.work import doing, queued, rings, scheduled

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("worker_login")]

NOW = datetime(2026, 3, 2, 18, 30, tzinfo=UTC)  # 02:30 in Shanghai
KIND = "test.nightly"
NIGHTLY = Schedule(KIND, "nightly", DailyAt(2), payload={"order": 1})
AFTER = Schedule("test.after", "after", occasion="after a change", by_hand=False)


@pytest.fixture
def dispatcher() -> Actor:
    return staff_actor(Role.DISPATCHER, user_id=make_officer("dispatcher").pk)


def seen(kind: str, *, later: timedelta = timedelta()) -> ScheduledJob:
    with wall(DatabaseRole.STAFF):
        found = scheduled_jobs(business_now=NOW, database_now=database_now() + later)
    return next(entry for entry in found if entry.kind == kind)


def test_what_never_ran_is_overdue_and_says_when_it_is_due_next() -> None:
    with scheduled(NIGHTLY, AFTER):
        entry = seen(KIND)
        assert (entry.last_state, entry.last_began_at, entry.is_overdue) == ("", None, True)
        assert entry.next_due_at == datetime(2026, 3, 3, 18, tzinfo=UTC)
        assert not seen(AFTER.kind).is_overdue
        assert seen(AFTER.kind).next_due_at is None


def test_a_turn_shows_how_long_it_took_and_its_error() -> None:
    def fail(lease: jobs.Lease) -> None:
        raise ValueError("no hours")

    with scheduled(NIGHTLY), doing(fail, KIND):
        jobs.run(queued(kind=KIND, key=DailyAt(2).period(NOW)))
        entry = seen(KIND)
    assert (entry.error, entry.waiting, entry.is_overdue) == ("ValueError: no hours", 1, False)
    assert entry.last_began_at is not None


def test_a_job_done_has_a_duration() -> None:
    def work(lease: jobs.Lease) -> None:
        with lease.committing():
            return

    with scheduled(NIGHTLY), doing(work, KIND):
        jobs.run(queued(kind=KIND))
        entry = seen(KIND)
    assert entry.duration_s is not None
    assert entry.duration_s >= 0
    assert entry.waiting == 0


def test_a_routine_is_overdue_when_beat_is_silent() -> None:
    assert seen("core.tell").is_overdue
    tasks.tell()
    assert not seen("core.tell").is_overdue
    assert seen("core.tell", later=timedelta(minutes=2)).is_overdue


def test_run_now_adds_a_job_with_the_schedules_payload_and_an_audit_row(dispatcher: Actor) -> None:
    with scheduled(NIGHTLY), actor_wall(dispatcher):
        job_id = scheduled_job_run(actor=dispatcher, kind=KIND)
    with wall(DatabaseRole.STAFF):
        job = BackgroundJob.objects.get()
        assert (job.pk, job.kind, job.key, job.payload) == (job_id, KIND, None, {"order": 1})
        assert AuditRow.objects.get(verb="background_job.run").object_id == job_id
    assert str(job_id) in rings()


def test_run_now_waits_for_the_one_that_waits(dispatcher: Actor) -> None:
    queued(kind=KIND)
    with scheduled(NIGHTLY), pytest.raises(NotAllowedInState), actor_wall(dispatcher):
        scheduled_job_run(actor=dispatcher, kind=KIND)


@pytest.mark.parametrize("kind", [AFTER.kind, "no.such"])
def test_what_nobody_may_start_by_hand_is_not_found(dispatcher: Actor, kind: str) -> None:
    with scheduled(NIGHTLY, AFTER), pytest.raises(NotFound), actor_wall(dispatcher):
        scheduled_job_run(actor=dispatcher, kind=kind)


def test_an_auditor_only_looks() -> None:
    auditor = staff_actor(Role.AUDITOR, user_id=make_officer("auditor", Role.AUDITOR).pk)
    with scheduled(NIGHTLY), pytest.raises(NotPermitted), actor_wall(auditor):
        scheduled_job_run(actor=auditor, kind=KIND)


def test_the_products_own_jobs_are_all_listed() -> None:
    assert {entry.kind for entry in schedule.registered()} == jobs.registered_kinds()
    with wall(DatabaseRole.STAFF):
        kinds = {entry.kind for entry in scheduled_jobs(business_now=NOW, database_now=database_now())}
    assert kinds == jobs.registered_kinds() | set(routines.TITLES)
