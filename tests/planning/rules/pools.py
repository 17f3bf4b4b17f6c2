"""What runs share beside their machines: moulds, crews and power."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations, product
from typing import Any

from production.planning.problem import Calendar, FixedRun, Line, Pool, Problem, Route
from tests.planning.rules.shop import HORIZON, Case, case, machine, offer, order, press, rate, shop, taken, trip

MOULD = Pool("mould", "A", "mould", 1, "always")
CREW = Pool("crew", "A", "crew", 2, "always")
POWER = Pool("power", "A", "power", 50, "always")
THREE = (machine("A1"), machine("A2"), machine("A3"))
BOTH = (("crew", 2),)
PRICE = 100
DUE = (("J", 60), ("K", 60), ("L", 120))
SHIFTS = Calendar("shifts", tuple((start, start + 300) for start in range(0, HORIZON, 600)))


def holding(key: str, pieces: int, due: int, *needs: tuple[str, int], **changes: Any) -> Line:
    """An order whose pressing holds so much of the pools."""
    setup = changes.pop("setup", 0)
    return order(key, pieces, due, press(setup=setup, pool_needs=needs), **changes)


def pooled(*lines: Line, presses: int = 2, **changes: Any) -> Problem:
    return shop(*lines, **{"machines": THREE[:presses], "pools": (MOULD, CREW, POWER), **changes})


def trading(*lines: Line, **changes: Any) -> Problem:
    """B offers its presses at a price and is next door."""
    made = pooled(*lines, transports=(trip("A", "B"), trip("B", "A")), **changes)
    presses = tuple(row.key for row in made.machines if row.firm == "B")
    return replace(made, offers=(offer("B", PRICE, *presses),))


@case
def one_mould_for_two_presses() -> Case:
    # One after the other, though two presses stand free: 60 and 120.
    return Case(pooled(*(holding(key, 1, 60, ("mould", 1)) for key in "JK")), (0, 60, 0, 0))


@case
def two_moulds_for_two_presses() -> Case:
    lines = (holding(key, 1, 60, ("mould", 1)) for key in "JK")
    return Case(pooled(*lines, pools=(replace(MOULD, capacity=2),)), (0, 0, 0, 0))


@case
def the_heavier_order_gets_the_mould() -> Case:
    # The light one waits: 60 late.
    lines = (holding("light", 1, 60, ("mould", 1)), holding("heavy", 1, 60, ("mould", 1), priority=9))
    return Case(pooled(*lines), (0, 60, 0, 0))


@case
def who_needs_no_mould_works_beside() -> Case:
    # J and K share the mould, L has the other press meanwhile: 60, 120 and 120.
    lines = (holding("J", 1, 60, ("mould", 1)), holding("K", 1, 120, ("mould", 1)), order("L", 2, 120))
    return Case(pooled(*lines), (0, 0, 0, 0))


@case
def a_split_needs_a_mould_for_each_lot() -> Case:
    # Four pieces in two lots would need two moulds: 240 in a row, due at 120.
    return Case(pooled(holding("J", 4, 120, ("mould", 1), least_lot_pieces=1)), (0, 120, 0, 0))


@case
def a_crew_for_two_of_three_presses() -> Case:
    # Three presses, two people, one to a press: the third order ends at 120.
    lines = (holding(key, 1, 60, ("crew", 1)) for key in "JKL")
    return Case(pooled(*lines, presses=3), (0, 60, 0, 0))


@case
def a_press_that_takes_both_people() -> Case:
    # J takes both from the start; K and L, one each, follow side by side: 60, 120 and 120.
    lines = (holding("J", 1, 60, ("crew", 2)), holding("K", 1, 120, ("crew", 1)), holding("L", 1, 120, ("crew", 1)))
    return Case(pooled(*lines, presses=3), (0, 0, 0, 0))


@case
def nobody_works_when_the_crew_is_away() -> Case:
    # The crew is there 300 of 600 minutes: 240 in the first shift, 240 in the second until 840, due at 300 both.
    lines = (holding(key, 4, 300, ("crew", 2)) for key in "JK")
    made = pooled(*lines, pools=(replace(CREW, calendar="shifts"),), hours=(SHIFTS,))
    return Case(made, (0, 540, 0, 0))


@case
def a_run_longer_than_the_crews_shift_is_split() -> Case:
    # Six pieces take 360, the shift 300: five and one in the next shift, until 660; or three and three on two presses.
    line = holding("J", 6, 180, ("crew", 1), least_lot_pieces=1, split_cost_fen=10)
    made = pooled(line, pools=(replace(CREW, calendar="shifts"),), hours=(SHIFTS,))
    return Case(made, (0, 0, 10, 0))


@case
def power_for_one_large_and_one_small() -> Case:
    # 30 and 20 together, 30 and 30 not: the second large one ends at 120.
    lines = (holding("J", 1, 60, ("power", 30)), holding("K", 1, 60, ("power", 30)), holding("L", 1, 60, ("power", 20)))
    return Case(pooled(*lines, presses=3), (0, 60, 0, 0))


@case
def power_is_drawn_by_the_work_alone() -> Case:
    # Set up for 30 minutes each: K is set up while J draws, works from 90 on and ends at 150.
    lines = (holding("J", 1, 90, ("power", 30), setup=30), holding("K", 1, 150, ("power", 30), setup=30))
    return Case(pooled(*lines), (0, 0, 0, 60))


@case
def a_mould_is_held_by_the_set_up_too() -> Case:
    # The same with a mould: K's set-up begins at 90, it ends at 180, 30 late.
    lines = (holding("J", 1, 90, ("mould", 1), setup=30), holding("K", 1, 150, ("mould", 1), setup=30))
    return Case(pooled(*lines), (0, 30, 0, 60))


@case
def a_frozen_run_holds_the_mould() -> Case:
    # Frozen work on A2 holds it until 200: 260, due at 60.
    frozen = replace(taken("A2", 0, 200), runs=(FixedRun("A2", 0, 200, "", 0, (("mould", 1),)),))
    return Case(pooled(holding("J", 1, 60, ("mould", 1)), fixed_lots=(frozen,)), (0, 200, 0, 0))


@case
def between_two_frozen_holds() -> Case:
    # Free from 100 to 220: two pieces just fit, due at 220.
    runs = tuple(FixedRun("A2", start, end, "", 0, (("mould", 1),)) for start, end in ((0, 100), (220, 400)))
    frozen = replace(taken("A2", 0, 400), runs=runs)
    return Case(pooled(holding("J", 2, 220, ("mould", 1)), fixed_lots=(frozen,)), (0, 0, 0, 0))


@case
def another_route_needs_no_mould() -> Case:
    # J has the mould; K, due as soon, is rammed in 80 instead of waiting until 120.
    routes = (Route("r", (press(pool_needs=(("mould", 1),)),)), Route("rammed", (press(80, machine="RAM"),)))
    lines = (holding("J", 1, 60, ("mould", 1)), order("K", 1, 60, routes=routes))
    made = pooled(*lines)
    return Case(replace(made, machines=(*made.machines, machine("R1", "RAM"))), (0, 20, 0, 0))


@case
def a_mould_that_another_firm_has() -> Case:
    # It binds that firm alone: both are pressed at once.
    made = pooled(*(holding(key, 1, 60, ("mould", 1)) for key in "JK"), pools=(replace(MOULD, firm="B"),))
    return Case(made, (0, 0, 0, 0))


@case
def a_mould_at_home_and_one_at_the_doer() -> Case:
    # Each firm has one mould for two presses: J at home and K at B by 60, L by 120 wherever.
    lines = [replace(holding(key, 1, due, ("mould", 1), ("other", 1)), consent="allowed") for key, due in DUE]
    firms = ("A", "B")
    made = trading(*lines, machines=tuple(machine(f"{firm}{n}", firm=firm) for firm in firms for n in (1, 2)))
    return Case(replace(made, pools=(MOULD, replace(MOULD, key="other", firm="B"))), (0, 0, PRICE, 0))


@case
def a_doer_that_lacks_the_mould() -> Case:
    # B would press K in time, but lacks what it takes: 120, due at 60.
    lines = [replace(holding(key, 1, 60), consent="allowed", unable_firms=("B",)) for key in "JK"]
    return Case(trading(*lines, machines=(machine("A1"), machine("B1", firm="B"))), (0, 60, 0, 0))


@case
def a_crew_for_two_presses_whatever_they_make() -> Case:
    # Each press takes both people: one order after the other, though nothing is said of the orders.
    presses = tuple(replace(row, pool_needs=(("crew", 2),)) for row in THREE)
    return Case(pooled(*(order(key, 1, 60) for key in "JK"), machines=presses), (0, 60, 0, 0))


@case
def a_press_that_takes_more_people_than_there_are() -> Case:
    # A1 would take three of two people; A2 takes two: both orders on A2.
    presses = tuple(replace(row, pool_needs=(("crew", units),)) for row, units in zip(THREE, (3, 2), strict=False))
    return Case(pooled(*(order(key, 1, 60) for key in "JK"), machines=presses), (0, 60, 0, 0))


@case
def a_press_by_the_crew_and_one_without() -> Case:
    # A1 and A2 share two people, each takes both; A3 works by itself: 60, 60 and 120.
    presses = tuple(replace(row, pool_needs=needs) for row, needs in zip(THREE, (BOTH, BOTH, ()), strict=True))
    lines = (order("J", 1, 60), order("K", 1, 60), order("L", 1, 120))
    return Case(pooled(*lines, machines=presses), (0, 0, 0, 0))


@case
def a_mould_in_repair() -> Case:
    # The one of two that is left serves both until 300; in repair until 300 with the other: 360 and 420, due at 60.
    lines = (holding(key, 1, 60, ("mould", 2)) for key in "JK")
    return Case(pooled(*lines, pools=(replace(MOULD, capacity=2, out=((0, 300, 1),)),)), (0, 300 + 360, 0, 0))


@case
def one_of_two_moulds_in_repair() -> Case:
    # One after the other with the mould that is left: 60 and 120.
    lines = (holding(key, 1, 60, ("mould", 1)) for key in "JK")
    return Case(pooled(*lines, pools=(replace(MOULD, capacity=2, out=((0, 300, 1),)),)), (0, 60, 0, 0))


@case
def one_crew_presses_and_saws() -> Case:
    # Both people at each operation: pressed and sawn one after the other, 60, 120, 180, 240.
    steps = press(pool_needs=(("crew", 2),)), rate("SAW", 60, pool_needs=(("crew", 2),))
    lines = [order(key, 1, due, *steps) for key, due in (("J", 120), ("K", 240))]
    made = pooled(*lines)
    return Case(replace(made, machines=(*made.machines, machine("S1", "SAW"))), (0, 0, 0, 0))


Wanted = tuple[int, int, int, str]
"""Minutes, due date, weight, mould."""


def least_late(jobs: Sequence[Wanted], presses: int) -> int:
    """Least weighted tardiness: every order of starts, every press for each, a mould once at a time."""
    best = 10**9
    for chosen in permutations(jobs):
        for places in product(range(presses), repeat=len(jobs)):
            free: dict[int | str, int] = {}
            total = 0
            for (minutes, due, weight, mould), place in zip(chosen, places, strict=True):
                end = max(free.get(place, 0), free.get(mould, 0)) + minutes
                free[place] = free[mould] = end
                total += weight * max(0, end - due)
            best = min(best, total)
    return best


@case
def moulds_and_presses_by_enumeration() -> Case:
    # Five orders, two presses, two moulds.
    jobs = [(60, 60, 1, "x"), (90, 100, 3, "x"), (40, 90, 1, "y"), (70, 130, 1, "y"), (50, 200, 3, "x")]
    lines = [
        order(f"J{n}", 1, due, press(minutes, pool_needs=((mould, 1),)), priority=weight)
        for n, (minutes, due, weight, mould) in enumerate(jobs)
    ]
    made = pooled(*lines, pools=(replace(MOULD, key="x"), replace(MOULD, key="y")))
    return Case(made, (0, least_late(jobs, 2), 0, 0))


@case
def one_crew_mixes_and_presses() -> Case:
    # Both people at the mixer and at the press: mixed until 60, pressed until 120.
    steps = rate("MIX", 60), press()
    able = tuple(replace(row, pool_needs=BOTH) for row in (machine("M1", "MIX"), machine("A1")))
    return Case(pooled(order("J", 1, 120, *steps), machines=able), (0, 0, 0, 0))


@case
def one_crew_mixes_and_sets_the_press_up() -> Case:
    # The press is set up for 60 before its work, by the people who mix meanwhile: mixed, set up, pressed until 180.
    steps = rate("MIX", 60), press(setup=60)
    able = tuple(replace(row, pool_needs=BOTH) for row in (machine("M1", "MIX"), machine("A1")))
    return Case(pooled(order("J", 1, 180, *steps), machines=able), (0, 0, 0, 60))
