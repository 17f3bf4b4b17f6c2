"""Portfolio and engine together: any park is planned without a broken rule, never worse than by the portfolio."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from hypothesis import given, settings

from production.planning.codec import problem_dump, sorted_problem
from production.planning.engine.budget import Budget
from production.planning.engine.solve import Search
from production.planning.planner import LEAST_STEPS, MOST_STEPS, STEPS_EACH, plan_problem, steps_for
from production.planning.problem import Problem
from production.planning.search.solve import solve
from production.planning.verify import verify
from tests.hypothesis_examples import examples
from tests.planning.build import DAY, line, problem
from tests.planning.test_search import parks

CHECKOUT = Path(__file__).parents[2]


@given(park=parks())
@settings(max_examples=examples(60), deadline=None)
def test_the_engine_breaks_no_rule_and_counts_as_the_judge_does(park: Problem) -> None:
    dispatched = solve(park).schedule
    search = Search(sorted_problem(park), start=dispatched)
    search.run(Budget(iterations=1000))
    found = search.schedule()
    assert verify(sorted_problem(park), found) == []
    assert search.key == (found.tiers.tardiness, found.tiers.cost_fen, found.tiers.changeover_min)
    start = (dispatched.tiers.tardiness, dispatched.tiers.cost_fen, dispatched.tiers.changeover_min)
    assert search.key[:2] <= start[:2]


@given(park=parks())
@settings(max_examples=examples(30), deadline=None)
def test_the_engine_alone_breaks_no_rule(park: Problem) -> None:
    search = Search(sorted_problem(park), seed=7)
    search.run(Budget(iterations=600))
    assert verify(sorted_problem(park), search.schedule()) == []


@given(park=parks())
@settings(max_examples=examples(15), deadline=None)
def test_what_is_given_is_never_worse_than_the_portfolio(park: Problem) -> None:
    planned = plan_problem(park, budget=Budget(iterations=600))
    assert planned.broken == ()
    assert planned.schedule.tiers <= solve(park).schedule.tiers
    assert verify(park, planned.schedule) == []


MANY = problem(
    *(line(f"A-{n}", pieces=10 + 7 * n % 40, due_min=DAY + n * 400, priority=(1, 3, 9)[n % 3]) for n in range(12))
)


def written(folder: Path, name: str, *arguments: str, **environment: str) -> bytes:
    file, plan = folder / "problem.json", folder / name
    file.write_text(problem_dump(MANY))
    command = ["-m", "production.planning", "solve", str(file), "--iterations", "1500", "--out", str(plan), *arguments]
    subprocess.run(
        [sys.executable, *command], check=True, capture_output=True, cwd=CHECKOUT, env={**os.environ, **environment}
    )
    return plan.read_bytes()


def test_the_plan_by_iterations_depends_on_nothing_else(tmp_path: Path) -> None:
    first = written(tmp_path, "one", "--workers", "1")
    assert written(tmp_path, "two", "--workers", "2", "--seconds", "0.01") == first
    assert written(tmp_path, "plain", NUMBA_DISABLE_JIT="1") == first


def test_the_engine_finds_what_the_portfolio_does_not() -> None:
    planned = plan_problem(MANY, budget=Budget(iterations=4000))
    assert planned.made_by == "engine"
    assert planned.schedule.tiers < solve(MANY).schedule.tiers


def test_the_engine_tries_as_many_changes_as_the_problem_is_large() -> None:
    some = problem(*(line(f"A-{n}", pieces=10) for n in range(80)))
    steps = sum(len(item.routes[0].steps) for item in some.lines)
    assert LEAST_STEPS < steps_for(some) == STEPS_EACH * steps < MOST_STEPS
    assert steps_for(problem()) == LEAST_STEPS
    assert steps_for(problem(*(line(f"A-{n}", pieces=10) for n in range(4000)))) == MOST_STEPS


def test_there_is_a_plan_however_short_the_time() -> None:
    ticks = iter(range(10**9))
    planned = plan_problem(MANY, budget=Budget(seconds=0.01, now=lambda: next(ticks) / 1000))
    assert verify(MANY, planned.schedule) == []
