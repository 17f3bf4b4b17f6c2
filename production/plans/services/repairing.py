"""A plan run that repairs the live plan instead of planning all anew."""

from __future__ import annotations

from django.conf import settings

from mes.core.clock import stopwatch_s
from production.planning.planner import Planned
from production.planning.problem import Problem
from production.planning.repair import repair
from production.planning.schedule import Schedule
from production.planning.search.solve import RuleLog
from production.plans.services.progress import Progress

REPAIR = "repair"
LEAST_MOVED = 24
"""A park may be so small that 5 % of its runs are none: an order in a hurry would never get before another."""


def repaired(problem: Problem, live: Schedule, progress: Progress) -> Planned:
    """What still holds of the live plan stays where it is, the rest is planned around it."""
    started_s = stopwatch_s()
    found = repair(
        problem,
        live.lots,
        live.runs,
        seed=problem.options.seed,
        workers=settings.PLAN_CORES,
        least_moved=LEAST_MOVED,
        should_stop=progress.is_discarded,
        on_notes=progress.on_notes,
    )
    unplaced = {item.line for item in found.schedule.unplaced}
    entry = RuleLog(REPAIR, found.schedule.tiers, len(problem.lines) - len(unplaced), stopwatch_s() - started_s)
    progress.on_rule(entry)
    return Planned(found.schedule, REPAIR, (entry,), found.iterations)
