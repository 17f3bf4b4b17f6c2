"""Lots and batches: loads, splits and their price, hand-over, waits, routes, hours, material."""

from __future__ import annotations

from dataclasses import replace

from production.planning.problem import Calendar, Firm, Mode, Route
from tests.planning.rules.shop import (
    HORIZON,
    Case,
    case,
    machine,
    order,
    press,
    rate,
    resin,
    rest,
    shop,
    whole,
)

THREE = (machine("A1"), machine("A2"), machine("A3"))
SHIFTS = Calendar("shifts", tuple((start, start + 300) for start in range(0, HORIZON, 600)))


@case
def a_load_takes_several_pieces() -> Case:
    # Ten pieces, four to a load: three cycles, 180 minutes, due at 170.
    return Case(shop(order("J", 10, 170, press(per=4))), (0, 10, 0, 0))


@case
def the_last_load_may_be_partly_empty() -> Case:
    # Five pieces, four to a load: two cycles.
    return Case(shop(order("J", 5, 120, press(per=4))), (0, 0, 0, 0))


@case
def an_order_is_split_over_three_presses() -> Case:
    # Nine pieces in 180 minutes take three presses: two splits at 100 fen.
    line = order("J", 9, 180, least_lot_pieces=1, split_cost_fen=100)
    return Case(shop(line, machines=THREE), (0, 0, 200, 0))


@case
def no_more_lots_than_needed() -> Case:
    # Nine pieces in 300 minutes take two presses: one split.
    line = order("J", 9, 300, least_lot_pieces=1, split_cost_fen=100)
    return Case(shop(line, machines=THREE), (0, 0, 100, 0))


@case
def an_order_with_time_stays_whole() -> Case:
    # Nine pieces in 540 minutes: one lot.
    line = order("J", 9, 540, least_lot_pieces=1, split_cost_fen=100)
    return Case(shop(line, machines=THREE), (0, 0, 0, 0))


@case
def a_least_lot_forbids_the_split() -> Case:
    # Six pieces, no lot below four: one press, 360 minutes, due at 180.
    line = order("J", 6, 180, least_lot_pieces=4)
    return Case(shop(line, machines=THREE), (0, 180, 0, 0))


@case
def a_least_lot_allows_two_of_three() -> Case:
    # Eight pieces, no lot below four: four and four, 240 minutes, due at 180.
    line = order("J", 8, 180, least_lot_pieces=4)
    return Case(shop(line, machines=THREE), (0, 60, 0, 0))


@case
def a_split_over_presses_that_are_not_alike() -> Case:
    # Four to a load of 100 min, or one in 30: the least greatest time over all ways to divide ten pieces.
    both = replace(press(), modes=(Mode("L", "cycle", 4, 6000), Mode("S", "cycle", 1, 1800)))
    line = order("J", 10, 0, both, least_lot_pieces=1)
    best = min(max(-(-large // 4) * 100, (10 - large) * 30) for large in range(11))
    assert best == 180
    return Case(shop(line, machines=(machine("A1", "L"), machine("A2", "S"))), (0, best, 0, 0))


@case
def two_orders_share_two_presses() -> Case:
    # 4 + 4 pieces, due at 240 both: a press for each, nothing is split.
    lines = [order(key, 4, 240, least_lot_pieces=1, split_cost_fen=100) for key in "JK"]
    return Case(shop(*lines, machines=THREE[:2]), (0, 0, 0, 0))


@case
def a_split_saves_a_date_on_presses_that_are_shared() -> Case:
    # 6 + 2 pieces, both due at 240 on two presses: 6 = 4 + 2, one split.
    lines = [order(key, pieces, 240, least_lot_pieces=1, split_cost_fen=100) for key, pieces in (("J", 6), ("K", 2))]
    return Case(shop(*lines, machines=THREE[:2]), (0, 0, 100, 0))


MIXED = (machine("A1"), machine("M1", "MIX"), machine("S1", "SAW"))


@case
def the_press_starts_when_the_first_batch_is_mixed() -> Case:
    # Mixed in 10 minutes each and handed over one by one: 10 + 4 x 60.
    return Case(shop(order("J", 4, 240, rate("MIX", 10), press()), machines=MIXED), (0, 10, 0, 0))


@case
def a_lot_handed_over_whole_does_not_overlap() -> Case:
    # Mixed whole: 4 x 10 + 4 x 60.
    steps = (whole(rate("MIX", 10)), whole(press()))
    return Case(shop(order("J", 4, 240, *steps), machines=MIXED), (0, 40, 0, 0))


@case
def the_saw_follows_the_press() -> Case:
    # Pressed in 30 and sawn in 60 minutes, piece by piece: 30 + 4 x 60.
    return Case(shop(order("J", 4, 270, press(30), rate("SAW", 60)), machines=MIXED), (0, 0, 0, 0))


@case
def a_slower_press_holds_the_saw_up() -> Case:
    # Pressed in 60 and sawn in 20 minutes: the last piece is pressed at 240 and sawn at 260.
    return Case(shop(order("J", 4, 260, press(), rate("SAW", 20)), machines=MIXED), (0, 0, 0, 0))


@case
def mixed_pressed_and_sawn_in_overlap() -> Case:
    # 10 + 3 x 60 + 20.
    steps = (rate("MIX", 10), press(), rate("SAW", 20))
    return Case(shop(order("J", 3, 200, *steps), machines=MIXED), (0, 10, 0, 0))


@case
def resting_takes_no_machine() -> Case:
    # Two orders rest 500 minutes side by side: 60 + 500 and 120 + 500.
    lines = [order(key, 1, due, press(waits=rest(500))) for key, due in (("J", 560), ("K", 620))]
    return Case(shop(*lines), (0, 0, 0, 0))


@case
def packing_waits_for_the_firms_hours() -> Case:
    # Pressed at 60, packed for 300 minutes in the firm's hours from 600 on: at 900, due at 860.
    late = Calendar("late", tuple((start + 600, start + 900) for start in range(0, HORIZON - 900, 1200)))
    firms = (Firm("A", "late"),)
    return Case(shop(order("J", 1, 860, press(waits=rest(300, "firm"))), hours=(late,), firms=firms), (0, 40, 0, 0))


@case
def a_cycle_waits_for_hours_that_hold_it() -> Case:
    # Open 300 of 600 minutes, cycles of 200: one a shift, so the third ends at 1400.
    one = (machine("A1", calendar="shifts"),)
    return Case(shop(order("J", 3, 1400, press(200)), machines=one, hours=(SHIFTS,)), (0, 0, 0, 0))


@case
def work_by_the_piece_pauses_anywhere() -> Case:
    # The same 600 minutes by the piece fill two shifts and end at 900.
    saw = (machine("S1", "SAW", calendar="shifts"),)
    return Case(shop(order("J", 3, 900, rate("SAW", 200)), machines=saw, hours=(SHIFTS,)), (0, 0, 0, 0))


@case
def cycles_that_fill_a_shift_exactly() -> Case:
    # Cycles of 150: two a shift; the third and fourth end at 750 and 900.
    one = (machine("A1", calendar="shifts"),)
    return Case(shop(order("J", 4, 850, press(150)), machines=one, hours=(SHIFTS,)), (0, 50, 0, 0))


@case
def a_repair_is_paused_over_between_cycles() -> Case:
    # Down from 90 to 200: one cycle before, two after; ends at 320.
    one = (machine("A1", closed=((90, 200),)),)
    return Case(shop(order("J", 3, 320), machines=one), (0, 0, 0, 0))


@case
def the_night_press_takes_the_long_cycle() -> Case:
    # A cycle of 400 minutes fits no shift of 300: it goes to the press that never closes, the short one to the other.
    two = (machine("A1", calendar="shifts"), machine("A2"))
    lines = (order("long", 1, 400, press(400)), order("short", 1, 60))
    return Case(shop(*lines, machines=two, hours=(SHIFTS,)), (0, 0, 0, 0))


@case
def the_other_route_when_the_first_is_full() -> Case:
    # Five pieces on the press or, in two steps, on the saw and the mill: each order takes one way.
    routes = (Route("pressed", (press(),)), Route("sawn", (rate("SAW", 50), rate("MILL", 10))))
    lines = [order(key, 5, 300, routes=routes) for key in "JK"]
    three = (machine("A1"), machine("S1", "SAW"), machine("L1", "MILL"))
    return Case(shop(*lines, machines=three), (0, 0, 0, 0))


@case
def the_faster_route_for_the_order_that_is_in_haste() -> Case:
    # Pressed in 60 or rammed in 90 minutes a piece; the hasty order needs the press.
    routes = (Route("pressed", (press(),)), Route("rammed", (press(90, machine="RAM"),)))
    lines = (order("calm", 2, 180, routes=routes), order("hasty", 2, 120, routes=routes))
    return Case(shop(*lines, machines=(machine("A1"), machine("R1", "RAM"))), (0, 0, 0, 0))


WANTS = tuple(
    order(key, 2, 120, press(materials=(("resin", 1000),)), priority=weight)
    for key, weight in (("light", 1), ("heavy", 9))
)


@case
def scarce_resin_goes_to_the_heavier_order() -> Case:
    # Resin for one order now and for one at 1000: the light one ends at 1120, 1000 late; not nine times that.
    return Case(shop(*WANTS, arrivals=(resin(2000), resin(2000, 1000))), (0, 1000, 0, 0))


@case
def resin_is_waited_for() -> Case:
    # All resin comes at 500: 620 and 740, the heavy one first: 9 x 500 + 620.
    return Case(shop(*WANTS, arrivals=(resin(4000, 500),)), (0, 9 * 500 + 620, 0, 0))


@case
def an_order_begins_with_the_resin_that_is_there() -> Case:
    # Two pieces now, the third at 400: one lot may pause for nothing, two lots end at 120 and 460.
    line = order("J", 3, 460, press(materials=(("resin", 1000),)), least_lot_pieces=1)
    return Case(shop(line, arrivals=(resin(2000), resin(1000, 400))), (0, 0, 0, 0))
