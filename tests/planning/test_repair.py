"""Re-planning: what a change does not touch stays, and no more moves than has to."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from production.planning.codec import problem_load, schedule_dump
from production.planning.engine.budget import Budget
from production.planning.moves import moves
from production.planning.planner import plan_problem
from production.planning.problem import FixedLot, FixedRun, Line, MaterialArrival, Pin, PreviousRun, Problem, Sequence
from production.planning.repair import Repaired, repair
from production.planning.repair.keep import keep
from production.planning.schedule import Run, Schedule
from production.planning.search.solve import solve
from production.planning.verify import verify
from tests.planning.build import DAY, ROUTE, line, problem, with_step

CASE = problem_load((Path(__file__).parent / "data" / "case.json").read_text())
SOME = problem(*(line(f"A-{n}", pieces=16, consent="never", due_min=(3 + n) * DAY) for n in range(6)))


@cache
def planned(asked: Problem) -> Schedule:
    return plan_problem(asked, budget=Budget(iterations=2000)).schedule


def repaired(asked: Problem, plan: Schedule) -> Repaired:
    found = repair(asked, plan.lots, plan.runs)
    assert verify(asked, found.schedule) == []
    return found


def stopped(asked: Problem, machine: str, until_min: int) -> Problem:
    """The machine stands from the plan's zero on."""
    machines = (replace(m, closed=(*m.closed, (0, until_min))) if m.key == machine else m for m in asked.machines)
    return replace(asked, machines=tuple(machines))


def with_before(asked: Problem, plan: Schedule) -> Problem:
    """The problem that knows where the plan's runs were."""
    lines = {one.key: one for one in asked.lines}
    lots = {lot.key: lot for lot in plan.lots}
    before = set()
    for run in plan.runs:
        for part in run.parts:
            lot = lots[part.lot]
            (route,) = (route for route in lines[lot.line].routes if route.key == lot.route)
            before.add(PreviousRun(lot.line, route.steps[part.step].process, run.machine, run.start_min))
    return replace(asked, previous=tuple(before))


def works(plan: Schedule, *lots: str) -> set[tuple[str, int, int]]:
    """Machine and time of the work of some lots, or of all."""
    mine = [run for run in plan.runs if not lots or any(part.lot in lots for part in run.parts)]
    return {(run.machine, run.work_start_min, run.end_min) for run in mine}


def press_runs(plan: Schedule) -> list[Run]:
    return [run for run in plan.runs if "PRESS" in run.machine]


def test_a_plan_that_nothing_has_touched_stays_as_it_is() -> None:
    plan = planned(SOME)
    found = repaired(SOME, plan)
    assert works(found.schedule) == works(plan)
    assert found.schedule.tiers == plan.tiers
    assert (found.hit, len(found.kept)) == (frozenset(), len(plan.lots))


def test_a_stop_moves_what_stood_on_the_machine_and_leaves_the_rest() -> None:
    plan = planned(SOME)
    first = min(press_runs(plan), key=lambda run: run.start_min)
    asked = stopped(SOME, first.machine, first.end_min)
    found = repaired(asked, plan)
    assert found.hit == {first.machine}
    assert first.parts[0].lot not in found.kept
    assert works(found.schedule) >= works(plan, *found.kept)
    assert len(found.kept) >= len(plan.lots) - 2


@pytest.mark.parametrize("machine", [machine.key for machine in CASE.machines])
def test_any_machine_of_the_case_may_stop(machine: str) -> None:
    plan = planned(CASE)
    asked = with_before(stopped(CASE, machine, 2 * DAY), plan)
    found = repaired(asked, plan)
    assert works(found.schedule) >= works(plan, *found.kept)
    lots = {lot.key for lot in plan.lots}
    hit = {part.lot for run in plan.runs if run.machine == machine and run.start_min < 2 * DAY for part in run.parts}
    assert bool(hit) == (machine in found.hit)
    assert hit or found.kept == tuple(sorted(lots))
    moved = {(move.before.line, move.before.machine) for move in moves(asked, found.schedule.lots, found.schedule.runs)}
    assert moved or not hit or found.schedule.tiers.moved == 0


def test_a_new_order_finds_its_place_between_the_others() -> None:
    plan = planned(SOME)
    rush = line("A-rush", pieces=4, consent="never", due_min=20 * DAY)
    found = repaired(replace(SOME, lines=(*SOME.lines, rush)), plan)
    assert len(found.kept) == len(plan.lots)
    assert works(found.schedule) > works(plan)
    assert found.schedule.unplaced == ()
    assert found.tries == 1


def test_for_a_rush_order_those_with_time_in_hand_give_way() -> None:
    """One press, full for days with an order that is due late: without giving way the rush order waits behind it."""
    lazy = line("A-lazy", pieces=60, consent="never", due_min=30 * DAY)
    asked = problem(lazy)
    plan = planned(asked)
    busy_until = max(run.end_min for run in press_runs(plan))
    rush = line("A-rush", pieces=4, consent="never", due_min=2 * DAY)
    found = repaired(replace(asked, lines=(lazy, rush)), plan)
    finish = max(lot.finish_min for lot in found.schedule.lots if lot.line == "A-rush")
    assert busy_until > finish <= rush.due_min
    assert found.schedule.tiers.tardiness == 0


def test_an_order_of_other_pieces_is_planned_anew_and_the_rest_stays() -> None:
    plan = planned(SOME)
    less = replace(SOME.lines[2], pieces=9)
    found = repaired(replace(SOME, lines=(*SOME.lines[:2], less, *SOME.lines[3:])), plan)
    assert {lot.line for lot in plan.lots if lot.key not in found.kept} == {less.key}
    assert sum(lot.pieces for lot in found.schedule.lots if lot.line == less.key) == 9


def test_an_order_that_is_no_more_leaves_its_place_and_moves_nobody() -> None:
    plan = planned(SOME)
    gone, *rest = SOME.lines
    found = repaired(replace(SOME, lines=tuple(rest)), plan)
    assert works(found.schedule) == works(plan, *(lot.key for lot in plan.lots if lot.line != gone.key))


def test_what_began_too_late_and_what_is_fixed_now_is_gone_around() -> None:
    """Time has gone on by a day: what should have run is to be planned again, beside a run that started instead."""
    plan = solve(SOME).schedule  # which mixes no earlier than a day before it is needed
    press = press_runs(plan)[0].machine
    taken = FixedLot("lot", "", "A", 1, (FixedRun(press, 0, 2 * DAY, "black"),), 2 * DAY)
    asked = replace(SOME, fixed_lots=(taken,))
    shifted = tuple(
        replace(
            run,
            start_min=run.start_min - DAY,
            work_start_min=run.work_start_min - DAY,
            end_min=run.end_min - DAY,
        )
        for run in plan.runs
    )
    lots = tuple(replace(lot, finish_min=lot.finish_min - DAY) for lot in plan.lots)
    found = repair(asked, lots, shifted)
    assert verify(asked, found.schedule) == []
    past = {part.lot for run in shifted if run.start_min < 0 for part in run.parts}
    assert past
    assert not past & set(found.kept)
    assert found.kept


def test_material_that_comes_later_takes_along_what_counted_on_it() -> None:
    plan = planned(SOME)
    late = tuple(replace(item, at_min=item.at_min + 4 * DAY) for item in SOME.arrivals if item.firm == "A")
    others = tuple(item for item in SOME.arrivals if item.firm != "A")
    found = repaired(replace(SOME, arrivals=(*others, *late)), plan)
    assert min(run.work_start_min for run in found.schedule.runs if "MIXER" in run.machine) >= 4 * DAY


def test_what_is_planned_anew_counts_on_no_material_that_others_need() -> None:
    """There is resin for what is planned; a new order waits for the next arrival."""
    need_g = sum(one.pieces for one in SOME.lines) * 1000
    stock = MaterialArrival("now", "A", "resin", 0, need_g)
    asked = replace(SOME, arrivals=(stock,))
    plan = planned(asked)
    later = MaterialArrival("later", "A", "resin", 8 * DAY, 4000)
    rush = line("A-rush", pieces=4, consent="never", due_min=20 * DAY)
    found = repaired(replace(asked, arrivals=(stock, later), lines=(*SOME.lines, rush)), plan)
    mine = {lot.key for lot in found.schedule.lots if lot.line == "A-rush"}
    begun = [run.work_start_min for run in found.schedule.runs if any(part.lot in mine for part in run.parts)]
    assert min(begun) >= 8 * DAY
    assert len(found.kept) == len(plan.lots)


def test_a_line_of_which_too_little_would_be_left_goes_whole() -> None:
    asked = problem(line("A-1", pieces=30, consent="never", least_lot_pieces=10))
    plan = planned(asked)
    more = replace(asked, lines=(replace(asked.lines[0], pieces=33),))
    assert keep(more, plan.lots, plan.runs).lots == ()
    assert sum(lot.pieces for lot in repaired(more, plan).schedule.lots) == 33


def test_a_set_sequence_is_planned_whole_or_not_at_all() -> None:
    lines = tuple(one.key for one in SOME.lines[:3])
    asked = replace(SOME, sequences=(Sequence("A-PRESS-0", lines),))
    plan = planned(asked)
    assert len(repaired(asked, plan).kept) == len(plan.lots)
    less = tuple(replace(one, pieces=9) if one.key == lines[0] else one for one in asked.lines)
    found = repaired(replace(asked, lines=less), plan)
    assert not {lot.line for lot in plan.lots if lot.key in found.kept} & set(lines)


def test_a_line_pinned_to_a_minute_is_planned_whole_when_it_grows() -> None:
    """What is new of it alone would be to start where the rest stands."""
    away = line("A-2", pieces=8, consent="never", forbidden_machines=("A-PRESS-0",))
    asked = problem(line("A-1", pieces=8, consent="never"), away)
    asked = replace(asked, pins=(Pin("A-1", "PRESS", "A-PRESS-0", 600),))
    plan = planned(asked)
    more = replace(asked, lines=(replace(asked.lines[0], pieces=12), asked.lines[1]))
    found = repaired(more, plan)
    assert found.schedule.unplaced == ()
    assert not {lot.line for lot in plan.lots if lot.key in found.kept} & {"A-1"}


def test_what_stays_holds_its_mould() -> None:
    """One mould for two presses: an order that comes new waits until the others do not need it."""
    routes = (with_step(1, pool_needs=(("A-MOULD", 1),)),)
    asked = problem(*(line(f"A-{n}", pieces=8, consent="never", due_min=9 * DAY, routes=routes) for n in range(3)))
    plan = planned(asked)
    new = line("A-new", pieces=8, consent="never", due_min=20 * DAY, routes=routes)
    found = repaired(replace(asked, lines=(*asked.lines, new)), plan)
    assert len(found.kept) == len(plan.lots)


def test_a_run_whose_predecessor_goes_gets_the_set_up_that_it_needs_now() -> None:
    """Black after white after black on one press: without the white one nothing is to be changed between."""
    white = replace(ROUTE, steps=(ROUTE.steps[0], replace(ROUTE.steps[1], family="white"), ROUTE.steps[2]))

    def coloured(key: str, due: int, *, is_white: bool) -> Line:
        routes = (white,) if is_white else (ROUTE,)
        return line(key, pieces=16, consent="never", due_min=due * DAY, routes=routes)

    three = (
        coloured("A-1", 1, is_white=False),
        coloured("A-2", 2, is_white=True),
        coloured("A-3", 3, is_white=False),
    )
    asked = problem(*three)
    asked = replace(asked, machines=tuple(m for m in asked.machines if m.key != "A-PRESS-1"))
    plan = planned(asked)
    found = repaired(replace(asked, lines=(three[0], three[2])), plan)
    assert len(found.kept) == len({lot.key for lot in plan.lots if lot.line != "A-2"})
    setups = [run.setup_min for run in sorted(press_runs(found.schedule), key=lambda run: run.start_min)]
    assert setups[1:] == [0] * len(setups[1:])


def test_no_more_gives_way_than_may_move() -> None:
    """Of the next days' runs on machines that did not stop, what the stop itself moves included."""
    many = problem(*(line(f"A-{n:02}", pieces=8, consent="never", due_min=(2 + n // 2) * DAY) for n in range(30)))
    plan = planned(many)
    machine = press_runs(plan)[0].machine
    asked = with_before(stopped(many, machine, 12 * DAY), plan)
    found = repaired(asked, plan)
    soon = [run for run in asked.previous if run.machine != machine and run.start_min < 7 * DAY]
    lots_hit = {part.lot for run in plan.runs if run.machine == machine for part in run.parts}
    gave_way = {lot.key for lot in plan.lots} - set(found.kept) - lots_hit
    runs_of_those = [run for run in plan.runs if run.start_min < 7 * DAY and run.parts[0].lot in gave_way]
    assert len(runs_of_those) <= len(soon) * 5 // 100


def test_the_same_plan_with_one_worker_or_two() -> None:
    plan = planned(CASE)
    asked = stopped(CASE, next(run.machine for run in press_runs(plan)), 3 * DAY)
    one, two = (repair(asked, plan.lots, plan.runs, workers=workers) for workers in (1, 2))
    assert schedule_dump(one.schedule) == schedule_dump(two.schedule)


def test_a_plan_of_which_nothing_holds_is_made_anew() -> None:
    plan = planned(SOME)
    others = tuple(replace(one, key=f"B-{number}") for number, one in enumerate(SOME.lines))
    found = repaired(replace(SOME, lines=others), plan)
    assert found.kept == ()
    assert found.schedule.unplaced == ()
