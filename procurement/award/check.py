"""Is a Problem well formed? Malformed data raises with its place."""

from collections.abc import Iterable
from itertools import pairwise

from procurement.award.errors import AwardError
from procurement.award.problem import Commitment, Line, Problem, Quotation, Supplier

LARGEST_KG = 10**9
LARGEST_FEN = 10**10
"""No quantity and no price is above these, so that sums stay exact wherever they are taken."""


def check_problem(problem: Problem) -> None:
    """Raises AwardError naming the field: unknown keys, keys twice, bounds that cross or that nothing can reach."""
    lines = {line.key: line for line in problem.lines}
    suppliers = {supplier.key: supplier for supplier in problem.suppliers}
    _unique("Line", (line.key for line in problem.lines))
    _unique("Supplier", (supplier.key for supplier in problem.suppliers))
    _unique("Commitment", (f"{item.firm}/{item.line}" for item in problem.commitments))
    _unique("Quotation", (f"{item.supplier}/{item.line}" for item in problem.quotations))
    _unique("Commitment.tie", (f"{item.line}/{item.tie}" for item in problem.commitments))
    for quotation in problem.quotations:
        _check_quotation(quotation, lines, suppliers)
    for supplier in problem.suppliers:
        _check_supplier(supplier, [item for item in problem.quotations if item.supplier == supplier.key])
    for line in problem.lines:
        _check_line(line, [item for item in problem.quotations if item.line == line.key])
    for commitment in problem.commitments:
        _check_commitment(commitment, lines, suppliers)
    share = problem.greatest_supplier_share_permille
    _between("Problem.greatest_supplier_share_permille", share, 1, 1000)
    quoting = len({item.supplier for item in problem.quotations})
    if quoting and share * quoting < 1000:
        raise AwardError(
            "Problem.greatest_supplier_share_permille", f"is unreachable: {quoting} suppliers hold {share * quoting}"
        )


def _check_line(line: Line, quotations: list[Quotation]) -> None:
    place = f"Line[{line.key}]"
    _between(f"{place}.bag_kg", line.bag_kg, 1, LARGEST_KG)
    _between(f"{place}.spot_fen_per_t", line.spot_fen_per_t, 1, LARGEST_FEN)
    _between(f"{place}.surplus_fen_per_t", line.surplus_fen_per_t, 0, line.spot_fen_per_t)
    _between(f"{place}.least_suppliers", line.least_suppliers, 1, LARGEST_KG)
    if line.most_suppliers is not None:
        _between(f"{place}.most_suppliers", line.most_suppliers, line.least_suppliers, LARGEST_KG)
    _between(f"{place}.greatest_share_permille", line.greatest_share_permille, 1, 1000)
    _between(f"{place}.least_share_permille", line.least_share_permille, 0, line.greatest_share_permille)
    quoting = len(quotations)
    if line.least_suppliers > max(1, quoting):
        raise AwardError(f"{place}.least_suppliers", f"is unreachable: {quoting} suppliers quote")
    most = min(quoting, line.most_suppliers or quoting)
    if quoting and line.greatest_share_permille * most < 1000:
        raise AwardError(
            f"{place}.greatest_share_permille",
            f"is unreachable: {most} suppliers hold {line.greatest_share_permille * most}",
        )
    if line.least_share_permille * line.least_suppliers > 1000:
        raise AwardError(f"{place}.least_share_permille", f"is unreachable with {line.least_suppliers} suppliers")
    for quotation in quotations:
        if quotation.lot_kg % line.bag_kg:
            raise AwardError(f"{_name(quotation)}.lot_kg", f"must be whole bags of {line.bag_kg} kg")


def _check_quotation(quotation: Quotation, lines: dict[str, Line], suppliers: dict[str, Supplier]) -> None:
    place = _name(quotation)
    _known(f"{place}.line", quotation.line, lines)
    _known(f"{place}.supplier", quotation.supplier, suppliers)
    _between(f"{place}.capacity_kg", quotation.capacity_kg, 1, LARGEST_KG)
    _between(f"{place}.least_kg", quotation.least_kg, 0, LARGEST_KG)
    _between(f"{place}.lot_kg", quotation.lot_kg, 1, LARGEST_KG)
    if not quotation.breaks:
        raise AwardError(f"{place}.breaks", "there is no price")
    for number, item in enumerate(quotation.breaks):
        _between(f"{place}.breaks[{number}].from_kg", item.from_kg, 0, LARGEST_KG)
        _between(f"{place}.breaks[{number}].price_fen_per_t", item.price_fen_per_t, 0, LARGEST_FEN)
    for number, (low, high) in enumerate(pairwise(quotation.breaks), start=1):
        if high.from_kg <= low.from_kg:
            raise AwardError(f"{place}.breaks[{number}].from_kg", f"overlaps the break from {low.from_kg}")
        if high.price_fen_per_t > low.price_fen_per_t:
            raise AwardError(f"{place}.breaks[{number}].price_fen_per_t", f"rises above {low.price_fen_per_t}")
    capacity = min(quotation.capacity_kg, suppliers[quotation.supplier].capacity_kg or quotation.capacity_kg)
    if capacity < quotation.least_kg:
        raise AwardError(f"{place}.capacity_kg", f"{capacity} is below the least quantity, {quotation.least_kg}")
    if quotation.breaks[-1].from_kg > quotation.capacity_kg:
        raise AwardError(f"{place}.breaks[{len(quotation.breaks) - 1}].from_kg", "is above the capacity")
    lot = quotation.lot_kg
    least = max(quotation.least_kg, quotation.breaks[0].from_kg, 1)
    if -(-least // lot) * lot > capacity:
        raise AwardError(f"{place}.lot_kg", f"no multiple of {lot} lies between {least} and {capacity}")


def _check_supplier(supplier: Supplier, quotations: list[Quotation]) -> None:
    place = f"Supplier[{supplier.key}]"
    if supplier.capacity_kg is not None:
        _between(f"{place}.capacity_kg", supplier.capacity_kg, 1, LARGEST_KG)
    _between(f"{place}.fixed_fen", supplier.fixed_fen, 0, LARGEST_FEN)
    quoted = sum(item.capacity_kg for item in quotations)
    capacity = min(quoted, supplier.capacity_kg or quoted)
    for number, item in enumerate(supplier.discounts):
        _between(f"{place}.discounts[{number}].from_kg", item.from_kg, 1, LARGEST_KG)
        _between(f"{place}.discounts[{number}].permille", item.permille, 1, 999)
        if quotations and item.from_kg > capacity:
            raise AwardError(f"{place}.discounts[{number}].from_kg", f"is above its capacity, {capacity}")
    for number, (low, high) in enumerate(pairwise(supplier.discounts), start=1):
        if high.from_kg <= low.from_kg:
            raise AwardError(f"{place}.discounts[{number}].from_kg", f"overlaps the discount from {low.from_kg}")
        if high.permille < low.permille:
            raise AwardError(f"{place}.discounts[{number}].permille", f"falls below {low.permille}")


def _check_commitment(commitment: Commitment, lines: dict[str, Line], suppliers: dict[str, Supplier]) -> None:
    place = f"Commitment[{commitment.firm}/{commitment.line}]"
    _known(f"{place}.line", commitment.line, lines)
    bag_kg = lines[commitment.line].bag_kg
    _between(f"{place}.wanted_kg", commitment.wanted_kg, 1, LARGEST_KG)
    _between(f"{place}.least_kg", commitment.least_kg, 0, commitment.wanted_kg)
    _between(f"{place}.most_kg", commitment.most_kg, commitment.wanted_kg, LARGEST_KG)
    for name in ("least_kg", "wanted_kg", "most_kg"):
        if getattr(commitment, name) % bag_kg:
            raise AwardError(f"{place}.{name}", f"must be whole bags of {bag_kg} kg")
    _between(f"{place}.priority", commitment.priority, 1, LARGEST_KG)
    if commitment.reserve_fen_per_t is not None:
        _between(f"{place}.reserve_fen_per_t", commitment.reserve_fen_per_t, 1, LARGEST_FEN)
    if commitment.approved is not None:
        _unique(f"{place}.approved", commitment.approved)
        if not commitment.approved:
            raise AwardError(f"{place}.approved", "names nobody")
        for supplier in commitment.approved:
            _known(f"{place}.approved", supplier, suppliers)


def _name(quotation: Quotation) -> str:
    return f"Quotation[{quotation.supplier}/{quotation.line}]"


def _unique(kind: str, keys: Iterable[str]) -> None:
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            raise AwardError(f"{kind}[{key}]", "is there twice")
        seen.add(key)


def _known(place: str, key: str, known: dict[str, Line] | dict[str, Supplier]) -> None:
    if key not in known:
        raise AwardError(place, f"{key!r} is not known")


def _between(place: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise AwardError(place, f"must be from {least} to {most}, not {value}")
