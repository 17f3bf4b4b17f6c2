"""Prices again: a quotation's cost kg band by kg band, and the award's sums."""

from procurement.award.problem import Quotation, Supplier
from procurement.award.verify.book import Book


def cost_of(quotation: Quotation, supplier: Supplier, kg: int, supplier_kg: int) -> int:
    """Thousandths of a fen for kg of a line when the supplier delivers supplier_kg in all. kg is offered."""
    permille = 0
    for discount in supplier.discounts:
        if supplier_kg >= discount.from_kg:
            permille = discount.permille
    prices = []
    for item in quotation.breaks:
        whole, rest = divmod(item.price_fen_per_t * (1000 - permille), 1000)
        prices.append(whole + 1 if rest >= 500 else whole)
    starts = [item.from_kg for item in quotation.breaks]
    if quotation.kind == "all_units":
        reached = max(at for at, start in enumerate(starts) if kg >= start)
        return kg * prices[reached]
    cost = 0
    for at, price in enumerate(prices):
        low = 0 if at == 0 else starts[at]
        high = kg if at + 1 == len(starts) else min(kg, starts[at + 1])
        cost += max(0, high - low) * price
    return cost


def check_tally(book: Book) -> None:
    """The award says what it costs."""
    tally = book.award.tally
    purchase = sum(part.cost_mfen for part in book.award.parts)
    delivering = {part.supplier for part in book.award.parts}
    fixed = sum(supplier.fixed_fen * 1000 for supplier in book.problem.suppliers if supplier.key in delivering)
    unserved = surplus = 0
    for commitment in book.problem.commitments:
        line = book.lines[commitment.line]
        kg = book.got(commitment.line, commitment.firm)
        if kg < commitment.wanted_kg:
            unserved += (commitment.wanted_kg - kg) * line.spot_fen_per_t
        else:
            surplus += (kg - commitment.wanted_kg) * line.surplus_fen_per_t
    for name, value in (
        ("purchase_mfen", purchase),
        ("fixed_mfen", fixed),
        ("unserved_mfen", unserved),
        ("surplus_mfen", surplus),
        ("total_mfen", purchase + fixed + unserved - surplus),
    ):
        if getattr(tally, name) != value:
            book.say("tally", name, f"is {value}, not {getattr(tally, name)}")
