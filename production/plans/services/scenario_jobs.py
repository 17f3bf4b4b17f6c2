"""Computes a scenario as a background job: the snapshot's plan, once for all of its scenarios, and the scenario's own.

Both are searched with the same seed and the same number of changes, so that what differs is what was made otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings

from mes.core.actors import DatabaseRole
from mes.core.clock import DatabaseNow, stopwatch_s
from mes.core.jobs import Lease
from mes.core.wall import wall
from production.planning.codec import problem_dump, problem_load, schedule_dump, schedule_load
from production.planning.engine.budget import Budget
from production.planning.planner import plan_problem, steps_for
from production.planning.problem import Problem
from production.planning.scenario.apply import Applied, scenario_of
from production.planning.scenario.override import ScenarioError, overrides_read
from production.planning.schedule import Schedule
from production.planning.search.solve import RuleLog
from production.planning.verify import verify
from production.plans.choices import OPEN_SCENARIO_STATES, ScenarioFault, ScenarioState
from production.plans.models import Scenario, ScenarioArtefact, ScenarioBase
from production.plans.selectors.problem import Snapshot, snapshot_of_firm, snapshot_of_park
from production.plans.services.artefacts import pack, unpack
from production.plans.services.scenario_findings import Variant, index_of, scenario_figures, scenario_lines_write

LOOK_EVERY_S = 4.0
Plan = tuple[Problem, Schedule]


@dataclass(slots=True)
class Watch:
    """Renews the lease while a plan is searched, and sees when the scenario was discarded."""

    scenario_id: UUID
    lease: Lease
    is_dropped: bool = False
    looked_s: float = 0.0

    def look(self, _entry: RuleLog | None = None) -> None:
        """A sign of life, and whether the scenario is still wanted."""
        self.looked_s = stopwatch_s()
        with wall(DatabaseRole.PLANNER):
            self.lease.renew()
            running = Scenario.objects.filter(pk=self.scenario_id, state=ScenarioState.RUNNING)
            self.is_dropped = not running.exists()

    def should_stop(self) -> bool:
        """Asked often; looks now and then."""
        if stopwatch_s() - self.looked_s > LOOK_EVERY_S:
            self.look()
        return self.is_dropped


def compute(lease: Lease) -> None:
    """The job `plan.scenario`: payload `scenario_id`. One that was discarded or is done ends the job without a plan."""
    scenario_id = UUID(lease.payload["scenario_id"])
    begun = _begin(scenario_id, lease)
    if begun is None:
        with lease.committing():
            return
    scenario, snapshot, base = begun
    watch = Watch(scenario_id, lease)
    problem, planned = base
    if planned is None:
        planned = _planned(problem, problem, watch)
        if not watch.is_dropped:
            planned = _base_store(scenario.base_id, lease, problem, planned)
    try:
        applied = scenario_of(problem, overrides_read(scenario.overrides))
    except ScenarioError as error:
        with lease.committing():
            _fail(scenario_id, error.code, error.field)
        return
    schedule = _planned(applied.problem, problem, watch)
    with lease.committing():
        if verify(applied.problem, schedule):
            _fail(scenario_id, ScenarioFault.RULES_BROKEN, "")
        else:
            _store(scenario_id, snapshot, (problem, planned), applied, schedule)


def given_up(payload: Mapping[str, Any]) -> None:
    """The job has failed for good: its scenario does not stay 'running'."""
    _fail(UUID(payload["scenario_id"]), ScenarioFault.GIVEN_UP, "")


def _begin(scenario_id: UUID, lease: Lease) -> tuple[Scenario, Snapshot, tuple[Problem, Schedule | None]] | None:
    """The scenario, the rows behind its snapshot's keys, and the snapshot with its plan if there is one yet."""
    with wall(DatabaseRole.PLANNER):
        lease.renew()
        open_ones = Scenario.objects.filter(pk=scenario_id, state__in=OPEN_SCENARIO_STATES)
        if not open_ones.update(state=ScenarioState.RUNNING, fault="", fault_at=""):
            return None
    with wall(DatabaseRole.PLANNER, snapshot=True):
        scenario = Scenario.objects.select_related("base").get(pk=scenario_id)
        zero_at, firm_id = scenario.base.zero_at, scenario.firm_id
        if firm_id is None:
            snapshot = snapshot_of_park(zero_at=zero_at)
        else:
            snapshot = snapshot_of_firm(zero_at=zero_at, firm_id=firm_id)
    with wall(DatabaseRole.PLANNER):
        lease.renew()
        ScenarioBase.objects.select_for_update(of=("self",)).get(pk=scenario.base_id)
        artefact, _made = ScenarioArtefact.objects.get_or_create(
            base_id=scenario.base_id, defaults={"problem": pack(problem_dump(snapshot.problem))}
        )
        ScenarioArtefact.objects.filter(scenario__state=ScenarioState.DISCARDED).delete()
    schedule = schedule_load(unpack(artefact.schedule)) if artefact.schedule else None
    return scenario, snapshot, (problem_load(unpack(artefact.problem)), schedule)


def _planned(problem: Problem, measure: Problem, watch: Watch) -> Schedule:
    """The plan of `problem` after as many changes as `measure` is given."""
    budget = Budget(
        iterations=steps_for(measure),
        now=stopwatch_s,
        should_stop=watch.should_stop,
        workers=settings.PLAN_CORES,
    )
    return plan_problem(problem, seed=measure.options.seed, budget=budget, on_rule=watch.look).schedule


def _base_store(base_id: UUID, lease: Lease, problem: Problem, schedule: Schedule) -> Schedule:
    """Keeps the snapshot's plan, unless another scenario's job was faster; gives the one that is kept."""
    with wall(DatabaseRole.PLANNER):
        lease.renew()
        base = ScenarioBase.objects.select_for_update(of=("self",)).get(pk=base_id)
        artefact = ScenarioArtefact.objects.get(base=base)
        if artefact.schedule:
            return schedule_load(unpack(artefact.schedule))
        artefact.schedule = pack(schedule_dump(schedule))
        artefact.save(update_fields=["schedule"])
        base.input_hash, base.figures = schedule.problem_hash, scenario_figures(problem, schedule)
        base.save(update_fields=["input_hash", "figures"])
    return schedule


def _store(scenario_id: UUID, snapshot: Snapshot, base: Plan, applied: Applied, schedule: Schedule) -> None:
    scenario = Scenario.objects.select_for_update(of=("self",)).select_related("base").get(pk=scenario_id)
    if scenario.state != ScenarioState.RUNNING:
        return
    variant = Variant.of(snapshot, applied, schedule)
    scenario.input_hash = schedule.problem_hash
    scenario.figures = scenario_figures(applied.problem, schedule) | {
        "cost_index": index_of(base, (applied.problem, schedule), is_own=scenario.firm_id is not None)
    }
    scenario.state, scenario.finished_at = ScenarioState.COMPUTED, DatabaseNow()
    scenario.save()
    ScenarioArtefact.objects.create(
        scenario=scenario, problem=pack(problem_dump(applied.problem)), schedule=pack(schedule_dump(schedule))
    )
    scenario_lines_write(scenario=scenario, base=base, variant=variant)


def _fail(scenario_id: UUID, fault: str, place: str) -> None:
    Scenario.objects.filter(pk=scenario_id, state__in=OPEN_SCENARIO_STATES).update(
        state=ScenarioState.FAILED, fault=fault, fault_at=place, finished_at=DatabaseNow()
    )
