"""Lines one by one.

Firms that differ in what they take make a line hard, and lines are tied to each other by little but their suppliers'
capacities: what each costs at least alone is a bound for all, and their purchases together are nearly an award.
"""

from dataclasses import dataclass, replace

from procurement.award.milp.columns import Side, sides
from procurement.award.milp.model import Programme
from procurement.award.milp.solver import Effort, Left, bound_of, hint_of, in_whole_lots, solve
from procurement.award.problem import Problem
from procurement.award.settle import Book, Bought

PART_OF_TIME = 0.75
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


class Time:
    """A part of it for lines one by one: for each that is left as much as for the others."""

    def __init__(self, effort: Effort, left: Left) -> None:
        self.effort = replace(effort, gap=effort.gap * PART_OF_GAP)
        self.left = left
        self.kept = 0.0 if left is None else left() * (1 - PART_OF_TIME)

    def of_one(self, lines: int) -> Effort:
        """For one of so many."""
        return self.effort if self.left is None else replace(self.effort, seconds=(self.left() - self.kept) / lines)


def solve_apart(
    book: Book, lines: list[Side], excluded: frozenset[tuple[str, str]], start: Bought, time: Time
) -> Apart:
    """Bounds with all of each supplier's capacity; then an award, the largest line first, with what is left of it."""
    alone: dict[str, _Alone] = {}
    easy_first = sorted(lines, key=lambda side: (len(side.groups) * len(side.columns), side.line.key))
    for number, side in enumerate(easy_first):
        alone[side.line.key] = _alone(book, side, start, time.of_one(len(lines) - number))
    bought: dict[tuple[str, str], int] = {}
    for side in sorted(lines, key=lambda side: (-side.most_kg, side.line.key)):
        key = side.line.key
        here = alone[key].bought
        if here is None or not _fits(book, bought, here):
            rest = Book(_with_what_is_left(book.problem, bought, key))
            here = _alone(rest, sides(rest, excluded)[0], start, time.of_one(len(lines))).bought
        bought |= here or {}
    least = {key: item.least_cost for key, item in alone.items() if item.least_cost is not None}
    return Apart(least, bought)


def _alone(book: Book, side: Side, start: Bought, effort: Effort) -> _Alone:
    side = _at_best_prices(side)
    programme = Programme(book, [side], is_apart=True)
    result = solve(programme, effort, hint_of(programme, start))
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
