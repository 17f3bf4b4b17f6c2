"""The judge: clean plans pass, each kind of mutated plan is caught."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from production.planning.problem import FixedRun, Offer, Pin, Problem, Sequence
from production.planning.schedule import Lot, Run, Schedule, Unplaced
from production.planning.search.solve import solve
from production.planning.verify import verify
from tests.hypothesis_examples import examples
from tests.planning.build import DAY, HORIZON, booking, line, problem, with_step


def busy_park() -> Problem:
    """Several lines at two firms, one of them too large for its firm, with bookings and a second colour."""
    white = with_step(1, family="white")
    return problem(
        line("A-1", pieces=150, due_min=4 * DAY),
        line("A-2", pieces=30, routes=(white,), due_min=5 * DAY),
        line("A-3", pieces=24, release_min=DAY, due_min=4 * DAY, consent="ask"),
        line("B-1", firm="B", pieces=36, routes=(white,), consent="never"),
        arrivals=(
            *problem().arrivals,
            replace(problem().arrivals[0], key="B-resin", firm="B", at_min=600),
        ),
        fixed_lots=(booking("F", "A-PRESS-1", 0, 900),),
    )


PARK = busy_park()
PLAN = solve(PARK).schedule


def codes(schedule: Schedule, judged_by: Problem = PARK) -> set[str]:
    return {violation.code for violation in verify(judged_by, schedule)}


def with_run(number: int, **changes: object) -> Schedule:
    runs = list(PLAN.runs)
    runs[number] = replace(runs[number], **changes)  # type: ignore[arg-type]
    return replace(PLAN, runs=tuple(runs))


def with_lot(number: int, **changes: object) -> Schedule:
    lots = list(PLAN.lots)
    lots[number] = replace(lots[number], **changes)  # type: ignore[arg-type]
    return replace(PLAN, lots=tuple(lots))


def shifted(run: Run, minutes: int) -> dict[str, int]:
    return {
        "start_min": run.start_min + minutes,
        "work_start_min": run.work_start_min + minutes,
        "end_min": run.end_min + minutes,
    }


def test_the_plan_uses_an_offer_and_the_judge_finds_nothing() -> None:
    assert any(lot.offer for lot in PLAN.lots)
    assert verify(PARK, PLAN) == []


RUN_MUTATIONS: dict[str, Callable[[Run, int], dict[str, object]]] = {
    "shorter": lambda run, by: {"end_min": run.end_min - by},
    "longer": lambda run, by: {"end_min": run.end_min + by},
    "more set-up": lambda run, by: {"setup_min": run.setup_min + by},
    "set up too late": lambda run, by: {"start_min": run.work_start_min - run.setup_min + by},
    "more pieces": lambda run, by: {"pieces": run.pieces + by},
    "other cycles": lambda run, by: {"cycles": run.cycles + by},
    "other machine": lambda run, _: {"machine": "B-SAW" if run.machine != "B-SAW" else "A-SAW"},
    "unknown machine": lambda run, _: {"machine": "nowhere"},
    "other family": lambda run, _: {"family": run.family + "x"},
    "a part less": lambda run, _: {"parts": run.parts[1:]},
    "a part twice": lambda run, _: {"parts": (*run.parts, run.parts[0])},
    "an unknown part": lambda run, _: {"parts": (*run.parts, replace(run.parts[0], lot="none"))},
    "a batch too far": lambda run, _: {
        "parts": (replace(run.parts[0], first_batch=run.parts[0].first_batch + 99), *run.parts[1:])
    },
}


@pytest.mark.parametrize("kind", sorted(RUN_MUTATIONS))
@given(number=st.integers(0, len(PLAN.runs) - 1), by=st.integers(1, 400))
@settings(max_examples=examples(40), deadline=None)
def test_a_mutated_run_is_caught(kind: str, number: int, by: int) -> None:
    run = PLAN.runs[number]
    changes = RUN_MUTATIONS[kind](run, by)
    if kind == "set up too late" and by + run.work_start_min - run.setup_min <= run.start_min:
        return
    if kind == "set up too late" and not run.setup_min:
        return
    assert codes(with_run(number, **changes))


@given(number=st.integers(0, len(PLAN.runs) - 1), days=st.integers(5, 20))
@settings(max_examples=examples(30), deadline=None)
def test_a_run_moved_by_days_breaks_the_order_or_the_finish(number: int, days: int) -> None:
    assert codes(with_run(number, **shifted(PLAN.runs[number], days * DAY)))


@given(number=st.integers(0, len(PLAN.runs) - 1))
@settings(max_examples=examples(30), deadline=None)
def test_a_lost_run_and_a_doubled_run_are_caught(number: int) -> None:
    lost = PLAN.runs[:number] + PLAN.runs[number + 1 :]
    assert "pieces" in codes(replace(PLAN, runs=lost))
    assert codes(replace(PLAN, runs=(*PLAN.runs, PLAN.runs[number]))) == {"duplicate"}
    twice = replace(PLAN.runs[number], key="again")
    assert {"overlap", "pieces"} <= codes(replace(PLAN, runs=(*PLAN.runs, twice)))


LOT_MUTATIONS: dict[str, tuple[Callable[[Lot], dict[str, object]], str]] = {
    "one piece more": (lambda lot: {"pieces": lot.pieces + 1}, "pieces"),
    "one batch more": (lambda lot: {"batches": (*lot.batches, 1)}, "pieces"),
    "finish": (lambda lot: {"finish_min": lot.finish_min - 1}, "finish"),
    "firm": (lambda lot: {"firm": "B" if lot.firm == "A" else "A"}, "eligibility"),
    "unknown firm": (lambda lot: {"firm": "C"}, "unknown"),
    "unknown line": (lambda lot: {"line": "none"}, "unknown"),
    "unknown route": (lambda lot: {"route": "none"}, "unknown"),
    "other product": (lambda lot: {"product": "none"}, "unknown"),
    "unknown offer": (lambda lot: {"offer": "none"}, "unknown"),
    "fee": (lambda lot: {"fee_fen": lot.fee_fen + 1}, "terms"),
    "awaits": (lambda lot: {"awaits": (*lot.awaits, "giver")}, "terms"),
}


@pytest.mark.parametrize("kind", sorted(LOT_MUTATIONS))
@given(number=st.integers(0, len(PLAN.lots) - 1))
@settings(max_examples=examples(10), deadline=None)
def test_a_mutated_lot_is_caught(kind: str, number: int) -> None:
    change, code = LOT_MUTATIONS[kind]
    assert code in codes(with_lot(number, **change(PLAN.lots[number])))


def changed_line(key: str, **changes: object) -> Problem:
    lines = tuple(
        replace(item, **changes) if item.key == key else item  # type: ignore[arg-type]
        for item in PARK.lines
    )
    return replace(PARK, lines=lines)


def changed_offer(**changes: object) -> Problem:
    offers: tuple[Offer, ...] = tuple(replace(offer, **changes) for offer in PARK.offers)  # type: ignore[arg-type]
    return replace(PARK, offers=offers)


PLACED = next(lot for lot in PLAN.lots if lot.offer)
LINE_OF = {lot.key: lot.line for lot in PLAN.lots}
PRESS_RUN = next(run for run in PLAN.runs if any(part.lot == PLACED.key and part.step == 1 for part in run.parts))


def two_lines() -> tuple[str, tuple[str, ...]]:
    """A machine that works for two lines, and the lines in the order of their last runs there."""
    for machine in sorted({run.machine for run in PLAN.runs}):
        order = dict.fromkeys(LINE_OF[run.parts[0].lot] for run in PLAN.runs if run.machine == machine)
        if len(order) > 1:
            return machine, tuple(order)[:2]
    raise AssertionError("no machine works for two lines")


TWO_LINES = two_lines()


@pytest.mark.parametrize(
    ("now", "code"),
    [
        (changed_line(PLACED.line, consent="never"), "consent"),
        (changed_line(PLACED.line, fee_ceiling_fen_per_t=1), "fee_ceiling"),
        (changed_line(PLACED.line, excluded_firms=("B",)), "excluded"),
        (changed_line(PLACED.line, barred_firms=("B",)), "barred"),
        (changed_line(PLACED.line, forbidden_machines=(PRESS_RUN.machine,)), "forbidden"),
        (replace(PARK, pins=(Pin(PLACED.line, "PRESS", "A-SAW-0"),)), "pin"),
        (replace(PARK, pins=(Pin(PLACED.line, "PRESS", start_min=1),)), "pin"),
        (replace(PARK, sequences=(Sequence(TWO_LINES[0], TWO_LINES[1][::-1]),)), "sequence"),
        (changed_line(PLACED.line, least_lot_pieces=140), "least_lot"),
        (changed_line(PLACED.line, release_min=2 * DAY), "release"),
        (changed_line(PLACED.line, pieces=151), "pieces"),
        (changed_offer(window=(20 * DAY, HORIZON)), "offer"),
        (changed_offer(machines=()), "offer"),
        (changed_offer(least_lot_g=100_000_000), "offer"),
        (changed_offer(machine_minutes=1), "offer"),
        (changed_offer(accept="ask"), "terms"),
        (replace(PARK, arrivals=()), "material"),
        (replace(PARK, transports=()), "transport"),
        (replace(PARK, fixed_lots=()), "fixed"),
        (replace(PARK, horizon_min=DAY), "horizon"),
        (replace(PARK, calendars=(replace(PARK.calendars[0], open=((0, 10),)), PARK.calendars[1])), "closed"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_plan_that_no_longer_fits_its_problem_is_caught(now: Problem, code: str) -> None:
    assert code in codes(PLAN, now)


def test_a_fixed_run_that_appears_under_a_planned_one_is_an_overlap() -> None:
    run = PLAN.runs[0]
    taken = booking("G", run.machine, 0, HORIZON, runs=(FixedRun(run.machine, run.start_min, run.end_min),))
    now = replace(PARK, fixed_lots=(*PARK.fixed_lots, taken))
    assert "overlap" in codes(replace(PLAN, fixed=now.fixed_lots), now)


def test_a_fixed_run_of_no_length_takes_nothing() -> None:
    run = PLAN.runs[0]
    empty = booking("G", run.machine, run.start_min + 1, run.start_min + 1)
    now = replace(PARK, fixed_lots=(*PARK.fixed_lots, empty))
    assert codes(replace(PLAN, fixed=now.fixed_lots), now) <= {"hash"}


def test_a_pool_that_is_too_small_or_elsewhere_is_caught() -> None:
    needs = with_step(1, pool_needs=(("A-MOULD", 1),))
    one = problem(line(pieces=40, consent="never"))
    plan = solve(one).schedule
    with_pool = replace(one, lines=(replace(one.lines[0], routes=(needs,)),))
    assert codes(plan, with_pool) == set()
    none_there = replace(with_pool, pools=(replace(with_pool.pools[0], capacity=0),))
    assert codes(plan, none_there) == {"pool"}


def test_what_fixed_runs_hold_too_much_of_is_no_fault_of_a_plan_that_stays_clear_of_it() -> None:
    needs = with_step(1, pool_needs=(("A-MOULD", 1),))
    held = (("A-MOULD", 1),)
    fixed = tuple(
        booking(f"F-{n}", f"B-PRESS-{n}", 0, 600, runs=(FixedRun(f"B-PRESS-{n}", 0, 600, "white", 0, held),))
        for n in range(2)
    )
    tried = problem(line(routes=(needs,), consent="never"), fixed_lots=fixed)
    plan = solve(tried).schedule
    assert codes(plan, tried) == set()
    assert min(run.start_min for run in plan.runs if "PRESS" in run.machine) >= 600
    early = tuple(replace(run, start_min=0) if "PRESS" in run.machine else run for run in plan.runs)
    assert "pool" in codes(replace(plan, runs=early), tried)


def test_an_unplaced_line_needs_a_reason_and_its_pieces() -> None:
    entry = Unplaced("A-1", 1, "horizon")
    assert "pieces" in codes(replace(PLAN, unplaced=(entry,)))
    assert "unknown" in codes(replace(PLAN, unplaced=(replace(entry, line="none"),)))


def test_only_an_optional_line_may_be_refused() -> None:
    entry = Unplaced("A-1", PARK.lines[0].pieces, "refused")
    without = replace(PLAN, unplaced=(entry,))
    assert ("refused" in codes(without), "refused" in codes(without, changed_line("A-1", optional=True))) == (
        True,
        False,
    )


def test_batches_larger_than_a_step_hands_over_are_caught() -> None:
    small = with_step(0, transfer_pieces=3)
    assert "batch" in codes(PLAN, changed_line("A-3", routes=(small,)))


def test_fixed_work_may_be_told_in_any_order() -> None:
    """The runs of a lot in the order of time, not of the machines' names, as the live plan has them."""
    runs = (FixedRun("A-PRESS-1", 0, 600, "white"), FixedRun("A-MIXER", 700, 800, "white"))
    lots = tuple(booking(key, "A-PRESS-1", 0, 0, runs=runs if key == "G" else ()) for key in ("G", "F"))
    park = problem(line("A-1", pieces=12), fixed_lots=lots)
    assert verify(park, solve(park).schedule) == []
