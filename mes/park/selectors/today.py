"""How much of each kind waits for somebody of the association."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.db.models import Count, Q
from django.utils import timezone

from mes.core.choices import JobState
from mes.core.models import BackgroundJob, OutboxEvent
from orders.sales.choices import OPEN_STATUSES, PlanState
from orders.sales.models import SalesOrderLine
from production.machines.selectors.unready import downtimes_under_way, firms_without_hours
from production.plans.choices import PlanRunState, PlanScope, ProposalStatus
from production.plans.models import PlanRun, Proposal


def last_day_soon(now: datetime) -> date:
    """Tomorrow, as the park's clock shows it: what ends until then ends soon."""
    return timezone.localdate(now) + timedelta(days=1)


def needs_today(*, now: datetime) -> dict[str, int]:
    """Counts by kind, in seven queries. `now`: the park's time. Each has a list of the same rows on the desk."""
    is_open = Q(order__status__in=OPEN_STATUSES)
    lines = SalesOrderLine.objects.aggregate(
        late=Count("pk", filter=is_open & Q(plan_state=PlanState.LATE)),
        overdue=Count("pk", filter=is_open & Q(due_at__lt=now)),
        unplaced=Count("pk", filter=is_open & Q(plan_state=PlanState.UNPLACED)),
    )
    soon = timezone.make_aware(datetime.combine(last_day_soon(now) + timedelta(days=1), time()))
    proposals = Proposal.objects.filter(status=ProposalStatus.PROPOSED).aggregate(
        proposals=Count("pk"), expiring=Count("pk", filter=Q(expires_at__lt=soon))
    )
    return {
        **lines,
        **proposals,
        "candidates": PlanRun.objects.filter(state=PlanRunState.CANDIDATE, scope=PlanScope.PARK).count(),
        "downtimes": downtimes_under_way(now=now).count(),
        "without_hours": firms_without_hours().count(),
        "failed_jobs": BackgroundJob.objects.filter(state=JobState.FAILED).count(),
        "untold": OutboxEvent.objects.filter(told_at=None).count(),
    }
