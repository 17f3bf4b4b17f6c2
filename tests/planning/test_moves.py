"""What a plan moves against the plan before: another machine, another time, or away."""

from __future__ import annotations

import pytest

from production.planning.moves import Move, moves
from production.planning.objective import moved_work
from production.planning.problem import PreviousRun, Problem
from production.planning.schedule import Schedule
from production.planning.search.solve import solve
from tests.planning.build import DAY, line, previous, problem


def _solved(problem: Problem) -> Schedule:
    return solve(problem).schedule


def _moves(before: PreviousRun, **options: object) -> tuple[list[Move], int]:
    asked = problem(previous=(before,), **options)
    plan = _solved(asked)
    return moves(asked, plan.lots, plan.runs), moved_work(asked, list(plan.lots), list(plan.runs))


def _press_of(plan: Schedule) -> tuple[str, int]:
    run = next(run for run in plan.runs if "PRESS" in run.machine)
    return run.machine, run.start_min


def test_a_run_that_stays_near_has_not_moved() -> None:
    machine, start_min = _press_of(_solved(problem()))
    for off_min in (0, 120, -120):
        assert _moves(previous(machine, start_min + off_min)) == ([], 0)


def test_a_run_that_starts_more_than_the_tolerance_away_has_moved_in_time() -> None:
    machine, start_min = _press_of(_solved(problem()))
    before = previous(machine, start_min + 121)
    assert _moves(before) == ([Move(before, machine, start_min)], 7)


def test_a_run_on_another_machine_has_moved_and_the_nearer_weighs_more() -> None:
    machine, start_min = _press_of(_solved(problem()))
    for day, weight in ((0, 7), (6, 1)):
        before = previous("A-PRESS-9", start_min + day * DAY)
        assert _moves(before) == ([Move(before, machine, start_min)], weight)


def test_work_without_a_run_has_gone_and_work_after_the_window_does_not_count() -> None:
    machine, start_min = _press_of(_solved(problem()))
    gone = PreviousRun(line().key, "ANNEAL", machine, start_min)
    assert _moves(gone) == ([Move(gone, None, None)], 7)
    assert _moves(previous("A-PRESS-9", 7 * DAY)) == ([], 0)


def test_a_line_that_is_planned_no_more_moves_nothing() -> None:
    assert _moves(PreviousRun("another line", "PRESS", "A-PRESS-0", 600)) == ([], 0)


@pytest.mark.parametrize("window_min", [600, 601])
def test_the_window_ends_before_its_last_minute(window_min: int) -> None:
    from production.planning.problem import Options

    found, _weight = _moves(previous("A-PRESS-9", 600), options=Options(moved_window_min=window_min))
    assert len(found) == window_min - 600
