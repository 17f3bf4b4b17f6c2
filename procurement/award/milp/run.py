"""The search: lines apart where firms differ in what they take, then all together, then whole lots."""

import math
from dataclasses import dataclass, replace
from typing import Any

from ortools.math_opt.python import mathopt

from procurement.award.milp.apart import Apart, Time, solve_apart
from procurement.award.milp.columns import sides
from procurement.award.milp.model import MFEN, Programme
from procurement.award.milp.solver import Effort, Left, bound_of, hint_of, in_whole_lots, solve
from procurement.award.settle import Book, Bought

FOR_LOTS = 0.03
"""Of the time, for whole lots and the judge."""
OF_THE_GAP = 0.5
"""The search stops here, so that rounding to whole lots has the other half."""


@dataclass(frozen=True, slots=True)
class Found:
    """bound_mfen: no award costs less. ended_by: "gap", "seconds", "nodes", or what the
    solver said."""

    bought: Bought | None
    bound_mfen: int | None
    ended_by: str
    nodes: int


class Search:
    """Firms that are excluded, (line, firm), are not counted upon."""

    def __init__(
        self, book: Book, excluded: frozenset[tuple[str, str]], start: Bought, effort: Effort, left: Left
    ) -> None:
        self.book = book
        self.lines = sides(book, excluded)
        self.effort = effort
        self.left = left
        self.apart = Apart({}, {})
        if any(side.is_knotty for side in self.lines):
            self.apart = solve_apart(book, self.lines, excluded, start, Time(effort, left))

    def together(self, start: Bought, whole: frozenset[str] = frozenset()) -> Found:
        """From an award that keeps the rules, to one that is as cheap as is found. whole: lines that are served in full
        or not at all."""
        programme = Programme(self.book, self.lines, least_costs=self.apart.least_costs, whole=whole)
        seconds = None if self.left is None else self.left() * (1 - FOR_LOTS)
        effort = replace(self.effort, gap=self.effort.gap * OF_THE_GAP, seconds=seconds)
        result = solve(programme, effort, hint_of(programme, start))
        apart = self.apart.bound(len(self.lines))
        if result is None:
            return Found(None, _mfen(apart), "error", 0)
        bounds = [bound for bound in (bound_of(result), apart) if bound is not None]
        bought: Bought | None = None
        if result.has_primal_feasible_solution():
            rest = None if self.left is None else max(self.left(), 1.0)
            bought = in_whole_lots(self.book, self.lines, programme, result, replace(effort, seconds=rest))
        return Found(
            bought,
            _mfen(max(bounds, default=None)),
            _ended(result),
            int(result.solve_stats.node_count),
        )


def _mfen(bound: float | None) -> int | None:
    return None if bound is None else math.floor(bound * MFEN)


def _ended(result: Any) -> str:
    reason, limit = result.termination.reason, result.termination.limit
    if reason == mathopt.TerminationReason.OPTIMAL:
        return "gap"
    if limit is not None:
        return {"TIME": "seconds", "NODE": "nodes"}.get(limit.name, str(limit.name).lower())
    return str(reason.name).lower()
