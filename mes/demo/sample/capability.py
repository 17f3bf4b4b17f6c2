"""Which firm can make which product, and how much of it in a day."""

from collections.abc import Mapping
from decimal import Decimal
from functools import cache

from mes.demo.sample.calendars import longest_stretch_min, open_periods, rule_of
from mes.demo.sample.park import load_park
from mes.demo.sample.shapes import Firm, MachineOption, Product, Routing, Step

FORMING = ("PRESS", "EXTRUDE", "RAM")
FORTNIGHT_DAYS = 14
GRAM_KG = Decimal("0.001")


@cache
def installed_counts() -> Mapping[tuple[str, str], int]:
    """Installed machines by (firm code, class code)."""
    counts: dict[tuple[str, str], int] = {}
    for machine in load_park().machines:
        if machine.status == "installed":
            key = (machine.firm_code, machine.class_code)
            counts[key] = counts.get(key, 0) + 1
    return counts


@cache
def _open_min(firm_code: str, class_code: str) -> tuple[int, int]:
    """(open minutes in an ordinary fortnight, longest stretch) of a class at a firm."""
    park = load_park()
    firm = next(row for row in park.firms if row.code == firm_code)
    rule = rule_of(firm, class_code)
    periods = open_periods(park=park, rule=rule, until_day=FORTNIGHT_DAYS)
    return sum(end - start for start, end in periods), longest_stretch_min(park=park, rule=rule)


def _efficiency(class_code: str) -> Decimal:
    return next(row.efficiency for row in load_park().machine_classes if row.code == class_code)


def option_pieces_per_day(*, firm: Firm, option: MachineOption) -> Decimal:
    """Pieces per calendar day that the firm's machines of the option's class can make; 0 = it cannot.

    A press cycle never pauses, so a cycle longer than the longest open stretch cannot be run.
    """
    count = installed_counts().get((firm.code, option.class_code), 0)
    if count == 0:
        return Decimal(0)
    open_min, stretch_min = _open_min(firm.code, option.class_code)
    efficiency = _efficiency(option.class_code)
    if option.cycle_s is not None and option.pieces_per_cycle is not None:
        cycle_min = Decimal(option.cycle_s) / 60 / efficiency
        if cycle_min > stretch_min:
            return Decimal(0)
        pieces = Decimal(open_min) / cycle_min * option.pieces_per_cycle
    else:
        pieces = Decimal(open_min) * 60 * efficiency / Decimal(option.seconds_per_piece or 1)
    return count * pieces / FORTNIGHT_DAYS


def _step_pieces_per_day(*, firm: Firm, step: Step) -> Decimal:
    return sum((option_pieces_per_day(firm=firm, option=option) for option in step.options), Decimal(0))


def routing_kg_per_day(*, firm: Firm, product: Product, routing: Routing) -> Decimal:
    """Kilograms per calendar day of the routing's slowest machine step at the firm; 0 = it cannot make it."""
    if product.needs and product.needs not in firm.approvals:
        return Decimal(0)
    rates = [_step_pieces_per_day(firm=firm, step=step) for step in routing.steps if step.options]
    return (min(rates) * product.unit_mass_kg).quantize(GRAM_KG)


@cache
def kg_per_day(firm_code: str, product_code: str) -> Decimal:
    """The best routing's kilograms per calendar day; 0 = the firm cannot make the product."""
    park = load_park()
    firm = next(row for row in park.firms if row.code == firm_code)
    product = next(row for row in park.products if row.code == product_code)
    return max(routing_kg_per_day(firm=firm, product=product, routing=routing) for routing in product.routings)
