"""Is an award fair to each firm? What it pays against what the same quotations would have charged it alone.

Alone means: what it gets, no rules of the association, no cost of the suppliers' own, all of their capacity; what no
quotation offers in so small a quantity costs the spot price. All figures are for the association's eyes.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from fractions import Fraction

from procurement.award.award import Award
from procurement.award.milp.solver import Effort
from procurement.award.problem import Commitment, Line, Problem
from procurement.award.solve import award_problem

BLOCS = (5, 10, 20, 60, 120)
"""The largest so many firms, by what they get."""
REVIEW_PERMILLE = 250
"""A firm with more of a grade than this is named: from there on a group's largest buyer gains less than the others."""


@dataclass(frozen=True, slots=True)
class Bill:
    """paid_mfen: its kg at the lines' prices, rounded down. alone_mfen: no way to buy them alone costs less.

    alone_fen_per_t: (line, price) of the best way that was found to buy them alone, for each tonne that the firm gets.
    """

    firm: str
    kg: int
    paid_mfen: int
    alone_mfen: int
    alone_fen_per_t: tuple[tuple[str, int], ...] = ()

    @property
    def is_dearer(self) -> bool:
        """Whether the firm might do better alone."""
        return self.paid_mfen > self.alone_mfen


@dataclass(frozen=True, slots=True)
class Dominance:
    """A firm's part of a grade's kg, above REVIEW_PERMILLE."""

    grade: str
    firm: str
    permille: int


@dataclass(frozen=True, slots=True)
class Bloc:
    """The largest firms together. alone_mfen: what an award for them alone costs; below paid_mfen they would gain."""

    firms: int
    kg: int
    paid_mfen: int
    alone_mfen: int

    @property
    def gain_mfen(self) -> int:
        """By leaving."""
        return self.paid_mfen - self.alone_mfen


@dataclass(frozen=True, slots=True)
class Fairness:
    """bills: firms that were compared, sorted. not_compared: those for which there was no time.

    above_reserve: (firm, line) that pay more than their reserve: never any in an award that the judge passes.
    """

    bills: tuple[Bill, ...]
    not_compared: tuple[str, ...]
    above_reserve: tuple[tuple[str, str], ...]
    dominant: tuple[Dominance, ...]
    blocs: tuple[Bloc, ...]

    @property
    def dearer(self) -> tuple[Bill, ...]:
        """Firms that might do better alone."""
        return tuple(bill for bill in self.bills if bill.is_dearer)


def fairness(
    problem: Problem, award: Award, *, effort: Effort | None = None, seconds_left: Callable[[], float] | None = None
) -> Fairness:
    """Blocs first, then each firm, the largest first, until there is no time left."""
    effort = effort or Effort()
    got = _got(award)
    kg = {firm: sum(lines.values()) for firm, lines in got.items()}
    order = sorted(got, key=lambda firm: (-kg[firm], firm))
    prices = line_prices(award)
    paid = {firm: sum(prices[line] * part for line, part in lines.items()) for firm, lines in got.items()}
    blocs = []
    for size in [size for size in BLOCS if size < len(order)]:
        chosen = order[:size]
        alone = award_problem(alone_problem(problem, award, chosen), effort=effort, seconds_left=seconds_left)
        spent = sum((paid[firm] for firm in chosen), Fraction(0))
        blocs.append(Bloc(size, sum(kg[firm] for firm in chosen), int(spent), alone.award.tally.total_mfen))
    bills = []
    for firm in order:
        if seconds_left is not None and seconds_left() <= 0:
            break
        without_others = alone_problem(problem, award, [firm])
        alone = award_problem(without_others, effort=effort, seconds_left=seconds_left)
        prices_alone = _alone_prices(without_others, alone.award)
        bills.append(Bill(firm, kg[firm], int(paid[firm]), alone.bound_mfen, prices_alone))
    return Fairness(
        bills=tuple(sorted(bills, key=lambda bill: bill.firm)),
        not_compared=tuple(sorted(order[len(bills) :])),
        above_reserve=_above_reserve(problem, got, prices),
        dominant=dominant(problem, award),
        blocs=tuple(blocs),
    )


def line_prices(award: Award) -> dict[str, Fraction]:
    """The one price of each line, fen per tonne (and thousandths of a fen per kg): its cost by its kg."""
    kg: dict[str, int] = {}
    cost: dict[str, int] = {}
    for part in award.parts:
        kg[part.line] = kg.get(part.line, 0) + part.kg
        cost[part.line] = cost.get(part.line, 0) + part.cost_mfen
    return {line: Fraction(cost[line], kg[line]) for line in kg}


def dominant(problem: Problem, award: Award) -> tuple[Dominance, ...]:
    """Who has more than REVIEW_PERMILLE of a grade."""
    grades = {line.key: line.grade for line in problem.lines}
    total: dict[str, int] = {}
    of_firm: dict[tuple[str, str], int] = {}
    for share in award.shares:
        grade = grades[share.line]
        total[grade] = total.get(grade, 0) + share.kg
        of_firm[grade, share.firm] = of_firm.get((grade, share.firm), 0) + share.kg
    return tuple(
        Dominance(grade, firm, kg * 1000 // total[grade])
        for (grade, firm), kg in sorted(of_firm.items())
        if kg * 1000 > REVIEW_PERMILLE * total[grade]
    )


def alone_problem(problem: Problem, award: Award, firms: Iterable[str]) -> Problem:
    """The same quotations for what these firms get. They may take as much more as makes whole lots."""
    members = set(firms)
    got = _got(award)
    lot_kg: dict[str, int] = {}
    for quotation in problem.quotations:
        lot_kg[quotation.line] = max(lot_kg.get(quotation.line, 1), quotation.lot_kg)
    commitments = tuple(
        _exactly(item, got[item.firm][item.line], lot_kg[item.line])
        for item in problem.commitments
        if item.firm in members and item.line in got.get(item.firm, {})
    )
    wanted = {item.line for item in commitments}
    return Problem(
        lines=tuple(_free(line) for line in problem.lines if line.key in wanted),
        commitments=commitments,
        suppliers=tuple(replace(supplier, fixed_fen=0) for supplier in problem.suppliers),
        quotations=tuple(quotation for quotation in problem.quotations if quotation.line in wanted),
    )


def _alone_prices(problem: Problem, award: Award) -> tuple[tuple[str, int], ...]:
    """Of one firm's problem: what its kg of each line cost, at the spot price where nobody offers so little."""
    spots = {line.key: line.spot_fen_per_t for line in problem.lines}
    got = _got(award)
    prices = []
    for item in problem.commitments:
        served = got.get(item.firm, {}).get(item.line, 0)
        bought = sum(part.cost_mfen for part in award.parts if part.line == item.line)
        cost = bought + max(0, item.wanted_kg - served) * spots[item.line]
        prices.append((item.line, whole_fen(Fraction(cost, item.wanted_kg))))
    return tuple(sorted(prices))


def whole_fen(price: Fraction) -> int:
    """A price in whole fen per tonne, rounded half up: never above a reserve that the price itself is not above."""
    return int(price + Fraction(1, 2))


def _exactly(item: Commitment, kg: int, lot_kg: int) -> Commitment:
    return replace(item, least_kg=0, wanted_kg=kg, most_kg=kg + lot_kg, reserve_fen_per_t=None)


def _free(line: Line) -> Line:
    return Line(line.key, line.grade, line.spot_fen_per_t, line.zone, line.window, line.bag_kg)


def _got(award: Award) -> dict[str, dict[str, int]]:
    """kg by firm and line."""
    made: dict[str, dict[str, int]] = {}
    for share in award.shares:
        lines = made.setdefault(share.firm, {})
        lines[share.line] = lines.get(share.line, 0) + share.kg
    return made


def _above_reserve(
    problem: Problem, got: dict[str, dict[str, int]], prices: dict[str, Fraction]
) -> tuple[tuple[str, str], ...]:
    return tuple(
        sorted(
            (item.firm, item.line)
            for item in problem.commitments
            if item.reserve_fen_per_t is not None
            and item.line in got.get(item.firm, {})
            and prices[item.line] > item.reserve_fen_per_t
        )
    )
