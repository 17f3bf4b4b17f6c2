"""Ways to bring a late line in time: each is a plan that was made, and the cheapest comes first."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from production.planning.engine.budget import Budget
from production.planning.objective import line_finishes
from production.planning.planner import plan_problem
from production.planning.problem import Line, Pool, Problem
from production.planning.rescue import rescues
from production.planning.schedule import Reason, Schedule, Unplaced
from tests.planning.build import DAY, booking, line, problem, with_step


def planned(asked: Problem) -> Schedule:
    return plan_problem(asked, budget=Budget(iterations=2000)).schedule


def told(asked: Problem, key: str = "A-1") -> tuple[list[Reason], int]:
    """The ways, and when the line is finished without one."""
    plan = planned(asked)
    finish_min = line_finishes(asked, list(plan.lots), list(plan.unplaced))[key]
    assert finish_min is not None
    return rescues(asked, plan, key), finish_min


def one_press(*lines: Line, **changes: Any) -> Problem:
    asked = problem(*lines, **changes)
    return replace(asked, machines=tuple(one for one in asked.machines if one.key != "A-PRESS-1"))


def test_the_nights_before_it_is_due_are_worked_through() -> None:
    asked = one_press(line("A-1", pieces=30, consent="never", due_min=1950), offers=())
    ways, finish_min = told(asked)
    (overtime,) = (way for way in ways if way.code == "rescue_overtime")
    data = dict(overtime.data)
    assert data["machine"] == "A-PRESS-0"
    assert finish_min > int(data["finish_min"])
    assert data["overtime_min"] == 480 * int(data["shifts"])
    assert data["late_min"] == max(0, int(data["finish_min"]) - 1950)


def test_others_could_make_it_if_its_firm_agreed() -> None:
    asked = one_press(line("A-1", pieces=60, consent="never", due_min=2 * DAY + 600))
    ways, _ = told(asked)
    (offer,) = (way for way in ways if way.code == "rescue_offer")
    data = dict(offer.data)
    assert (data["offer"], data["late_min"]) == ("B-offer", 0)
    assert int(data["fee_fen"]) > 0 < int(data["pieces"])


def test_who_has_agreed_is_not_asked_again() -> None:
    asked = one_press(line("A-1", pieces=300, consent="allowed", due_min=2 * DAY))
    ways, _ = told(asked)
    assert "rescue_offer" not in {way.code for way in ways}


def test_a_line_with_time_in_hand_gives_way_and_is_named() -> None:
    lazy = line("A-0", pieces=40, consent="never", due_min=30 * DAY)
    rush = line("A-1", pieces=8, consent="never", due_min=2 * DAY)
    asked = one_press(lazy, offers=())
    plan = planned(asked)
    both = replace(asked, lines=(lazy, rush))
    without = replace(plan, unplaced=(Unplaced("A-1", 8, "left"),))
    ways = rescues(both, without, "A-1")
    finishes = {way.code: dict(way.data) for way in ways}
    assert finishes["rescue_give_way"]["lines"] in ("A-0", "")
    assert finishes["rescue_give_way"]["later_min"] == 0
    assert finishes["rescue_give_way"]["late_min"] == 0


def test_one_mould_more() -> None:
    """Two presses share a mould with somebody else's work of a week."""
    routes = (with_step(1, pool_needs=(("A-MOULD", 1),)),)
    busy = booking("booked", "B-PRESS-0", 0, 6 * DAY)
    busy = replace(busy, runs=tuple(replace(run, pool_needs=(("A-MOULD", 1),)) for run in busy.runs))
    asked = problem(line("A-1", pieces=8, consent="never", due_min=3 * DAY, routes=routes), fixed_lots=(busy,))
    assert asked.pools == (Pool("A-MOULD", "A", "mould", 1, "always"),)
    ways, _ = told(asked)
    data = next(dict(way.data) for way in ways if way.code == "rescue_pool")
    assert (data["pool"], data["late_min"]) == ("A-MOULD", 0)


def test_the_way_that_leaves_least_lateness_comes_first() -> None:
    ways, _ = told(one_press(line("A-1", pieces=60, consent="never", due_min=2 * DAY + 600)))
    left = [int(dict(way.data)["late_min"]) for way in ways]
    assert left == sorted(left)
    assert len(ways) > 1


def test_a_line_that_is_as_soon_as_can_be_has_no_way() -> None:
    ways, _ = told(problem(line("A-1", pieces=2, consent="never", due_min=0), offers=()))
    assert [way.code for way in ways if way.code != "rescue_overtime"] == []


def test_an_unknown_line_is_refused() -> None:
    asked = problem(line("A-1"))
    with pytest.raises(KeyError):
        rescues(asked, planned(asked), "A-2")


def test_the_same_ways_each_time() -> None:
    asked = one_press(line("A-1", pieces=60, consent="never", due_min=2 * DAY + 600))
    assert told(asked) == told(asked)


def test_a_sign_of_life_before_each_plan() -> None:
    asked = one_press(line("A-1", pieces=60, consent="never", due_min=2 * DAY + 600))
    signs: list[None] = []
    ways = rescues(asked, planned(asked), "A-1", on_try=lambda: signs.append(None))
    assert len(signs) >= len(ways) > 0
