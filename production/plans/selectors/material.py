"""What of a firm's material is still free: work that does not move and has not begun will take its share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from uuid import UUID

from orders.sales.selectors import OpenLine
from production.machines.selectors.stock import StockArrival
from production.plans.selectors.live import LiveLot
from production.plans.selectors.routes import Routes

Reserved = Mapping[tuple[UUID, str], int]


def material_reserved(*, lots: Iterable[LiveLot], lines: Iterable[OpenLine], routes: Routes) -> Reserved:
    """Grams by firm and material code that frozen lots need. Those that have begun have taken theirs already."""
    products = {line.line_id: line.product_id for line in lines}
    reserved: defaultdict[tuple[UUID, str], int] = defaultdict(int)
    for lot in lots:
        product_id = products.get(lot.own_line_id or lot.line_id)
        if product_id is None or lot.is_begun or not lot.frozen:
            continue
        for route in routes.routes[product_id]:
            if route.key == lot.routing_variant:
                for material, grams in (need for step in route.steps for need in step.materials):
                    reserved[lot.material_firm_id, material] += grams * lot.open_pieces
    return reserved


def both_reserved(first: Reserved, second: Reserved) -> Reserved:
    """The sum of two."""
    return {place: first.get(place, 0) + second.get(place, 0) for place in {*first, *second}}


def arrivals_left(*, arrivals: Iterable[StockArrival], reserved: Reserved) -> list[StockArrival]:
    """The arrivals, in their order, less what is reserved; what comes first is taken first."""
    owed = dict(reserved)
    left = []
    for arrival in arrivals:
        place = (arrival.firm_id, arrival.material_code)
        taken_g = min(arrival.mass_g, owed.get(place, 0))
        owed[place] = owed.get(place, 0) - taken_g
        if arrival.mass_g > taken_g:
            left.append(replace(arrival, mass_g=arrival.mass_g - taken_g))
    return left
