"""The worker's side of batches."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import DatabaseError, connection
from django.utils.translation import gettext_lazy as _

from mes.batches.choices import OPEN_STATES, BatchState
from mes.batches.models import Batch
from mes.batches.services.batches import WORK, batch_work
from mes.core import jobs, schedule
from mes.core.actors import DatabaseRole
from mes.core.clock import DatabaseNow, business_now
from mes.core.errors import LeaseLost
from mes.core.wall import wall

FORGET = "batches.forget"
KEPT_FOR = timedelta(days=7)


def work(lease: jobs.Lease) -> None:
    """Works a batch off in its firm's wall, some items at a time; the batch's own lock keeps two workers apart."""
    batch_id, firm_id = UUID(lease.payload["batch_id"]), UUID(lease.payload["firm_id"])
    left = True
    while left:
        with _renewed(lease), wall(DatabaseRole.FIRM, firm_id):
            left = batch_work(batch_id=batch_id, now=business_now())
        with wall(DatabaseRole.PLANNER):
            lease.renew()
    with lease.committing():
        pass


@contextmanager
def _renewed(lease: jobs.Lease) -> Iterator[None]:
    """Keeps the lease through a long transaction, from a thread with a connection of its own."""
    over = threading.Event()
    thread = threading.Thread(target=_renew_until, args=(lease, over), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _renew_until(lease: jobs.Lease, over: threading.Event) -> None:
    try:
        while not over.wait(jobs.LEASE_S / 4):
            with wall(DatabaseRole.PLANNER):
                lease.renew()
    except (LeaseLost, DatabaseError):
        return  # the block finds out by itself
    finally:
        connection.close()


def given_up(payload: Mapping[str, Any]) -> None:
    """The batch will not be worked off any more."""
    rows = Batch.objects.filter(pk=payload["batch_id"], state__in=OPEN_STATES)
    rows.update(state=BatchState.FAILED, finished_at=DatabaseNow())


def forget(lease: jobs.Lease) -> None:
    """Forgets batches after a week, with their items."""
    with lease.committing():
        Batch.objects.filter(created_at__lt=DatabaseNow() - KEPT_FOR).delete()


def register() -> None:
    """Once for each process."""
    jobs.register(WORK, work, given_up=given_up)
    jobs.register(FORGET, forget)
    schedule.register(
        schedule.Schedule(WORK, _("Work a member's batch off"), occasion=_("when a member sends one"), by_hand=False)
    )
    schedule.register(schedule.Schedule(FORGET, _("Forget batches after a week"), schedule.DailyAt(3)))
