"""A large problem's plan: the whole first, then piece by piece, by whoever solves pieces."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from production.planning.codec import sorted_problem
from production.planning.engine.budget import Budget
from production.planning.explain import explain
from production.planning.pieces.cut import SIZES, Sizes, cuts
from production.planning.pieces.merge import Fate, merge
from production.planning.pieces.piece import Piece, piece_of, solve_piece
from production.planning.planner import MOST_STEPS, Planned, placed_whole, plan_problem, wanted_steps
from production.planning.problem import Problem
from production.planning.schedule import Schedule
from production.planning.screen import screen
from production.planning.search.solve import OnNotes, OnRule, RuleLog

PIECES = "pieces"
ROUNDS = 2
SEEDS_APART = 10_000
"""Pieces of one round have neighbouring seeds; those of the next begin so much further."""

Answers = Sequence[Schedule | None]
SolvePieces = Callable[[Sequence[Piece]], Answers | None]
"""Answers to a round's pieces in their order, each that of `solve_piece`; None: the search has been called off."""


@dataclass(frozen=True, slots=True)
class PlannedInPieces(Planned):
    """fates: what became of each piece, by key; empty for a problem that is planned whole."""

    fates: Mapping[str, Fate] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Improved:
    """A plan without violations, what became of each piece, and the changes tried."""

    schedule: Schedule
    fates: Mapping[str, Fate]
    iterations: int


def is_for_pieces(problem: Problem) -> bool:
    """Whether the whole gets fewer changes than its size asks for."""
    return wanted_steps(problem) > MOST_STEPS


def solve_here(pieces: Sequence[Piece]) -> Answers:
    """One piece after the other."""
    return [solve_piece(piece) for piece in pieces]


def plan_in_pieces(
    problem: Problem,
    *,
    seed: int = 1,
    budget: Budget,
    solve: SolvePieces = solve_here,
    on_rule: OnRule = lambda _: None,
    on_notes: OnNotes = lambda _: None,
) -> PlannedInPieces:
    """Plans the problem as `plan_problem` does, and improves the plan piece by piece when the problem is large.

    The same problem, seed and iterations give the same plan, whoever solves the pieces and in whatever order.
    Raises ProblemError on a malformed problem.
    """
    planned = plan_problem(problem, seed=seed, budget=budget, on_rule=on_rule, on_notes=on_notes)
    whole = PlannedInPieces(planned.schedule, planned.made_by, planned.log, planned.iterations, planned.broken)
    if not is_for_pieces(problem) or budget.should_stop():
        return whole
    screened = screen(sorted_problem(problem))
    begun = budget.now()
    found = improved(screened.problem, planned.schedule, seed=seed, solve=solve)
    whole = replace(whole, iterations=planned.iterations + found.iterations, fates=found.fates)
    if "merged" not in found.fates.values():
        return whole
    entry = RuleLog(PIECES, found.schedule.tiers, placed_whole(problem, found.schedule), budget.now() - begun)
    on_rule(entry)
    schedule = replace(found.schedule, problem_hash=planned.schedule.problem_hash, notes=planned.schedule.notes)
    return replace(whole, schedule=explain(screened, schedule), made_by=PIECES, log=(*planned.log, entry))


def improved(
    problem: Problem,
    schedule: Schedule,
    *,
    seed: int = 1,
    solve: SolvePieces = solve_here,
    rounds: int = ROUNDS,
    sizes: Sizes = SIZES,
) -> Improved:
    """A plan of the sorted, screened problem, improved in rounds of pieces, each cut where the last one was not.

    When it is called off, the rounds done by then count. The plan's hash, notes and reasons are left empty.
    """
    fates: dict[str, Fate] = {}
    iterations = 0
    for number in range(rounds):
        pieces = [
            piece_of(problem, schedule, cut, seed=SEEDS_APART * (seed + number) + place)
            for place, cut in enumerate(cuts(problem, schedule, number=number, seed=seed, sizes=sizes))
        ]
        answers = solve(pieces)
        if answers is None:
            break
        merged = merge(problem, schedule, list(zip(pieces, answers, strict=True)))
        schedule = merged.schedule
        fates |= merged.fates
        iterations += sum(piece.iterations for piece in pieces)
    return Improved(schedule, fates, iterations)
