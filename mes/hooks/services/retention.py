"""How long deliveries are kept."""

from __future__ import annotations

from datetime import timedelta

from mes.core.clock import DatabaseNow
from mes.hooks.models import WebhookDelivery

KEPT = timedelta(days=30)


def deliveries_drop() -> int:
    """Drops what was finished 30 days ago; returns how many. For the planner's role."""
    return WebhookDelivery.objects.filter(finished_at__lt=DatabaseNow() - KEPT).delete()[0]
