"""Runs background jobs as a worker does, one after the other, in this process."""

from __future__ import annotations

from uuid import UUID

from mes.core import jobs, outbox
from mes.core.actors import DatabaseRole, system_actor
from mes.core.choices import JobState
from mes.core.clock import business_now
from mes.core.models import BackgroundJob
from mes.core.wall import wall
from production.plans.models import PlanRun
from production.plans.services.runs import plan_run_start


def start_plan(*, publishes_itself: bool = True, is_repair: bool = False, is_advisory: bool = False) -> UUID:
    """Queues a plan of the whole park and returns its run."""
    with wall(DatabaseRole.PLANNER):
        return plan_run_start(
            actor=system_actor(),
            now=business_now(),
            publishes_itself=publishes_itself,
            is_repair=is_repair,
            is_advisory=is_advisory,
        ).pk


def work_off(*kinds: str) -> list[str]:
    """Does all queued jobs that are due, of the given kinds (or all), and returns the kinds done."""
    done: list[str] = []
    while True:
        with wall(DatabaseRole.PLANNER):
            waiting = BackgroundJob.objects.filter(state=JobState.QUEUED, not_before=None).order_by("queued_at", "pk")
            job = waiting.filter(kind__in=kinds).first() if kinds else waiting.first()
        if job is None:
            return done
        assert jobs.run(job.pk)
        with wall(DatabaseRole.PLANNER):
            job.refresh_from_db()
        assert job.state == JobState.DONE, job.error
        done.append(job.kind)


def publish_plan(*, is_repair: bool = False) -> PlanRun:
    """Plans, publishes, and settles what both sides agreed to beforehand."""
    run_id = start_plan(is_repair=is_repair)
    work_off()
    outbox.deliver()
    work_off()
    with wall(DatabaseRole.PLANNER):
        return PlanRun.objects.get(pk=run_id)
