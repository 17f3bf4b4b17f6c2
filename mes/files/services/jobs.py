"""The worker's side of files."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from mes.core import jobs, schedule
from mes.core.clock import database_now
from mes.files.services.sweeping import forget_dropped, remove_orphans

SWEEP = "files.sweep"


def sweep(lease: jobs.Lease) -> None:
    """Rows first, then the bytes that nobody names any more."""
    with lease.committing():
        forget_dropped()
        now = database_now()
    if settings.FILES_ROOT:
        remove_orphans(now=now)


def register() -> None:
    """Once for each process."""
    jobs.register(SWEEP, sweep)
    schedule.register(schedule.Schedule(SWEEP, _("Remove dropped files"), schedule.DailyAt(4)))
