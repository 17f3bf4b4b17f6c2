"""The live plan's work that may still move, as the planner writes plans. For the planner's role."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from uuid import UUID

from production.planning.schedule import Lot, Part, Run
from production.plans.choices import RunStatus
from production.plans.models import MachineRun, PlannedLot, RunPart
from production.plans.selectors.live import minutes_between
from production.plans.selectors.problem import Snapshot

LivePlan = tuple[list[Lot], list[Run]]


def live_plan(*, zero_at: datetime, snapshot: Snapshot) -> LivePlan:
    """Lots at home of which every run is still a proposal, and those runs, in minutes from the zero. Two queries.

    Read in the snapshot's transaction: what is not in it is frozen there, or belongs to a line that is no longer open.
    """
    parts = list(RunPart.objects.select_related("run").order_by("run_id", "lot__key", "step", "first_batch"))
    fixed = {part.lot_id for part in parts if part.run.status != RunStatus.PROPOSED}
    products = {line.key: line.product for line in snapshot.problem.lines}
    line_keys = {reference.line_id: key for key, reference in snapshot.lines.items() if key in products}
    machine_keys = {reference.machine_id: key for key, reference in snapshot.machines.items()}
    firm_keys = {firm_id: key for key, firm_id in snapshot.firms.items()}
    lots = {
        row.pk: _lot(row, zero_at, line_keys[row.line_id], firm_keys[row.firm_id], products[line_keys[row.line_id]])
        for row in PlannedLot.objects.filter(proposal=None, line_id__in=line_keys, firm_id__in=firm_keys)
        if row.line_id is not None and row.pk not in fixed
    }
    carried: defaultdict[UUID, list[RunPart]] = defaultdict(list)
    for part in parts:
        carried[part.run_id].append(part)
    runs = [
        _run(its[0].run, [(lots[part.lot_id].key, part) for part in its], zero_at, machine_keys[its[0].run.machine_id])
        for its in carried.values()
        if all(part.lot_id in lots for part in its) and its[0].run.machine_id in machine_keys
    ]
    return list(lots.values()), sorted(runs, key=lambda run: (run.machine, run.start_min))


def _lot(row: PlannedLot, zero_at: datetime, line: str, firm: str, product: str) -> Lot:
    return Lot(
        key=row.key,
        line=line,
        product=product,
        pieces=row.pieces,
        firm=firm,
        route=row.routing_variant,
        offer=None,
        batches=tuple(row.batches),
        finish_min=minutes_between(zero_at, row.finish_at),
    )


def _run(row: MachineRun, parts: list[tuple[str, RunPart]], zero_at: datetime, machine: str) -> Run:
    work_start_min = minutes_between(zero_at, row.work_starts_at)
    return Run(
        key=f"{machine}@{work_start_min}",
        machine=machine,
        start_min=minutes_between(zero_at, row.period.lower),
        work_start_min=work_start_min,
        end_min=minutes_between(zero_at, row.period.upper),
        setup_min=row.setup_min,
        family=row.family_code,
        cycles=row.cycles,
        pieces=row.pieces,
        parts=tuple(Part(lot, part.step, part.first_batch, part.batches) for lot, part in parts),
    )
