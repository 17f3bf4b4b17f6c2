"""Orders that share a load: a cycle takes its minutes whether it is full or not."""

from __future__ import annotations

from production.planning.problem import Calendar, Route
from tests.planning.rules.shop import Case, case, machine, order, press, rate, resin, rest, shop, whole

FOUR = press(60, 4)


@case
def two_orders_in_one_load() -> Case:
    # A load takes four: both are pressed by 60, one after the other the second would end at 120.
    return Case(shop(order("J", 2, 60, FOUR), order("K", 2, 60, FOUR)), (0, 0, 0, 0))


@case
def three_orders_in_two_loads() -> Case:
    # 3 + 3 + 2 pieces fill two loads of four, the second order is in both: 120 instead of 180.
    return Case(shop(*(order(key, pieces, 120, FOUR) for key, pieces in (("J", 3), ("K", 3), ("L", 2)))), (0, 0, 0, 0))


@case
def different_presses_share_nothing() -> Case:
    # Not the same routing: 60 and 120, one of them an hour late.
    return Case(shop(order("J", 2, 60, FOUR), order("K", 2, 60, press(60, 4, family="black"))), (0, 60, 0, 0))


@case
def a_load_waits_for_nobody_who_comes_too_late() -> Case:
    # The second order may begin at 100: it is pressed alone by 160.
    return Case(shop(order("J", 2, 60, FOUR), order("K", 2, 160, FOUR, release_min=100)), (0, 0, 0, 0))


@case
def what_is_shared_is_sawn_apart() -> Case:
    # Pressed by 60, sawn in 10 minutes a piece: the first order ends at 80, the second at 100.
    steps = (whole(FOUR), rate("SAW", 10))
    both = (machine("A1"), machine("S1", "SAW"))
    return Case(shop(order("J", 2, 80, *steps), order("K", 2, 100, *steps), machines=both), (0, 0, 0, 0))


@case
def a_shared_load_rests_and_fits_the_shift() -> Case:
    # Open 60 of 600 minutes: one load a shift. Shared, both have rested by 90; else one would end at 690.
    steps = press(60, 4, waits=rest(30))
    shift = Calendar("shift", tuple((start, start + 60) for start in range(0, 18_000, 600)))
    one = (machine("A1", calendar="shift"),)
    return Case(shop(order("J", 1, 90, steps), order("K", 3, 90, steps), machines=one, hours=(shift,)), (0, 0, 0, 0))


@case
def a_shared_load_takes_the_resin_of_both() -> Case:
    # Resin for one now and for the other at 30: pressed together from 30 on, both by 90.
    steps = press(60, 4, materials=(("resin", 1000),))
    lines = [order(key, 2, 90, steps) for key in "JK"]
    return Case(shop(*lines, arrivals=(resin(2000), resin(2000, 30))), (0, 0, 0, 0))


@case
def two_presses_are_better_than_one_load() -> Case:
    # Two cycles of four on one press end at 120; apart on two presses all six pieces are there by 60.
    routes = (Route("r", (FOUR,)),)
    lines = [order(key, 3, 60, routes=routes) for key in "JK"]
    return Case(shop(*lines, machines=(machine("A1"), machine("A2"))), (0, 0, 0, 0))
