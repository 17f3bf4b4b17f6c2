"""Celery tasks of webhooks. Bodies open their own walls."""

from __future__ import annotations

from celery import shared_task

from mes.core import routines
from mes.hooks import services


@shared_task(name="hooks.deliver")
def deliver() -> int:
    with routines.recorded("hooks.deliver"):
        services.collect()
        return services.send_due()
