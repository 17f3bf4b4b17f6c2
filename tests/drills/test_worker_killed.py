"""The worker's tree is killed in mid-plan and the broker loses everything: the plan is published once all the same."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

import psycopg
import pytest
import redis
from celery import current_app
from django.conf import settings
from pytest_django import DjangoDbBlocker

from mes.core import jobs
from mes.core.actors import DatabaseRole
from mes.core.wall import wall
from mes.demo.sample.shapes import Sample
from mes.demo.seed.index import zero_of
from production.exchange.services.jobs import EXPIRE
from tests.database import TestDatabase
from tests.drills.outcome import wait_until
from tests.drills.processes import Process, running, worker_command
from tests.drills.publication import has_tried, held, is_over, plan_started

QUEUE = "drill"
OTHER_JOBS = 5
OTHERS_DONE = "SELECT count(*) FROM core_backgroundjob WHERE key LIKE 'drill-%' AND state = 'done'"


@pytest.mark.usefixtures("worker_login")
def test_a_killed_worker_and_an_emptied_broker_publish_once(
    seeded_park: Sample, test_database: TestDatabase, django_db_blocker: DjangoDbBlocker, tmp_path: Path
) -> None:
    current_app.conf.task_default_queue = QUEUE
    command = worker_command(name="drill", concurrency=2, queue=QUEUE, beat=tmp_path / "beat")
    environment = os.environ | {"DATABASE_URL": test_database.url("DATABASE_WORKER_URL")}
    worker = Process("worker", command, environment, tmp_path)
    with psycopg.connect(test_database.url("DATABASE_OWNER_URL"), autocommit=True) as sql, django_db_blocker.unblock():
        sql.execute(
            "INSERT INTO core_installation (id, kind, business_at) VALUES (1, 'test', %s)", [zero_of(seeded_park)]
        )
        with running(worker):
            run_id = plan_started()
            wait_until(partial(has_tried, sql, run_id, 2), within_s=120)
        assert held(sql, run_id).state == "running"
        with wall(DatabaseRole.PLANNER):
            for number in range(OTHER_JOBS):
                jobs.enqueue(kind=EXPIRE, payload={}, key=f"drill-{number}")
        redis.Redis.from_url(settings.REDIS_URL).flushall()
        with running(worker):
            wait_until(partial(is_over, sql, run_id), within_s=120)
            wait_until(lambda: sql.execute(OTHERS_DONE).fetchone() == (OTHER_JOBS,), within_s=60)
        found = held(sql, run_id)
        assert found.is_published_once
        assert found.attempts == 2
