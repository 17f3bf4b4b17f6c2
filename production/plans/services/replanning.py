"""When a new plan is wanted: each night, and a little after something has changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings

from mes.core import jobs
from mes.core.actors import DatabaseRole, system_actor
from mes.core.clock import business_now, database_now
from mes.core.jobs import Lease
from mes.core.wall import wall
from production.plans.choices import PlanRunState, PlanScope
from production.plans.models import PlanRun
from production.plans.services.runs import plan_run_start

NIGHTLY = "plan.nightly"
AGAIN = "plan.again"
TOPICS = (
    "plan.published",
    "proposal.declined",
    "proposal.expired",
    "proposal.withdrawn",
    "sales_order.confirmed",
    "sales_order.changed",
    "sales_order.cancelled",
    "machine_run.finished",
    "firm.changed",
    "machine.changed",
    "calendar.changed",
    "pool.changed",
    "capacity_offer.published",
    "capacity_offer.withdrawn",
    "stock.booked",
    "promise.reserved",
    "promise.released",
    "promise.expired",
    "hand.changed",
)


def start(lease: Lease) -> None:
    """Starts a run of the whole park that publishes itself."""
    with lease.committing():
        plan_run_start(actor=system_actor(), now=business_now(), publishes_itself=True)


def start_again(lease: Lease) -> None:
    """Starts a repair of the live plan after a change, unless a run waits that has not read the park yet.

    What the change does not touch stays: people have read the plan and work by it; the night plans all anew. While one
    computes, the next waits for its end: plans that chase each other would never rest.
    """
    with lease.committing():
        runs = PlanRun.objects.filter(scope=PlanScope.PARK, publishes_itself=True)
        if runs.filter(state=PlanRunState.QUEUED).exists():
            return
        if runs.filter(state=PlanRunState.RUNNING).exists():
            _ring()
            return
        plan_run_start(actor=system_actor(), now=business_now(), publishes_itself=True, is_repair=True)


def on_change(payload: Mapping[str, Any]) -> None:
    """Rings planning after a change, once for all changes of the same minute (PLAN_GATHER_S).

    A publication counts as a change only when it has left lines as they were.
    """
    if payload.get("left_as_was") == 0:
        return
    with wall(DatabaseRole.PLANNER):
        _ring()


def _ring() -> None:
    gather_s = settings.PLAN_GATHER_S
    due = database_now() + timedelta(seconds=gather_s)
    jobs.enqueue(kind=AGAIN, payload={}, key=f"after-{int(due.timestamp()) // gather_s}", not_before=due)
