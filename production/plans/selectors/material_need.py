"""What a firm would commit to of a round's line: the material that its orders need by then, less what it will have.

All is read in the firm's own wall.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_CEILING
from uuid import UUID

from django.db.models import Sum
from django.utils import timezone

from mes.catalog.selectors import RoutingView, routings_of
from mes.core.actors import Actor
from mes.core.errors import NotFound, NotPermitted
from mes.core.units import GRAMS_PER_KG
from orders.sales.selectors import OpenLine, lines_to_plan
from procurement.rounds.models import RoundLine
from procurement.rounds.selectors import round_get
from production.machines.models import StockMovement
from production.plans.selectors.live import LiveLot, live_lots


@dataclass(frozen=True, slots=True)
class ProposedCommitment:
    """A commitment that nobody has made yet, in whole bags. `needed_kg` and `stock_kg`: by the end of the window.

    `wanted_kg` 0: the stock will do.
    """

    line: RoundLine
    needed_kg: int
    stock_kg: int
    wanted_kg: int


def proposed_commitment(*, actor: Actor, round_id: UUID, number: int, now: datetime) -> ProposedCommitment:
    """Of the firm's open pieces those count that its live plan begins before the window's end, by the routing that the
    plan chose; what has no place in it counts by the preferred routing when it is due by then. Work that has begun has
    taken its material; pieces that are signed over to another member, and work on another's material, take none.

    Raises NotFound, NotPermitted.
    """
    if actor.firm_id is None:
        raise NotPermitted
    line = next((row for row in round_get(actor=actor, round_id=round_id).lines.all() if row.number == number), None)
    if line is None:
        raise NotFound
    until = _end_of(line.window_to)
    needed_g = _needed_g(actor.firm_id, line.material.code, now, until)
    stock_g = _stock_g(actor.firm_id, line.material_id, until)
    bag_g = line.bag_kg * GRAMS_PER_KG
    bags = -(-max(0, needed_g - stock_g) // bag_g)
    return ProposedCommitment(line, -(-needed_g // GRAMS_PER_KG), max(0, stock_g) // GRAMS_PER_KG, bags * line.bag_kg)


def _end_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time()))


def _stock_g(firm_id: UUID, material_id: UUID, until: datetime) -> int:
    """What the ledger shows at hand and on its way by then."""
    rows = StockMovement.objects.filter(firm_id=firm_id, material_id=material_id, available_at__lt=until)
    mass_g: int = rows.aggregate(total=Sum("mass_g", default=0))["total"]
    return mass_g


def _needed_g(firm_id: UUID, material_code: str, now: datetime, until: datetime) -> int:
    lines = {line.line_id: line for line in lines_to_plan(firm_id=firm_id)}
    lots = [lot for lot in live_lots(zero_at=now) if lot.firm_id == firm_id]
    products = {line.product_id for line in lines.values()} | {lot.product_id for lot in lots if lot.product_id}
    routings = routings_of(product_ids=products)
    until_min = (until - now) // timedelta(minutes=1)
    planned = sum(
        _grams(routings.get(lot.product_id, ()), material_code, lot.routing_variant) * lot.open_pieces
        for lot in lots
        if lot.product_id and lot.material_firm_id == firm_id and not lot.is_begun and lot.runs[0].start_min < until_min
    )
    unplanned = sum(
        _grams(routings.get(line.product_id, ()), material_code) * pieces
        for line, pieces in _without_place(lines, lots)
        if line.due_at < until
    )
    return planned + unplanned


def _without_place(lines: Mapping[UUID, OpenLine], lots: Iterable[LiveLot]) -> list[tuple[OpenLine, int]]:
    placed: defaultdict[UUID, int] = defaultdict(int)
    for lot in lots:
        placed[lot.own_line_id or lot.line_id] += lot.open_pieces
    return [(line, line.pieces_left - placed[key]) for key, line in lines.items() if line.pieces_left > placed[key]]


def _grams(routings: Sequence[RoutingView], material_code: str, variant: str | None = None) -> int:
    """Of the material in one piece, rounded up as the planner does; by the preferred routing unless one is named."""
    for routing in routings:
        if variant in {None, routing.variant}:
            kg = [item.kg_per_piece for item in routing.bom if item.material_code == material_code]
            return sum(int((each * GRAMS_PER_KG).to_integral_value(rounding=ROUND_CEILING)) for each in kg)
    return 0
