"""Each field of a Problem counts: changing it changes the plan, the judge's answer, or raises by name."""

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import pytest

from production.planning.codec import schedule_dump
from production.planning.errors import ProblemError
from production.planning.problem import (
    Calendar,
    ChangeoverMatrix,
    Firm,
    FixedLot,
    FixedRun,
    Line,
    Machine,
    MaterialArrival,
    Mode,
    Offer,
    Options,
    Pin,
    Pool,
    PreviousRun,
    Problem,
    Route,
    Sequence,
    Step,
    Transport,
    Wait,
)
from production.planning.schedule import Schedule
from production.planning.search.solve import solve
from production.planning.verify import verify
from tests.planning.build import (
    DAY,
    HORIZON,
    ROUTE,
    SHIFTS,
    booking,
    line,
    machines,
    previous,
    problem,
    with_mode,
    with_step,
)

KINDS = (
    Calendar,
    ChangeoverMatrix,
    Firm,
    FixedLot,
    FixedRun,
    Line,
    Machine,
    MaterialArrival,
    Mode,
    Offer,
    Options,
    Pin,
    Pool,
    PreviousRun,
    Problem,
    Route,
    Sequence,
    Step,
    Transport,
    Wait,
)
Pair = tuple[Problem, Problem]
BASE = problem()
CASES: dict[str, Callable[[], Pair]] = {}


def many_pieces() -> Line:
    """More than firm A can make in time."""
    return line(pieces=150)


def both(name: str, base: Problem, **changes: Any) -> None:
    """A case that replaces fields of the Problem."""
    CASES[name] = lambda: (base, replace(base, **changes))


def on(name: str, base: Problem, collection: str, number: int = 0, **changes: Any) -> None:
    """A case that replaces fields of one row of a collection."""
    rows = list(getattr(base, collection))
    rows[number] = replace(rows[number], **changes)
    both(name, base, **{collection: tuple(rows)})


def on_line(name: str, base: Line, **changes: Any) -> None:
    CASES[name] = lambda: (problem(base), problem(replace(base, **changes)))


def on_route(name: str, route: Route, base: Route = ROUTE) -> None:
    CASES[name] = lambda: (problem(line(routes=(base,))), problem(line(routes=(route,))))


BUSY = problem(many_pieces())
BOOKED = problem(fixed_lots=(booking("F", "A-PRESS-0", 0, DAY),))
POOLED = problem(
    line(routes=(with_step(1, pool_needs=(("A-MOULD", 1),)),)),
    pools=(*BASE.pools, Pool("A-CREW", "A", "crew", 1, "always")),
)
TIGHT = line(pieces=150, consent="never")
MOVED = problem(previous=(previous("A-PRESS-1", 600),))
PLANNED = problem(previous=(previous("A-PRESS-0", 600),))

on("Calendar.key", BASE, "calendars", key="other")
on("Calendar.open", BASE, "calendars", open=SHIFTS[1:])
on("Firm.key", BASE, "firms", key="other")
LATE_PACKERS = problem(calendars=(*BASE.calendars, Calendar("late", ((3 * DAY, HORIZON),))))
on("Firm.calendar", LATE_PACKERS, "firms", calendar="late")
on("ChangeoverMatrix.key", BASE, "changeovers", key="other")
on("ChangeoverMatrix.minutes", BASE, "changeovers", minutes=(("", "black", 75),))
on("ChangeoverMatrix.default_min", BASE, "changeovers", default_min=61)
on("ChangeoverMatrix.forbidden", BASE, "changeovers", forbidden=(("", "black"),))
on("Machine.key", BASE, "machines", key="A-PRESS-9")
on("Machine.firm", BASE, "machines", firm="B")
on("Machine.machine_class", BASE, "machines", machine_class="OTHER")
on("Machine.calendar", BASE, "machines", calendar="always")
on("Machine.efficiency_permille", BASE, "machines", efficiency_permille=900)
on("Machine.closed", BASE, "machines", closed=((0, DAY),))
on("Machine.changeover", BASE, "machines", changeover=None)
on("Machine.family_at_zero", BASE, "machines", family_at_zero="black")
on(
    "MaterialArrival.key",
    problem(arrivals=(*BASE.arrivals, replace(BASE.arrivals[0], key="2"))),
    "arrivals",
    1,
    key="A-resin",
)
on("MaterialArrival.firm", BASE, "arrivals", firm="B")
on("MaterialArrival.material", BASE, "arrivals", material="other")
on("MaterialArrival.at_min", BASE, "arrivals", at_min=DAY)
on("MaterialArrival.grams", BASE, "arrivals", grams=10)
on("Transport.from_firm", BUSY, "transports", from_firm="A", to_firm="B")
on("Transport.to_firm", BUSY, "transports", to_firm="B")
on("Transport.minutes", BUSY, "transports", minutes=90)
on("Transport.truck_fen", BUSY, "transports", truck_fen=1)
on("Transport.truck_g", BUSY, "transports", truck_g=100_000)
on("Offer.key", BUSY, "offers", key="other")
on("Offer.firm", BUSY, "offers", firm="A")
on("Offer.machines", BUSY, "offers", machines=("B-PRESS-1",))
on("Offer.window", BUSY, "offers", window=(2 * DAY, HORIZON))
on("Offer.fee_fen_per_t", BUSY, "offers", fee_fen_per_t=300_001_000)
on("Offer.least_lot_g", BUSY, "offers", least_lot_g=900_000)
on("Offer.machine_minutes", BUSY, "offers", machine_minutes=0)
on("Offer.accept", BUSY, "offers", accept="ask")
on(
    "Offer.material_from",
    replace(BUSY, arrivals=(replace(BASE.arrivals[0], grams=1_500_000, firm="A"),)),
    "offers",
    material_from="doer",
)
on("FixedLot.key", BOOKED, "fixed_lots", key="other")
on("FixedLot.line", BOOKED, "fixed_lots", line="A-1")
on("FixedLot.firm", BOOKED, "fixed_lots", firm="B")
on("FixedLot.pieces", BOOKED, "fixed_lots", pieces=4)
on("FixedLot.runs", BOOKED, "fixed_lots", runs=())
on("FixedLot.finish_min", BOOKED, "fixed_lots", finish_min=2 * DAY)
on("FixedLot.agreed_min", BOOKED, "fixed_lots", agreed_min=10)


def on_fixed_run(name: str, **changes: Any) -> None:
    run = FixedRun("A-PRESS-0", 0, DAY, "white")
    before, after = (booking("F", "A-PRESS-0", 0, DAY, runs=(item,)) for item in (run, replace(run, **changes)))
    CASES[name] = lambda: (problem(fixed_lots=(before,)), problem(fixed_lots=(after,)))


on_fixed_run("FixedRun.machine", machine="A-PRESS-1")
on_fixed_run("FixedRun.start_min", start_min=800)
on_fixed_run("FixedRun.end_min", end_min=900)
on_fixed_run("FixedRun.family", family="black")
on_fixed_run("FixedRun.setup_min", setup_min=60)
CASES["FixedRun.pool_needs"] = lambda: (
    replace(POOLED, fixed_lots=(booking("F", "B-PRESS-0", 0, HORIZON),)),
    replace(
        POOLED,
        fixed_lots=(
            booking(
                "F",
                "B-PRESS-0",
                0,
                HORIZON,
                runs=(FixedRun("B-PRESS-0", 0, HORIZON, "white", 0, (("A-MOULD", 1),)),),
            ),
        ),
    ),
)
on("Machine.pool_needs", POOLED, "machines", 2, pool_needs=(("A-CREW", 2),))
on("Pool.key", POOLED, "pools", key="other")
NO_MOULD = replace(POOLED, pools=(replace(POOLED.pools[0], capacity=0), *POOLED.pools[1:]))
on("Pool.firm", NO_MOULD, "pools", firm="B")
on("Pool.capacity", POOLED, "pools", capacity=0)
on("Pool.out", POOLED, "pools", out=((0, DAY, 1),))
CASES["Pool.calendar"] = lambda: (
    POOLED,
    replace(
        POOLED,
        calendars=(*POOLED.calendars, Calendar("never", ())),
        pools=(replace(POOLED.pools[0], calendar="never"),),
    ),
)
HELD = replace(
    POOLED,
    fixed_lots=(booking("F", "B-PRESS-0", 0, 510, runs=(FixedRun("B-PRESS-0", 0, 510, "", 0, (("A-MOULD", 1),)),)),),
)
on("Pool.kind", HELD, "pools", kind="power")
on("PreviousRun.line", MOVED, "previous", line="other")
on("PreviousRun.process", PLANNED, "previous", process="other")
on("PreviousRun.machine", PLANNED, "previous", machine="other")
on("PreviousRun.start_min", PLANNED, "previous", start_min=5000)

on_line("Line.key", line(), key="A-2")
on_line("Line.firm", line(), firm="B")
on_line("Line.product", line(), product="OTHER")
on_line("Line.pieces", line(), pieces=41)
on_line("Line.unit_mass_g", many_pieces(), unit_mass_g=20_000)
on_line("Line.release_min", line(), release_min=DAY)
on_line("Line.due_min", many_pieces(), due_min=9 * DAY)
on_line("Line.routes", line(), routes=())
on_line("Line.priority", TIGHT, priority=3)
on_line("Line.late_fixed_min", TIGHT, late_fixed_min=7)
on_line("Line.lateness_worth_fen_per_h", TIGHT, lateness_worth_fen_per_h=100)
on_line("Line.consent", many_pieces(), consent="never")
on_line("Line.fee_ceiling_fen_per_t", many_pieces(), fee_ceiling_fen_per_t=1)
on_line("Line.excluded_firms", many_pieces(), excluded_firms=("B",))
on_line("Line.barred_firms", many_pieces(), barred_firms=("B",))
on_line("Line.unable_firms", many_pieces(), unable_firms=("B",))
on_line("Line.forbidden_machines", line(), forbidden_machines=("A-PRESS-0",))
on_line("Line.least_lot_pieces", many_pieces(), least_lot_pieces=70)
on_line("Line.split_cost_fen", many_pieces(), split_cost_fen=5)
on_line("Line.optional", TIGHT, optional=True)
on_line("Line.refusal_cost_fen", replace(TIGHT, optional=True), refusal_cost_fen=5)

on_route("Route.key", replace(ROUTE, key="other"))
on_route("Route.steps", replace(ROUTE, steps=ROUTE.steps[1:]))
CASES["Step.process"] = lambda: (
    PLANNED,
    replace(PLANNED, lines=(line(routes=(with_step(1, process="X"),)),)),
)
on_route("Step.modes", with_step(1, modes=()))
on_route("Step.forming", with_step(1, forming=False))
on_route("Step.family", with_step(1, family="white"))
on_route("Step.transfer_pieces", with_step(1, transfer_pieces=None))
on_route("Step.waits", with_step(1, waits=()))
on_route("Step.materials", with_step(0, materials=(("other", 1),)))
on_line("Step.pool_needs", many_pieces(), routes=(with_step(1, pool_needs=(("A-MOULD", 1),)),))
on_route("Mode.machine_class", with_mode(1, machine_class="OTHER"))
on_route("Mode.kind", with_mode(1, kind="rate", piece_s=60))
on_route("Mode.pieces_per_cycle", with_mode(1, pieces_per_cycle=3))
on_route("Mode.cycle_s", with_mode(1, cycle_s=3000))
on_route("Mode.piece_s", with_mode(2, piece_s=100))
on_route("Mode.setup_min", with_mode(1, setup_min=5))
on_route("Wait.fixed_min", with_step(1, waits=(Wait("REST", fixed_min=240),)))
on_route("Wait.piece_s", with_step(1, waits=(Wait("REST", 120, piece_s=60),)))
LONG = with_step(1, waits=(Wait("REST", fixed_min=5 * DAY),))
on_route("Wait.process", with_step(1, waits=(Wait("COOL", fixed_min=5 * DAY),)), LONG)
on_route("Wait.clock", with_step(1, waits=(Wait("REST", fixed_min=120, clock="firm"),)))

PINNED = problem(pins=(Pin("A-1", "PRESS", "A-PRESS-0", 5000),))
on("Pin.line", PINNED, "pins", line="other")
on("Pin.process", PINNED, "pins", process="SAW")
on("Pin.machine", PINNED, "pins", machine="A-PRESS-1")
on("Pin.start_min", PINNED, "pins", start_min=6000)
ONE_PRESS = problem(line("A-1"), line("A-2"), machines=machines("A", 1) + machines("B"), offers=())
ORDERED = replace(ONE_PRESS, sequences=(Sequence("A-PRESS-0", ("A-2", "A-1")),))
on("Sequence.machine", ORDERED, "sequences", machine="other")
on("Sequence.lines", ORDERED, "sequences", lines=("A-1", "A-2"))

both("Options.rules", BASE, options=Options(rules=("slack",)))
MANY = problem(*(line(f"A-{n}", pieces=30 + n, due_min=2 * DAY) for n in range(6)))
both("Options.seed", MANY, options=Options(seed=7))
both(
    "Options.moved_window_min",
    replace(PLANNED, previous=MOVED.previous),
    options=Options(moved_window_min=60),
)
both(
    "Options.moved_tolerance_min",
    replace(PLANNED, previous=(previous("A-PRESS-0", 500),)),
    options=Options(moved_tolerance_min=0),
)
both("Problem.horizon_min", BASE, horizon_min=900)
both("Problem.calendars", BASE, calendars=())
both("Problem.firms", BASE, firms=())
both("Problem.machines", BASE, machines=machines("B"))
both("Problem.lines", BASE, lines=())
both("Problem.changeovers", BASE, changeovers=())
both("Problem.pools", POOLED, pools=())
both("Problem.arrivals", BASE, arrivals=())
both("Problem.transports", BUSY, transports=())
both("Problem.offers", BUSY, offers=())
both("Problem.fixed_lots", BASE, fixed_lots=BOOKED.fixed_lots)
both("Problem.previous", BASE, previous=MOVED.previous)
both("Problem.pins", BASE, pins=PINNED.pins)
both("Problem.sequences", ONE_PRESS, sequences=ORDERED.sequences)
both("Problem.options", BASE, options=Options(rules=("slack",)))


def outcome(tried: Problem, judged: Schedule) -> tuple[object, ...]:
    """What solving and judging say; the hash of the problem is left out, it changes with everything."""
    try:
        result = solve(tried)
        said: object = (schedule_dump(replace(result.schedule, problem_hash="")), result.log)
    except ProblemError as error:
        said = str(error)
    try:
        return said, verify(tried, replace(judged, fixed=tried.fixed_lots))
    except KeyError as error:
        return said, str(error)


def test_each_field_of_each_dataclass_has_a_case() -> None:
    assert {f"{kind.__name__}.{field.name}" for kind in KINDS for field in fields(kind)} == set(CASES)


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_field_that_changes_is_seen(name: str) -> None:
    before, after = CASES[name]()
    assert before != after
    judged = solve(BASE).schedule
    assert outcome(before, judged) != outcome(after, judged)
