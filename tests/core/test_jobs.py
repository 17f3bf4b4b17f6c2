"""Jobs are rows with a lease; the broker is only the doorbell."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from mes.celery import app
from mes.core import jobs
from mes.core.actors import DatabaseRole
from mes.core.choices import JobState
from mes.core.clock import database_now
from mes.core.errors import LeaseLost
from mes.core.models import BackgroundJob
from mes.core.wall import wall
from tests.core.people import Party, make_party
from tests.core.work import doing, job, let_the_lease_run_out, queued, rings

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def worker(transactional_db: None, worker_login: None) -> Iterator[None]:
    rings()
    yield
    rings()


def finish(lease: jobs.Lease) -> None:
    with lease.committing():
        pass


def test_a_job_rings_after_commit_and_not_after_a_rollback() -> None:
    with pytest.raises(ZeroDivisionError), wall(DatabaseRole.PLANNER):
        jobs.enqueue(kind="test.work", payload={})
        raise ZeroDivisionError
    assert rings() == []
    job_id = queued()
    assert rings() == [str(job_id)]


def test_a_job_is_taken_done_and_not_taken_again() -> None:
    job_id = queued()
    seen: list[object] = []

    def work(lease: jobs.Lease) -> None:
        seen.append(lease.payload)
        finish(lease)

    with doing(work):
        assert jobs.run(job_id)
        assert not jobs.run(job_id)
    done = job(job_id)
    assert seen == [{"order": 1}]
    assert (done.state, done.lease_until, done.attempts) == (JobState.DONE, None, 1)
    assert done.finished_at is not None


def test_a_lease_that_stands_is_not_taken() -> None:
    job_id = queued()
    assert jobs.take(job_id) is not None
    assert jobs.take(job_id) is None


def test_the_old_holder_of_a_lease_cannot_commit() -> None:
    job_id = queued()
    old = jobs.take(job_id)
    assert old is not None
    let_the_lease_run_out(job_id)
    new = jobs.take(job_id)
    assert new is not None
    assert new.token == old.token + 1
    with pytest.raises(LeaseLost), old.committing():
        raise AssertionError("the old holder came in")
    with pytest.raises(LeaseLost), wall(DatabaseRole.PLANNER):
        old.renew()
    finish(new)
    assert job(job_id).state == JobState.DONE


def test_a_job_that_lost_its_lease_writes_nothing_and_is_left_to_the_new_holder() -> None:
    job_id = queued()

    def overtaken(lease: jobs.Lease) -> None:
        let_the_lease_run_out(job_id)
        assert jobs.take(job_id) is not None
        with lease.committing():
            raise AssertionError("committed")

    with doing(overtaken):
        assert jobs.run(job_id)
    assert job(job_id).state == JobState.RUNNING
    assert job(job_id).error == ""


def test_a_renewed_lease_lasts_longer() -> None:
    lease = jobs.take(queued())
    assert lease is not None
    before = job(lease.job_id).lease_until
    with wall(DatabaseRole.PLANNER):
        lease.renew()
    after = job(lease.job_id).lease_until
    assert before is not None
    assert after is not None
    assert after > before


def test_a_lease_is_at_most_half_a_minute() -> None:
    assert jobs.LEASE_S <= 30


def test_what_fails_while_committing_rolls_back_and_is_given_back() -> None:
    job_id = queued()

    def work(lease: jobs.Lease) -> None:
        with lease.committing():
            jobs.enqueue(kind="test.after", payload={})
            raise RuntimeError("deliberate")

    with doing(work):
        jobs.run(job_id)
    given_back = job(job_id)
    assert (given_back.state, given_back.lease_until) == (JobState.QUEUED, None)
    assert given_back.error == "RuntimeError: deliberate"
    with wall(DatabaseRole.PLANNER):
        assert not BackgroundJob.objects.filter(kind="test.after").exists()


def test_a_function_that_forgets_to_commit_is_found_out() -> None:
    job_id = queued()
    with doing(lambda _lease: None):
        jobs.run(job_id)
    assert job(job_id).state == JobState.QUEUED
    assert "without committing" in job(job_id).error


def test_an_unknown_kind_fails_and_does_not_stop_the_worker() -> None:
    job_id = queued(kind="test.unknown")
    assert jobs.run(job_id)
    assert job(job_id).error.startswith("KeyError")


def test_an_error_is_stored_without_the_values_that_the_database_tells() -> None:
    job_id = queued()

    def work(lease: jobs.Lease) -> None:
        with lease.committing():
            BackgroundJob.objects.create(kind="test.secret", state="running", queued_at=database_now())

    with doing(work):
        jobs.run(job_id)
    assert "running_job_has_lease" in job(job_id).error
    assert "Failing row" not in job(job_id).error
    assert "test.secret" not in job(job_id).error


def test_after_too_many_attempts_a_job_fails_for_good() -> None:
    job_id = queued()

    def fail(_lease: jobs.Lease) -> None:
        raise RuntimeError("deliberate")

    with doing(fail):
        for _attempt in range(jobs.MOST_ATTEMPTS):
            assert jobs.run(job_id)
        assert not jobs.run(job_id)
    assert job(job_id).state == JobState.FAILED
    assert job(job_id).finished_at is not None


def test_the_sweeper_rings_again_for_what_was_lost() -> None:
    waiting, dead, alive, done = queued(), queued(), queued(), queued()
    for job_id in (dead, alive, done):
        lease = jobs.take(job_id)
        assert lease is not None
        if job_id == done:
            finish(lease)
    let_the_lease_run_out(dead)
    rings()  # as after a FLUSHALL
    assert jobs.sweep() == 2
    assert set(rings()) == {str(waiting), str(dead)}


def test_the_sweeper_gives_up_on_a_job_whose_workers_always_die() -> None:
    job_id = queued()
    for _attempt in range(jobs.MOST_ATTEMPTS):
        assert jobs.take(job_id) is not None
        let_the_lease_run_out(job_id)
    assert jobs.take(job_id) is None
    rings()
    assert jobs.sweep() == 0
    assert job(job_id).state == JobState.FAILED


def test_a_job_for_later_is_neither_taken_nor_rung_before() -> None:
    with wall(DatabaseRole.PLANNER):
        later = database_now() + timedelta(hours=1)
    job_id = queued(not_before=later)
    rings()
    assert jobs.take(job_id) is None
    assert jobs.sweep() == 0


def test_a_key_makes_a_job_unique_within_its_kind() -> None:
    first = queued(key="2026-03-02")
    assert queued(key="2026-03-02") == first
    assert queued(key="2026-03-03") != first
    assert queued(kind="test.other", key="2026-03-02") != first
    with wall(DatabaseRole.PLANNER):
        assert BackgroundJob.objects.count() == 3
    with pytest.raises(IntegrityError), wall(DatabaseRole.PLANNER):
        BackgroundJob.objects.create(kind="test.work", key="2026-03-02", queued_at=database_now())


def test_firms_and_staff_add_jobs_without_the_right_to_read_them() -> None:
    party: Party = make_party("A")
    with wall(DatabaseRole.FIRM, party.firm_id):
        by_firm = jobs.enqueue(kind="test.work", payload={}, firm_id=party.firm_id, key="one")
        assert jobs.enqueue(kind="test.work", payload={}, firm_id=party.firm_id, key="one") == by_firm
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            BackgroundJob.objects.count()
    with wall(DatabaseRole.STAFF):
        by_staff = jobs.enqueue(kind="test.work", payload={})
    assert job(by_firm).firm_id == party.firm_id
    assert job(by_staff).state == JobState.QUEUED


def test_a_firm_adds_no_job_in_anothers_name() -> None:
    party, other = make_party("A"), make_party("B")
    with pytest.raises(ProgrammingError, match="row-level security"), wall(DatabaseRole.FIRM, party.firm_id):
        jobs.enqueue(kind="test.work", payload={}, firm_id=other.firm_id)


def test_the_tests_ring_at_the_projects_own_broker() -> None:
    assert app.conf.broker_url == os.environ["REDIS_URL"]
