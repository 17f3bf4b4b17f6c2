"""Machines of the sample park break down, and its plan is repaired.

    python -m mes.embedded run -- python -m tests.benchmarks.repair > docs/benchmarks/repair.json

Prints JSON: what ran, on what, with versions, and for each stop its seconds and what it moved.
"""

from __future__ import annotations

import json
import os
import platform
import random
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from time import perf_counter
from typing import Any

import django

from production.planning.engine.budget import Budget
from production.planning.moves import moves
from production.planning.planner import plan_problem, steps_for
from production.planning.problem import PreviousRun, Problem
from production.planning.repair import repair
from production.planning.repair.setups import Setups
from production.planning.schedule import Schedule
from production.planning.verify import verify
from tests.benchmarks.sample_park import WORKERS, problem_of, set_up

SEED, STOPS, BUSIEST = 1, 24, 60
DAY_MIN = 1440
STOP_DAYS = (1, 3, 10)
WITHIN_DAYS = 5


def stops(plan: Schedule) -> Iterator[tuple[str, int]]:
    """Machine and day of return: of those with most to do in the next days, some drawn by chance."""
    load: Counter[str] = Counter()
    for run in plan.runs:
        if run.start_min < WITHIN_DAYS * DAY_MIN:
            load[run.machine] += run.end_min - run.start_min
    busiest = [machine for machine, _ in sorted(load.items(), key=lambda item: (-item[1], item[0]))][:BUSIEST]
    chance = random.Random(SEED)
    for number, machine in enumerate(chance.sample(busiest, STOPS)):
        yield machine, STOP_DAYS[number % len(STOP_DAYS)]


def with_before(problem: Problem, plan: Schedule) -> Problem:
    """The problem that knows where the plan's runs are."""
    setups, lots = Setups(problem), {lot.key: lot for lot in plan.lots}
    before = {
        PreviousRun(lots[part.lot].line, setups.step(lots[part.lot], part.step).process, run.machine, run.start_min)
        for run in plan.runs
        for part in run.parts
    }
    return replace(problem, previous=tuple(before))


def repaired(problem: Problem, plan: Schedule, machine: str, days: int) -> dict[str, Any]:
    """One stop from the plan's zero on, and what came of it."""
    asked = replace(
        problem,
        machines=tuple(
            replace(one, closed=tuple(sorted((*one.closed, (0, days * DAY_MIN))))) if one.key == machine else one
            for one in problem.machines
        ),
    )
    started_s = perf_counter()
    found = repair(asked, plan.lots, plan.runs, workers=WORKERS)
    seconds = perf_counter() - started_s
    elsewhere = [run for run in asked.previous if run.machine != machine and run.start_min < 7 * DAY_MIN]
    moved = moves(asked, found.schedule.lots, found.schedule.runs)
    off = sum(1 for move in moved if move.before.machine != machine)
    return {
        "machine": machine,
        "days": days,
        "seconds": round(seconds, 2),
        "lots_moved": len(plan.lots) - len(found.kept),
        "tries": found.tries,
        "moved_elsewhere": off,
        "moved_elsewhere_percent": round(100 * off / len(elsewhere), 2),
        "tardiness": found.schedule.tiers.tardiness,
        "violations": len(verify(asked, found.schedule)),
    }


def main() -> None:
    set_up()
    load = os.getloadavg()[0]
    problem, _ = problem_of(SEED)
    plan = plan_problem(problem, seed=SEED, budget=Budget(iterations=steps_for(problem), workers=WORKERS)).schedule
    problem = with_before(problem, plan)
    report = {
        "what": f"stops of busy machines, plan of the sample park, seed {SEED}",
        "machine": f"{os.cpu_count()} cores, {platform.machine()}",
        "load_average": round(load, 1),
        "python": platform.python_version(),
        "django": django.get_version(),
        "lots": len(plan.lots),
        "runs": len(plan.runs),
        "tardiness": plan.tiers.tardiness,
        "stops": [repaired(problem, plan, machine, days) for machine, days in stops(plan)],
    }
    json.dump(report, sys.stdout, indent=2, sort_keys=True)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
