"""Celery tasks of the machinery. Bodies open their own walls."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from mes.core import idempotency, jobs, outbox, schedule
from mes.core.actors import DatabaseRole
from mes.core.wall import wall


@shared_task(name=jobs.RUN_TASK)
def run_job(job_id: str) -> bool:
    return jobs.run(UUID(job_id))


@shared_task(name="core.sweep")
def sweep() -> int:
    with wall(DatabaseRole.PLANNER):
        idempotency.purge()
    return jobs.sweep()


@shared_task(name="core.tick")
def tick() -> None:
    schedule.tick()


@shared_task(name="core.tell")
def tell() -> int:
    return outbox.deliver()
