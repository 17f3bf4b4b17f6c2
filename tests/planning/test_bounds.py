"""What no plan can be better than: below every plan, and reached where the best plan is known."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings

from production.planning.bounds import bounds_of
from production.planning.engine.budget import Budget
from production.planning.engine.solve import Search
from production.planning.objective import tiers_of
from production.planning.park.instance import park_load
from production.planning.park.problem import park_problem
from production.planning.planner import plan_problem
from production.planning.problem import Calendar, Line, Pool, Problem, Step
from production.planning.schedule import Lot, Part, Run, Schedule, Tiers
from production.planning.verify import verify
from tests.benchmarks.parks import generate_park
from tests.hypothesis_examples import examples
from tests.planning.rules.shop import (
    CASES,
    PIECE_G,
    machine,
    offer,
    order,
    press,
    rate,
    resin,
    rest,
    shop,
    taken,
    trip,
    whole,
)
from tests.planning.rules.test_rules import Case
from tests.planning.test_search import parks

TARDY, MAKESPAN, AWAY = "tardiness_by_job_path", "makespan_min_if_all_placed", "outsourced_g_if_none_late"


def away_g(asked: Problem, plan: Schedule) -> int:
    mass_g = {line.key: line.unit_mass_g for line in asked.lines}
    return sum(lot.pieces * mass_g[lot.line] for lot in plan.lots if lot.offer is not None)


def check(asked: Problem, plan: Schedule) -> None:
    """No bound is above what the plan has."""
    bounds = bounds_of(asked)
    assert bounds[TARDY] <= plan.tiers.tardiness
    may_lack = {line.key for line in asked.lines if line.optional}
    if {item.line for item in plan.unplaced} <= may_lack:
        assert bounds[MAKESPAN] <= plan.tiers.makespan_min
    if plan.tiers.tardiness == 0:
        assert bounds[AWAY] <= away_g(asked, plan)


@given(park=parks())
@settings(max_examples=examples(40), deadline=None)
def test_no_plan_of_any_park_is_below_its_bounds(park: Problem) -> None:
    check(park, plan_problem(park, budget=Budget(iterations=300)).schedule)


@pytest.mark.parametrize("seed", range(4))
def test_no_plan_of_a_benchmark_park_is_below_its_bounds(seed: int) -> None:
    park = park_problem(park_load(json.dumps(generate_park(orders=40, seed=seed, firms=6, load=0.7))))
    search = Search(park)
    search.run(Budget(iterations=4000))
    check(park, search.schedule())


@pytest.mark.parametrize("name", sorted(CASES))
def test_no_bound_is_above_a_best_plan_that_is_known(name: str) -> None:
    known: Case = CASES[name]()
    assert bounds_of(known.problem)[TARDY] <= known.best[1]


REACHED = (
    "a_cycle_waits_for_hours_that_hold_it",
    "a_fee_ceiling_shuts_the_dear_offer",
    "a_forbidden_machine_is_avoided",
    "a_least_lot_allows_two_of_three",
    "a_least_lot_forbids_the_split",
    "a_load_takes_several_pieces",
    "a_lot_handed_over_whole_does_not_overlap",
    "a_pinned_saw_waits_for_its_minute",
    "a_split_over_presses_that_are_not_alike",
    "all_machines_forbidden_leave_no_place",
    "cycles_that_fill_a_shift_exactly",
    "mixed_pressed_and_sawn_in_overlap",
    "no_consent_no_offer",
    "packing_waits_for_the_firms_hours",
    "pinned_to_a_minute",
    "pinned_to_the_slow_machine",
    "started_work_that_is_late_counts",
    "the_givers_resin_makes_the_trip_first",
    "the_offers_window_is_kept",
    "the_press_starts_when_the_first_batch_is_mixed",
    "too_small_for_the_offer",
    "what_cannot_be_done_before_the_horizon_is_very_late",
    "what_ends_after_the_window_is_not_taken",
)


@pytest.mark.parametrize("name", REACHED)
def test_an_order_alone_is_as_late_as_its_bound_says(name: str) -> None:
    known: Case = CASES[name]()
    assert bounds_of(known.problem)[TARDY] == known.best[1]


THREE = (machine("M1", "MIX"), machine("A1"), machine("S1", "SAW"))

ALONE = [
    (shop(order("J", 4, 9000, rate("MIX", 10), press(), rate("SAW", 20)), machines=THREE), 10 + 240 + 20),
    (shop(order("J", 4, 9000, whole(rate("MIX", 10)), press()), machines=THREE), 40 + 240),
    (shop(order("J", 1, 9000, press(waits=rest(500)))), 560),
    (shop(order("J", 2, 9000), fixed_lots=(taken("A1", 90, 100),)), 160),
    (shop(order("J", 1, 9000, press(materials=(("resin", 10),))), arrivals=(resin(9), resin(1, 700))), 760),
    (shop(order("J", 3, 9000, least_lot_pieces=1), order("K", 5, 9000), machines=(machine("A1"), machine("A2"))), 300),
    (shop(order("J", 2, 9000), order("K", 9, 90, optional=True)), 120),
    (shop(order("J", 2, 9000, press(setup=30))), 150),
]


@pytest.mark.parametrize(("asked", "minute"), ALONE)
def test_the_last_is_finished_no_sooner_than_the_longest_path(asked: Problem, minute: int) -> None:
    assert bounds_of(asked)[MAKESPAN] == minute


def test_who_can_never_be_placed_has_no_makespan() -> None:
    assert MAKESPAN not in bounds_of(shop(order("J", 1, 60, forbidden_machines=("A1",))))


def near(*lines: Line, **changes: object) -> Problem:
    """A and B have a press each, next door to each other."""
    two = {"machines": (machine("A1"), machine("B1", firm="B")), "transports": (trip("A", "B"), trip("B", "A"))}
    return shop(*lines, **{**two, "offers": (offer("B", 100),), **changes})


def asked_away(key: str, pieces: int, due: int, *steps: Step, **changes: object) -> Line:
    return order(key, pieces, due, *steps, **{"consent": "allowed", "least_lot_pieces": 1, **changes})


AWAY_G = [
    # home has four hours until the date, two orders of three pieces
    (near(asked_away("J", 3, 240), asked_away("K", 3, 240)), 2 * PIECE_G),
    # together they would fit until the later date, but not until the earlier one
    (near(asked_away("J", 3, 130), asked_away("K", 1, 240)), PIECE_G),
    (near(asked_away("J", 3, 240), asked_away("K", 3, 240), fixed_lots=(taken("A1", 0, 60),)), 3 * PIECE_G),
    # who may be refused, or whose lateness has a price, asks for nothing
    (near(asked_away("J", 3, 240, optional=True), asked_away("K", 3, 240)), 0),
    (near(asked_away("J", 3, 240, lateness_worth_fen_per_h=1), asked_away("K", 3, 240)), 0),
    # a second press at home is enough
    (near(asked_away("J", 3, 120), machines=(machine("A1"), machine("A2"), machine("B1", firm="B"))), 0),
    # what home has no machine for
    (near(asked_away("J", 1, 120, press(), rate("SAW", 10)),
          machines=(machine("A1"), machine("B1", firm="B"), machine("B2", "SAW", "B"))), PIECE_G),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "grams"), AWAY_G)
def test_so_much_must_go_away_for_no_lateness(asked: Problem, grams: int) -> None:
    assert bounds_of(asked)[AWAY] == grams
    plan = plan_problem(asked, budget=Budget(iterations=2000)).schedule
    assert (plan.tiers.tardiness, away_g(asked, plan)) == (0, grams)


def test_nothing_is_said_of_what_goes_away_when_some_line_must_be_late() -> None:
    alone = bounds_of(near(asked_away("J", 1, 30)))
    assert (alone[TARDY], AWAY in alone) == (30, False)
    together = bounds_of(near(*(order(key, 3, 200) for key in "JK")))
    assert (together[TARDY], AWAY in together) == (0, False)


def shared(asked: Problem, lots: list[Lot], run: Run) -> Schedule:
    """One run that carries all lots."""
    tiers = tiers_of(asked, lots, [run], [])
    return Schedule("", tuple(lots), (run,), (), (), tiers)


def test_orders_pressed_in_one_load_are_not_below_the_bounds() -> None:
    asked = near(*(asked_away(key, 1, 60, press(per=2)) for key in "JK"))
    lots = [Lot(f"{key}/1", key, "P", 1, "A", "r", None, (1,), 60) for key in "JK"]
    plan = shared(asked, lots, Run("r", "A1", 0, 0, 60, 0, "", 1, 2, tuple(Part(lot.key, 0, 0, 1) for lot in lots)))
    assert verify(asked, plan) == []
    check(asked, plan)
    assert plan.tiers == Tiers(0, 0, 0, 0, 0, 60)


def test_a_piece_that_follows_another_in_its_run_may_be_a_minute_shorter() -> None:
    # Pieces of 90 seconds: the first takes two minutes, the second one, although alone it would take two as well.
    step = replace(press(), modes=(replace(press().modes[0], cycle_s=90),))
    asked = shop(order("J", 1, 2, step), order("K", 1, 3, step, release_min=2))
    lots = [Lot(f"{key}/1", key, "P", 1, "A", "r", None, (1,), end) for key, end in (("J", 2), ("K", 3))]
    plan = shared(asked, lots, Run("r", "A1", 0, 0, 3, 0, "", 2, 2, tuple(Part(lot.key, 0, 0, 1) for lot in lots)))
    assert verify(asked, plan) == []
    check(asked, plan)
    assert plan.tiers.tardiness == 0


def test_hours_of_a_pool_are_waited_for_and_its_lack_is_known() -> None:
    night = Calendar("night", ((600, 900),))
    crew = Pool("crew", "A", "crew", 1, "night")
    asked = shop(order("J", 1, 9000, press(pool_needs=(("crew", 1),))), pools=(crew,), hours=(night,))
    assert bounds_of(asked)[MAKESPAN] == 660
    assert MAKESPAN not in bounds_of(replace(asked, pools=(replace(crew, capacity=0),)))
