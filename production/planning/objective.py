"""The objective of a plan, tier by tier, and the money and lateness that it is made of."""

from production.planning.moves import moves
from production.planning.problem import Line, Offer, Problem, Transport
from production.planning.schedule import Lot, Run, Tiers, Unplaced

MINUTES_PER_DAY = 1440
GRAMS_PER_TONNE = 1_000_000


def fee_fen(offer: Offer, mass_g: int) -> int:
    """The offer's fee for a mass, rounded up to the fen."""
    return -(-mass_g * offer.fee_fen_per_t // GRAMS_PER_TONNE)


def transport_fen(trip: Transport, mass_g: int) -> int:
    """Whole trucks from gate to gate."""
    return -(-mass_g // trip.truck_g) * trip.truck_fen


def late_min(problem: Problem, line: Line, finish_min: int | None) -> int:
    """Minutes that count as late, 0 when on time. finish_min None: pieces have no place."""
    if finish_min is None:
        return max(0, problem.horizon_min - line.due_min) + 2 * line.late_fixed_min + 1
    late = finish_min - line.due_min
    return late + line.late_fixed_min if late > 0 else 0


def line_tiers(problem: Problem, line: Line, finish_min: int | None) -> tuple[int, int]:
    """(weighted tardiness, fen) of one line's lateness: money when the line says what an hour is worth."""
    late = late_min(problem, line, finish_min)
    if line.lateness_worth_fen_per_h is None:
        return line.priority * late, 0
    return 0, -(-late * line.lateness_worth_fen_per_h // 60)


def line_finishes(problem: Problem, lots: list[Lot], unplaced: list[Unplaced]) -> dict[str, int | None]:
    """When each line is finished; None: not wholly placed. Refused and finished lines are left out."""
    finishes: dict[str, int | None] = {}
    for fixed in problem.fixed_lots:
        if fixed.line:
            finishes[fixed.line] = max(finishes.get(fixed.line) or fixed.finish_min, fixed.finish_min)
    for lot in lots:
        finishes[lot.line] = max(finishes.get(lot.line) or lot.finish_min, lot.finish_min)
    for item in unplaced:
        if item.code != "refused":
            finishes[item.line] = None
    known = {line.key for line in problem.lines}
    return {key: finishes[key] for key in sorted(finishes) if key in known}


def tiers_of(problem: Problem, lots: list[Lot], runs: list[Run], unplaced: list[Unplaced]) -> Tiers:
    """The tuple by which plans are compared."""
    lines = {line.key: line for line in problem.lines}
    tardiness = cost = 0
    for key, finish_min in line_finishes(problem, lots, unplaced).items():
        late, fen = line_tiers(problem, lines[key], finish_min)
        tardiness += late
        cost += fen
    lots_of: dict[str, int] = {}
    for lot in lots:
        cost += lot.fee_fen + lot.transport_fen
        lots_of[lot.line] = lots_of.get(lot.line, 0) + 1
    cost += sum((count - 1) * lines[key].split_cost_fen for key, count in lots_of.items())
    cost += sum(lines[item.line].refusal_cost_fen for item in unplaced if item.code == "refused")
    return Tiers(
        broken=sum(1 for lot in problem.fixed_lots if lot.agreed_min is not None and lot.finish_min > lot.agreed_min),
        tardiness=tardiness,
        cost_fen=cost,
        changeover_min=sum(run.setup_min for run in runs),
        moved=moved_work(problem, lots, runs),
        makespan_min=max((lot.finish_min for lot in lots), default=0),
    )


def moved_work(problem: Problem, lots: list[Lot], runs: list[Run]) -> int:
    """Runs of the plan before that are not where they were, weighing the more the nearer they are."""
    window_min = problem.options.moved_window_min
    return sum(-(-(window_min - move.before.start_min) // MINUTES_PER_DAY) for move in moves(problem, lots, runs))
