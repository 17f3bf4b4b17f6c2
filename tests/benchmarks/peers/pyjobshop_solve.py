"""PyJobShop on one flexible job shop, read by its own reader; needs no package of this project.

    python -m tests.benchmarks.peers.pyjobshop_solve FILE --seconds S --workers N --out PLAN.json

Prints a line of JSON; writes the plan as this project's judge reads it, and none when none was found.
"""

from __future__ import annotations

import argparse
import json
import resource
from pathlib import Path
from time import perf_counter, process_time

from pyjobshop import ProblemData, Solution, read, solve


def plan_of(data: ProblemData, solution: Solution) -> dict[str, object]:
    """Machines from 1; a task stands on the one machine of its mode."""
    tasks = [
        {"machine": data.modes[task.mode].resources[0] + 1, "start": task.start, "end": task.end}
        for task in solution.tasks
    ]
    return {"jobs": [[tasks[index] for index in job.tasks] for job in data.jobs], "makespan": solution.makespan}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("file", type=Path)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--workers", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    data = read(options.file)
    started, cpu_started = perf_counter(), process_time()
    result = solve(data, time_limit=options.seconds, num_workers=options.workers)
    report = {
        "bound": int(result.lower_bound),
        "seconds": round(perf_counter() - started, 3),
        "cpu_seconds": round(process_time() - cpu_started, 3),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    if result.best.tasks:
        options.out.write_text(json.dumps(plan_of(data, result.best)), encoding="utf-8")
    print(json.dumps(report))


if __name__ == "__main__":
    main()
