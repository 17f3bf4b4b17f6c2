"""Celery tasks of the machinery. Bodies open their own walls."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from mes.core import idempotency, jobs, outbox, routines, schedule
from mes.core.actors import DatabaseRole
from mes.core.wall import wall


@shared_task(name=jobs.RUN_TASK)
def run_job(job_id: str) -> bool:
    return jobs.run(UUID(job_id))


@shared_task(name="core.sweep")
def sweep() -> int:
    with routines.recorded("core.sweep"):
        with wall(DatabaseRole.PLANNER):
            idempotency.purge()
        return jobs.sweep()


@shared_task(name="core.tick")
def tick() -> None:
    with routines.recorded("core.tick"):
        schedule.tick()


@shared_task(name="core.tell")
def tell() -> int:
    with routines.recorded("core.tell"):
        return outbox.deliver()
