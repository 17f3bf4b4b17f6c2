"""Who gets what of a delivery: its accepted lots among the firms that have signed orders under its agreement.

Inside a wall that sees all of them: an officer without an interest in the round, or the exchange.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Sum

from procurement.award.allocation import Claim as Want
from procurement.award.allocation import allocate, in_proportion
from procurement.supply.choices import ACCEPTED, ConcessionStatus, LotStatus, OrderStatus
from procurement.supply.models import Concession, Delivery, DeliveryLot, FirmOrder, LotAllocation


@dataclass(frozen=True, slots=True)
class Part:
    """Of a lot, for an order."""

    lot: DeliveryLot
    order: FirmOrder
    bags: int
    kg: int


@dataclass(frozen=True, slots=True)
class FirmPart:
    """A firm's line of the preview, in kg: ordered under the agreement, what it lacked, what it gets now."""

    firm_id: UUID
    ordered_kg: int
    lacked_kg: int
    gets_kg: int


@dataclass(frozen=True, slots=True)
class Sharing:
    """`returned`: bags of each lot that nobody takes. `digest`: of who gets what, to share what was looked at."""

    parts: tuple[Part, ...]
    firms: tuple[FirmPart, ...]
    returned: dict[UUID, int]
    digest: str


@dataclass
class _Order:
    row: FirmOrder
    kg: int
    got_kg: int

    @property
    def lacks_kg(self) -> int:
        return max(0, self.kg - self.got_kg)


@dataclass
class _Firm:
    """All orders of a firm under the agreement, the first made first. `room_kg`: what it takes beyond what it lacks."""

    firm_id: UUID
    tie: str
    priority: int
    room_kg: int
    orders: list[_Order] = field(default_factory=list)

    @property
    def lacks_kg(self) -> int:
        return sum(order.lacks_kg for order in self.orders)


def sharing_of(delivery: Delivery) -> Sharing:
    """Of all lots that are accepted and not shared yet. Lots by concession go to the firms that have agreed, first.

    By class, then in proportion to what each lacks of what it has ordered, exact to the bag; surplus fills firms up to
    the most of their locked commitments likewise. Each lot's kg follow its bags.
    """
    agreement = delivery.agreement
    firms = _firms(delivery)
    ordered = {firm.firm_id: (sum(order.kg for order in firm.orders), firm.lacks_kg) for firm in firms}
    lots = delivery.lots.filter(status__in=ACCEPTED, accepted_bags=None).order_by("lot_number")
    bags: dict[tuple[UUID, UUID], int] = {}
    conceded = [lot for lot in lots if lot.status == LotStatus.CONCEDED]
    for lot in conceded:
        agreed = set(
            Concession.objects.filter(lot=lot, status=ConcessionStatus.AGREED).values_list("firm_id", flat=True)
        )
        _hand_out([lot], [firm for firm in firms if firm.firm_id in agreed], agreement.bag_kg, bags)
    _hand_out([lot for lot in lots if lot.status == LotStatus.RELEASED], firms, agreement.bag_kg, bags)
    parts = tuple(_weighed(lots, firms, bags))
    gets: dict[UUID, int] = {}
    for part in parts:
        gets[part.order.firm_id] = gets.get(part.order.firm_id, 0) + part.bags * agreement.bag_kg
    shown = tuple(
        FirmPart(firm.firm_id, *ordered[firm.firm_id], gets.get(firm.firm_id, 0))
        for firm in sorted(firms, key=lambda item: (item.priority, item.tie))
    )
    given = {lot.pk: sum(part.bags for part in parts if part.lot.pk == lot.pk) for lot in lots}
    return Sharing(parts, shown, {lot.pk: lot.bags - given[lot.pk] for lot in lots}, _digest(parts))


def _firms(delivery: Delivery) -> list[_Firm]:
    """Who has signed orders under the agreement, with what they got so far and what they have room for."""
    line_id = delivery.agreement.line_id
    orders = list(
        FirmOrder.objects.filter(line_id=line_id).exclude(status=OrderStatus.CANCELLED).select_related("locked")
    )
    bag_kg = delivery.agreement.bag_kg
    got = dict(
        LotAllocation.objects.filter(order__line_id=line_id)
        .values_list("order_id")
        .annotate(total=Sum("bags"))
        .values_list("order_id", "total")
    )
    firms: dict[UUID, _Firm] = {}
    expected: dict[UUID, int] = {}
    for order in sorted(orders, key=lambda item: item.pk):
        locked = order.locked
        got_kg = got.get(order.pk, 0) * bag_kg
        expected[order.firm_id] = expected.get(order.firm_id, 0) + max(order.kg, got_kg)
        if order.agreement_id == delivery.agreement_id and order.status == OrderStatus.SIGNED:
            firm = firms.setdefault(order.firm_id, _Firm(order.firm_id, locked.tie, locked.priority, locked.most_kg))
            firm.orders.append(_Order(order, order.kg, got_kg))
    for firm in firms.values():
        firm.room_kg = max(0, firm.room_kg - expected[firm.firm_id]) // bag_kg * bag_kg
    return sorted(firms.values(), key=lambda firm: (firm.priority, firm.tie))


def _hand_out(
    lots: Sequence[DeliveryLot], firms: Sequence[_Firm], bag_kg: int, bags: dict[tuple[UUID, UUID], int]
) -> None:
    """Adds to `bags`, by lot and order. Firms are served from the lots in turn, so that few lots are divided."""
    if not lots or not firms:
        return
    wants = [
        Want(str(firm.firm_id), firm.lacks_kg, firm.lacks_kg + firm.room_kg, firm.tie, firm.priority) for firm in firms
    ]
    given = allocate(sum(lot.bags for lot in lots) * bag_kg, bag_kg, wants).kg
    left = {lot.pk: lot.bags for lot in lots}
    for firm in firms:
        gets_kg = given[str(firm.firm_id)]
        firm.room_kg -= max(0, gets_kg - firm.lacks_kg)
        for order, order_kg in _of_orders(firm, gets_kg):
            wanted = order_kg // bag_kg
            order.got_kg += order_kg
            while wanted:
                lot_id, there = next(iter(left.items()))
                taken = min(wanted, there)
                bags[lot_id, order.row.pk] = bags.get((lot_id, order.row.pk), 0) + taken
                wanted -= taken
                left[lot_id] -= taken
                if not left[lot_id]:
                    del left[lot_id]


def _of_orders(firm: _Firm, gets_kg: int) -> Iterable[tuple[_Order, int]]:
    """What the firm gets, by its orders: the first made first, surplus for the last."""
    parts = []
    for order in firm.orders:
        taken = min(order.lacks_kg, gets_kg)
        gets_kg -= taken
        parts.append((order, taken))
    order, taken = parts[-1]
    return [*parts[:-1], (order, taken + gets_kg)]


def _weighed(lots: Iterable[DeliveryLot], firms: Sequence[_Firm], bags: dict[tuple[UUID, UUID], int]) -> Iterable[Part]:
    """Each part with its kg: of the lot's weight, in proportion to the bags; the last of them are those returned."""
    orders = [order.row for firm in firms for order in firm.orders]
    for lot in lots:
        of_lot = [(order, bags[lot.pk, order.pk]) for order in orders if bags.get((lot.pk, order.pk))]
        counts = [count for _order, count in of_lot]
        weights = in_proportion(lot.kg or 0, [*counts, lot.bags - sum(counts)])
        for (order, count), kg in zip(of_lot, weights, strict=False):
            yield Part(lot, order, count, kg)


def _digest(parts: Iterable[Part]) -> str:
    said = sorted([str(part.lot.pk), str(part.order.pk), part.bags, part.kg] for part in parts)
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()
