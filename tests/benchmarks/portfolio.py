"""The dispatch portfolio on the sample park, seeds 1 to 5: the plan that later searches have to beat.

    python -m mes.embedded run -- python -m tests.benchmarks.portfolio > docs/benchmarks/portfolio.json

Prints JSON: what ran, on what, with versions, and for each seed the best rule's tuple and its seconds.
"""

from __future__ import annotations

import json
import os
import platform
import sys
from time import perf_counter
from typing import Any

import django

SEEDS = (1, 2, 3, 4, 5)


def _measured(seed: int) -> dict[str, Any]:
    from mes.core.actors import DatabaseRole
    from mes.core.wall import wall
    from mes.demo.database import migrate, own_database, set_clock
    from mes.demo.sample.sample import build_sample
    from mes.demo.seed import sample_seed
    from mes.demo.seed.index import zero_of
    from production.planning.search.solve import solve
    from production.planning.verify import verify
    from production.plans.selectors.figures import plan_figures
    from production.plans.selectors.problem import snapshot_of_park

    sample = build_sample(seed=seed)
    with own_database(keep=False) as name:
        migrate(name)
        set_clock(name, business_at=zero_of(sample))
        sample_seed(sample=sample)
        started_s = perf_counter()
        with wall(DatabaseRole.PLANNER, snapshot=True):
            problem = snapshot_of_park(zero_at=zero_of(sample)).problem
        snapshot_s = perf_counter() - started_s
    started_s = perf_counter()
    result = solve(problem, clock=perf_counter)
    plan_s = perf_counter() - started_s
    return {
        "rule": result.rule,
        "tiers": result.schedule.tiers._asdict(),
        "violations": len(verify(problem, result.schedule)),
        "figures": plan_figures(problem, result.schedule),
        "snapshot_seconds": round(snapshot_s, 2),
        "plan_seconds": round(plan_s, 2),
        "input": result.schedule.problem_hash,
    }


def main() -> None:
    os.environ["DATABASE_URL"] = os.environ["DATABASE_WORKER_URL"]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mes.settings")
    django.setup()
    report = {
        "what": "dispatch portfolio, sample park",
        "machine": f"{os.cpu_count()} cores, {platform.machine()}",
        "python": platform.python_version(),
        "django": django.get_version(),
        "seeds": {str(seed): _measured(seed) for seed in SEEDS},
    }
    json.dump(report, sys.stdout, indent=2, sort_keys=True)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
