"""Lines joined to share loads, and told apart again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from production.planning.codec import sorted_problem
from production.planning.engine.budget import Budget
from production.planning.loads import divided, groups_of, joined_lines, saved_permille
from production.planning.planner import plan_problem
from production.planning.problem import Problem, Step
from production.planning.promise.answer import plan_with
from production.planning.promise.promises import PromiseBoard
from production.planning.repair.repair import repair
from production.planning.schedule import Schedule
from production.planning.search.solve import solve
from production.planning.verify import verify
from tests.planning.rules.shop import machine, order, press, rate, rest, shop, whole

FOUR = press(60, 4)
MACHINES = (machine("M1", "MIX"), machine("A1"), machine("S1", "SAW"))


def told_apart(problem: Problem) -> Schedule:
    """The plan of all groups joined."""
    problem = sorted_problem(problem)
    joined = joined_lines(problem, groups_of(problem))
    return divided(problem, joined, solve(joined.problem).schedule)


def through_the_shop(transfer_pieces: int | None) -> tuple[Step, ...]:
    steps = (rate("MIX", 3), press(60, 4, waits=rest(30)), rate("SAW", 7, waits=rest(5, "firm")))
    return tuple(replace(step, transfer_pieces=transfer_pieces) for step in steps)


@pytest.mark.parametrize("transfer_pieces", [1, 2, 3, 4, None])
@pytest.mark.parametrize("pieces", [(1, 3), (3, 3, 2), (5, 3), (7, 2, 2, 1), (1, 1, 1, 1)])
def test_what_was_joined_is_told_apart_without_a_broken_rule(pieces: tuple[int, ...], transfer_pieces: int) -> None:
    steps = through_the_shop(transfer_pieces)
    lines = [order(f"J{number}", count, 600, *steps) for number, count in enumerate(pieces)]
    problem = shop(*lines, machines=MACHINES)
    schedule = told_apart(problem)
    assert verify(problem, schedule) == []
    assert {lot.line: lot.pieces for lot in schedule.lots} == {line.key: line.pieces for line in lines}
    (pressed,) = (run for run in schedule.runs if run.machine == "A1")
    assert pressed.cycles == -(-sum(pieces) // 4)


def test_who_comes_first_out_of_a_shared_load_is_finished_first() -> None:
    steps = (whole(FOUR), rate("SAW", 10))
    schedule = told_apart(shop(*(order(key, 2, 600, *steps) for key in "JK"), machines=MACHINES))
    assert [lot.finish_min for lot in schedule.lots] == [80, 100]


def test_a_joined_line_without_a_place_is_missing_line_by_line() -> None:
    press_closed = (machine("A1", closed=((0, 20_000),)),)
    problem = shop(order("J", 2, 60, FOUR), order("K", 1, 60, FOUR), machines=press_closed)
    schedule = told_apart(problem)
    assert [(item.line, item.pieces) for item in schedule.unplaced] == [("J", 2), ("K", 1)]


def test_lines_with_terms_of_their_own_are_not_joined() -> None:
    alike = [order(key, 1, 60, FOUR) for key in "JK"]
    assert list(groups_of(shop(*alike)).values()) == [tuple(alike)]
    others = (
        {"optional": True},
        {"forbidden_machines": ("A1",)},
        {"product": "Q"},
        {"unit_mass_g": 1},
        {"due_min": 60 + 3 * 1440 + 1},
        {"lateness_worth_fen_per_h": 100},
        {"pieces": 13, "least_lot_pieces": 13},
    )
    for terms in others:
        assert groups_of(shop(alike[0], replace(alike[1], **terms))) == {}, terms


def test_what_is_saved_is_a_part_of_all_forming_minutes() -> None:
    problem = shop(order("J", 2, 60, FOUR), order("K", 2, 60, FOUR), order("L", 32, 600, FOUR))
    assert saved_permille(problem, groups_of(problem)) == 100


@pytest.fixture
def shared() -> tuple[Problem, Schedule]:
    """Three orders, two of which are pressed together."""
    lines = (order("J", 2, 60, FOUR), order("K", 2, 60, FOUR), order("L", 4, 600, FOUR))
    problem = sorted_problem(shop(*lines, machines=(machine("A1"),)))
    schedule = plan_problem(problem, budget=Budget(iterations=2000)).schedule
    assert [len(run.parts) for run in schedule.runs] == [2, 1]
    return problem, schedule


def test_a_promise_is_made_beside_a_shared_load(shared: tuple[Problem, Schedule]) -> None:
    problem, schedule = shared
    asked = order("NEW", 4, 60, FOUR, priority=9)
    for way in ("in_house", "with_displacement"):
        answer = getattr(PromiseBoard(problem, schedule), way)(asked)
        together, planned = plan_with(problem, schedule, answer)
        assert verify(together, planned) == []


def test_a_stop_takes_a_shared_load_apart_or_moves_it_whole(shared: tuple[Problem, Schedule]) -> None:
    problem, schedule = shared
    stopped = replace(problem, machines=(machine("A1", closed=((30, 90),)),))
    repaired = repair(stopped, schedule.lots, schedule.runs)
    assert verify(stopped, repaired.schedule) == []
    assert {lot.line: lot.pieces for lot in repaired.schedule.lots} == {"J": 2, "K": 2, "L": 4}
