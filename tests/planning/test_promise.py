"""Promises: each answer, added to the plan, keeps every rule; what stands does not move; nothing is left behind."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from production.planning.codec import problem_load
from production.planning.problem import ChangeoverMatrix, Line, MaterialArrival, Mode, Problem, Route, Step
from production.planning.promise.answer import Answer, plan_with
from production.planning.promise.lacking import Lacking
from production.planning.promise.promises import PromiseBoard
from production.planning.promise.stock import Take, free_arrivals
from production.planning.schedule import Schedule
from production.planning.search.solve import solve
from production.planning.verify import verify
from tests.hypothesis_examples import examples
from tests.planning.build import DAY, HORIZON, MIX, PRESS, SAW, booking, line, machines, problem
from tests.planning.test_search import parks

CASE = Path(__file__).parent / "data" / "case.json"
WAYS = ("in_house", "with_offers", "with_displacement")


def plan(tried: Problem) -> Schedule:
    return solve(tried).schedule


def wanted(**changes: Any) -> Line:
    return line("NEW", **changes)


def work_of(schedule: Schedule) -> set[tuple[str, int, int]]:
    return {(run.machine, run.work_start_min, run.end_min) for run in schedule.runs}


def checked(tried: Problem, schedule: Schedule, answer: Answer | None) -> Answer:
    """The answer, when the plan with it breaks no rule that the plan kept."""
    assert answer is not None
    together, planned = plan_with(tried, schedule, answer)
    assert verify(together, planned) == []
    return answer


def in_house(tried: Problem, asked: Line) -> Answer:
    schedule = plan(tried)
    return checked(tried, schedule, PromiseBoard(tried, schedule).in_house(asked))


def test_on_idle_machines_the_earliest_is_the_way_through_the_shop() -> None:
    tried = problem(line("A-1", pieces=0))
    answer = in_house(tried, wanted(pieces=2, due_min=0))
    # 8:00; set-up 60, mixing beside it; one cycle of 60 min at 80 % = 75; resting 120; sawing 8; packing 10 + 1
    assert answer.finish_min == 480 + 60 + 75 + 120 + 8 + 11
    assert len(answer.lots) == 1


def test_the_plan_keeps_its_place() -> None:
    tried = problem(line("A-1"), line("A-2", due_min=5 * DAY))
    schedule = plan(tried)
    answer = checked(tried, schedule, PromiseBoard(tried, schedule).in_house(wanted()))
    assert work_of(schedule) <= work_of(plan_with(tried, schedule, answer)[1])
    alone = in_house(problem(line("A-1", pieces=0)), wanted())
    assert answer.finish_min > alone.finish_min


def test_the_date_does_not_depend_on_the_wish() -> None:
    tried = problem()
    assert in_house(tried, wanted(due_min=0)).finish_min == in_house(tried, wanted(due_min=30 * DAY)).finish_min


def test_no_work_starts_before_the_release() -> None:
    answer = in_house(problem(), wanted(release_min=6 * DAY))
    assert min(run.work_start_min for run in answer.own_runs) >= 6 * DAY


def test_bookings_and_closed_hours_are_kept() -> None:
    taken = (booking("x", "A-PRESS-0", 480, 10 * DAY), booking("y", "A-PRESS-1", 480, 3 * DAY))
    answer = in_house(problem(line("A-1", pieces=0), fixed_lots=taken), wanted(pieces=4))
    presses = [run for run in answer.own_runs if "PRESS" in run.machine]
    assert {run.machine for run in presses} == {"A-PRESS-1"}
    assert min(run.start_min for run in presses) >= 3 * DAY
    closed = tuple(replace(machine, closed=((0, 5 * DAY),)) for machine in machines("A")) + machines("B")
    assert in_house(problem(line("A-1", pieces=0), machines=closed), wanted(pieces=4)).finish_min > 5 * DAY


def test_a_large_line_is_spread_over_the_presses() -> None:
    tried = problem(line("A-1", pieces=0))
    answer = in_house(tried, wanted(pieces=160))
    assert {run.machine for run in answer.own_runs} >= {"A-PRESS-0", "A-PRESS-1"}
    one = in_house(replace(tried, machines=machines("A", presses=1) + machines("B")), wanted(pieces=160))
    assert answer.finish_min < one.finish_min


def test_material_of_the_plan_is_not_promised_again() -> None:
    arrivals = (
        MaterialArrival("now", "A", "resin", 0, 45_000),
        MaterialArrival("later", "A", "resin", 8 * DAY, 90_000),
    )
    answer = in_house(problem(arrivals=arrivals), wanted(pieces=40))
    mixed_early = sum(run.pieces for run in answer.own_runs if "MIXER" in run.machine and run.work_start_min < 8 * DAY)
    assert mixed_early <= 5  # of 45 kg the plan takes 40
    assert answer.finish_min > 8 * DAY
    assert in_house(problem(arrivals=arrivals), wanted(pieces=4)).finish_min < 8 * DAY


def test_material_that_never_comes_gives_no_date() -> None:
    tried = problem(arrivals=(MaterialArrival("now", "A", "resin", 0, 45_000),))
    board = PromiseBoard(tried, plan(tried))
    assert board.in_house(wanted(pieces=40)) is None
    assert board.lacking(wanted(pieces=40)) == Lacking("material_missing", (("material", "resin"), ("short_g", 35_000)))


def test_what_else_is_lacking_is_named() -> None:
    board = PromiseBoard(problem(), plan(problem()))
    assert board.lacking(wanted(routes=())).code == "no_route"
    oven = Route("oven", (MIX, PRESS, Step("ANNEAL", (Mode("OVEN", "cycle", 12, 18_000),))))
    assert board.lacking(wanted(routes=(oven,))) == Lacking("no_machine", (("process", "ANNEAL"), ("classes", "OVEN")))
    assert board.in_house(wanted(release_min=HORIZON - 60)) is None
    assert board.lacking(wanted(release_min=HORIZON - 60)).code == "horizon"


def test_free_material_is_what_no_later_take_needs() -> None:
    arrivals = (MaterialArrival("a", "A", "resin", 0, 100), MaterialArrival("b", "A", "resin", 50, 100))
    takes = (Take("x", "A", "resin", 30, 40), Take("y", "A", "resin", 60, 120))
    assert [(item.at_min, item.grams) for item in free_arrivals(arrivals, takes)] == [(0, 40)]
    assert [(item.at_min, item.grams) for item in free_arrivals(arrivals, takes[:1])] == [(0, 60), (50, 100)]


def test_a_run_of_another_colour_leaves_time_to_set_up_again() -> None:
    white = Route("pressed", (MIX, replace(PRESS, family="white"), SAW))
    changes = ChangeoverMatrix("colours", (("white", "black", 90), ("black", "white", 200)), 60)
    tried = problem(line("A-1"), line("A-2", due_min=8 * DAY, release_min=4 * DAY), changeovers=(changes,))
    answer = in_house(tried, wanted(routes=(white,), pieces=8))
    assert answer.lots


def test_a_route_without_a_forming_step_is_promised() -> None:
    bare = Route("bare", (replace(SAW, materials=()), Step("MILL", SAW.modes, transfer_pieces=8)))
    assert in_house(problem(), wanted(routes=(bare,))).finish_min < 3 * DAY


def test_offers_bring_it_in_time_at_their_fee() -> None:
    busy = tuple(booking(f"b{n}", f"A-PRESS-{n}", 480, 20 * DAY) for n in (0, 1))
    tried = problem(line("A-1", pieces=0), fixed_lots=busy)
    schedule = plan(tried)
    board = PromiseBoard(tried, schedule)
    answer = checked(tried, schedule, board.with_offers(wanted(due_min=5 * DAY)))
    assert answer.finish_min <= 5 * DAY
    assert {lot.offer for lot in answer.lots} == {"B-offer"}
    assert answer.fee_fen == 120_000  # 0.4 t at 3,000 CNY
    assert answer.transport_fen == 50_000
    at_home = board.in_house(wanted(due_min=5 * DAY))
    assert at_home is not None
    assert at_home.finish_min > 20 * DAY


def test_what_the_firm_does_in_time_itself_costs_no_fee() -> None:
    tried = problem(line("A-1", pieces=0))
    answer = PromiseBoard(tried, plan(tried)).with_offers(wanted(due_min=9 * DAY))
    assert answer is not None
    assert answer.fee_fen == 0
    assert {lot.firm for lot in answer.lots} == {"A"}


def test_the_cheaper_of_two_offers_is_taken_when_both_are_in_time() -> None:
    base = problem()
    dear, cheap = replace(base.offers[0], machines=("B-PRESS-0",)), replace(base.offers[0], machines=("B-PRESS-1",))
    offers = (replace(dear, key="dear", fee_fen_per_t=900_000), replace(cheap, key="cheap", fee_fen_per_t=100_000))
    busy = tuple(booking(f"b{n}", f"A-PRESS-{n}", 480, 20 * DAY) for n in (0, 1))
    tried = problem(line("A-1", pieces=0), fixed_lots=busy, offers=offers)
    answer = checked(tried, plan(tried), PromiseBoard(tried, plan(tried)).with_offers(wanted(due_min=9 * DAY)))
    assert {lot.offer for lot in answer.lots} == {"cheap"}


def test_offered_minutes_that_the_plan_uses_are_gone() -> None:
    busy = tuple(booking(f"b{n}", f"A-PRESS-{n}", 480, 20 * DAY) for n in (0, 1))
    offer = replace(problem().offers[0], machine_minutes=20 * 75)
    tried = problem(line("A-1", due_min=6 * DAY), fixed_lots=busy, offers=(offer,))
    schedule = plan(tried)
    assert {lot.offer for lot in schedule.lots} == {"B-offer"}
    answer = checked(tried, schedule, PromiseBoard(tried, schedule).with_offers(wanted(due_min=6 * DAY)))
    assert {lot.offer for lot in answer.lots} == {None}


def test_without_consent_nothing_leaves_the_firm() -> None:
    busy = tuple(booking(f"b{n}", f"A-PRESS-{n}", 480, 20 * DAY) for n in (0, 1))
    tried = problem(line("A-1", pieces=0), fixed_lots=busy)
    answer = PromiseBoard(tried, plan(tried)).with_offers(wanted(due_min=5 * DAY, consent="never"))
    assert answer is not None
    assert {lot.firm for lot in answer.lots} == {"A"}


def test_less_important_lines_give_way_and_it_says_how_late_they_become() -> None:
    tried = problem(line("A-1", pieces=80, due_min=4 * DAY), line("A-2", pieces=80, due_min=4 * DAY))
    schedule = plan(tried)
    board = PromiseBoard(tried, schedule)
    asked = wanted(priority=9, due_min=2 * DAY)
    answer = checked(tried, schedule, board.with_displacement(asked))
    at_home = board.in_house(asked)
    assert at_home is not None
    assert answer.finish_min < at_home.finish_min
    assert answer.displaced
    due = {its.key: its.due_min for its in tried.lines}
    _, planned = plan_with(tried, schedule, answer)
    for item in answer.displaced:
        finish = max(lot.finish_min for lot in planned.lots if lot.line == item.line)
        assert item.finish_min == finish
        assert item.late_min == max(0, finish - due[item.line])


def test_no_more_lines_give_way_than_it_takes() -> None:
    lines = [line(f"A-{n}", pieces=24, due_min=(3 + n) * DAY) for n in range(6)]
    tried = problem(*lines)
    schedule = plan(tried)
    board = PromiseBoard(tried, schedule)
    hurried = checked(tried, schedule, board.with_displacement(wanted(priority=3, due_min=0)))
    at_home = board.in_house(wanted())
    assert at_home is not None
    easy = board.with_displacement(wanted(priority=3, due_min=at_home.finish_min - 1))
    assert easy is not None
    assert len(checked(tried, schedule, easy).displaced) <= len(hurried.displaced)


def test_lines_of_the_same_priority_do_not_give_way() -> None:
    tried = problem(line("A-1", pieces=80, priority=9))
    assert PromiseBoard(tried, plan(tried)).with_displacement(wanted(priority=9, due_min=2 * DAY)) is None


def test_a_question_leaves_no_trace() -> None:
    tried = problem(line("A-1", pieces=80), line("A-2", pieces=30))
    board = PromiseBoard(tried, plan(tried))
    asked = wanted(priority=9, due_min=2 * DAY, pieces=50)
    first = [getattr(board, way)(asked) for way in WAYS]
    for pieces in (1, 200, 7):
        for way in WAYS:
            getattr(board, way)(wanted(priority=3, pieces=pieces, routes=(Route("other", (MIX, PRESS, SAW)),)))
    assert [getattr(board, way)(asked) for way in WAYS] == first


def test_a_key_of_the_plan_and_an_unknown_firm_are_refused() -> None:
    tried = problem()
    board = PromiseBoard(tried, plan(tried))
    with pytest.raises(ValueError, match="A-1"):
        board.in_house(line("A-1"))
    with pytest.raises(ValueError, match="Z"):
        board.in_house(wanted(firm="Z"))


def test_a_schedule_of_another_problem_is_refused() -> None:
    with pytest.raises(ValueError, match="not of this problem"):
        PromiseBoard(problem(line("A-2")), plan(problem(line("A-1"))))


@pytest.mark.parametrize("way", ["in_house", "with_offers"])
def test_a_second_order_beside_the_case_breaks_no_rule(way: str) -> None:
    tried = problem_load(CASE.read_text(encoding="utf-8"))
    schedule = plan(tried)
    asked = replace(tried.lines[0], key="NEW", pieces=tried.lines[0].pieces // 8)
    checked(tried, schedule, getattr(PromiseBoard(tried, schedule), way)(asked))


@settings(max_examples=examples(60), deadline=None)
@given(tried=parks(), data=st.data())
def test_whatever_is_promised_breaks_no_rule(tried: Problem, data: st.DataObject) -> None:
    schedule = plan(tried)
    base = data.draw(st.sampled_from(tried.lines)) if tried.lines else line()
    asked = replace(
        base,
        key="NEW",
        pieces=data.draw(st.integers(1, 90)),
        due_min=data.draw(st.integers(0, HORIZON)),
        priority=data.draw(st.sampled_from([1, 3, 9])),
        optional=False,
        least_lot_pieces=1,
    )
    board = PromiseBoard(tried, schedule)
    for way in WAYS:
        answer = getattr(board, way)(asked)
        if answer is not None:
            checked(tried, schedule, answer)
