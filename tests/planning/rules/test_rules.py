"""Each rule of planning has small problems whose best plan is known; the planner finds it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from production.planning.codec import problem_dump, schedule_dump
from production.planning.engine.budget import Budget
from production.planning.planner import LEAST_STEPS, plan_problem
from production.planning.verify import verify
from tests.planning.rules import hand, loads, lots, models, pools, sequencing, trade
from tests.planning.rules.shop import CASES, Case

CHECKOUT = Path(__file__).parents[3]


def test_there_are_cases_for_each_topic() -> None:
    for topic in (sequencing, lots, loads, trade, models, hand, pools):
        assert sum(name in CASES for name in vars(topic)) >= 6
    assert len(CASES) >= 30


@pytest.mark.parametrize("name", sorted(CASES))
def test_the_best_plan_is_found(name: str) -> None:
    known: Case = CASES[name]()
    planned = plan_problem(known.problem, budget=Budget(iterations=LEAST_STEPS))
    assert planned.broken == ()
    assert verify(known.problem, planned.schedule) == []
    assert tuple(planned.schedule.tiers[:4]) == known.best
    assert planned.schedule.notes == ()


SAME = (
    "which_of_six_orders_to_refuse",
    "which_of_six_orders_to_give_away",
    "a_sequence_of_three_among_six_by_enumeration",
    "moulds_and_presses_by_enumeration",
    "three_orders_in_two_loads",
)


@pytest.mark.parametrize("name", SAME)
def test_compiled_or_not_with_one_worker_or_two_the_plan_is_the_same(name: str, tmp_path: Path) -> None:
    tried = CASES[name]().problem
    plans = {
        schedule_dump(plan_problem(tried, budget=Budget(iterations=300, workers=workers)).schedule)
        for workers in (1, 2)
    }
    file, plan = tmp_path / "tried.json", tmp_path / "plan.json"
    file.write_text(problem_dump(tried), encoding="utf-8")
    subprocess.run(
        [sys.executable, "-m", "production.planning", "solve", str(file), "--iterations", "300", "--out", str(plan)],
        check=True,
        capture_output=True,
        cwd=CHECKOUT,
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
    )
    assert plans == {plan.read_text(encoding="utf-8").rstrip("\n")}
