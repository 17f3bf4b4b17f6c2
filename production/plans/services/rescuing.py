"""The job that looks for ways to bring the late lines of a plan in time, after the plan is there.

The ways stand behind a line's reasons, as codes with data: for its firm, and on the run's page for the association.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from mes.core.actors import DatabaseRole
from mes.core.jobs import Lease
from mes.core.wall import wall
from production.planning.codec import problem_load, schedule_load
from production.planning.objective import line_finishes, line_tiers
from production.planning.problem import Problem
from production.planning.rescue import rescues
from production.planning.schedule import Schedule
from production.plans.choices import PlanRunState, PlanScope
from production.plans.models import LateLine, LineReason, PlanArtefact, PlanRun
from production.plans.selectors.problem import Snapshot, snapshot_of_park
from production.plans.services.artefacts import unpack
from production.plans.services.reasons import Told, reasons_told

RESCUES = "plan.rescues"
MOST_LINES = 8
"""So many of the latest lines are looked at: each takes some seconds."""

RESCUES_AFTER = timedelta(seconds=60)
"""First come publication, signatures and what else waits for the plan."""

WAY = "rescue_"
OPEN_STATES = (PlanRunState.CANDIDATE, PlanRunState.PUBLISHED)


def find(lease: Lease) -> None:
    """Payload `run_id`. A run that another has replaced, or that was dropped, ends the job without work."""
    run_id = UUID(lease.payload["run_id"])
    with wall(DatabaseRole.PLANNER, snapshot=True):
        run = _open_run(run_id)
        if run is not None:
            artefact = PlanArtefact.objects.get(run=run)
            problem, schedule = problem_load(unpack(artefact.problem)), schedule_load(unpack(artefact.schedule))
            assert run.zero_at is not None
            snapshot = snapshot_of_park(zero_at=run.zero_at)
    if run is None:
        with lease.committing():
            return

    def alive() -> None:
        """The plans of one line may take longer than a lease lasts."""
        with wall(DatabaseRole.PLANNER):
            lease.renew()

    ways: list[Any] = []
    for line in latest_lines(problem, schedule):
        if line in snapshot.lines:
            ways += rescues(problem, schedule, line, seed=problem.options.seed, on_try=alive)
    lines = {way.line for way in ways}
    told = reasons_told(schedule=replace(schedule, reasons=tuple(ways)), lines=lines, snapshot=snapshot)
    with lease.committing():
        if _open_run(run_id) is not None:
            _write(run_id, told, snapshot)


def latest_lines(problem: Problem, schedule: Schedule) -> list[str]:
    """Late lines and those without a place, by weighted lateness."""
    finishes = line_finishes(problem, list(schedule.lots), list(schedule.unplaced))
    late = []
    for line in problem.lines:
        if line.key in finishes:
            tardiness, fen = line_tiers(problem, line, finishes[line.key])
            if tardiness or fen:
                late.append((-tardiness, -fen, line.key))
    return [key for *_worth, key in sorted(late)[:MOST_LINES]]


def _open_run(run_id: UUID) -> PlanRun | None:
    """The run, unless a plan of the park was published after it was computed."""
    run = PlanRun.objects.filter(pk=run_id, state__in=OPEN_STATES, scope=PlanScope.PARK).first()
    if run is None or run.finished_at is None:
        return None
    newer = PlanRun.objects.filter(state=PlanRunState.PUBLISHED, finished_at__gt=run.finished_at)
    return None if newer.exclude(pk=run_id).exists() else run


def _write(run_id: UUID, told: Mapping[str, list[Told]], snapshot: Snapshot) -> None:
    """Behind the reasons that stand there; once, however often the job is done."""
    ways: dict[UUID, list[dict[str, Any]]] = {
        snapshot.lines[key].line_id: [{"code": code, "data": data} for code, data in its] for key, its in told.items()
    }
    for late in LateLine.objects.filter(plan_run_id=run_id, line_id__in=ways):
        late.reasons = [*_without_ways(late.reasons), *ways[late.line_id]]
        late.save(update_fields=["reasons"])
    rows = LineReason.objects.filter(plan_run_id=run_id, line_id__in=ways)
    rows.filter(code__startswith=WAY).delete()
    last = {row.line_id: row for row in rows.order_by("position")}
    LineReason.objects.bulk_create(
        LineReason(
            firm_id=row.firm_id,
            plan_run_id=run_id,
            line_id=line_id,
            position=row.position + number,
            code=way["code"],
            data=way["data"],
        )
        for line_id, row in last.items()
        for number, way in enumerate(ways[line_id], start=1)
    )


def _without_ways(reasons: list[Any]) -> list[Any]:
    return [reason for reason in reasons if not str(reason["code"]).startswith(WAY)]
