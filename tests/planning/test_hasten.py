"""A plan that is good in all that weighs more ends as early as it can."""

from __future__ import annotations

from typing import Any

from production.planning.engine.budget import Budget
from production.planning.planner import LEAST_STEPS, plan_problem
from production.planning.problem import PreviousRun, Problem
from production.planning.search.solve import solve
from tests.planning.rules.shop import machine, order, shop

HOURS = (3, 3, 2, 2, 2)
"""On two presses in six hours: the long ones on one, the short ones on the other."""


def two_presses(**changes: Any) -> Problem:
    lines = [order(f"J{number}", hours, 10_000) for number, hours in enumerate(HOURS)]
    return shop(*lines, machines=(machine("A1"), machine("A2")), **changes)


def test_what_is_done_last_is_done_as_early_as_can_be() -> None:
    planned = plan_problem(two_presses(), budget=Budget(iterations=LEAST_STEPS))
    assert solve(two_presses()).schedule.tiers.makespan_min == 420
    assert tuple(planned.schedule.tiers) == (0, 0, 0, 0, 0, 360)


def test_work_that_would_have_moved_weighs_more() -> None:
    plan = solve(two_presses()).schedule
    line_of = {lot.key: lot.line for lot in plan.lots}
    before = tuple(PreviousRun(line_of[run.parts[0].lot], "PRESS", run.machine, run.start_min) for run in plan.runs)
    again = plan_problem(two_presses(previous=before), budget=Budget(iterations=LEAST_STEPS))
    assert tuple(again.schedule.tiers) == (0, 0, 0, 0, 0, 420)
