"""The search: any park is planned without a broken rule, the same each time; odd data stops nothing else."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from production.planning.check import RULE_NAMES
from production.planning.codec import schedule_dump
from production.planning.errors import ProblemError
from production.planning.objective import tiers_of
from production.planning.problem import (
    Calendar,
    ChangeoverMatrix,
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
    Problem,
    Route,
    Sequence,
    Step,
    Wait,
)
from production.planning.schedule import Schedule, Tiers
from production.planning.search.rules import RULES
from production.planning.search.solve import RuleLog, solve
from production.planning.verify import verify
from tests.hypothesis_examples import examples
from tests.planning.build import DAY, HORIZON, MIX, PRESS, SAW, booking, line, machines, problem, with_step

FAMILIES = ("black", "white", "red")
OVEN = Step("ANNEAL", (Mode("OVEN", "cycle", 12, 18_000, setup_min=20),), family="hot", transfer_pieces=8)
MILL = Step("MILL", (Mode("SAW", "rate", piece_s=90, setup_min=15),), transfer_pieces=8)


def plan(tried: Problem) -> Schedule:
    schedule = solve(tried).schedule
    assert verify(tried, schedule) == []
    return schedule


PRESSED = ((), (), (("A-MOULD", 1),), (("A-MOULD", 1), ("B-MOULD", 1)), (("A-CREW", 2), ("A-KW", 30)))


@st.composite
def routes(draw: st.DrawFn) -> tuple[Route, ...]:
    size = draw(st.sampled_from([None, 4, 8, 24]))
    mode = replace(PRESS.modes[0], pieces_per_cycle=draw(st.integers(1, 5)), cycle_s=draw(st.integers(600, 20_000)))
    press = replace(PRESS, modes=(mode,), family=draw(st.sampled_from(FAMILIES)), transfer_pieces=size)
    press = replace(press, pool_needs=draw(st.sampled_from(PRESSED)))
    steps = [replace(MIX, transfer_pieces=size), press]
    if draw(st.booleans()):
        steps.append(replace(OVEN, transfer_pieces=size))
    steps.append(replace(SAW, transfer_pieces=size, pool_needs=draw(st.sampled_from([(), (), (("A-CREW", 1),)]))))
    if draw(st.booleans()):
        steps.append(MILL)
    made = Route("pressed", tuple(steps))
    bare = Route("bare", (replace(SAW, transfer_pieces=size), MILL))
    return draw(st.sampled_from([(made,), (bare,), (bare, made)]))


@st.composite
def lines(draw: st.DrawFn, key: str) -> Line:
    return line(
        key,
        firm=draw(st.sampled_from("AB")),
        pieces=draw(st.integers(0, 120)),
        release_min=draw(st.integers(-DAY, 3 * DAY)),
        due_min=draw(st.integers(-DAY, 12 * DAY)),
        priority=draw(st.sampled_from([1, 3, 9])),
        routes=draw(routes()),
        consent=draw(st.sampled_from(["never", "ask", "allowed"])),
        least_lot_pieces=draw(st.integers(1, 40)),
        split_cost_fen=draw(st.integers(0, 100)),
        optional=draw(st.booleans()),
        refusal_cost_fen=draw(st.integers(0, 1_000_000)),
        lateness_worth_fen_per_h=draw(st.sampled_from([None, None, 10, 100_000])),
        fee_ceiling_fen_per_t=draw(st.sampled_from([None, 1, 400_000])),
    )


@st.composite
def bookings(draw: st.DrawFn, key: str) -> FixedLot:
    start = draw(st.integers(-500, 8 * DAY))
    machine = draw(st.sampled_from(["A-PRESS-0", "A-PRESS-1", "B-PRESS-0", "A-SAW", "B-MIXER"]))
    held = draw(st.sampled_from([(), (), (("A-MOULD", 1),), (("A-CREW", 2),)]))
    end = start + draw(st.integers(0, 2 * DAY))
    return booking(key, machine, start, end, runs=(FixedRun(machine, start, end, "white", 0, held),))


WORKING = ("A-PRESS-0", "A-PRESS-1", "B-PRESS-0", "A-SAW", "B-MIXER")


@st.composite
def pins(draw: st.DrawFn, key: str) -> Pin:
    machine = draw(st.sampled_from([None, *WORKING]))
    start_min = draw(st.sampled_from([None, 480, 700, DAY + 480, 2 * DAY + 1000, 5 * DAY]))
    return Pin(key, draw(st.sampled_from(["MIX", "PRESS", "SAW"])), machine, start_min)


@st.composite
def by_hand(draw: st.DrawFn, park: Problem) -> Problem:
    """The park with machines forbidden, runs pinned and sequences set, possible or not."""
    keys = [item.key for item in park.lines]
    forbidden = [draw(st.sets(st.sampled_from(WORKING), max_size=2)) for _ in keys]
    sequences = [
        Sequence(machine, tuple(draw(st.permutations(keys))[: draw(st.integers(0, 4))]))
        for machine in draw(st.sets(st.sampled_from(WORKING), max_size=2))
    ]
    return replace(
        park,
        lines=tuple(
            replace(item, forbidden_machines=tuple(sorted(its)))
            for item, its in zip(park.lines, forbidden, strict=True)
        ),
        pins=tuple(draw(pins(key)) for key in draw(st.lists(st.sampled_from(keys), max_size=3))),
        sequences=tuple(sorted(sequences, key=lambda item: item.machine)),
    )


@st.composite
def parks(draw: st.DrawFn) -> Problem:
    park = draw(free_parks())
    return draw(by_hand(park)) if draw(st.booleans()) else park


HANDS = st.sampled_from([(), (("A-HANDS", 1),), (("A-HANDS", 2),)])


@st.composite
def free_parks(draw: st.DrawFn) -> Problem:
    ovens = tuple(Machine(f"{firm}-OVEN", firm, "OVEN", "always", changeover="colours") for firm in "AB")
    made = machines("A") + machines("B") + ovens
    shut = draw(st.integers(0, 5 * DAY))
    made = (
        replace(made[0], closed=((shut, shut + draw(st.integers(0, DAY))),), family_at_zero="red"),
        *(replace(one, pool_needs=draw(HANDS)) if one.firm == "A" else one for one in made[1:]),
    )
    minutes = tuple(
        (before, after, draw(st.integers(0, 200))) for before in FAMILIES for after in FAMILIES if before != after
    )
    forbidden = draw(st.sampled_from([(), (("red", "white"),)]))
    return problem(
        *(draw(lines(f"L-{n}")) for n in range(draw(st.integers(1, 6)))),
        horizon_min=draw(st.sampled_from([6 * DAY, HORIZON])),
        machines=made,
        pools=(
            Pool("A-MOULD", "A", "mould", 1, "always", draw(st.sampled_from([(), ((DAY, 2 * DAY, 1),)]))),
            Pool("A-HANDS", "A", "crew", draw(st.integers(1, 2)), "always"),
            Pool("B-MOULD", "B", "mould", 1, "always"),
            Pool("A-CREW", "A", "crew", draw(st.integers(1, 3)), draw(st.sampled_from(["always", "shifts"]))),
            Pool("A-KW", "A", "power", 50, "always"),
        ),
        changeovers=(ChangeoverMatrix("colours", minutes, 60, forbidden),),
        arrivals=tuple(
            MaterialArrival(f"{firm}-{n}", firm, "resin", at, 120_000)
            for firm in "AB"
            for n, at in enumerate((0, 0, 600, 2 * DAY))
        ),
        offers=tuple(
            Offer(
                f"{firm}-offer",
                firm,
                (f"{firm}-PRESS-0", f"{firm}-PRESS-1"),
                (draw(st.integers(0, DAY)), draw(st.integers(4 * DAY, HORIZON))),
                draw(st.integers(0, 500_000)),
                machine_minutes=draw(st.sampled_from([None, 2000])),
                least_lot_g=draw(st.sampled_from([0, 100_000])),
                accept=draw(st.sampled_from(["at_once", "ask"])),
                material_from=draw(st.sampled_from(["giver", "doer"])),
            )
            for firm in "AB"
        ),
        fixed_lots=tuple(draw(bookings(f"F-{n}")) for n in range(draw(st.integers(0, 4)))),
    )


@given(park=parks())
@settings(max_examples=examples(80), deadline=None)
def test_any_park_is_planned_without_a_broken_rule(park: Problem) -> None:
    result = solve(park)
    schedule = result.schedule
    assert verify(park, schedule) == []
    assert schedule.tiers == tiers_of(park, list(schedule.lots), list(schedule.runs), list(schedule.unplaced))
    whole = [entry.tiers for entry in result.log if not entry.is_cut]
    assert schedule.tiers.tardiness == min(whole).tardiness
    late = {lot.line for lot in schedule.lots} & {
        item.key
        for item in park.lines
        if any(lot.line == item.key and lot.finish_min > item.due_min for lot in schedule.lots)
    }
    assert late | {item.line for item in schedule.unplaced} == {reason.line for reason in schedule.reasons}


@given(park=parks())
@settings(max_examples=examples(10), deadline=None)
def test_the_same_park_in_any_order_gives_the_same_bytes(park: Problem) -> None:
    turned = replace(
        park, lines=park.lines[::-1], machines=park.machines[::-1], offers=park.offers[::-1],
        fixed_lots=park.fixed_lots[::-1], arrivals=park.arrivals[::-1],
    )  # fmt: skip
    assert schedule_dump(solve(park).schedule) == schedule_dump(solve(turned).schedule)


def test_each_rule_is_logged_and_told() -> None:
    told: list[RuleLog] = []
    ticks = iter(range(1000))
    result = solve(problem(line(pieces=20)), on_rule=told.append, clock=lambda: float(next(ticks)))
    assert tuple(rule.name for rule in RULES) == RULE_NAMES == tuple(entry.rule for entry in told)
    assert list(result.log) == told
    assert {entry.orders_placed for entry in told} == {1}
    assert {entry.seconds for entry in told} == {1.0}
    assert result.schedule.tiers == min(entry.tiers for entry in told)


def test_stopped_at_once_there_is_still_a_plan() -> None:
    result = solve(problem(), should_stop=lambda: True)
    assert [entry.rule for entry in result.log] == ["due_date"]
    assert result.schedule.lots


def test_a_rule_that_can_no_longer_win_is_cut_short() -> None:
    large = line("A-0", pieces=600, due_min=20 * DAY, consent="never")
    small = [line(f"A-{n}", pieces=10, due_min=DAY + 600 + n, consent="never") for n in range(1, 9)]
    log = {entry.rule: entry for entry in solve(problem(large, *small)).log}
    assert not log["due_date"].is_cut
    assert log["largest_mass"].is_cut
    assert log["largest_mass"].tiers.tardiness > log["due_date"].tiers.tardiness
    assert log["largest_mass"].orders_placed < 9


def test_only_the_rules_that_are_named_run() -> None:
    result = solve(problem(options=Options(rules=("slack", "due_date"))))
    assert [entry.rule for entry in result.log] == ["slack", "due_date"]


def test_what_its_firm_can_finish_in_time_stays_there() -> None:
    schedule = plan(problem(line(pieces=40), offers=(replace(problem().offers[0], fee_fen_per_t=0),)))
    assert {lot.firm for lot in schedule.lots} == {"A"}


def test_the_cheapest_sufficient_offer_is_taken() -> None:
    dear = replace(problem().offers[0], key="dear", machines=("B-PRESS-0",), fee_fen_per_t=900_000)
    cheap = replace(dear, key="cheap", machines=("B-PRESS-1",), fee_fen_per_t=800_000)
    schedule = plan(problem(line(pieces=100, due_min=2 * DAY), offers=(dear, cheap)))
    assert {lot.offer for lot in schedule.lots} == {None, "cheap"}


def test_lateness_with_a_price_is_not_bought_off_dearly() -> None:
    late = line(pieces=150, lateness_worth_fen_per_h=1)
    schedule = plan(problem(late))
    assert {lot.firm for lot in schedule.lots} == {"A"}
    assert schedule.tiers.tardiness == 0


def test_an_optional_line_that_would_be_late_is_refused() -> None:
    schedule = plan(problem(line(due_min=10, optional=True, refusal_cost_fen=77)))
    assert [(item.pieces, item.code) for item in schedule.unplaced] == [(40, "refused")]
    assert schedule.tiers == Tiers(0, 0, 77, 0, 0, 0)


@pytest.mark.parametrize(
    ("malformed", "field"),
    [
        (problem(horizon_min=0), "Problem.horizon_min"),
        (problem(line("x"), line("x")), "Line[x]"),
        (problem(line(firm="Z")), "Line[A-1].firm"),
        (problem(line(priority=0)), "Line[A-1].priority"),
        (problem(calendars=(Calendar("shifts", ((5, 1),)), problem().calendars[1])), "Calendar[shifts].open"),
        (problem(options=Options(rules=("none",))), "Options.rules"),
        (problem(fixed_lots=(booking("F", "nowhere", 0, 1),)), "FixedLot[F].firm"),
        (problem(offers=(replace(problem().offers[0], machines=("A-SAW",)),)), "Offer[B-offer].machines"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_malformed_problem_names_the_field(malformed: Problem, field: str) -> None:
    with pytest.raises(ProblemError) as caught:
        solve(malformed)
    assert caught.value.field == field


def test_whole_lots_do_not_overlap_between_steps() -> None:
    whole = Route("pressed", tuple(replace(step, transfer_pieces=None) for step in (MIX, PRESS, SAW)))
    schedule = plan(problem(line(routes=(whole,))))
    by_step = {n: [run for run in schedule.runs if run.parts[0].step == n] for n in range(3)}
    assert max(run.end_min for run in by_step[0]) <= min(run.work_start_min for run in by_step[1])
    assert max(run.end_min for run in by_step[1]) + 120 <= min(run.work_start_min for run in by_step[2])


def test_resting_does_not_take_the_press() -> None:
    rested = with_step(1, waits=(Wait("REST", fixed_min=3 * DAY),))
    schedule = plan(
        problem(line("A-1", routes=(rested,)), line("A-2", routes=(rested,)), machines=machines("A", 1), offers=())
    )
    presses = sorted(run.start_min for run in schedule.runs if "PRESS" in run.machine)
    assert presses[1] - presses[0] < 3 * DAY


@pytest.mark.parametrize(("pieces", "grams", "later_g"), [(40, 20_000, 8_000), (40, 41_000, 0), (100, 23_000, 8_000)])
def test_ways_that_carry_a_part_of_a_line_leave_nothing_behind(pieces: int, grams: int, later_g: int) -> None:
    """One press, an offer and too little material: each way places some pieces, and none of them all."""
    arrivals = [MaterialArrival("A-now", "A", "resin", 0, grams)]
    if later_g:
        arrivals.append(MaterialArrival("A-later", "A", "resin", 4 * DAY, later_g))
    late = line(pieces=pieces, due_min=DAY)
    rival = line("A-2", pieces=100, due_min=6 * DAY)
    for lines in ((late,), (late, rival)):
        plan(problem(*lines, machines=machines("A", 1) + machines("B"), arrivals=tuple(arrivals)))
