"""From quantities bought to an award: its price, who is in, what each gets, what it costs. Exact, no search."""

from collections.abc import Mapping
from dataclasses import dataclass

from procurement.award.award import Award, Out, Part, Reason, Share, Tally
from procurement.award.errors import AwardError
from procurement.award.pricing import cost_mfen, permille_at
from procurement.award.problem import Commitment, Line, Problem, Quotation
from procurement.award.spread import Spread, spread

Bought = Mapping[tuple[str, str], int]
"""(line, supplier) to kg."""


class Book:
    """The problem by keys."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.lines = {line.key: line for line in problem.lines}
        self.suppliers = {supplier.key: supplier for supplier in problem.suppliers}
        self.quotations = {(item.line, item.supplier): item for item in problem.quotations}
        self.of_line: dict[str, list[Quotation]] = {line.key: [] for line in problem.lines}
        for quotation in sorted(problem.quotations, key=lambda item: (item.line, item.supplier)):
            self.of_line[quotation.line].append(quotation)
        self.commitments: dict[str, list[Commitment]] = {line.key: [] for line in problem.lines}
        for commitment in sorted(problem.commitments, key=lambda item: (item.line, item.firm)):
            self.commitments[commitment.line].append(commitment)


@dataclass(frozen=True, slots=True)
class Settled:
    """stuck: (line, firm) of those who are out of lines of which nobody can take all that is bought: no award."""

    award: Award
    stuck: frozenset[tuple[str, str]]


def settle(book: Book, bought: Bought) -> Settled:
    """Prices what is bought and hands it out. Raises AwardError for a quantity that is not offered."""
    parts = _parts(book, bought)
    shares: list[Share] = []
    outs: list[Out] = []
    stuck: set[tuple[str, str]] = set()
    unserved = surplus = 0
    for line in sorted(book.lines.values(), key=lambda item: item.key):
        of_line = [part for part in parts if part.line == line.key]
        commitments = book.commitments[line.key]
        reasons, given = _hand_out(line, of_line, commitments)
        shares += [Share(line.key, firm, supplier, kg) for (firm, supplier), kg in sorted(given.got.items())]
        outs += [Out(line.key, firm, reason) for firm, reason in sorted(reasons.items())]
        if given.rest_kg:
            stuck |= {(line.key, firm) for firm in reasons}
        for commitment in commitments:
            kg = given.of_firm(commitment.firm)
            unserved += max(0, commitment.wanted_kg - kg) * line.spot_fen_per_t
            surplus += max(0, kg - commitment.wanted_kg) * line.surplus_fen_per_t
    purchase = sum(part.cost_mfen for part in parts)
    fixed = sum(book.suppliers[key].fixed_fen for key in {part.supplier for part in parts}) * 1000
    tally = Tally(purchase, fixed, unserved, surplus, purchase + fixed + unserved - surplus)
    return Settled(Award(parts, tuple(shares), tuple(outs), tally), frozenset(stuck))


def _parts(book: Book, bought: Bought) -> tuple[Part, ...]:
    totals: dict[str, int] = {}
    for (_, supplier), kg in bought.items():
        totals[supplier] = totals.get(supplier, 0) + kg
    parts = []
    for (line, supplier), kg in sorted(bought.items()):
        if kg:
            permille = permille_at(book.suppliers[supplier], totals[supplier])
            cost = cost_mfen(book.quotations[line, supplier], permille, kg)
            if cost is None:
                raise AwardError(f"Quotation[{supplier}/{line}]", f"does not offer {kg} kg")
            parts.append(Part(line, supplier, kg, cost))
    return tuple(parts)


def is_above(reserve_fen_per_t: int | None, cost_mfen: int, kg: int) -> bool:
    """Whether the price of a line, its cost by its kg, is above the reserve."""
    return reserve_fen_per_t is not None and cost_mfen > reserve_fen_per_t * kg


def _hand_out(line: Line, parts: list[Part], commitments: list[Commitment]) -> tuple[dict[str, Reason], Spread]:
    """Why who is out, and what the others get.

    Of those whose share is too small to use, the smallest of the last class is out first: the fewest kg are lost.
    """
    if not parts:
        return {item.firm: "no_award" for item in commitments}, Spread({}, 0)
    kg, cost = sum(part.kg for part in parts), sum(part.cost_mfen for part in parts)
    delivered = {part.supplier: part.kg for part in parts}
    reasons: dict[str, Reason] = {
        item.firm: "price" for item in commitments if is_above(item.reserve_fen_per_t, cost, kg)
    }
    while True:
        inside = [item for item in commitments if item.firm not in reasons]
        given = spread(delivered, line.bag_kg, inside)
        got = {item.firm: given.of_firm(item.firm) for item in inside}
        useless = [item for item in inside if 0 < got[item.firm] < item.least_kg]
        if not useless:
            break
        last = min(useless, key=lambda item: (-item.priority, item.wanted_kg, item.tie))
        reasons[last.firm] = "least"
    return reasons | {firm: "short" for firm, part in got.items() if not part}, given
