"""Reasons for lateness as data."""

from dataclasses import replace

import pytest

from production.planning.problem import Line, Mode, Pin, Problem, Wait
from production.planning.search.solve import solve
from tests.planning.build import DAY, HORIZON, booking, line, problem, with_mode, with_step


def chain(problem_: Problem, key: str = "A-1") -> dict[str, dict[str, int | str]]:
    schedule = solve(problem_).schedule
    return {reason.code: dict(reason.data) for reason in schedule.reasons if reason.line == key}


LATE = line(pieces=400, due_min=2 * DAY)
OFFER = problem().offers[0]


def test_a_line_in_time_needs_no_reason() -> None:
    assert chain(problem()) == {}


@pytest.mark.parametrize(
    ("late", "changes", "code", "data"),
    [
        (replace(LATE, consent="never"), {}, "consent_never", {}),
        (LATE, {"offers": ()}, "no_offer", {"classes": "PRESS"}),
        (replace(LATE, barred_firms=("B",)), {}, "firms_excluded", {"offers": 1}),
        (
            replace(LATE, fee_ceiling_fen_per_t=9),
            {},
            "fee_ceiling",
            {"least_fee_fen_per_t": 300_000, "ceiling": 9},
        ),
        (
            LATE,
            {"offers": (replace(OFFER, least_lot_g=5_000_000),)},
            "least_lot",
            {"least_g": 5_000_000, "mass_g": 4_000_000},
        ),
        (LATE, {"offers": (replace(OFFER, window=(5 * DAY, HORIZON)),)}, "offer_window", {"offers": 1}),
        (LATE, {}, "offers_full", {"offers": 1}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_why_other_firms_do_not_help(
    late: Line, changes: dict[str, object], code: str, data: dict[str, int | str]
) -> None:
    assert chain(problem(late, **changes))[code] == data


def test_a_machine_that_others_keep_busy_is_named_with_the_wait() -> None:
    taken = tuple(booking(f"F-{n}", f"A-PRESS-{n}", 0, 3 * DAY) for n in range(2))
    reason = chain(problem(line(consent="never"), fixed_lots=taken))["machine_busy"]
    assert (reason["process"], reason["machine_class"]) == ("PRESS", "PRESS")
    assert int(reason["waited_min"]) > 2 * DAY


def test_a_lot_that_may_not_move_and_is_late_is_the_reason() -> None:
    fixed = booking("F", "A-PRESS-0", 0, 100, line="A-1", finish_min=9 * DAY, pieces=2)
    assert chain(problem(fixed_lots=(fixed,)))["fixed_late"] == {"lot": "F", "finish_min": 9 * DAY}


def test_material_that_arrives_late_is_named() -> None:
    arrival = replace(problem().arrivals[0], at_min=4 * DAY)
    found = chain(problem(line(consent="never"), arrivals=(arrival,)))
    assert found["material_late"] == {"material": "resin", "firm": "A", "at_min": 4 * DAY}


def test_a_route_that_takes_longer_than_there_is_time_says_how_long() -> None:
    slow = with_step(1, waits=(Wait("REST", fixed_min=5 * DAY),))
    found = chain(problem(line(consent="never", routes=(slow,))))["route_too_long"]
    assert found["longest_wait"] == "REST"
    assert int(found["least_min"]) > int(found["available_min"]) == 3 * DAY


def test_closed_hours_that_a_run_waits_out_are_named() -> None:
    long_run = with_mode(1, cycle_s=12_000)
    assert int(chain(problem(line(consent="never", routes=(long_run,))))["closed_hours"]["closed_min"]) >= 480


def test_what_does_not_fit_before_the_horizon_says_so() -> None:
    schedule = solve(problem(line(pieces=4000, consent="never"), horizon_min=3 * DAY)).schedule
    assert schedule.unplaced[0].pieces > 0
    codes = {reason.code for reason in schedule.reasons}
    assert {"route_too_long", "consent_never"} <= codes


def test_a_missing_machine_class_is_named() -> None:
    foreign = with_step(1, modes=(Mode("PRESS-XL", "cycle", 2, 3600),))
    found = chain(problem(line(routes=(foreign,))))
    assert found["no_machine"] == {"process": "PRESS", "classes": "PRESS-XL"}
    assert "no_offer" in found


def test_the_planners_hand_and_a_missing_pool_are_named() -> None:
    pinned = problem(line(consent="never"), pins=(Pin("A-1", "PRESS", None, 100),))
    assert "planners_hand" in chain(pinned)
    needy = line(consent="never", routes=(with_step(1, pool_needs=(("A-MOULD", 2),)),))
    assert chain(problem(needy))["pool_missing"] == {"pool": "A-MOULD"}
