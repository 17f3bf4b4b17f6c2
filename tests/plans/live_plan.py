"""Rows of a live plan, written as the planner's role writes them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from orders.sales.models import SalesOrderLine
from production.machines.models import Machine
from production.plans.models import MachineRun, PlannedLot, PlanRun, Proposal, RunPart
from tests.database import as_owner
from tests.factories import at


def a_plan_run(**fields: Any) -> PlanRun:
    """A published plan of the whole park."""
    with as_owner():
        return PlanRun.objects.create(**({"state": "published", "zero_at": at()} | fields))


def a_run(
    machine: Machine,
    line: SalesOrderLine | None,
    *,
    starts_at: datetime,
    hours: float = 2,
    proposal: Proposal | None = None,
    is_last: bool = True,
    **fields: Any,
) -> MachineRun:
    """Five pieces of a line on a machine, as its last step."""
    ends_at = starts_at + timedelta(hours=hours)
    plan_run = fields.pop("plan_run", None) or a_plan_run()
    usual = {"process": "PRESS", "pieces": 5, "key": f"{machine.pk}:{starts_at:%d%H%M}", "work_starts_at": starts_at}
    with as_owner():
        run = MachineRun.objects.create(
            firm_id=machine.firm_id,
            machine=machine,
            plan_run=plan_run,
            period=DateTimeTZRange(starts_at, ends_at, "[)"),
            **(usual | fields),
        )
        lot = PlannedLot.objects.create(
            firm_id=machine.firm_id,
            plan_run=plan_run,
            line=line,
            proposal=proposal,
            key=f"lot {run.pk}",
            routing_variant="A",
            pieces=run.pieces,
            finish_at=ends_at,
        )
        RunPart.objects.create(
            firm_id=machine.firm_id,
            run=run,
            lot=lot,
            step=0,
            first_batch=0,
            batches=1,
            pieces=run.pieces,
            is_last_step=is_last,
        )
    return run
