"""What a scenario's readers are told: figures beside the snapshot's, and the order lines that change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from mes.core.statistics import shown_of
from orders.sales.choices import PlanState
from production.machines.selectors.periods import complement, merged
from production.planning.objective import line_finishes
from production.planning.problem import Line, Period, Problem
from production.planning.scenario.apply import Applied
from production.planning.schedule import Schedule
from production.plans.models import Scenario, ScenarioLine
from production.plans.selectors.figures import plan_figures
from production.plans.selectors.problem import Snapshot
from production.plans.services.reasons import reasons_told

BATCH = 2000
LOAD_DAYS = 28
LOAD_MIN = LOAD_DAYS * 1440
INDEX_STEP = 5
"""For the association the cost is told no finer: it could try offers one by one else, and find out their fees."""

Plan = tuple[Problem, Schedule]


@dataclass(frozen=True, slots=True)
class Variant:
    """A scenario's problem and plan, and the snapshot with what the scenario adds."""

    problem: Problem
    schedule: Schedule
    snapshot: Snapshot
    new_lines: frozenset[str]

    @classmethod
    def of(cls, snapshot: Snapshot, applied: Applied, schedule: Schedule) -> Variant:
        """New machines and lines lead to the rows of those that they are like, under names of their own."""
        machines, lines = dict(snapshot.machines), dict(snapshot.lines)
        for key, like in applied.machines.items():
            if like in machines:
                code = key.partition(":")[2]
                machines[key] = replace(machines[like], code=code)
        for key, like in applied.lines.items():
            if like in lines:
                lines[key] = lines[like]
        grown = replace(snapshot, machines=machines, lines=lines)
        return cls(applied.problem, schedule, grown, frozenset(applied.lines))


def scenario_figures(problem: Problem, schedule: Schedule) -> dict[str, Any]:
    """The plan's figures without money. load_permille: of open machine time in the first weeks, by machine class."""
    tiers = schedule.tiers
    return plan_figures(problem, schedule) | {
        "tardiness_min": tiers.tardiness,
        "changeover_min": tiers.changeover_min,
        "makespan_min": tiers.makespan_min,
        "load_permille": _load(problem, schedule),
    }


def index_of(base: Plan, variant: Plan, *, is_own: bool) -> int | None:
    """The scenario's cost, the snapshot's being 100; None where it cannot be told.

    For the association in steps of five, and only where the fees of both, and what differs between them, go to enough
    firms, none of them too large.
    """
    before, after = base[1].tiers.cost_fen, variant[1].tiers.cost_fen
    if before == 0:
        return None
    exact = 100 * after // before
    if is_own:
        return exact
    if not all(shown_of([_fees(plan[1]) for plan in (base, variant)])):
        return None
    return INDEX_STEP * ((exact + INDEX_STEP // 2) // INDEX_STEP)


def _fees(schedule: Schedule) -> dict[str, Decimal]:
    """By firm that is paid."""
    found: defaultdict[str, int] = defaultdict(int)
    for lot in schedule.lots:
        if lot.offer is not None:
            found[lot.firm] += lot.fee_fen
    return {firm: Decimal(fen) for firm, fen in found.items()}


def _load(problem: Problem, schedule: Schedule) -> dict[str, int]:
    """Machine time taken, set-ups and frozen work included, of each thousand minutes that the class is open."""
    calendars = {calendar.key: calendar.open for calendar in problem.calendars}
    machines = {machine.key: machine for machine in problem.machines}
    free = {key: _without(calendars[machine.calendar], machine.closed) for key, machine in machines.items()}
    taken: defaultdict[str, list[Period]] = defaultdict(list)
    for run in schedule.runs:
        taken[run.machine].append((run.start_min, run.end_min))
    for fixed in (run for lot in schedule.fixed for run in lot.runs):
        taken[fixed.machine].append((fixed.start_min, fixed.end_min))
    opened: defaultdict[str, int] = defaultdict(int)
    left: defaultdict[str, int] = defaultdict(int)
    for key, machine in machines.items():
        name = machine.machine_class.partition("+")[0]
        opened[name] += _minutes(free[key])
        left[name] += _minutes(_without(free[key], taken[key]))
    return {name: 1000 * (minutes - left[name]) // minutes for name, minutes in sorted(opened.items()) if minutes > 0}


def _without(periods: Iterable[Period], less: Iterable[Period]) -> tuple[Period, ...]:
    """What is left of periods in the first weeks."""
    closed = complement(merged(periods, horizon_min=LOAD_MIN), horizon_min=LOAD_MIN)
    return complement(merged((*closed, *less), horizon_min=LOAD_MIN), horizon_min=LOAD_MIN)


def _minutes(periods: Iterable[Period]) -> int:
    return sum(end - start for start, end in periods)


def scenario_lines_write(*, scenario: Scenario, base: Plan, variant: Variant) -> None:
    """Writes a row for each line whose state changes, and for those that stay late but are finished at another time.

    Inside the planner's wall. A line that was closed since the snapshot is left out.
    """
    before = _found(*base)
    after = _found(variant.problem, variant.schedule)
    lines = {line.key: line for line in (*base[0].lines, *variant.problem.lines)}
    changed = [key for key in sorted(lines) if _differs(before.get(key), after.get(key))]
    known = [key for key in changed if key in variant.snapshot.lines]
    late = {key for key in known if key in after and after[key][0] in _LATE}
    chains = reasons_told(schedule=variant.schedule, lines=late, snapshot=variant.snapshot)
    ScenarioLine.objects.bulk_create(
        (
            _row(scenario, variant, lines[key], before.get(key, _ABSENT), after.get(key, _ABSENT), chains.get(key, []))
            for key in known
        ),
        BATCH,
    )


Found = tuple[PlanState, int | None]
_LATE = frozenset({PlanState.LATE, PlanState.UNPLACED})
_ABSENT: Found = (PlanState.UNPLANNED, None)


def _found(problem: Problem, schedule: Schedule) -> dict[str, Found]:
    """By line: what the plan says of it, and when it is finished."""
    finishes = line_finishes(problem, list(schedule.lots), list(schedule.unplaced))
    found: dict[str, Found] = {}
    for line in problem.lines:
        finish_min = finishes.get(line.key)
        if finish_min is None:
            found[line.key] = (PlanState.UNPLACED, None)
        else:
            found[line.key] = (PlanState.LATE if finish_min > line.due_min else PlanState.ON_TIME, finish_min)
    return found


def _differs(before: Found | None, after: Found | None) -> bool:
    if before is None or after is None:
        return before is not after
    return before[0] != after[0] or (before[0] in _LATE and before[1] != after[1])


def _row(
    scenario: Scenario, variant: Variant, line: Line, before: Found, after: Found, chain: Iterable[tuple[str, Any]]
) -> ScenarioLine:
    reference = variant.snapshot.lines[line.key]
    zero_at = scenario.base.zero_at
    return ScenarioLine(
        firm_id=scenario.firm_id,
        scenario=scenario,
        line_firm_id=reference.firm_id,
        line_id=None if line.key in variant.new_lines else reference.line_id,
        label=line.key.partition(":")[2].replace(":", "-"),
        due_at=zero_at + timedelta(minutes=line.due_min),
        state_before=before[0],
        finish_before_at=None if before[1] is None else zero_at + timedelta(minutes=before[1]),
        state=after[0],
        finish_at=None if after[1] is None else zero_at + timedelta(minutes=after[1]),
        reasons=[{"code": code, "data": data} for code, data in chain],
    )
