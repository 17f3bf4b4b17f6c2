"""HiGHS on one programme, and whole lots for its yes-and-no."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from ortools.math_opt.python import mathopt

from procurement.award.milp.columns import Side
from procurement.award.milp.model import KG_PER_T, Choice, Key, Programme
from procurement.award.pricing import permille_at, tiers
from procurement.award.settle import Book, Bought

Left = Callable[[], float] | None
"""Seconds until the deadline; None = there is none."""

YES = 0.5
LITTLE_T = 1e-6
FULL_GAP = 1e-9
"""Whole lots are chosen to the end."""
OF_WHAT_IS_LEFT = 0.4
"""For each try at whole lots."""


@dataclass(frozen=True, slots=True)
class Effort:
    """When to stop. nodes: of each programme; None = no limit.

    seconds: what the caller allows in all, for the record; the deadline itself is handed in beside. Unless it cuts the
    search, the award is the same each time.
    """

    seed: int = 1
    gap: float = 1e-4
    seconds: float | None = None
    nodes: int | None = None


def solve(programme: Programme, effort: Effort, hint: Any | None = None) -> Any | None:
    """MathOpt's result; None when the solver refuses."""
    parameters = mathopt.SolveParameters(
        random_seed=effort.seed,
        relative_gap_tolerance=effort.gap,
        absolute_gap_tolerance=0.0,
        time_limit=None if effort.seconds is None else timedelta(seconds=max(effort.seconds, 0.1)),
        node_limit=effort.nodes,
    )
    try:
        return mathopt.solve(
            programme.model,
            mathopt.SolverType.HIGHS,
            params=parameters,
            model_params=mathopt.ModelSolveParameters(solution_hints=[] if hint is None else [hint]),
        )
    except (RuntimeError, ValueError):
        return None


def bound_of(result: Any) -> float | None:
    """No solution costs less."""
    bound = result.termination.objective_bounds.dual_bound
    return bound if math.isfinite(bound) else None


def in_whole_lots(book: Book, lines: list[Side], programme: Programme, result: Any, effort: Effort) -> Bought:
    """The best whole lots for a solution's yes-and-no, which is a small matter.

    Where there are none: with other pieces where shares are limited, then with any of the same suppliers; else its
    quantities cut to lots, which may break a rule.
    """
    values = result.variable_values()
    apart, whole = programme.is_apart, programme.whole
    seconds = None if effort.seconds is None else effort.seconds * OF_WHAT_IS_LEFT
    used = {key[:2] for key, tonnes in programme.tonnes.items() if values[tonnes] > LITTLE_T}
    narrow = [replace(side, columns=tuple(item for item in side.columns if item.key[:2] in used)) for side in lines]
    chosen = _chosen(programme, values)
    shared = frozenset(side.line.key for side in lines if side.has_shares)
    for in_lots, gap in (
        (Programme(book, lines, fixed=chosen, in_lots=True, is_apart=apart, whole=whole), FULL_GAP),
        (Programme(book, lines, fixed=chosen, loose=shared, in_lots=True, is_apart=apart, whole=whole), effort.gap),
        (Programme(book, narrow, in_lots=True, is_apart=apart, whole=whole), effort.gap),
    ):
        found = solve(in_lots, replace(effort, gap=gap, seconds=seconds))
        if found is not None and found.has_primal_feasible_solution():
            lots = found.variable_values()
            return _bought({item.key: round(lots[in_lots.lots[item.key]]) * item.lot_kg for item in in_lots.columns})
    return _bought({item.key: _floor(values[programme.tonnes[item.key]], item.lot_kg) for item in programme.columns})


def _floor(tonnes: float, lot_kg: int) -> int:
    return math.floor(tonnes * KG_PER_T / lot_kg + LITTLE_T) * lot_kg


def _chosen(programme: Programme, values: Any) -> Choice:
    return Choice(
        frozenset(key for key, yes in programme.taken.items() if values[yes] > YES),
        frozenset(key for key, yes in programme.tier.items() if values[yes] > YES),
        frozenset(key for key, yes in programme.level.items() if values[yes] > YES),
    )


def _bought(kg: dict[Key, int]) -> Bought:
    made: dict[tuple[str, str], int] = {}
    for (line, supplier, _, _), part in sorted(kg.items()):
        if part:
            made[line, supplier] = made.get((line, supplier), 0) + part
    return made


def hint_of(programme: Programme, start: Bought) -> Any:
    """Of what is bought, quantities and the yes-and-no; the solver fills in who gets it."""
    book = programme.book
    totals: dict[str, int] = {}
    for (_, supplier), kg in start.items():
        totals[supplier] = totals.get(supplier, 0) + kg
    values: dict[Any, float] = {}
    for (supplier, number), yes in programme.tier.items():
        values[yes] = float(supplier in totals and number == _tier_at(book, supplier, totals[supplier]))
    for column in programme.columns:
        kg = start.get((column.line, column.supplier), 0)
        is_tier = (
            programme.is_apart or not kg or column.tier == _tier_at(book, column.supplier, totals[column.supplier])
        )
        here = kg if is_tier and column.piece.low_kg <= kg <= column.piece.high_kg else 0
        values[programme.tonnes[column.key]] = here / KG_PER_T
        if column.key in programme.taken:
            values[programme.taken[column.key]] = float(here > 0)
    return mathopt.SolutionHint(variable_values=values)


def _tier_at(book: Book, supplier: str, kg: int) -> int:
    permille = permille_at(book.suppliers[supplier], kg)
    return next(number for number, item in enumerate(tiers(book.suppliers[supplier])) if item.permille == permille)
