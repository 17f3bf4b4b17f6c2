"""Capacity offers of the firms, from `data/offers.json`, and what they could take of a product."""

from collections.abc import Iterable
from decimal import Decimal

from mes.demo.sample.calendars import DAY_MIN, open_periods, rule_of
from mes.demo.sample.park import read_data
from mes.demo.sample.shapes import Offer, Park, Product
from production.machines.selectors.periods import Period

FEN_PER_CNY = 100


def load_offers(park: Park) -> tuple[Offer, ...]:
    """All offers, in the order of their codes; machines are resolved to installed ones of the classes."""
    offers = []
    for row in read_data("offers")["offers"]:
        machines = tuple(
            m.code
            for m in park.machines
            if m.firm_code == row["firm"] and m.class_code in row["classes"] and m.status == "installed"
        )
        offers.append(
            Offer(
                code=row["code"],
                firm_code=row["firm"],
                class_codes=tuple(row["classes"]),
                machine_codes=machines,
                share_pct=row["share_pct"],
                start_min=row["from_day"] * DAY_MIN,
                end_min=row["until_day"] * DAY_MIN,
                least_lot_kg=row["least_lot_kg"],
                fee_fen_per_t=row["fee_cny_per_t"] * FEN_PER_CNY,
                accept=row["accept"],
                material_from=row["material_from"],
            )
        )
    return tuple(offers)


def offered_min(*, park: Park, offer: Offer) -> int:
    """Machine minutes on offer: the share of the open time of its machines in its window."""
    firm = next(row for row in park.firms if row.code == offer.firm_code)
    classes = {m.code: m.class_code for m in park.machines}
    total = sum(
        _open_within(
            open_periods(park=park, rule=rule_of(firm, classes[code]), until_day=offer.end_min // DAY_MIN),
            start_min=offer.start_min,
        )
        for code in offer.machine_codes
    )
    return total * offer.share_pct // 100


def _open_within(periods: Iterable[Period], *, start_min: int) -> int:
    return sum(end - max(start, start_min) for start, end in periods if end > start_min)


def offered_tonnes(*, park: Park, offer: Offer, product: Product, until_day: int) -> Decimal:
    """Tonnes of `product` that the offer's presses could form by `until_day`, in whole cycles."""
    firm = next(row for row in park.firms if row.code == offer.firm_code)
    machines = {m.code: m for m in park.machines}
    options = {o.class_code: o for r in product.routings for s in r.steps if s.process == "PRESS" for o in s.options}
    pieces = Decimal(0)
    for code in offer.machine_codes:
        machine = machines[code]
        option = options.get(machine.class_code)
        if option is None or option.cycle_s is None or option.pieces_per_cycle is None:
            continue
        cycle_min = Decimal(option.cycle_s) / 60 / machine.efficiency
        last_day = min(until_day, offer.end_min // DAY_MIN)
        periods = open_periods(park=park, rule=rule_of(firm, machine.class_code), until_day=last_day)
        cycles = sum(
            int((end - max(start, offer.start_min)) / cycle_min) for start, end in periods if end > offer.start_min
        )
        pieces += Decimal(cycles * option.pieces_per_cycle * offer.share_pct) / 100
    return pieces * product.unit_mass_kg / 1000
