"""Writes what an advisory plan run says: to each firm its own machine runs and order lines. It binds nobody."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from production.planning.problem import Problem
from production.planning.schedule import Schedule
from production.plans.models import Advice, AdvisedLine, AdvisedRun, PlanRun
from production.plans.selectors.problem import Snapshot
from production.plans.services.findings import PlanClock, line_finishes

BATCH = 2000


def advice_write(*, run: PlanRun, problem: Problem, schedule: Schedule, snapshot: Snapshot) -> None:
    """Rows by firm. Inside the planner's wall and the job's commit. Frozen work is not advised: it stands already."""
    assert run.zero_at is not None
    firms = sorted(set(snapshot.firms.values()))
    advice = {firm_id: Advice(firm_id=firm_id, plan_run=run, zero_at=run.zero_at) for firm_id in firms}
    Advice.objects.bulk_create(advice.values(), BATCH)
    AdvisedRun.objects.bulk_create(_runs(run, schedule, snapshot, advice), BATCH)
    AdvisedLine.objects.bulk_create(_lines(run, problem, schedule, snapshot, advice), BATCH)


def _runs(run: PlanRun, schedule: Schedule, snapshot: Snapshot, advice: dict[UUID, Advice]) -> Iterable[AdvisedRun]:
    at = PlanClock(run)
    lots = {lot.key: lot for lot in schedule.lots}
    for item in schedule.runs:
        machine = snapshot.machines[item.machine]
        pieces: dict[tuple[str, str], int] = {}
        for part in item.parts:
            lot = lots[part.lot]
            process = snapshot.lines[lot.line].processes[lot.route][part.step]
            made = sum(lot.batches[part.first_batch : part.first_batch + part.batches])
            pieces[lot.line, process] = pieces.get((lot.line, process), 0) + made
        for (key, process), count in pieces.items():
            line = snapshot.lines[key]
            yield AdvisedRun(
                firm_id=machine.firm_id,
                advice=advice[machine.firm_id],
                machine_id=machine.machine_id,
                line_id=line.line_id if line.firm_id == machine.firm_id else None,
                process=process,
                pieces=count,
                starts_at=at(item.start_min),
                ends_at=at(item.end_min),
            )


def _lines(
    run: PlanRun, problem: Problem, schedule: Schedule, snapshot: Snapshot, advice: dict[UUID, Advice]
) -> Iterable[AdvisedLine]:
    at, finishes = PlanClock(run), line_finishes(schedule)
    unplaced = {item.line for item in schedule.unplaced}
    for row in problem.lines:
        line = snapshot.lines[row.key]
        finish_min = None if row.key in unplaced else finishes.get(row.key)
        yield AdvisedLine(
            firm_id=line.firm_id,
            advice=advice[line.firm_id],
            line_id=line.line_id,
            due_at=at(row.due_min),
            finish_at=None if finish_min is None else at(finish_min),
        )
