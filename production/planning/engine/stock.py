"""Which material a line may count on, and from when: claims in an order, so that no later change can leave one short.

What a plan before takes is claimed in the order of its runs, then lines claim all the rest that they need. A claim
holds from when the arrivals cover it and all before it. That is more than the rule asks: a plan that keeps its claims
never takes what is not there.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from production.planning.problem import Line, Problem, Route, Step
from production.planning.schedule import Schedule

Stock = tuple[str, str]
"""A firm and a material."""

Stairs = list[tuple[int, int]]
"""(minute, amount): from the minute on so much may be taken in all. Both rise."""


class Use(NamedTuple):
    """What one run of a plan takes for a line."""

    work_start_min: int
    line: str
    stock: Stock
    grams: int


class Claims:
    """What each line may count on at each firm."""

    def __init__(self, problem: Problem, uses: Iterable[Use]) -> None:
        self._stairs: dict[tuple[str, Stock], Stairs] = {}
        self._used_g: dict[tuple[str, Stock], int] = {}
        arrivals: dict[Stock, Stairs] = {}
        for item in sorted(problem.arrivals, key=lambda item: item.at_min):
            there = arrivals.setdefault((item.firm, item.material), [])
            there.append((max(0, item.at_min), item.grams + (there[-1][1] if there else 0)))
        taken: dict[Stock, list[Use]] = {}
        for use in sorted(uses):
            taken.setdefault(use.stock, []).append(use)
        needs = {line.key: _most(line) for line in problem.lines}
        for stock, lines in sorted(_users(problem, needs).items()):
            claimed = 0
            for use in taken.get(stock, ()):
                claimed += use.grams
                self._claim((use.line, stock), use.grams, _reached(arrivals.get(stock, ()), claimed))
            self._used_g |= {(line.key, stock): self._amount((line.key, stock)) for line in lines}
            for line in sorted(lines, key=lambda line: (line.due_min, line.key)):
                rest = needs[line.key][stock[1]] - self._amount((line.key, stock))
                claimed += max(0, rest)
                self._claim((line.key, stock), rest, _reached(arrivals.get(stock, ()), claimed))

    def stairs(self, line: Line, route: Route, firm: str) -> Stairs:
        """(minute, pieces): so many pieces of the line may have begun along a route with a firm's stock.

        What later steps take must all be there when the first begins.
        """
        first, later = _per_piece(route.steps[:1]), _per_piece(route.steps[1:])
        found: list[Stairs] = []
        for material in sorted(first | later):
            claim = (line.key, (firm, material))
            steps = self._stairs.get(claim, [])
            grams = first.get(material, 0) + later.get(material, 0)
            if material in later:
                used = self._used_g.get(claim, 0)
                steps = [max((step for step in steps if step[1] <= used), default=(0, 0)), *steps[-1:]]
            found.append([(minute, amount // grams) for minute, amount in steps])
        if not found:
            return [(0, line.pieces)]
        most = min((steps[-1][1] if steps else 0) for steps in found)
        marks = sorted({min(amount, most) for steps in found for _, amount in steps if amount > 0 and most > 0})
        joined: Stairs = []
        for mark in marks:
            minute = max(_reached(steps, mark) or 0 for steps in found)
            if joined and joined[-1][0] >= minute:
                joined.pop()
            joined.append((minute, min(mark, line.pieces)))
        return joined

    def _amount(self, claim: tuple[str, Stock]) -> int:
        steps = self._stairs.get(claim)
        return steps[-1][1] if steps else 0

    def _claim(self, claim: tuple[str, Stock], grams: int, from_min: int | None) -> None:
        if grams > 0 and from_min is not None:
            self._stairs.setdefault(claim, []).append((from_min, self._amount(claim) + grams))


def uses_of(problem: Problem, schedule: Schedule) -> list[Use]:
    """What a plan takes from each stock for each line, run by run."""
    lines = {line.key: line for line in problem.lines}
    givers_material = {offer.key for offer in problem.offers if offer.material_from == "giver"}
    lots = {lot.key: lot for lot in schedule.lots}
    uses: list[Use] = []
    for run in schedule.runs:
        for part in run.parts:
            lot = lots[part.lot]
            line = lines[lot.line]
            firm = line.firm if lot.offer in givers_material else lot.firm
            (route,) = (route for route in line.routes if route.key == lot.route)
            pieces = sum(lot.batches[part.first_batch : part.first_batch + part.batches])
            uses.extend(
                Use(run.work_start_min, line.key, (firm, material), grams * pieces)
                for material, grams in route.steps[part.step].materials
            )
    return uses


def _per_piece(steps: Sequence[Step]) -> dict[str, int]:
    """Grams of each material that a piece takes in some steps."""
    taken: dict[str, int] = {}
    for step in steps:
        for material, grams in step.materials:
            taken[material] = taken.get(material, 0) + grams
    return {material: grams for material, grams in taken.items() if grams}


def _most(line: Line) -> dict[str, int]:
    """Grams of each material for the whole line, along the route that takes the most."""
    most: dict[str, int] = {}
    for route in line.routes:
        for material, grams in _per_piece(route.steps).items():
            most[material] = max(grams * line.pieces, most.get(material, 0))
    return most


def _users(problem: Problem, needs: Mapping[str, Mapping[str, int]]) -> dict[Stock, list[Line]]:
    """Lines that may take from each stock: their own firm's, and that of doers who bring the material."""
    doers = sorted({offer.firm for offer in problem.offers if offer.material_from == "doer"})
    users: dict[Stock, list[Line]] = {}
    for line in problem.lines:
        for material in needs[line.key]:
            firms = {line.firm} if line.consent == "never" else {line.firm, *doers}
            for firm in firms:
                users.setdefault((firm, material), []).append(line)
    return users


def _reached(stairs: Iterable[tuple[int, int]], amount: int) -> int | None:
    """The minute from which so much may be taken; None when never."""
    return next((minute for minute, most in stairs if most >= amount), None)
