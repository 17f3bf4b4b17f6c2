"""Lines one by one.

Firms that differ in what they take make a line hard, and lines are tied to each other by little but their suppliers'
capacities: what each costs at least alone is a bound for all, and their purchases together are nearly an award.
"""

from dataclasses import dataclass, replace

from procurement.award.milp.columns import Side, sides
from procurement.award.milp.model import Programme
from procurement.award.milp.solver import Effort, Left, bound_of, in_whole_lots, solve
from procurement.award.problem import Problem
from procurement.award.settle import Book, Bought

PART_OF_TIME = 0.5
PART_OF_GAP = 0.25
LITTLE = 1e-6
"""Far above the solver's tolerance and far below a fen for each tonne."""


@dataclass(frozen=True, slots=True)
class Apart:
    """least_costs: of each line, in the programme's unit. bought: keeps the suppliers' capacities."""

    least_costs: dict[str, float]
    bought: Bought

    def bound(self, lines: int) -> float | None:
        """Of so many lines together, if each is there."""
        return sum(self.least_costs.values()) if 0 < lines == len(self.least_costs) else None


@dataclass(frozen=True, slots=True)
class _Alone:
    least_cost: float | None
    bought: Bought | None


def solve_apart(
    book: Book, lines: list[Side], excluded: frozenset[tuple[str, str]], effort: Effort, left: Left
) -> Apart:
    """Bounds with all of each supplier's capacity; then an award, the largest line first, with what is left of it."""
    alone: dict[str, _Alone] = {}
    kept = None if left is None else left() * (1 - PART_OF_TIME)
    for number, side in enumerate(lines):
        alone[side.line.key] = _alone(book, side, _slice(effort, left, kept, len(lines) - number))
    bought: dict[tuple[str, str], int] = {}
    for side in sorted(lines, key=lambda side: (-side.most_kg, side.line.key)):
        key = side.line.key
        here = alone[key].bought
        if here is None or not _fits(book, bought, here):
            rest = Book(_with_what_is_left(book.problem, bought, key))
            here = _alone(rest, sides(rest, excluded)[0], _slice(effort, left, kept, len(lines))).bought
        bought |= here or {}
    least = {key: item.least_cost for key, item in alone.items() if item.least_cost is not None}
    return Apart(least, bought)


def _slice(effort: Effort, left: Left, kept: float | None, lines: int) -> Effort:
    """A line's part of the time, without what is kept for all together."""
    seconds = None if left is None or kept is None else (left() - kept) / lines
    return replace(effort, seconds=seconds, gap=effort.gap * PART_OF_GAP)


def _alone(book: Book, side: Side, effort: Effort) -> _Alone:
    side = _at_best_prices(side)
    programme = Programme(book, [side], is_apart=True)
    result = solve(programme, effort)
    if result is None:
        return _Alone(None, None)
    bound = bound_of(result)
    bought = None
    if result.has_primal_feasible_solution():
        bought = in_whole_lots(book, [side], programme, result, effort)
    return _Alone(None if bound is None else bound - LITTLE, bought)


def _at_best_prices(side: Side) -> Side:
    """As if each supplier's greatest discount were reached, which one line cannot tell."""
    greatest: dict[str, int] = {}
    for column in side.columns:
        greatest[column.supplier] = max(column.tier, greatest.get(column.supplier, 0))
    return replace(side, columns=tuple(item for item in side.columns if item.tier == greatest[item.supplier]))


def _totals(bought: Bought) -> dict[str, int]:
    made: dict[str, int] = {}
    for (_, supplier), kg in bought.items():
        made[supplier] = made.get(supplier, 0) + kg
    return made


def _fits(book: Book, before: Bought, here: Bought) -> bool:
    totals = _totals(dict(before) | dict(here))
    return all(kg <= (book.suppliers[key].capacity_kg or kg) for key, kg in totals.items())


def _with_what_is_left(problem: Problem, bought: Bought, line: str) -> Problem:
    """One line, and of each supplier what the others have left of it."""
    totals = _totals(bought)
    suppliers = [
        item if item.capacity_kg is None else replace(item, capacity_kg=item.capacity_kg - totals.get(item.key, 0))
        for item in problem.suppliers
    ]
    left = {item.key for item in suppliers if item.capacity_kg != 0}
    return replace(
        problem,
        lines=tuple(item for item in problem.lines if item.key == line),
        commitments=tuple(item for item in problem.commitments if item.line == line),
        suppliers=tuple(suppliers),
        quotations=tuple(item for item in problem.quotations if item.line == line and item.supplier in left),
    )
