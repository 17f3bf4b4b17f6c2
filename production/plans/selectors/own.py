"""What a firm reads of the plan: its own machine runs, and the plan runs that it has started."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from mes.core.actors import Actor
from mes.core.changes import changed_since
from mes.core.errors import NotFound, NotPermitted
from mes.core.keyset import MomentKey, page_after
from production.plans.models import AutoApproval, LineReason, MachineRun, PlanRun, RunPart


@dataclass(frozen=True, slots=True)
class RowFilter:
    """Which machine runs are wanted; None does not ask. `starts_from` ≤ start of work < `starts_before`."""

    status: str | None = None
    machine_code: str | None = None
    line_id: UUID | None = None
    starts_from: datetime | None = None
    starts_before: datetime | None = None
    updated_since: datetime | None = None


def machine_runs_page(
    *, actor: Actor, limit: int, after: MomentKey | None = None, wanted: RowFilter | None = None
) -> list[MachineRun]:
    """The firm's runs by start of work and key, with the lots that they carry. Two queries. Raises NotPermitted."""
    rows = _own_runs(actor)
    if wanted is not None:
        asked = {
            "status": wanted.status,
            "machine__code": wanted.machine_code,
            "work_starts_at__gte": wanted.starts_from,
            "work_starts_at__lt": wanted.starts_before,
        }
        rows = rows.filter(**{name: value for name, value in asked.items() if value is not None})
        rows = changed_since(rows, kind=MachineRun.feed.kind, firm_id=actor.firm_id, since=wanted.updated_since)
        if wanted.line_id is not None:
            rows = rows.filter(Exists(RunPart.objects.filter(run=OuterRef("pk"), lot__line_id=wanted.line_id)))
    return page_after(rows, by="work_starts_at", after=after, limit=limit)


def machine_run_get(*, actor: Actor, run_id: UUID) -> MachineRun:
    """One of the firm's runs. Raises NotFound, NotPermitted."""
    row = _own_runs(actor).filter(pk=run_id).first()
    if row is None:
        raise NotFound
    return row


def plan_runs_page(*, actor: Actor, limit: int, after: MomentKey | None = None) -> list[PlanRun]:
    """The plan runs of the firm, by time and key. Raises NotPermitted."""
    return page_after(_own_plan_runs(actor), by="created_at", after=after, limit=limit)


def plan_run_get(*, actor: Actor, run_id: UUID) -> PlanRun:
    """One plan run of the firm. Raises NotFound, NotPermitted."""
    row = _own_plan_runs(actor).filter(pk=run_id).first()
    if row is None:
        raise NotFound
    return row


def auto_approval_of(*, actor: Actor) -> AutoApproval:
    """The firm's standing yes; one that is off where it has set none. Raises NotPermitted."""
    if actor.firm_id is None:
        raise NotPermitted
    return AutoApproval.objects.filter(firm_id=actor.firm_id).first() or AutoApproval(firm_id=actor.firm_id)


def line_reasons(*, actor: Actor, line_id: UUID) -> list[LineReason]:
    """Why the firm's line is late or has no place, in order. Raises NotPermitted."""
    if actor.firm_id is None:
        raise NotPermitted
    return list(LineReason.objects.filter(firm_id=actor.firm_id, line_id=line_id).order_by("position"))


def _own_runs(actor: Actor) -> QuerySet[MachineRun]:
    if actor.firm_id is None:
        raise NotPermitted
    parts = RunPart.objects.select_related("lot__line__order").order_by("step", "pk")
    rows = MachineRun.objects.filter(firm_id=actor.firm_id).select_related("machine")
    return rows.prefetch_related(Prefetch("parts", parts))


def _own_plan_runs(actor: Actor) -> QuerySet[PlanRun]:
    if actor.firm_id is None:
        raise NotPermitted
    return PlanRun.objects.filter(firm_id=actor.firm_id)
