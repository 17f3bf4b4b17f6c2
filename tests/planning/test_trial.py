"""A plan with and without a planner's word: who is finished when, what moves, what it costs in set-up."""

from __future__ import annotations

from dataclasses import replace

from production.planning.engine.budget import Budget
from production.planning.planner import plan_problem
from production.planning.problem import Pin, Problem
from production.planning.schedule import Schedule
from production.planning.trial import Tried, tried
from tests.planning.build import DAY, line, problem

LINES = tuple(line(f"A-{number}", pieces=8, consent="never", due_min=(6 + number) * DAY) for number in range(3))
BEFORE = problem(*LINES)


def planned(asked: Problem) -> Schedule:
    return plan_problem(asked, budget=Budget(iterations=500)).schedule


def found(after: Problem, **fields: dict[str, int]) -> Tried:
    plan = planned(BEFORE)
    return tried(BEFORE, after, plan.lots, plan.runs, **({"elsewhere": {}} | fields))


def test_without_a_change_nothing_changes() -> None:
    same = found(BEFORE)
    assert (same.lines, same.moves) == ((), ())
    assert same.setup_min == same.setup_before_min


def test_a_pin_moves_its_line_and_says_from_when_to_when() -> None:
    start = 5 * DAY + 600
    after = replace(BEFORE, pins=(Pin("A-0", "PRESS", start_min=start),))
    changed = found(after)
    (one,) = (change for change in changed.lines if change.line == "A-0")
    assert not one.is_new
    assert one.finish_before_min is not None
    assert one.finish_min is not None
    assert one.finish_min > max(start, one.finish_before_min)
    assert any(move.before.process == "PRESS" and move.start_min == start for move in changed.moves)


def test_a_new_line_is_told_as_new_and_twice_the_same() -> None:
    after = replace(BEFORE, lines=(*LINES, line("A-9", pieces=8, consent="never", due_min=9 * DAY)))
    first, again = found(after), found(after)
    assert first == again
    assert [change.line for change in first.lines if change.is_new] == ["A-9"]


def test_what_is_made_elsewhere_finishes_the_line() -> None:
    after = replace(BEFORE, pins=(Pin("A-0", "PRESS", start_min=2 * DAY + 600),))
    assert "A-0" not in {change.line for change in found(after, elsewhere={"A-0": 30 * DAY}).lines}


def test_alive_is_called() -> None:
    calls: list[int] = []
    plan = planned(BEFORE)
    tried(BEFORE, BEFORE, plan.lots, plan.runs, elsewhere={}, alive=lambda: calls.append(1))
    assert len(calls) >= 2
