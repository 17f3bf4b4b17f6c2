"""Checks of what is bought: offered so, within capacities, rules of lines and of the round, at the right price."""

from procurement.award.award import Part
from procurement.award.problem import Line
from procurement.award.verify.book import Book
from procurement.award.verify.price import cost_of


def check_known(book: Book) -> None:
    """Keys exist and are used once, quantities are above nothing; nothing else can be judged before."""
    award = book.award
    for name, keys in (
        ("part", [(part.line, part.supplier) for part in award.parts]),
        ("share", [(share.line, share.firm, share.supplier) for share in award.shares]),
        ("out", [(out.line, out.firm) for out in award.outs]),
    ):
        if len(set(keys)) != len(keys):
            book.say("duplicate", name, "a key is used twice")
    bought = [(item.line, item.supplier, item.kg) for item in award.parts]
    given = [(item.line, item.supplier, item.kg) for item in award.shares]
    for line, supplier, kg in bought + given:
        if (line, supplier) not in book.quotations:
            book.say("unknown", f"{supplier}/{line}", "there is no such quotation")
        if kg <= 0:
            book.say("quantity", f"{supplier}/{line}", "is of nothing")
    served = [(item.line, item.firm) for item in award.shares]
    for line, firm in served + [(item.line, item.firm) for item in award.outs]:
        if (line, firm) not in book.commitments:
            book.say("unknown", f"{firm}/{line}", "there is no such commitment")


def check_purchase(book: Book) -> None:
    """Each part, each supplier, each line, the round."""
    totals: dict[str, int] = {}
    for part in book.award.parts:
        totals[part.supplier] = totals.get(part.supplier, 0) + part.kg
    for part in book.award.parts:
        _check_part(book, part, totals[part.supplier])
    for key, kg in totals.items():
        capacity = book.suppliers[key].capacity_kg
        if capacity is not None and kg > capacity:
            book.say("capacity", key, f"delivers {kg} kg, can {capacity}")
        if kg * 1000 > book.problem.greatest_supplier_share_permille * sum(totals.values()):
            book.say("round_share", key, "delivers too great a share of the round")
    for line in book.problem.lines:
        _check_line(book, line, book.parts(line.key))


def _check_part(book: Book, part: Part, supplier_kg: int) -> None:
    quotation = book.quotations[part.line, part.supplier]
    where = f"{part.supplier}/{part.line}"
    if part.kg % quotation.lot_kg:
        book.say("lot", where, f"{part.kg} kg is no multiple of {quotation.lot_kg}")
    if part.kg > quotation.capacity_kg:
        book.say("capacity", where, f"delivers {part.kg} kg, can {quotation.capacity_kg}")
    if part.kg < max(quotation.least_kg, quotation.breaks[0].from_kg):
        book.say("least", where, f"{part.kg} kg is below what it offers")
        return
    cost = cost_of(quotation, book.suppliers[part.supplier], part.kg, supplier_kg)
    if cost != part.cost_mfen:
        book.say("cost", where, f"costs {cost} thousandths of a fen, not {part.cost_mfen}")


def _check_line(book: Book, line: Line, parts: list[Part]) -> None:
    if not parts:
        return
    if len(parts) < line.least_suppliers:
        book.say("least_suppliers", line.key, f"has {len(parts)} suppliers, needs {line.least_suppliers}")
    if line.most_suppliers is not None and len(parts) > line.most_suppliers:
        book.say("most_suppliers", line.key, f"has {len(parts)} suppliers, at most {line.most_suppliers}")
    kg = sum(part.kg for part in parts)
    for part in parts:
        if part.kg * 1000 > line.greatest_share_permille * kg:
            book.say("greatest_share", f"{part.supplier}/{line.key}", "delivers too great a share of the line")
        if part.kg * 1000 < line.least_share_permille * kg:
            book.say("least_share", f"{part.supplier}/{line.key}", "delivers too small a share of the line")
