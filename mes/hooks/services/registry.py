"""What the app's jobs are called and when they are due."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from mes.core import jobs, schedule
from mes.core.jobs import Lease
from mes.hooks.services.retention import deliveries_drop

PURGE = "hooks.purge"


def register() -> None:
    """Once for each process."""
    jobs.register(PURGE, _purge)
    schedule.register(schedule.Schedule(PURGE, _("Drop old webhook deliveries"), schedule.DailyAt(4, 10)))


def _purge(lease: Lease) -> None:
    with lease.committing():
        deliveries_drop()
