"""`warehouses`: the literature's capacitated warehouse location (OR-Library) as an award.

A site is a supplier with a fixed cost and a capacity, a customer a line with one firm, a unit of demand a kg, and the
unit of cost a CNY: its cost by unit of demand must come to whole fen per tonne.
"""

from fractions import Fraction

from procurement.award.errors import AwardError
from procurement.award.problem import Break, Commitment, Line, Problem, Quotation, Supplier

FEN_PER_T = 100 * 1000
"""Of one CNY per kg."""


def warehouses_load(text: str) -> Problem:
    """Text: `sites customers`, then per site `capacity fixed`, then per customer its demand and for each site what all
    of its demand costs from there. Raises AwardError naming the number."""
    words = [_number(word, at) for at, word in enumerate(text.split(), start=1)]
    if len(words) < 2:
        raise AwardError("number 1", "the file holds no numbers of sites and customers")
    sites, customers = _whole(words[0], "sites"), _whole(words[1], "customers")
    wanted = 2 + 2 * sites + customers * (1 + sites)
    if len(words) != wanted:
        raise AwardError(f"number {len(words)}", f"the file must hold {wanted} numbers, not {len(words)}")
    names = [f"W{number:03}" for number in range(1, sites + 1)]
    suppliers = tuple(
        Supplier(name, _whole(words[2 + 2 * at], name), _whole(words[3 + 2 * at] * 100, f"{name}, fixed"))
        for at, name in enumerate(names)
    )
    lines, commitments, quotations = [], [], []
    for number in range(1, customers + 1):
        at = 2 + 2 * sites + (number - 1) * (1 + sites)
        key, kg = f"C{number:03}", _whole(words[at], f"C{number:03}")
        prices = [_whole(cost / kg * FEN_PER_T, f"{key}, cost") for cost in words[at + 1 : at + 1 + sites]]
        lines.append(Line(key, key, spot_fen_per_t=_spot(max(prices), kg, suppliers), bag_kg=1))
        commitments.append(Commitment(key, key, kg, kg, kg, key))
        quotations += [
            Quotation(supplier.key, key, supplier.capacity_kg or kg, (Break(0, price),), lot_kg=1)
            for supplier, price in zip(suppliers, prices, strict=True)
        ]
    return Problem(tuple(lines), tuple(commitments), suppliers, tuple(quotations))


def _spot(dearest_fen_per_t: int, kg: int, suppliers: tuple[Supplier, ...]) -> int:
    """So dear that every customer is served while a site has room."""
    return 2 * dearest_fen_per_t + 2 * max(supplier.fixed_fen for supplier in suppliers) * 1000 // kg


def _number(word: str, at: int) -> Fraction:
    try:
        value = Fraction(word)
    except (ValueError, ZeroDivisionError) as error:
        raise AwardError(f"number {at}", f"`{word[:20]}` is no number") from error
    if value < 0 or value > 10**9:
        raise AwardError(f"number {at}", "must be from 0 to 1000000000")
    return value


def _whole(value: Fraction, what: str) -> int:
    if value.denominator != 1:
        raise AwardError(what, f"{float(value)} is not whole")
    if value < 1 and "fixed" not in what and "cost" not in what:
        raise AwardError(what, "must be at least 1")
    return int(value)
