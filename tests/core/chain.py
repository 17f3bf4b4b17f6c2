"""Audit rows that are committed and sealed, for the tests of the chain."""

from __future__ import annotations

import time
from uuid import UUID

import psycopg
from django.db import connection

from mes.core import audit, seals
from mes.core.actors import Actor, DatabaseRole, system_actor
from mes.core.ids import new_id
from mes.core.models import AuditRow, AuditSeal, Routine
from mes.core.wall import wall

Owner = psycopg.Connection[tuple[object, ...]]
MOST_S = 90.0


def told(count: int = 1, *, verb: str = "plan_run.publish", actor: Actor | None = None) -> list[UUID]:
    """So many audit rows, each in a transaction of its own; their keys."""
    keys = []
    for number in range(count):
        with wall(DatabaseRole.PLANNER):
            obj = Routine(pk=new_id())
            changes = {"number": audit.Change(number, number + 1)}
            audit.record(actor=actor or system_actor(), verb=verb, obj=obj, firm_id=None, changes=changes)
            keys.append(AuditRow.objects.get(object_id=obj.pk).pk)
    return keys


def sealed() -> set[UUID]:
    """The keys of all sealed rows."""
    with wall(DatabaseRole.PLANNER):
        return {key for keys in AuditSeal.objects.values_list("row_keys", flat=True) for key in keys}


def seal_until(keys: list[UUID]) -> None:
    """Seals until these rows are: the transactions of other tests on the server hold a seal back while they run."""
    ends_s = time.monotonic() + MOST_S
    while not set(keys) <= sealed():
        assert time.monotonic() < ends_s
        if not seals.seal_all():
            time.sleep(0.05)


def settled_below() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        return int(cursor.fetchone()[0])
