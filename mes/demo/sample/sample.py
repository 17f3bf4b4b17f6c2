"""The whole sample: park, order book, case, offers and stock for one seed."""

import random
from collections.abc import Mapping, Sequence

from mes.demo.sample.case import case_bookings, case_facts, case_order, case_overtime, park_with_case
from mes.demo.sample.offers import load_offers
from mes.demo.sample.order_book import build_order_book
from mes.demo.sample.park import load_park
from mes.demo.sample.shapes import CaseOptions, MachineSetup, Park, Recipe, Sample, SampleOrder
from mes.demo.sample.stock import build_blank_stocks, build_stocks


def build_sample(*, seed: int = 1, options: CaseOptions | None = None) -> Sample:
    """The sample for `seed`; equal arguments give equal samples. The case's order is the last one."""
    switches = options or CaseOptions()
    facts = case_facts()
    park = park_with_case(load_park(), options=switches)
    book = build_order_book(seed=seed, without_firms=(facts["firm"],))
    orders = (*book, case_order(park))
    return Sample(
        park=park,
        seed=seed,
        orders=orders,
        case_order_number=facts["order_number"],
        offers=load_offers(park),
        bookings=case_bookings(park, options=switches),
        overtime=(case_overtime(park),),
        stocks=build_stocks(park=park, orders=orders, seed=seed, all_on_hand=(facts["firm"],)),
        blank_stocks=build_blank_stocks(park=park, orders=orders, seed=seed),
        setups=_setups(park=park, orders=book, seed=seed),
    )


def _setups(*, park: Park, orders: Sequence[SampleOrder], seed: int) -> tuple[MachineSetup, ...]:
    """Each forming machine stands set up for an open order of its firm, else for any product of its class.

    The case firm's presses stand set up as the case says.
    """
    rng = random.Random(f"setups-{seed}")
    facts = case_facts()
    by_product = _recipes_by_class(park)
    of_firm: dict[tuple[str, str], list[Recipe]] = {}
    of_class: dict[str, list[Recipe]] = {}
    for order in orders:
        for class_code, recipe in by_product[order.product_code]:
            of_firm.setdefault((order.firm_code, class_code), []).append(recipe)
            if not (recipe.boron or recipe.medical):
                of_class.setdefault(class_code, []).append(recipe)
    case_recipes = dict(by_product[facts["set_up_for"]])
    setups = []
    for machine in park.machines:
        choice = of_firm.get((machine.firm_code, machine.class_code)) or of_class.get(machine.class_code)
        if machine.firm_code == facts["firm"] and machine.class_code in case_recipes:
            choice = [case_recipes[machine.class_code]]
        if choice:
            setups.append(MachineSetup(machine.code, rng.choice(choice)))
    return tuple(setups)


def _recipes_by_class(park: Park) -> Mapping[str, Sequence[tuple[str, Recipe]]]:
    return {
        product.code: [
            (option.class_code, step.recipe)
            for routing in product.routings[:1]
            for step in routing.steps
            if step.recipe is not None
            for option in step.options
        ]
        for product in park.products
    }
