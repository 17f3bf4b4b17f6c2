"""What the association reads of a plan run: its late lines with their reasons, and what it moved."""

from __future__ import annotations

from datetime import datetime, timedelta

from production.planning.moves import moves
from production.planning.problem import Problem
from production.planning.schedule import Schedule
from production.plans.models import LateLine, MovedRun, PlanRun
from production.plans.selectors.problem import Snapshot
from production.plans.services.reasons import reasons_told

BATCH = 2000
RUNS_WITH_FINDINGS = 30
"""Older runs keep their figures only."""


class PlanClock:
    """Minutes from the plan's zero to instants."""

    def __init__(self, run: PlanRun) -> None:
        if run.zero_at is None:
            raise ValueError("A plan run without a zero has no clock.")
        self._zero = run.zero_at

    def __call__(self, minute: int) -> datetime:
        return self._zero + timedelta(minutes=minute)


def line_finishes(schedule: Schedule) -> dict[str, int]:
    """When the last piece of each line is finished, in minutes; lines without a lot are not in it."""
    finishes: dict[str, int] = {}
    pairs = [(lot.line, lot.finish_min) for lot in schedule.lots]
    pairs += [(lot.line, lot.finish_min) for lot in schedule.fixed]
    for line, finish_min in pairs:
        finishes[line] = max(finish_min, finishes.get(line, finish_min))
    return finishes


def findings_write(*, run: PlanRun, problem: Problem, schedule: Schedule, snapshot: Snapshot) -> None:
    """Writes the rows of `run` and drops those of runs long past. Inside the planner's wall and the job's commit."""
    kept = PlanRun.objects.order_by("-created_at").values_list("pk", flat=True)[:RUNS_WITH_FINDINGS]
    for model in (LateLine, MovedRun):
        model.objects.exclude(plan_run_id__in=[*kept, run.pk]).delete()
    LateLine.objects.bulk_create(_late_lines(run, problem, schedule, snapshot), BATCH)
    MovedRun.objects.bulk_create(_moved_runs(run, problem, schedule, snapshot), BATCH)


def _late_lines(run: PlanRun, problem: Problem, schedule: Schedule, snapshot: Snapshot) -> list[LateLine]:
    at, finishes = PlanClock(run), line_finishes(schedule)
    unplaced = {item.line for item in schedule.unplaced}
    late = {
        line.key
        for line in problem.lines
        if line.key in unplaced or finishes.get(line.key, line.due_min) > line.due_min
    }
    chains = reasons_told(schedule=schedule, lines=late, snapshot=snapshot)
    rows = []
    for key in sorted(late):
        line = snapshot.lines[key]
        finish_min = None if key in unplaced else finishes[key]
        rows.append(
            LateLine(
                plan_run=run,
                firm_id=line.firm_id,
                line_id=line.line_id,
                due_at=at(line.due_min),
                finish_at=None if finish_min is None else at(finish_min),
                late_min=None if finish_min is None else finish_min - line.due_min,
                reasons=[{"code": code, "data": data} for code, data in chains.get(key, [])],
            )
        )
    return rows


def _moved_runs(run: PlanRun, problem: Problem, schedule: Schedule, snapshot: Snapshot) -> list[MovedRun]:
    at, machines = PlanClock(run), snapshot.machines
    return [
        MovedRun(
            plan_run=run,
            firm_id=snapshot.lines[before.line].firm_id,
            line_id=snapshot.lines[before.line].line_id,
            process=before.process,
            machine_before_id=machines[before.machine].machine_id,
            started_before_at=at(before.start_min),
            firm_now_id=None if machine is None else machines[machine].firm_id,
            machine_id=None if machine is None else machines[machine].machine_id,
            starts_at=None if start_min is None else at(start_min),
        )
        for before, machine, start_min in moves(problem, schedule.lots, schedule.runs)
    ]
