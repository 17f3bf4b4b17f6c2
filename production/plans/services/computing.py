"""Computes a plan as a background job: snapshot, search, verification, and the result committed under the lease."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from mes.core import jobs
from mes.core.actors import Actor, DatabaseRole, system_actor
from mes.core.clock import DatabaseNow, business_now, database_now, stopwatch_s
from mes.core.jobs import Lease
from mes.core.wall import wall
from production.planning.codec import problem_dump, problem_load, schedule_dump, schedule_load
from production.planning.engine.budget import Budget
from production.planning.pieces import PlannedInPieces, plan_in_pieces
from production.planning.planner import Planned, steps_for
from production.planning.problem import Problem
from production.planning.schedule import Schedule
from production.planning.verify import Violation, verify
from production.plans.choices import PlanRunState, PlanScope
from production.plans.models import PlanArtefact, PlanRun
from production.plans.selectors.figures import plan_figures
from production.plans.selectors.live_schedule import live_schedule
from production.plans.selectors.problem import Snapshot, snapshot_of_firm, snapshot_of_park
from production.plans.services.advice import advice_write
from production.plans.services.artefacts import pack, unpack
from production.plans.services.findings import findings_write
from production.plans.services.pieces import Crew, pieces_forget
from production.plans.services.progress import Progress
from production.plans.services.publication import plan_publish
from production.plans.services.redaction import tiers_for_association
from production.plans.services.repairing import repaired
from production.plans.services.rescuing import RESCUES, RESCUES_AFTER, latest_lines

PLANNER_VERSION = "2"
GIVEN_UP = "The computation was given up after several attempts."


def compute(lease: Lease) -> None:
    """The job `plan.compute`: payload `run_id`. A run that was discarded or is done ends the job without a plan."""
    run_id = UUID(lease.payload["run_id"])
    begun = _begin(run_id, lease)
    if begun is None:
        with lease.committing():
            return
    snapshot, live = begun
    problem = snapshot.problem
    progress = Progress(run_id, lease, orders_total=len(problem.lines))
    started_s = stopwatch_s()
    planned = repaired(problem, live, progress) if live and live.lots else _planned(problem, progress)
    seconds = stopwatch_s() - started_s
    violations = verify(problem, planned.schedule)
    with lease.committing():
        _store(run_id, snapshot, planned, violations, seconds)


def publish(lease: Lease) -> None:
    """The job `plan.publish`: makes a candidate the live plan. Raises NotAllowedInState when it is none any more."""
    with lease.committing():
        run = PlanRun.objects.select_for_update(of=("self",)).get(pk=UUID(lease.payload["run_id"]))
        artefact = run.artefact
        plan_publish(
            actor=system_actor(),
            run=run,
            problem=problem_load(unpack(artefact.problem)),
            schedule=schedule_load(unpack(artefact.schedule)),
            now=business_now(),
        )


def given_up(payload: Mapping[str, Any]) -> None:
    """The job `plan.compute` has failed for good: its run does not stay 'running'. The job's row says why."""
    open_states = (PlanRunState.QUEUED, PlanRunState.RUNNING)
    PlanRun.objects.filter(pk=UUID(payload["run_id"]), state__in=open_states).update(
        state=PlanRunState.FAILED,
        finished_at=DatabaseNow(),
        error=GIVEN_UP,
    )
    pieces_forget(run_id=UUID(payload["run_id"]))


def _begin(run_id: UUID, lease: Lease) -> tuple[Snapshot, Schedule | None] | None:
    """What is to be planned, and for a repair the live plan; None when the run is done with."""
    with wall(DatabaseRole.PLANNER):
        lease.renew()
        taken = PlanRun.objects.filter(pk=run_id, state__in=(PlanRunState.QUEUED, PlanRunState.RUNNING)).update(
            state=PlanRunState.RUNNING, rule="", rule_log=[], notes=[], orders_placed=0, error=""
        )
        pieces_forget(run_id=run_id)
    if not taken:
        return None
    with wall(DatabaseRole.PLANNER, snapshot=True):
        run = PlanRun.objects.get(pk=run_id)
        zero_at = _zero(run)
        if run.firm_id is not None:
            return snapshot_of_firm(zero_at=zero_at, firm_id=run.firm_id), None
        snapshot = snapshot_of_park(zero_at=zero_at)
        return snapshot, live_schedule(snapshot)[1] if run.is_repair else None


def _planned(problem: Problem, progress: Progress) -> Planned:
    budget = Budget(
        iterations=steps_for(problem),
        now=stopwatch_s,
        should_stop=progress.is_discarded,
        workers=settings.PLAN_CORES,
    )
    return plan_in_pieces(
        problem,
        seed=problem.options.seed,
        budget=budget,
        solve=Crew(progress.run_id, progress.lease, progress.is_discarded).solve,
        on_rule=progress.on_rule,
        on_notes=progress.on_notes,
    )


def _zero(run: PlanRun) -> datetime:
    if run.zero_at is None:
        raise ValueError("A plan run needs its zero.")
    return run.zero_at


def _store(run_id: UUID, begun: Snapshot, planned: Planned, violations: list[Violation], seconds: float) -> None:
    problem = begun.problem
    run = PlanRun.objects.select_for_update(of=("self",)).get(pk=run_id)
    actor = system_actor()
    pieces_forget(run_id=run_id)
    if run.state != PlanRunState.RUNNING:
        return
    schedule = planned.schedule
    run.input_hash = schedule.problem_hash
    run.parameters = {
        "rules": [entry.rule for entry in planned.log],
        "seed": problem.options.seed,
        "iterations": planned.iterations,
        "thrown_away": [str(violation) for violation in planned.broken[:20]],
    }
    if isinstance(planned, PlannedInPieces) and planned.fates:
        run.parameters["pieces"] = dict(planned.fates)
    run.versions = {"planner": PLANNER_VERSION}
    run.rule = planned.made_by
    run.tiers = tiers_for_association(schedule.tiers, base_cost_fen=planned.log[0].tiers.cost_fen)
    run.figures = plan_figures(problem, schedule) | {
        "violations": len(violations),
        "plan_ms": round(seconds * 1000),
    }
    if violations:
        run.state = PlanRunState.FAILED
        run.error = "\n".join(str(violation) for violation in violations[:20])
        run.finished_at = DatabaseNow()
    run.save()
    dump = schedule_dump(schedule)
    PlanArtefact.objects.create(run=run, problem=pack(problem_dump(problem)), schedule=pack(dump))
    if not violations:
        findings_write(run=run, problem=problem, schedule=schedule, snapshot=begun)
        if run.scope == PlanScope.PARK and not run.is_advisory and latest_lines(problem, schedule):
            later = database_now() + RESCUES_AFTER
            jobs.enqueue(kind=RESCUES, payload={"run_id": str(run.pk)}, key=str(run.pk), not_before=later)
        if run.is_advisory:
            advice_write(run=run, problem=problem, schedule=schedule, snapshot=begun)
        _conclude(actor, run, problem, schedule)


def _conclude(actor: Actor, run: PlanRun, problem: Problem, schedule: Schedule) -> None:
    if run.publishes_itself:
        plan_publish(actor=actor, run=run, problem=problem, schedule=schedule, now=business_now())
        return
    state = PlanRunState.ADVISED if run.is_advisory else PlanRunState.CANDIDATE
    PlanRun.objects.filter(pk=run.pk).update(state=state, finished_at=DatabaseNow())
