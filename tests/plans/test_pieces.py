"""Pieces of a plan among workers: none is lost, none is waited for in vain, and what nobody asked for is discarded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

import psycopg
import pytest
from django.conf import LazySettings

from mes.core import jobs
from mes.core.actors import DatabaseRole
from mes.core.choices import JobState
from mes.core.errors import LeaseLost
from mes.core.jobs import Lease
from mes.core.models import BackgroundJob
from mes.core.wall import wall
from production.planning.pieces import Piece
from production.planning.pieces.cut import Sizes, cuts
from production.planning.pieces.piece import piece_of
from production.planning.pieces.plan import solve_here
from production.planning.schedule import Schedule
from production.planning.search.solve import solve
from production.plans.choices import PlanRunState
from production.plans.models import PlanPiece, PlanRun
from production.plans.services.pieces import IMPROVE, Crew
from tests.database import TestDatabase
from tests.planning.test_pieces import park
from tests.plans.work import start_plan, work_off

pytestmark = pytest.mark.django_db(transaction=True)
Sql = psycopg.Connection[tuple[object, ...]]
Answers = Sequence[Schedule | None]


@pytest.fixture(scope="module")
def pieces() -> list[Piece]:
    problem = park()
    plan = solve(problem).schedule
    found = cuts(problem, plan, number=0, seed=1, sizes=Sizes(cluster_lines=12, window_lines=100))
    return [piece_of(problem, plan, cut, seed=1) for cut in found]


@pytest.fixture(scope="module")
def answers(pieces: list[Piece]) -> Answers:
    """What each worker must come to."""
    assert len(pieces) > 2
    return solve_here(pieces)


@dataclass
class Run:
    """A run in the middle of its computation, by a worker that holds its job."""

    pk: UUID
    lease: Lease
    sql: Sql

    def crew(self, then: Callable[[], bool] = lambda: False, **options: float) -> Crew:
        """then: what happens when the run's worker looks whether it is still wanted; True: it is not."""
        return Crew(self.pk, self.lease, then, **options)

    def taken_over(self) -> Lease:
        """Another worker's lease, after this one has died."""
        self.expire(self.lease.job_id)
        lease = jobs.take(self.lease.job_id)
        assert lease is not None
        return lease

    def expire(self, job_id: UUID) -> None:
        self.sql.execute(
            "UPDATE core_backgroundjob SET lease_until = clock_timestamp() - interval '1 s' WHERE id = %s", [job_id]
        )

    def piece_jobs(self, state: JobState) -> list[UUID]:
        rows = self.sql.execute(
            "SELECT id FROM core_backgroundjob WHERE kind = %s AND state = %s ORDER BY queued_at, id", [IMPROVE, state]
        )
        return [UUID(str(row[0])) for row in rows]

    def rows(self) -> list[tuple[object, ...]]:
        return self.sql.execute("SELECT token, is_kept, is_done FROM plans_planpiece ORDER BY key").fetchall()


@pytest.fixture
def run(standing_clock: None, worker_login: None, test_database: TestDatabase) -> Iterator[Run]:
    run_id = start_plan()
    with wall(DatabaseRole.PLANNER):
        PlanRun.objects.filter(pk=run_id).update(state=PlanRunState.RUNNING)
        job_id = PlanRun.objects.get(pk=run_id).job_id
    lease = jobs.take(job_id)
    assert lease is not None
    with psycopg.connect(test_database.url("DATABASE_OWNER_URL"), autocommit=True) as sql:
        yield Run(run_id, lease, sql)


class Once:
    """Does something the first time it is asked, and says no."""

    def __init__(self, what: Callable[[], object]) -> None:
        self.what = what
        self.is_over = False

    def __call__(self) -> bool:
        if not self.is_over:
            self.is_over = True
            self.what()
        return False


def test_one_worker_alone_does_them_all(run: Run, pieces: list[Piece], answers: Answers) -> None:
    assert run.crew().solve(pieces) == answers
    assert run.rows() == []
    assert work_off(IMPROVE) == [IMPROVE]  # its ring comes too late, and finds nothing to do


def test_another_worker_does_them_one_by_one(run: Run, pieces: list[Piece], answers: Answers) -> None:
    done: list[str] = []
    assert run.crew(Once(lambda: done.extend(work_off(IMPROVE)))).solve(pieces) == answers
    assert done == [IMPROVE] * len(pieces)
    assert run.rows() == []


def test_only_so_many_are_queued_as_the_setting_says(run: Run, pieces: list[Piece], settings: LazySettings) -> None:
    queued: list[int] = []
    settings.PLAN_PIECES = 3
    run.crew(Once(lambda: queued.append(len(run.piece_jobs(JobState.QUEUED))))).solve(pieces)
    assert queued == [2]


def test_with_one_at_a_time_there_are_no_jobs(
    run: Run, pieces: list[Piece], answers: Answers, settings: LazySettings
) -> None:
    settings.PLAN_PIECES = 1
    assert run.crew().solve(pieces) == answers
    assert run.piece_jobs(JobState.QUEUED) == []


def test_a_piece_whose_worker_dies_is_done_by_the_runs_own(run: Run, pieces: list[Piece], answers: Answers) -> None:
    dead: list[UUID] = []

    def die() -> None:
        (job_id,) = run.piece_jobs(JobState.QUEUED)
        assert jobs.take(job_id) is not None
        run.expire(job_id)
        dead.append(job_id)

    assert run.crew(Once(die)).solve(pieces) == answers
    assert jobs.run(dead[0])  # the sweeper rings for it again
    with wall(DatabaseRole.PLANNER):
        assert BackgroundJob.objects.get(pk=dead[0]).state == JobState.DONE


def test_a_piece_that_another_worker_does_not_finish_is_not_waited_for_for_ever(
    run: Run, pieces: list[Piece], answers: Answers
) -> None:
    def begin() -> None:
        assert jobs.take(run.piece_jobs(JobState.QUEUED)[0]) is not None

    assert run.crew(Once(begin), most_wait_s=0).solve(pieces) == answers


def test_after_the_runs_worker_has_died_its_pieces_are_worth_nothing(
    run: Run, pieces: list[Piece], answers: Answers
) -> None:
    """Another worker has taken the run over and cut it anew: who still computes an old piece finds no row to write."""
    assert run.crew(lambda: True).solve(pieces) is None
    old = run.piece_jobs(JobState.QUEUED)
    assert {row[0] for row in run.rows()} == {run.lease.token}
    again = Run(run.pk, run.taken_over(), run.sql)
    seen: list[list[tuple[object, ...]]] = []

    def work() -> None:
        assert all(jobs.run(job_id) for job_id in old)
        seen.append(again.rows())

    assert again.crew(Once(work)).solve(pieces) == answers
    (rows,) = seen
    assert len(rows) == len(pieces)
    assert {(token, is_done) for token, _kept, is_done in rows} == {(again.lease.token, False)}


def test_a_worker_that_was_taken_over_cuts_nothing(run: Run, pieces: list[Piece]) -> None:
    run.taken_over()
    with pytest.raises(LeaseLost):
        run.crew().solve(pieces)
    assert run.rows() == []


def test_a_piece_of_a_run_that_was_dropped_is_left_alone(run: Run, pieces: list[Piece]) -> None:
    def drop() -> bool:
        with wall(DatabaseRole.PLANNER):
            PlanRun.objects.filter(pk=run.pk).update(state=PlanRunState.DISCARDED)
        return True

    assert run.crew(drop).solve(pieces) is None
    assert work_off(IMPROVE) == [IMPROVE]
    assert not any(is_done for _token, _kept, is_done in run.rows())
    assert jobs.run(run.lease.job_id) is False  # its own worker still holds it
    with wall(DatabaseRole.PLANNER):
        assert PlanPiece.objects.filter(answer__isnull=False).count() == 0
