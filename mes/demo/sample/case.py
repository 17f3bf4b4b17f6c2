"""The case as ordinary data: one firm's 200 t order, its overtime and the presses it has promised already."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from mes.demo.sample.park import read_data
from mes.demo.sample.shapes import (
    CaseOptions,
    Consent,
    FrozenBooking,
    Machine,
    Overtime,
    Park,
    PrivateTerms,
    Product,
    Routing,
    SampleOrder,
    Step,
)

DAY_MIN = 1440
FEN_PER_CNY = 100


def case_facts() -> Mapping[str, Any]:
    """`data/case.json`."""
    return read_data("case")


def case_order(park: Park) -> SampleOrder:
    """3,565 paving panels, priority 9, due exactly 20 x 24 h after zero."""
    facts = case_facts()
    return SampleOrder(
        number=facts["order_number"],
        firm_code=facts["firm"],
        product_code=facts["product"],
        pieces=facts["pieces"],
        reported_pieces=0,
        ordered_on=park.sample_date - timedelta(days=facts["ordered_days_before"]),
        lead_days=facts["lead_days"],
        due_min=facts["due_day"] * DAY_MIN,
        priority=facts["priority"],
        terms=PrivateTerms(facts["customer"], facts["price_cny_per_t"] * FEN_PER_CNY),
        consent=Consent(
            outsourcing="allowed",
            fee_ceiling_fen_per_t=facts["fee_ceiling_cny_per_t"] * FEN_PER_CNY,
            excluded_firm_codes=(),
        ),
    )


def case_overtime(park: Park) -> Overtime:
    """Around the clock, no closed day, for 35 days from the sample's date."""
    facts = case_facts()
    end = park.sample_date + timedelta(days=facts["overtime_days"])
    return Overtime(facts["firm"], park.sample_date, end, "24 h, seven days")


def case_bookings(park: Park, *, options: CaseOptions) -> tuple[FrozenBooking, ...]:
    """The last presses of the case firm, taken for the whole overtime."""
    facts = case_facts()
    presses = [m.code for m in park.machines if m.firm_code == facts["firm"] and m.class_code.startswith("PRESS")]
    taken = presses[len(presses) - options.booked_presses :]
    end_min = facts["overtime_days"] * DAY_MIN
    return tuple(FrozenBooking(facts["firm"], code, 0, end_min, facts["booking_note"]) for code in taken)


def park_with_case(park: Park, *, options: CaseOptions) -> Park:
    """The park with the case's switches: rest and whole lots of its product, efficiency of its presses."""
    facts = case_facts()
    products = tuple(
        _switched(product, options=options) if product.code == facts["product"] else product
        for product in park.products
    )
    machines = park.machines
    if options.press_efficiency is not None:
        efficiency = options.press_efficiency
        machines = tuple(_faster(m, efficiency=efficiency) if m.firm_code == facts["firm"] else m for m in machines)
    return replace(park, products=products, machines=machines)


def _faster(machine: Machine, *, efficiency: Decimal) -> Machine:
    return replace(machine, efficiency=efficiency) if machine.class_code.startswith("PRESS") else machine


def _switched(product: Product, *, options: CaseOptions) -> Product:
    return replace(product, routings=tuple(_switched_routing(row, options=options) for row in product.routings))


def _switched_routing(routing: Routing, *, options: CaseOptions) -> Routing:
    return replace(routing, steps=tuple(_switched_step(step, options=options) for step in routing.steps))


def _switched_step(step: Step, *, options: CaseOptions) -> Step:
    rest_h = options.rest_h if step.process == "REST" else None
    return replace(
        step,
        fixed_min=step.fixed_min if rest_h is None else rest_h * 60,
        transfer_pieces=None if options.whole_lots else step.transfer_pieces,
    )
