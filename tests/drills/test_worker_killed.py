"""The worker's tree is killed in mid-plan and the broker loses everything: the plan is published once all the same."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
import redis
from celery import current_app
from django.conf import settings
from pytest_django import DjangoDbBlocker

from mes.core import jobs
from mes.core.actors import DatabaseRole, system_actor
from mes.core.clock import business_now
from mes.core.wall import wall
from mes.demo.sample.shapes import Sample
from mes.demo.seed.index import zero_of
from production.exchange.services.jobs import EXPIRE
from production.plans.services.runs import plan_run_start
from tests.database import TestDatabase
from tests.drills.worker_process import worker_process

QUEUE = "drill"
OTHER_JOBS = 5
Sql = psycopg.Connection[tuple[object, ...]]


def _one(sql: Sql, query: str) -> object:
    row = sql.execute(query).fetchone()
    return None if row is None else row[0]


def _await(what: Callable[[], bool], *, within_s: float, look_every_s: float) -> float:
    """Seconds until `what` holds. Fails when it takes longer."""
    started_s = time.monotonic()
    while not what():
        assert time.monotonic() - started_s < within_s
        time.sleep(look_every_s)
    return time.monotonic() - started_s


@pytest.mark.usefixtures("worker_login")
def test_a_killed_worker_and_an_emptied_broker_publish_once(
    seeded_park: Sample, test_database: TestDatabase, django_db_blocker: DjangoDbBlocker, tmp_path: Path
) -> None:
    worker_url = test_database.url("DATABASE_WORKER_URL")
    current_app.conf.task_default_queue = QUEUE
    with psycopg.connect(test_database.url("DATABASE_OWNER_URL"), autocommit=True) as sql, django_db_blocker.unblock():
        sql.execute(
            "INSERT INTO core_installation (id, kind, business_at) VALUES (1, 'test', %s)", [zero_of(seeded_park)]
        )
        with worker_process(database_url=worker_url, queue=QUEUE, folder=tmp_path) as worker:
            with wall(DatabaseRole.PLANNER):
                run_id = plan_run_start(actor=system_actor(), now=business_now(), publishes_itself=True).pk
            second = f"SELECT jsonb_array_length(rule_log) FROM plans_planrun WHERE id = '{run_id}'"
            _await(lambda: int(str(_one(sql, second))) >= 2, within_s=60, look_every_s=0.01)
            worker.kill()
        state = f"SELECT state FROM plans_planrun WHERE id = '{run_id}'"
        assert _one(sql, state) == "running"
        with wall(DatabaseRole.PLANNER):
            for number in range(OTHER_JOBS):
                jobs.enqueue(kind=EXPIRE, payload={}, key=f"drill-{number}")
        redis.Redis.from_url(settings.REDIS_URL).flushdb()
        with worker_process(database_url=worker_url, queue=QUEUE, folder=tmp_path):
            took_s = _await(lambda: _one(sql, state) == "published", within_s=60, look_every_s=0.1)
            others = "SELECT count(*) FROM core_backgroundjob WHERE key LIKE 'drill-%' AND state = 'done'"
            _await(lambda: _one(sql, others) == OTHER_JOBS, within_s=30, look_every_s=0.1)
        assert took_s < 60
        run = f"'{run_id}'"
        assert _one(sql, f"SELECT count(*) FROM plans_publication WHERE run_id = {run}") == 1
        told = f"SELECT count(*) FROM core_outboxevent WHERE topic = 'plan.published' AND payload->>'run_id' = {run}"
        assert _one(sql, told) == 1
        assert _one(sql, f"SELECT attempts FROM core_backgroundjob WHERE payload->>'run_id' = {run}") == 2
        assert jobs.LEASE_S <= 30
