"""How fast an order is promised on the sample park's whole plan.

    python -m mes.embedded run -- python -m tests.benchmarks.promise > docs/benchmarks/promise.json

Prints JSON: what ran, on what, with versions, and for each way of promising the milliseconds of its questions.
"""

from __future__ import annotations

import json
import os
import platform
import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from statistics import median, quantiles
from time import perf_counter
from typing import Any

import django

from production.planning.engine.budget import Budget
from production.planning.planner import plan_problem, steps_for
from production.planning.problem import Line, Problem
from production.planning.promise.answer import Answer, plan_with
from production.planning.promise.promises import PromiseBoard
from production.planning.verify import verify
from tests.benchmarks.sample_park import WORKERS, problem_of, set_up

SEED = 1
QUESTIONS = {"in_house": 1_000, "with_offers": 200, "with_displacement": 200}
JUDGED = 20
"""Answers of each way that are added to the plan and judged."""

PIECES_PERCENT = (10, 40, 100, 100, 250)


def asked(problem: Problem) -> Iterator[Line]:
    """Order lines like those of the order book, in other sizes and for other dates."""
    chance = random.Random(SEED)
    while True:
        base = chance.choice(problem.lines)
        pieces = max(1, base.pieces * chance.choice(PIECES_PERCENT) // 100)
        due_min = chance.randrange(1440, 40 * 1440)
        yield replace(base, key="NEW", pieces=pieces, due_min=due_min, release_min=0, priority=9, consent="allowed")


def figures(milliseconds: list[float]) -> dict[str, float]:
    """Median, 95th percentile and greatest."""
    return {
        "questions": len(milliseconds),
        "median_ms": round(median(milliseconds), 1),
        "p95_ms": round(quantiles(milliseconds, n=20)[-1], 1),
        "most_ms": round(max(milliseconds), 1),
    }


def _core(problem: Problem) -> dict[str, Any]:
    schedule = plan_problem(problem, seed=SEED, budget=Budget(iterations=steps_for(problem), workers=WORKERS)).schedule
    started_s = perf_counter()
    board = PromiseBoard(problem, schedule)
    report: dict[str, Any] = {"board_ms": round((perf_counter() - started_s) * 1000), "runs": len(schedule.runs)}
    for way, questions in QUESTIONS.items():
        ask: Callable[[Line], Answer | None] = getattr(board, way)
        milliseconds, broken = [], 0
        answerable = (line for line in asked(problem) if board.in_house(line) is not None)
        for number, line in zip(range(questions), answerable, strict=False):
            started_s = perf_counter()
            answer = ask(line)
            milliseconds.append((perf_counter() - started_s) * 1000)
            if answer is not None and number % (questions // JUDGED) == 0:
                broken += len(verify(*plan_with(problem, schedule, answer)))
        report[way] = figures(milliseconds) | {"violations": broken}
    return report


def main() -> None:
    set_up()
    load = os.getloadavg()
    report = {
        "what": f"promises on the plan of the sample park, seed {SEED}",
        "machine": f"{os.cpu_count()} cores, {platform.machine()}",
        "load_average": [round(value, 1) for value in load],
        "python": platform.python_version(),
        "django": django.get_version(),
        "core": _core(problem_of(SEED)[0]),
    }
    json.dump(report, sys.stdout, indent=2, sort_keys=True)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
