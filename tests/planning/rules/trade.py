"""Between firms and for money: consent, ceilings, offers, transport, refusals, lateness that has a price."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from production.planning.problem import Line, Problem
from tests.planning.rules.shop import (
    HORIZON,
    PIECE_G,
    Case,
    case,
    machine,
    offer,
    order,
    press,
    rate,
    resin,
    shop,
    taken,
    trip,
)

PRESSES = (machine("A1"), machine("B1", firm="B"), machine("C1", firm="C"))
BUSY = taken("A1", 0, 1000)
"""The home press is free from 1000 on: an order of two pieces made there ends at 1120."""


def market(*lines: Line, **changes: Any) -> Problem:
    """Home is busy; B asks 100 fen a piece and is 40 minutes away, C asks 80 and is 200 away."""
    base = shop(
        *lines,
        machines=PRESSES,
        fixed_lots=(BUSY,),
        offers=(offer("B", 100), offer("C", 80)),
        transports=tuple(
            trip(a, b, minutes) for f, minutes in (("B", 40), ("C", 200)) for a, b in (("A", f), (f, "A"))
        ),
    )
    return replace(base, **changes)


def asked(pieces: int = 2, due: int = 160, **changes: Any) -> Line:
    """Two pieces, which B finishes at 160 and C at 320."""
    return order("J", pieces, due, consent="allowed", **changes)


@case
def the_near_offer_saves_the_date() -> Case:
    # B: 120 + 40 for 200 fen.
    return Case(market(asked()), (0, 0, 200, 0))


@case
def the_cheap_offer_when_there_is_time() -> Case:
    # C: 120 + 200 for 160 fen.
    return Case(market(asked(due=320)), (0, 0, 160, 0))


@case
def home_costs_nothing_when_there_is_time() -> Case:
    return Case(market(asked(due=1120)), (0, 0, 0, 0))


@case
def no_consent_no_offer() -> Case:
    # Made at home: 1120, due at 160.
    return Case(market(replace(asked(), consent="never")), (0, 960, 0, 0))


@case
def consent_that_must_be_asked_is_planned_on() -> Case:
    return Case(market(replace(asked(), consent="ask")), (0, 0, 200, 0))


@case
def a_fee_ceiling_shuts_the_dear_offer() -> Case:
    # 90 fen a piece at most: C, which ends at 320, 160 late.
    return Case(market(asked(fee_ceiling_fen_per_t=90 * 1_000_000 // PIECE_G)), (0, 160, 160, 0))


@case
def an_excluded_firm_gets_nothing() -> Case:
    return Case(market(asked(excluded_firms=("B",))), (0, 160, 160, 0))


@case
def who_has_declined_is_not_asked_again() -> Case:
    # Both have: home, 960 late.
    return Case(market(asked(barred_firms=("B", "C"))), (0, 960, 0, 0))


@case
def no_way_between_the_gates_no_offer() -> Case:
    # Only C can be reached.
    return Case(market(asked(), transports=(trip("C", "A", 200), trip("A", "C", 200))), (0, 160, 160, 0))


@case
def whole_trucks_are_paid() -> Case:
    # B: 5 x 100 + 3 trucks of 2 pieces at 70 = 710; C, in time as well: 5 x 80 + 3 x 90 = 670.
    ways = (trip("B", "A", 0, 70, 2), trip("C", "A", 0, 90, 2))
    return Case(market(asked(5, 300), transports=ways), (0, 0, 670, 0))


@case
def dear_trucks_turn_the_choice() -> Case:
    # As before with one piece: B 100 + 70, C 80 + 120.
    ways = (trip("B", "A", 0, 70, 2), trip("C", "A", 0, 120, 2))
    return Case(market(asked(1, 60), transports=ways), (0, 0, 170, 0))


@case
def the_offers_window_is_kept() -> Case:
    # B forms from 500 on: 500 + 120 + 40 = 660, 500 late; C at once ends at 320.
    late = offer("B", 100, window=(500, HORIZON))
    return Case(market(asked(), offers=(late,)), (0, 500, 200, 0))


@case
def what_ends_after_the_window_is_not_taken() -> Case:
    # B's window ends at 119, a minute before two pieces are formed: home, 960 late.
    return Case(market(asked(), offers=(offer("B", 100, window=(0, 119)),)), (0, 960, 0, 0))


@case
def too_small_for_the_offer() -> Case:
    # B takes three pieces or more, C two: C.
    offers = (offer("B", 100, least_lot_g=3 * PIECE_G), offer("C", 80, least_lot_g=2 * PIECE_G))
    return Case(market(asked(), offers=offers), (0, 160, 160, 0))


@case
def the_offered_minutes_suffice_for_one() -> Case:
    # B offers 120 minutes: one order goes there, the heavier; the other is made at home.
    lines = [replace(asked(), key=key, priority=weight) for key, weight in (("J", 1), ("K", 3))]
    return Case(market(*lines, offers=(offer("B", 100, machine_minutes=120),)), (0, 960, 200, 0))


@case
def one_offered_press_for_two_orders() -> Case:
    # B works both one after the other: 160 and 280.
    lines = [replace(asked(due=due), key=key) for key, due in (("J", 160), ("K", 280))]
    return Case(market(*lines, offers=(offer("B", 100),)), (0, 0, 400, 0))


@case
def a_part_at_home_and_a_part_elsewhere() -> Case:
    # Four pieces due at 240, home free: three there by 180, or four by 240: all at home.
    line = asked(4, 240, least_lot_pieces=1, split_cost_fen=10)
    return Case(market(line, fixed_lots=()), (0, 0, 0, 0))


@case
def as_few_pieces_elsewhere_as_the_date_asks_for() -> Case:
    # Due at 180 home makes three of four; one goes to B (60 + 40): 100 fen and a split of 10.
    line = asked(4, 180, least_lot_pieces=1, split_cost_fen=10)
    return Case(market(line, fixed_lots=(), offers=(offer("B", 100),)), (0, 0, 110, 0))


@case
def a_dear_split_sends_the_whole_order_away() -> Case:
    # C's 80 a piece: all four there end at 440; due at 440 with home busy.
    line = asked(4, 440, least_lot_pieces=1, split_cost_fen=1000)
    return Case(market(line), (0, 0, 320, 0))


@case
def finishing_is_done_by_who_forms() -> Case:
    # Sawn in 30 a piece: home has no saw, B has: 60 + 60 + 30 + 40.
    line = order("J", 2, 190, press(), rate("SAW", 30), consent="allowed")
    return Case(market(line, machines=(*PRESSES, machine("B2", "SAW", "B"))), (0, 0, 200, 0))


@case
def the_givers_resin_makes_the_trip_first() -> Case:
    # B works the giver's resin, which is there after 40: 40 + 120 + 40, due at 160.
    line = order("J", 2, 160, press(materials=(("resin", 1000),)), consent="allowed")
    offers = (offer("B", 100, material_from="giver"),)
    return Case(market(line, offers=offers, arrivals=(resin(2000),)), (0, 40, 200, 0))


@case
def the_doers_resin_is_there() -> Case:
    line = order("J", 2, 160, press(materials=(("resin", 1000),)), consent="allowed")
    return Case(market(line, offers=(offer("B", 100),), arrivals=(resin(2000, firm="B"),)), (0, 0, 200, 0))


@case
def an_optional_order_in_time_is_made() -> Case:
    return Case(shop(order("J", 2, 120, optional=True, refusal_cost_fen=500)), (0, 0, 0, 0))


@case
def an_optional_order_that_would_be_late_is_refused() -> Case:
    # Three pieces due at 120: refused for 500.
    return Case(shop(order("J", 3, 120, optional=True, refusal_cost_fen=500)), (0, 0, 500, 0))


@case
def the_cheaper_of_two_is_refused() -> Case:
    # One press, both due at 120: one has room.
    lines = [order(key, 2, 120, optional=True, refusal_cost_fen=cost) for key, cost in (("J", 700), ("K", 400))]
    return Case(shop(*lines), (0, 0, 400, 0))


@case
def two_small_refusals_for_a_large_one() -> Case:
    # Four pieces for 500, or two and two for 300 each, fit before 240: refusing the large one costs less than 600.
    lines = [order("L", 4, 240, optional=True, refusal_cost_fen=500)]
    lines += [order(key, 2, 240, optional=True, refusal_cost_fen=300) for key in "MN"]
    return Case(shop(*lines), (0, 0, 500, 0))


@case
def an_optional_order_gives_way() -> Case:
    # It would make the other one late.
    lines = (order("must", 2, 120), order("may", 2, 130, optional=True, refusal_cost_fen=90_000))
    return Case(shop(*lines), (0, 0, 90_000, 0))


@case
def refused_when_that_is_cheaper_than_the_offer() -> Case:
    # B takes 200, refusing costs 150.
    return Case(market(asked(optional=True, refusal_cost_fen=150)), (0, 0, 150, 0))


@case
def placed_when_that_is_cheaper_than_refusing() -> Case:
    return Case(market(asked(optional=True, refusal_cost_fen=250)), (0, 0, 200, 0))


@case
def lateness_that_costs_less_than_the_offer() -> Case:
    # Home: 960 minutes late at 10 fen an hour = 160; C: 160 late = 27 and 160 for the fee.
    return Case(market(asked(lateness_worth_fen_per_h=10)), (0, 0, 160, 0))


@case
def lateness_that_costs_more_than_the_offer() -> Case:
    # At 12 fen an hour home costs 192, C 32 + 160 = 192, B 200; at 30: 480, 240, 200.
    return Case(market(asked(lateness_worth_fen_per_h=30)), (0, 0, 200, 0))


@case
def the_offer_between_the_two() -> Case:
    # At 14 fen an hour: home 224, C 38 + 160 = 198 (160 min = 37.3 rounded up), B 200.
    return Case(market(asked(lateness_worth_fen_per_h=14)), (0, 0, 198, 0))


@case
def a_split_that_lateness_does_not_pay_for() -> Case:
    # Six pieces on one of two presses: 180 late at 60 an hour = 180; a split costs 500.
    line = order("J", 6, 180, least_lot_pieces=1, split_cost_fen=500, lateness_worth_fen_per_h=60)
    return Case(shop(line, machines=(machine("A1"), machine("A2"))), (0, 0, 180, 0))


@case
def a_split_that_lateness_pays_for() -> Case:
    # At 600 an hour the 180 minutes cost 1800.
    line = order("J", 6, 180, least_lot_pieces=1, split_cost_fen=500, lateness_worth_fen_per_h=600)
    return Case(shop(line, machines=(machine("A1"), machine("A2"))), (0, 0, 500, 0))


@case
def weighted_lateness_comes_before_lateness_with_a_price() -> Case:
    # One press, both due at 60: the one with a price waits, however much it costs: 60 min at 6000 an hour.
    lines = (order("weighed", 1, 60), order("priced", 1, 60, lateness_worth_fen_per_h=6000))
    return Case(shop(*lines), (0, 0, 6000, 0))


@case
def what_cannot_be_done_before_the_horizon_is_very_late() -> Case:
    # 100 pieces in 1200 minutes: twenty fit; late by the rest of the horizon and one more.
    return Case(replace(shop(order("J", 100, 200, least_lot_pieces=1)), horizon_min=1200), (0, 1001, 0, 0))
