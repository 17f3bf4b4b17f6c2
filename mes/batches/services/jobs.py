"""The worker's side of batches."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from mes.batches.choices import OPEN_STATES, BatchState
from mes.batches.models import Batch
from mes.batches.services.batches import WORK, batch_work
from mes.core import jobs, schedule
from mes.core.actors import DatabaseRole
from mes.core.clock import DatabaseNow, business_now
from mes.core.wall import wall

FORGET = "batches.forget"
KEPT_FOR = timedelta(days=7)


def work(lease: jobs.Lease) -> None:
    """Works a batch off in its firm's wall, some items at a time; the batch's own lock keeps two workers apart."""
    batch_id, firm_id = UUID(lease.payload["batch_id"]), UUID(lease.payload["firm_id"])
    left = True
    while left:
        with wall(DatabaseRole.FIRM, firm_id):
            left = batch_work(batch_id=batch_id, now=business_now())
        with wall(DatabaseRole.PLANNER):
            lease.renew()
    with lease.committing():
        pass


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
