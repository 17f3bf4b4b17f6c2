"""The linear program that says where lines should be made, and what the search does with its answer."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from production.planning.command.formats import format_named
from production.planning.engine.budget import Budget
from production.planning.engine.guide import EARLY, Weights, guide
from production.planning.engine.kernel import columns as c
from production.planning.engine.linear import INTERIOR, SIMPLEX, LinearProgram, Method
from production.planning.engine.solve import Search, key_of
from tests.benchmarks.parks import generate_park


def searched(park: dict[str, Any]) -> Search:
    """A search that has not begun."""
    return Search(format_named("park").load(json.dumps(park)).problem)


def two_firms(orders: int) -> dict[str, Any]:
    """Orders of two days' forming each, all of firm A, due after four days; each firm has a press."""
    return {
        "firms": [{"id": firm, "calendar": "24x7"} for firm in "AB"],
        "machines": [
            {"id": f"{firm}-{kind}", "firm": firm, "kind": kind, "eff": 1.0}
            for firm in "AB"
            for kind in ("press", "mill")
        ],
        "families": [{"id": "P", "kind": "press", "firms": ["A", "B"], "form_h_t": 48.0, "cool_h": 0, "cut_h_t": 1.0}],
        "orders": [
            {"id": f"{number}", "family": "P", "home": "A", "tonnes": 1.0, "due_h": 97.5} for number in range(orders)
        ],
    }


@pytest.mark.parametrize("method", [SIMPLEX, INTERIOR])
def test_a_linear_program_is_solved_alike(method: Method) -> None:
    program = LinearProgram()
    here, there = program.variable(1.0, 3.0), program.variable(2.5)
    program.row(5.0, 5.0, [here, there], [1.0, 1.0])
    assert program.solve(method) == pytest.approx(8.0)
    assert program.values.tolist() == pytest.approx([3.0, 2.0])


@pytest.mark.parametrize("method", [SIMPLEX, INTERIOR])
def test_a_linear_program_without_a_solution_says_so(method: Method) -> None:
    program = LinearProgram()
    program.row(5.0, 5.0, [program.variable(1.0, 3.0)], [1.0])
    assert program.solve(method) is None


@pytest.mark.parametrize("weights", [Weights(), EARLY])
@pytest.mark.parametrize("days", [0.5, 1.0])
def test_what_home_has_no_hours_for_is_sent_away(days: float, weights: Weights) -> None:
    search = searched(two_firms(4))
    favour = guide(search.plant, days, weights)
    assert favour is not None
    firms = search.plant.path[favour, c.PT_FIRM].tolist()
    assert sorted(firms) == [0, 0, 1, 1]


def test_a_line_that_fits_stays_at_home() -> None:
    search = searched(two_firms(1))
    favour = guide(search.plant, 1.0)
    assert favour is not None
    assert search.plant.path[favour, c.PT_FIRM].tolist() == [0]


def test_annealing_begins_where_lateness_and_cost_together_are_least() -> None:
    search = searched(generate_park(orders=200, seed=2, firms=10, load=0.8, least_days=2))
    search.run(Budget(iterations=1))
    opening, best = key_of(search.opening), search.key
    assert best <= opening
    assert opening[1] < best[1]  # less is away, and more is late


def test_the_share_of_the_time_is_that_of_the_clock() -> None:
    assert Budget(seconds=8.0, now=lambda: 2.0).share() == 0.25
    assert Budget(iterations=10, now=lambda: 2.0).share() == 0.0
    assert np.isclose(Budget(seconds=0.1, now=lambda: 0.2).share(), 2.0)
