"""The award that a buyer makes by hand: the largest line first, of it the best unit price that can be had first.

It keeps every rule, and is what the search starts from, is compared with, and falls back to.
"""

from procurement.award.pricing import cost_mfen, permille_at
from procurement.award.problem import Commitment, Line, Quotation
from procurement.award.settle import Book, Settled, is_above, settle


def greedy_award(book: Book) -> Settled:
    """Never stuck: whoever cannot be served by it is left out, and it is made again."""
    excluded: frozenset[tuple[str, str]] = frozenset()
    while True:
        settled = settle(book, _bought(book, excluded))
        if settled.stuck <= excluded:
            return settled if not settled.stuck else settle(book, {})
        excluded |= settled.stuck


def _bought(book: Book, excluded: frozenset[tuple[str, str]]) -> dict[tuple[str, str], int]:
    claims = {
        line: [item for item in of_line if (line, item.firm) not in excluded]
        for line, of_line in book.commitments.items()
    }
    wanted = {line: sum(item.wanted_kg for item in of_line) for line, of_line in claims.items()}
    round_kg = sum(wanted.values()) * book.problem.greatest_supplier_share_permille // 1000
    totals = dict.fromkeys(book.suppliers, 0)
    bought: dict[tuple[str, str], int] = {}
    for line in sorted(wanted, key=lambda key: (-wanted[key], key)):
        made = _by_price(book, book.lines[line], claims[line], totals, round_kg)
        for supplier, kg in made.items():
            totals[supplier] += kg
            bought[line, supplier] = kg
    return _within_round(book, bought)


def _by_price(
    book: Book, line: Line, claims: list[Commitment], totals: dict[str, int], round_kg: int
) -> dict[str, int]:
    """Again without those for whom it came out too dear, until it suits all that are left."""
    while claims:
        made = _Basket(book, line, claims, totals, round_kg).fill()
        cost = sum(
            cost_mfen(book.quotations[line.key, key], permille_at(book.suppliers[key], totals[key] + kg), kg) or 0
            for key, kg in made.items()
        )
        suited = [item for item in claims if not is_above(item.reserve_fen_per_t, cost, sum(made.values()))]
        if len(suited) == len(claims):
            return made
        claims = suited
    return {}


def _within_round(book: Book, bought: dict[tuple[str, str], int]) -> dict[tuple[str, str], int]:
    """Whole lines are given up while a supplier has too great a share of the round."""
    share = book.problem.greatest_supplier_share_permille
    while bought:
        total = sum(bought.values())
        of_supplier = dict.fromkeys(book.suppliers, 0)
        for (_, supplier), kg in bought.items():
            of_supplier[supplier] += kg
        over = [key for key, kg in sorted(of_supplier.items()) if kg * 1000 > share * total]
        if not over:
            break
        _, line = min((kg, line) for (line, supplier), kg in bought.items() if supplier == over[0])
        bought = {key: kg for key, kg in bought.items() if key[0] != line}
    return bought


class _Basket:
    """One line's purchase, supplier by supplier."""

    def __init__(self, book: Book, line: Line, claims: list[Commitment], totals: dict[str, int], round_kg: int) -> None:
        self.book = book
        self.line = line
        self.totals = totals
        self.round_kg = round_kg
        self.left = {item.firm: item.wanted_kg for item in claims}
        self.claims = sorted(claims, key=lambda item: (len(item.approved or book.suppliers), item.firm))
        self.share_kg = sum(self.left.values()) * line.greatest_share_permille // 1000
        self.made: dict[str, int] = {}

    def fill(self) -> dict[str, int]:
        """Nothing at all where the line's rules cannot be kept."""
        most = self.line.most_suppliers or len(self.book.suppliers)
        while len(self.made) < most:
            offers = [offer for offer in map(self._offer, self.book.of_line[self.line.key]) if offer is not None]
            if not offers:
                break
            _, supplier, kg = min(offers)
            self._take(supplier, kg)
        return self._shrunk()

    def _offer(self, quotation: Quotation) -> tuple[float, str, int] | None:
        """Price of a tonne, supplier, kg: the most that can be had of it."""
        supplier = self.book.suppliers[quotation.supplier]
        if supplier.key in self.made:
            return None
        kg = min(
            sum(self.left[item.firm] for item in self.claims if item.approved is None or supplier.key in item.approved),
            quotation.capacity_kg,
            (supplier.capacity_kg or quotation.capacity_kg)
            - (self.totals[supplier.key] if supplier.capacity_kg else 0),
            self.share_kg,
            self.round_kg - self.totals[supplier.key],
            self._room_for_others(quotation),
        )
        kg = kg // quotation.lot_kg * quotation.lot_kg
        permille = permille_at(supplier, self.totals[supplier.key] + max(kg, 0))
        cost = cost_mfen(quotation, permille, kg) if kg > 0 else None
        if cost is None or cost > kg * self.line.spot_fen_per_t:
            return None
        return cost / kg, supplier.key, kg

    def _room_for_others(self, quotation: Quotation) -> int:
        """What is left when so many others as the line still needs get their least."""
        needed = self.line.least_suppliers - len(self.made) - 1
        least = sorted(
            max(item.least_kg, item.breaks[0].from_kg, item.lot_kg)
            for item in self.book.of_line[self.line.key]
            if item.supplier not in self.made and item is not quotation
        )
        return sum(self.left.values()) - sum(least[: max(0, needed)])

    def _take(self, supplier: str, kg: int) -> None:
        self.made[supplier] = kg
        for item in self.claims:
            if item.approved is None or supplier in item.approved:
                part = min(kg, self.left[item.firm])
                self.left[item.firm] -= part
                kg -= part

    def _shrunk(self) -> dict[str, int]:
        """Shares of what came together, not of what was wanted."""
        line, made = self.line, dict(self.made)
        for _ in range(100):
            total = sum(made.values())
            over = [key for key, kg in sorted(made.items()) if kg * 1000 > line.greatest_share_permille * total]
            small = [key for key, kg in sorted(made.items()) if kg * 1000 < line.least_share_permille * total]
            if len(made) < line.least_suppliers or not total:
                return {}
            if not over and not small:
                return made
            for key in small:
                del made[key]
            for key in [] if small else over:
                quotation = self.book.quotations[line.key, key]
                kg = line.greatest_share_permille * (total - made[key]) // max(1, 1000 - line.greatest_share_permille)
                made[key] = kg // quotation.lot_kg * quotation.lot_kg
                if cost_mfen(quotation, 0, made[key]) is None:
                    return {}
        return {}
