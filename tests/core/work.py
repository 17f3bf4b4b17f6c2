"""Kinds of work for the tests of jobs, outbox and schedule, and threads that do the same at once."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from typing import Any, TypeVar
from uuid import UUID

import redis
from django.db import connections

from mes.core import jobs, outbox, schedule
from mes.core.actors import DatabaseRole
from mes.core.models import BackgroundJob
from mes.core.wall import wall

Answer = TypeVar("Answer")
KIND = "test.work"
TOPIC = "test.happened"


def at_once(count: int, act: Callable[[int], Answer]) -> list[Answer]:
    """What `count` threads answer that begin together, each on a connection of its own."""
    barrier = Barrier(count)

    def turn(number: int) -> Answer:
        barrier.wait(timeout=20)
        try:
            return act(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(turn, range(count)))


def queued(**given: Any) -> UUID:
    with wall(DatabaseRole.PLANNER):
        return jobs.enqueue(**{"kind": KIND, "payload": {"order": 1}, **given})


def job(job_id: UUID) -> BackgroundJob:
    with wall(DatabaseRole.PLANNER):
        return BackgroundJob.objects.get(pk=job_id)


def let_the_lease_run_out(job_id: UUID) -> None:
    with wall(DatabaseRole.PLANNER):
        past = BackgroundJob.objects.get(pk=job_id)
        past.lease_until = past.queued_at
        past.save(update_fields=["lease_until"])


@contextmanager
def doing(function: jobs.JobFunction, kind: str = KIND) -> Iterator[None]:
    """`function` does the jobs of a kind for a while."""
    jobs.register(kind, function)
    try:
        yield
    finally:
        jobs._functions.pop(kind)


@contextmanager
def listening(*handlers: outbox.Handler, topic: str = TOPIC) -> Iterator[None]:
    for handler in handlers:
        outbox.subscribe(topic, handler)
    try:
        yield
    finally:
        outbox._handlers.pop(topic)


@contextmanager
def scheduled(*schedules: schedule.Schedule) -> Iterator[None]:
    """These schedules alone."""
    before = dict(schedule._schedules)
    schedule._schedules.clear()
    for entry in schedules:
        schedule.register(entry)
    try:
        yield
    finally:
        schedule._schedules.clear()
        schedule._schedules.update(before)


def rings() -> list[str]:
    """The jobs that wait at the broker's door; the door is emptied."""
    found = []
    with redis.Redis.from_url(os.environ["REDIS_URL"]) as broker:
        while message := broker.lpop("celery"):
            assert isinstance(message, bytes)
            arguments = json.loads(base64.b64decode(json.loads(message)["body"]))[0]
            found.append(str(arguments[0]))
    return found
