"""Background jobs: rows with a lease and a fencing token; the broker is only the doorbell.

A kind of job is registered with the function that does it. That function gets a Lease, does its work outside any
transaction, and commits inside `lease.committing()`, which refuses when another worker has taken over. Everything
here runs under the planner's role, which the web cannot take.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from mes.core import bell
from mes.core.actors import DatabaseRole
from mes.core.choices import JobState
from mes.core.clock import DatabaseNow
from mes.core.errors import LeaseLost
from mes.core.ids import new_id
from mes.core.models import BackgroundJob
from mes.core.wall import wall

logger = logging.getLogger(__name__)

LEASE_S = 20
MOST_ATTEMPTS = 5
RUN_TASK = "core.run_job"
_MOST_ERROR_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to do a job until another worker takes it over."""

    job_id: UUID
    token: int
    kind: str
    payload: Mapping[str, Any]

    def renew(self) -> None:
        """Prolongs the lease; call inside a wall of the planner's role. Raises LeaseLost."""
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE core_backgroundjob SET lease_until = clock_timestamp() + make_interval(secs => %s)"
                " WHERE id = %s AND token = %s AND state = %s",
                [LEASE_S, self.job_id, self.token, JobState.RUNNING],
            )
            if cursor.rowcount != 1:
                raise LeaseLost

    @contextmanager
    def committing(self) -> Iterator[None]:
        """A transaction of the planner's role that commits only while the lease is held, and ends the job with it.

        The job's row stays locked to the end, so no other worker can take it over in between. Raises LeaseLost.
        """
        with wall(DatabaseRole.PLANNER):
            self.renew()
            yield
            BackgroundJob.objects.filter(pk=self.job_id).update(
                state=JobState.DONE, finished_at=DatabaseNow(), lease_until=None, error=""
            )


JobFunction = Callable[[Lease], None]
GivenUp = Callable[[Mapping[str, Any]], None]
_functions: dict[str, JobFunction] = {}
_given_up: dict[str, GivenUp] = {}


def register(kind: str, function: JobFunction, *, given_up: GivenUp | None = None) -> None:
    """Says which function does jobs of `kind`. It must call `lease.committing()` exactly once.

    `given_up` gets the payload of a job that has failed for good, in the transaction that says so.
    """
    _functions[kind] = function
    if given_up is not None:
        _given_up[kind] = given_up


def registered_kinds() -> frozenset[str]:
    return frozenset(_functions)


def enqueue(
    *,
    kind: str,
    payload: Mapping[str, Any],
    key: str | None = None,
    firm_id: UUID | None = None,
    not_before: datetime | None = None,
) -> UUID:
    """Adds a job to the present transaction and rings after its commit; returns the job's id.

    With a `key` it is added once per kind: its id follows from both, so that every caller gets the same.
    Needs no more than the right to add: works for firms and staff as well.
    """
    job_id = new_id() if key is None else uuid5(NAMESPACE_OID, f"{kind}/{key}")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_backgroundjob"
            " (id, kind, key, firm_id, payload, state, token, attempts, queued_at, not_before, error)"
            " VALUES (%s, %s, %s, %s, %s::jsonb, %s, 0, 0, clock_timestamp(), %s, '') ON CONFLICT DO NOTHING",
            [job_id, kind, key, firm_id, _json(payload), JobState.QUEUED, not_before],
        )
        added = cursor.rowcount == 1
    if added:
        transaction.on_commit(lambda: ring(job_id), robust=True)
    return job_id


def ring(job_id: UUID) -> bool:
    """Tells a worker that a job waits; whether the broker took it. If not, no harm: the sweeper rings again."""
    return bell.ring(RUN_TASK, str(job_id))


def run(job_id: UUID) -> bool:
    """Takes the job and does it. Returns False when there was nothing to take."""
    lease = take(job_id)
    if lease is None:
        return False
    try:
        _functions[lease.kind](lease)
        _give_back(lease, "The job's function ended without committing.")
    except LeaseLost:
        logger.warning("Job %s was taken over by another worker", job_id)
    except Exception as error:
        logger.exception("Job %s failed", job_id)
        _give_back(lease, first_line(error))
    return True


def first_line(error: Exception) -> str:
    """What may be stored of an error. The database puts values of the row into the lines after the first."""
    text = f"{type(error).__name__}: {error}".splitlines()[0]
    return text[:_MOST_ERROR_LENGTH]


def take(job_id: UUID) -> Lease | None:
    """Leases a job that is queued and due, or whose lease has run out. Exactly one caller wins."""
    with wall(DatabaseRole.PLANNER), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE core_backgroundjob SET state = 'running', token = token + 1, attempts = attempts + 1,"
            " started_at = clock_timestamp(), lease_until = clock_timestamp() + make_interval(secs => %s)"
            " WHERE id = %s AND attempts < %s AND ("
            "  (state = 'queued' AND (not_before IS NULL OR not_before <= clock_timestamp()))"
            "  OR (state = 'running' AND lease_until < clock_timestamp()))"
            " RETURNING token, kind, payload::text",
            [LEASE_S, job_id, MOST_ATTEMPTS],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    return Lease(job_id=job_id, token=row[0], kind=row[1], payload=json.loads(row[2]))


def sweep() -> int:
    """Rings for jobs that wait or whose worker died, gives up on those tried too often.

    Returns how many rings the broker took; after one that it did not take the rest is left to the next sweep.
    """
    with wall(DatabaseRole.PLANNER):
        now = DatabaseNow()
        lost = Q(state=JobState.RUNNING, lease_until__lt=now)
        _give_up(BackgroundJob.objects.filter(lost), "The worker died too often.")
        due = Q(state=JobState.QUEUED) & (Q(not_before=None) | Q(not_before__lte=now))
        waiting = list(BackgroundJob.objects.filter(due | lost).order_by("queued_at").values_list("pk", flat=True))
    return sum(1 for _taken in takewhile(ring, waiting))


def _give_back(lease: Lease, error: str) -> None:
    """Queues a job that was not done again, or fails it for good after its last attempt. Does nothing to others."""
    with wall(DatabaseRole.PLANNER):
        held = BackgroundJob.objects.filter(pk=lease.job_id, token=lease.token, state=JobState.RUNNING)
        _give_up(held, error)
        held.update(state=JobState.QUEUED, lease_until=None, error=error)


def _give_up(rows: QuerySet[BackgroundJob], error: str) -> None:
    """Fails those of `rows` that were tried often enough, and tells whoever waits for them."""
    spent = rows.filter(attempts__gte=MOST_ATTEMPTS).select_for_update(of=("self",)).order_by("pk")
    for job in list(spent):
        BackgroundJob.objects.filter(pk=job.pk).update(
            state=JobState.FAILED, finished_at=DatabaseNow(), lease_until=None, error=error
        )
        if job.kind in _given_up:
            _given_up[job.kind](job.payload)


def _json(payload: Mapping[str, Any]) -> str:
    return json.dumps(dict(payload))
