"""Many workers, one job: with real transactions, and a control that shows the race without the guard."""

from __future__ import annotations

from threading import Barrier

import pytest
from django.db import connection

from mes.core import jobs
from mes.core.actors import DatabaseRole
from mes.core.choices import JobState
from mes.core.errors import LeaseLost
from mes.core.models import BackgroundJob, OutboxEvent
from mes.core.outbox import tell
from mes.core.wall import wall
from tests.core.work import at_once, doing, job, let_the_lease_run_out, queued

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("worker_login")]
WORKERS = 4


def test_a_queued_job_is_leased_once_among_many() -> None:
    job_id = queued()
    leases = [lease for lease in at_once(WORKERS, lambda _number: jobs.take(job_id)) if lease]
    assert len(leases) == 1
    assert job(job_id).attempts == 1


def test_an_expired_lease_is_taken_over_once_among_many() -> None:
    job_id = queued()
    assert jobs.take(job_id) is not None
    let_the_lease_run_out(job_id)
    leases = [lease for lease in at_once(WORKERS, lambda _number: jobs.take(job_id)) if lease]
    assert [lease.token for lease in leases] == [2]


def test_the_control_without_compare_and_set_leases_to_many() -> None:
    """Read, then write: what `take` would be without its one statement. All of them believe that they won."""
    job_id = queued()
    together = Barrier(WORKERS)

    def careless(_number: int) -> bool:
        with wall(DatabaseRole.PLANNER):
            found = BackgroundJob.objects.get(pk=job_id)
            together.wait(timeout=20)
            BackgroundJob.objects.filter(pk=job_id).update(state=JobState.RUNNING, lease_until=found.queued_at)
        return found.state == JobState.QUEUED

    assert at_once(WORKERS, careless) == [True] * WORKERS


def test_a_job_rung_many_times_commits_once() -> None:
    job_id = queued()

    def work(lease: jobs.Lease) -> None:
        with lease.committing():
            tell(topic="test.done", payload={})

    with doing(work):
        ran = at_once(WORKERS, lambda _number: jobs.run(job_id))
    assert ran.count(True) == 1
    with wall(DatabaseRole.PLANNER):
        assert OutboxEvent.objects.filter(topic="test.done").count() == 1
    assert job(job_id).state == JobState.DONE


def test_of_an_old_and_a_new_holder_who_commit_at_once_the_new_one_wins() -> None:
    job_id = queued()
    old = jobs.take(job_id)
    assert old is not None
    let_the_lease_run_out(job_id)
    new = jobs.take(job_id)
    assert new is not None

    def commit(number: int) -> bool:
        lease = (old, new)[number]
        try:
            with lease.committing():
                tell(topic="test.done", payload={"holder": number})
        except LeaseLost:
            return False
        return True

    assert at_once(2, commit) == [False, True]
    with wall(DatabaseRole.PLANNER):
        assert [event.payload for event in OutboxEvent.objects.filter(topic="test.done")] == [{"holder": 1}]


def test_a_take_over_waits_for_a_commit_under_way_and_finds_the_job_done() -> None:
    job_id = queued()
    lease = jobs.take(job_id)
    assert lease is not None
    inside = Barrier(2)

    def act(number: int) -> bool:
        if number == 0:
            with lease.committing():
                inside.wait(timeout=20)
                expire_here(job_id)
            return True
        inside.wait(timeout=20)
        return jobs.take(job_id) is not None

    assert at_once(2, act) == [True, False]
    assert job(job_id).state == JobState.DONE


def expire_here(job_id: object) -> None:
    """The lease runs out inside the committing transaction; the row stays locked."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE core_backgroundjob SET lease_until = queued_at WHERE id = %s", [job_id])


def test_the_same_key_enqueued_at_once_makes_one_job() -> None:
    ids = at_once(WORKERS, lambda _number: queued(key="night"))
    assert len(set(ids)) == 1
    with wall(DatabaseRole.PLANNER):
        assert BackgroundJob.objects.filter(key="night").count() == 1
