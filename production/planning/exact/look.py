"""The engine's plan looked at again by CP-SAT, if it has few runs.

What is better there is timed by the engine and judged before it is taken.
"""

from dataclasses import replace

from production.planning.bounds.path import JobPaths
from production.planning.engine.budget import Budget
from production.planning.engine.decode import Decoder
from production.planning.engine.encode import encode
from production.planning.engine.solve import Search
from production.planning.exact.improve import MOST_RUNS, Effort, improve
from production.planning.schedule import Schedule
from production.planning.verify import verify

WORK_EACH = 1e-4
"""Deterministic time of CP-SAT, about a second each, for each change of the engine."""

SHARE = 0.15
"""Or this part of the seconds."""


def is_for_exact(plan: Schedule) -> bool:
    """Whether the plan is small enough."""
    return 0 < len(plan.runs) <= MOST_RUNS


def engines_part(budget: Budget) -> Budget:
    """What is left for the engine."""
    return budget if budget.seconds is None else replace(budget, seconds=budget.seconds * (1 - SHARE))


def look_closely(search: Search, budget: Budget) -> int | None:
    """Offers the search a better plan if there is one; gives the lateness that no plan is below, if that is proved."""
    plan = search.schedule()
    least_tardy = JobPaths(search.problem).tardiness()
    if budget.is_over() or plan.tiers[1:4] == (least_tardy, 0, 0):
        return None
    if budget.seconds is None:
        effort = Effort(work=WORK_EACH * (budget.iterations or 0))
    else:
        effort = Effort(seconds=budget.seconds - budget.now())
    found = improve(search.problem, plan, effort, least_tardy=least_tardy, seed=search.seed)
    block = None if found.plan is None else encode(search.problem, search.g, found.plan, search.seed)
    if block is not None:
        better = Decoder(search.problem, search.g, block).schedule()
        if better.tiers < plan.tiers and not verify(search.problem, better):
            search.offer(block)
            if not search.problem.previous:
                search.hasten(budget)
    return found.tardiness
