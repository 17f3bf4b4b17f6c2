"""A plan in pieces: they cover it, see nothing of each other, and an answer makes the whole better or is dropped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pytest

from production.planning.codec import schedule_dump, sorted_problem
from production.planning.engine.budget import Budget
from production.planning.pieces import Piece, piece_dump, piece_load, plan_in_pieces, solve_piece
from production.planning.pieces.cut import Cut, Sizes, clusters, cuts
from production.planning.pieces.merge import merge
from production.planning.pieces.piece import outside, piece_of
from production.planning.pieces.plan import improved
from production.planning.planner import plan_problem
from production.planning.problem import Firm, MaterialArrival, Offer, Problem, Transport
from production.planning.problem import Sequence as InSequence
from production.planning.schedule import Run, Schedule, Unplaced
from production.planning.search.solve import solve
from production.planning.verify import verify
from tests.planning.build import DAY, HORIZON, ROUTE, line, machines, problem, with_step

FIRMS = "ABCD"
FEW = Sizes(cluster_lines=12, window_lines=4)
PER_FIRM = 8


def park() -> Problem:
    """Four firms with more to do than they can in time, in three colours; B and D offer their presses."""
    colours = [with_step(1, family=family) for family in ("black", "white", "blue")]
    lines = [
        line(
            f"{firm}-{n:02}",
            firm=firm,
            pieces=(40 if firm in "AC" else 16) + 4 * (n % 3),
            due_min=(2 + n // 2) * DAY,
            routes=(colours[(n + place) % 3],),
            consent="allowed" if n % 2 else "never",
        )
        for place, firm in enumerate(FIRMS)
        for n in range(PER_FIRM)
    ]
    presses = tuple(machine for firm in FIRMS for machine in machines(firm))
    offers = tuple(
        Offer(f"{firm}-OFFER", firm, (f"{firm}-PRESS-0", f"{firm}-PRESS-1"), (0, HORIZON), 300_000) for firm in "BD"
    )
    return sorted_problem(
        problem(
            *lines,
            firms=tuple(Firm(firm, "shifts") for firm in FIRMS),
            machines=presses,
            offers=offers,
            transports=tuple(Transport(a, b, 60, 20_000, 10_000_000) for a in FIRMS for b in FIRMS if a != b),
            arrivals=tuple(MaterialArrival(f"{firm}-stock", firm, "resin", 0, 10**9) for firm in FIRMS),
        )
    )


@pytest.fixture(scope="module")
def asked() -> Problem:
    return park()


@pytest.fixture(scope="module")
def plan(asked: Problem) -> Schedule:
    """A rule's plan, which leaves something to improve."""
    found = solve(replace(asked, options=replace(asked.options, rules=("due_date",)))).schedule
    assert found.tiers.tardiness > 0
    return found


def works(plan: Schedule, lines: frozenset[str]) -> set[tuple[str, int, int]]:
    """Machine and time of the work of some lines."""
    mine = {lot.key for lot in plan.lots if lot.line in lines}
    return {(run.machine, run.work_start_min, run.end_min) for run in plan.runs if run.parts[0].lot in mine}


def meet(one: Cut, other: Cut) -> bool:
    overlap = one.window[0] < other.window[1] and other.window[0] < one.window[1]
    return bool(one.firms & other.firms) and overlap


def test_every_firm_is_in_one_cluster_and_none_is_too_large(asked: Problem, plan: Schedule) -> None:
    for number in range(3):
        found = clusters(asked, plan, number=number, seed=1, sizes=Sizes(cluster_lines=2 * PER_FIRM))
        assert sorted(firm for firms in found for firm in firms) == list(FIRMS)
        assert all(len(firms) <= 2 for firms in found)


def test_firms_that_work_for_each_other_come_together(asked: Problem, plan: Schedule) -> None:
    shares = {frozenset({lot.firm, lot.line[0]}) for lot in plan.lots if lot.firm != lot.line[0]}
    assert shares
    found = clusters(asked, plan, number=0, seed=1, sizes=Sizes(cluster_lines=2 * PER_FIRM))
    assert set(found) & shares


def test_one_piece_of_everything_covers_every_line(asked: Problem, plan: Schedule) -> None:
    (cut,) = cuts(asked, plan, number=0, seed=1)
    assert cut.lines == {line.key for line in asked.lines}
    piece = piece_of(asked, plan, cut, seed=1)
    assert {one.key: one.pieces for one in piece.problem.lines} == {one.key: one.pieces for one in asked.lines}
    assert piece.present.tiers == plan.tiers


def test_pieces_of_a_round_do_not_meet_and_the_next_rounds_take_the_others(asked: Problem, plan: Schedule) -> None:
    reached: set[str] = set()
    for number in range(4):
        found = cuts(asked, plan, number=number, seed=1, sizes=FEW)
        assert len(found) > 1
        assert [cut.key for cut in found] == sorted(cut.key for cut in found)
        assert not any(meet(one, other) for one, other in pairwise(found))
        lines = [key for cut in found for key in cut.lines]
        assert len(lines) == len(set(lines))
        reached |= set(lines)
    assert len(reached) > len(asked.lines) // 2


def test_a_piece_is_a_valid_plan_of_itself_and_moves_nothing_outside(asked: Problem, plan: Schedule) -> None:
    for cut in cuts(asked, plan, number=0, seed=1, sizes=FEW):
        piece = piece_of(asked, plan, cut, seed=1)
        assert verify(piece.problem, piece.present) == []
        answer = solve_piece(piece)
        if answer is None:
            continue
        assert verify(piece.problem, answer) == []
        assert answer.tiers < piece.present.tiers
        runs: list[Run] = list(answer.runs)
        firm_of = {machine.key: machine.firm for machine in asked.machines}
        assert all(firm_of[run.machine] in cut.firms for run in runs)
        assert all(cut.window[0] <= run.start_min and run.end_min <= cut.window[1] for run in runs)
        merged = merge(asked, plan, [(piece, answer)])
        others = frozenset(one.key for one in asked.lines) - cut.lines
        assert works(merged.schedule, others) == works(plan, others)


def test_pieces_merged_make_a_valid_and_better_plan(asked: Problem, plan: Schedule) -> None:
    found = improved(asked, plan, rounds=3, sizes=FEW)
    assert "merged" in found.fates.values()
    assert verify(asked, found.schedule) == []
    assert found.schedule.tiers < plan.tiers


def test_the_same_plan_whoever_solves_and_in_whatever_order(asked: Problem, plan: Schedule) -> None:
    def backwards_by_others(pieces: Sequence[Piece]) -> list[Schedule | None]:
        told = [piece_load(piece_dump(piece)) for piece in pieces]
        assert told == list(pieces)
        answers = {piece.key: solve_piece(piece, workers=2) for piece in reversed(told)}
        return [answers[piece.key] for piece in pieces]

    one = improved(asked, plan, rounds=2, sizes=FEW)
    other = improved(asked, plan, rounds=2, sizes=FEW, solve=backwards_by_others)
    assert schedule_dump(one.schedule) == schedule_dump(other.schedule)
    assert one.fates == other.fates


def test_merging_does_not_depend_on_the_order_of_the_answers(asked: Problem, plan: Schedule) -> None:
    pieces = [piece_of(asked, plan, cut, seed=1) for cut in cuts(asked, plan, number=0, seed=1, sizes=FEW)]
    answers = [(piece, solve_piece(piece)) for piece in pieces]
    assert merge(asked, plan, answers) == merge(asked, plan, answers[::-1])


def worse(piece: Piece) -> Schedule:
    """All of the piece's lines left without a place."""
    unplaced = tuple(Unplaced(one.key, one.pieces, "no_place") for one in piece.problem.lines)
    return replace(piece.present, lots=(), runs=(), unplaced=unplaced)


def test_what_makes_the_whole_worse_is_dropped_and_the_others_stay(asked: Problem, plan: Schedule) -> None:
    pieces = [piece_of(asked, plan, cut, seed=1) for cut in cuts(asked, plan, number=0, seed=1, sizes=FEW)]
    answers = {piece.key: solve_piece(piece) for piece in pieces}
    better = [piece for piece in pieces if answers[piece.key] is not None]
    assert len(better) > 1
    spoilt = better[0]
    found = merge(asked, plan, [(piece, worse(piece) if piece == spoilt else answers[piece.key]) for piece in pieces])
    assert found.fates[spoilt.key] == "not_better"
    assert [found.fates[piece.key] for piece in better[1:]] == ["merged"] * (len(better) - 1)
    assert works(found.schedule, spoilt.lines) == works(plan, spoilt.lines)
    assert verify(asked, found.schedule) == []


def test_what_breaks_a_rule_is_dropped(asked: Problem, plan: Schedule) -> None:
    """An answer that says that late lines were finished at once."""
    (cut,) = cuts(asked, plan, number=0, seed=1)
    piece = piece_of(asked, plan, cut, seed=1)
    lots = tuple(replace(lot, finish_min=0) for lot in piece.present.lots)
    found = merge(asked, plan, [(piece, replace(piece.present, lots=lots))])
    assert found.fates == {piece.key: "breaks_a_rule"}
    assert found.schedule == plan


def test_lines_that_a_sequence_names_stay_where_they_are(asked: Problem, plan: Schedule) -> None:
    key = next(run for run in plan.runs if run.machine == "A-PRESS-0").parts[0].lot.split("/")[0]
    bound = replace(asked, sequences=(InSequence("A-PRESS-0", (key,)),))
    (cut,) = cuts(bound, plan, number=0, seed=1)
    assert cut.lines == {one.key for one in asked.lines} - {key}


def test_a_round_that_is_called_off_leaves_the_plan(asked: Problem, plan: Schedule) -> None:
    found = improved(asked, plan, sizes=FEW, solve=lambda _: None)
    assert found.schedule == plan
    assert not found.fates


def test_a_small_problem_is_planned_whole(asked: Problem) -> None:
    budget = Budget(iterations=2000)
    found = plan_in_pieces(asked, budget=budget)
    assert not found.fates
    assert schedule_dump(found.schedule) == schedule_dump(plan_problem(asked, budget=budget).schedule)


def test_what_stays_is_all_but_the_lines_inside(asked: Problem, plan: Schedule) -> None:
    kept = outside(plan, frozenset({"A-00"}))
    assert {lot.line for lot in kept.lots} == {lot.line for lot in plan.lots} - {"A-00"}
    assert ROUTE.key == plan.lots[0].route
