"""The sample park, seeds 1 to 5, planned by the dispatch portfolio alone or as a plan run does it, engine included.

    python -m mes.embedded run -- python -m tests.benchmarks.sample_park portfolio > docs/benchmarks/portfolio.json
    python -m mes.embedded run -- python -m tests.benchmarks.sample_park planner > docs/benchmarks/planner.json

Prints JSON: what ran, on what, with versions, and for each seed the plan's tuple and its seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from time import perf_counter
from typing import Any

import django

from production.planning.engine.budget import Budget
from production.planning.planner import plan_problem, steps_for
from production.planning.problem import Problem
from production.planning.search.solve import solve
from production.planning.verify import verify

SEEDS = (1, 2, 3, 4, 5)
WORKERS = 2


def problem_of(seed: int) -> tuple[Problem, float]:
    """The problem of a sample park, and the seconds that reading it took."""
    from mes.core.actors import DatabaseRole
    from mes.core.wall import wall
    from mes.demo.database import migrate, own_database, set_clock
    from mes.demo.sample.sample import build_sample
    from mes.demo.seed import sample_seed
    from mes.demo.seed.index import zero_of
    from production.plans.selectors.problem import snapshot_of_park

    sample = build_sample(seed=seed)
    with own_database(keep=False) as name:
        migrate(name)
        set_clock(name, business_at=zero_of(sample))
        sample_seed(sample=sample)
        started_s = perf_counter()
        with wall(DatabaseRole.PLANNER, snapshot=True):
            problem = snapshot_of_park(zero_at=zero_of(sample)).problem
        return problem, perf_counter() - started_s


def _measured(seed: int, *, is_whole: bool) -> dict[str, Any]:
    from production.plans.selectors.figures import plan_figures

    problem, snapshot_s = problem_of(seed)
    started_s = perf_counter()
    extra: dict[str, Any] = {}
    if is_whole:
        budget = Budget(iterations=steps_for(problem), now=perf_counter, workers=WORKERS)
        planned = plan_problem(problem, seed=problem.options.seed, budget=budget)
        rule, schedule, extra = planned.made_by, planned.schedule, {"iterations": planned.iterations}
    else:
        result = solve(problem, clock=perf_counter)
        rule, schedule = result.rule, result.schedule
    plan_s = perf_counter() - started_s
    return extra | {
        "rule": rule,
        "tiers": schedule.tiers._asdict(),
        "violations": len(verify(problem, schedule)),
        "figures": plan_figures(problem, schedule),
        "snapshot_seconds": round(snapshot_s, 2),
        "plan_seconds": round(plan_s, 2),
        "input": schedule.problem_hash,
    }


def set_up() -> None:
    """Django on the worker's login."""
    os.environ["DATABASE_URL"] = os.environ["DATABASE_WORKER_URL"]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mes.settings")
    django.setup()


def main() -> None:
    parser = argparse.ArgumentParser(description="Measures plans of the sample park.")
    parser.add_argument("by", choices=("portfolio", "planner"))
    by = parser.parse_args().by
    set_up()
    report = {
        "what": {"portfolio": "dispatch portfolio, sample park", "planner": "portfolio and engine, sample park"}[by],
        "machine": f"{os.cpu_count()} cores, {platform.machine()}",
        "python": platform.python_version(),
        "django": django.get_version(),
        "seeds": {str(seed): _measured(seed, is_whole=by == "planner") for seed in SEEDS},
    }
    json.dump(report, sys.stdout, indent=2, sort_keys=True)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
