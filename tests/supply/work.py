"""Steps of what follows an award, each by who takes it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from mes.core.actors import Actor
from mes.core.clock import business_now
from mes.core.wall import actor_wall
from procurement.supply import services
from procurement.supply.models import Delivery, DeliveryLot, FirmOrder, FrameworkAgreement, ResinLimit
from procurement.supply.services import DeliveryDraft, LotDraft, ValueDraft
from tests.database import as_owner
from tests.factories.awarded import seller_of
from tests.factories.rounds import OpenedRound, an_officer
from tests.rounds.work import the_time_is

GOOD = (
    ValueDraft("viscosity_number", Decimal(2300), "ml/g", "ISO 1628-3"),
    ValueDraft("ash", Decimal("0.02"), "%", "X"),
)
BAD = (ValueDraft("viscosity_number", Decimal(1500), "ml/g", "ISO 1628-3"),)


def act(actor: Actor, service: Any, **given: Any) -> Any:
    """Inside the actor's wall, by the park's clock."""
    with actor_wall(actor):
        return service(actor=actor, **given)


def timed(actor: Actor, service: Any, **given: Any) -> Any:
    with actor_wall(actor):
        return service(actor=actor, now=business_now(), **given)


def limited(found: OpenedRound, material: str = "PE1") -> None:
    """The material must have a viscosity number of 2,000 ml/g at least."""
    with as_owner():
        ResinLimit.objects.get_or_create(
            material=found.lines[material].material, property="viscosity_number", defaults={"least": 2000}
        )


def delivering(found: OpenedRound, *, signed: bool = True) -> OpenedRound:
    """Orders are made, and each firm has signed."""
    timed(an_officer(), services.orders_make, round_id=found.pk)
    if signed:
        with as_owner():
            orders = list(FirmOrder.objects.select_related("firm"))
        for order in orders:
            timed(found.buyer(order.firm.code), services.order_sign, order_id=order.pk, contract_number="HT-1")
    return found


def agreement_of(found: OpenedRound, supplier: str = "S1", material: str = "PE1") -> FrameworkAgreement:
    with as_owner():
        return FrameworkAgreement.objects.get(supplier__code=supplier, line=found.lines[material])


def announced(
    found: OpenedRound, bags: Sequence[int], supplier: str = "S1", *, ticket_kg: int | None = None, number: str = "D1"
) -> Delivery:
    """One lot for each number of bags of 25 kg."""
    day = business_now().date() + timedelta(days=20)
    lots = tuple(LotDraft(f"{number}-{at}", count) for at, count in enumerate(bags, start=1))
    draft = DeliveryDraft(number, day, sum(bags) * 25 if ticket_kg is None else ticket_kg, lots)
    made: Delivery = timed(
        seller_of(found, supplier),
        services.delivery_announce,
        agreement_id=agreement_of(found, supplier).pk,
        draft=draft,
    )
    return made


def certified(
    found: OpenedRound, delivery: Delivery, supplier: str = "S1", values: Sequence[ValueDraft] = GOOD
) -> None:
    for lot in lots_of(delivery):
        act(seller_of(found, supplier), services.certificate_put, lot_id=lot.pk, values=values)


def weighed(delivery: Delivery, net_kg: int | None = None) -> Delivery:
    net = delivery.ticket_kg if net_kg is None else net_kg
    given = {"gross_kg": net + 14_000, "tare_kg": 14_000, "ticket_number": "W-1"}
    timed(an_officer(), services.delivery_weigh, delivery_id=delivery.pk, **given)
    return again(delivery)


def settled(delivery: Delivery, net_kg: int | None = None, *, later: timedelta = timedelta(hours=49)) -> Delivery:
    weighed(delivery, net_kg)
    the_time_is(business_now() + later)
    timed(an_officer(), services.delivery_settle, delivery_id=delivery.pk)
    return again(delivery)


def shared(found: OpenedRound, bags: Sequence[int], supplier: str = "S1", **given: Any) -> Delivery:
    """Announced, certified, weighed, settled, released and shared."""
    delivery = announced(found, bags, supplier, **given)
    certified(found, delivery, supplier)
    settled(delivery)
    for lot in lots_of(delivery):
        timed(an_officer(), services.lot_release, lot_id=lot.pk)
    timed(an_officer(), services.delivery_share, delivery_id=delivery.pk)
    return again(delivery)


def lots_of(delivery: Delivery) -> list[DeliveryLot]:
    with as_owner():
        return list(DeliveryLot.objects.filter(delivery_id=delivery.pk).order_by("lot_number"))


def again(delivery: Delivery) -> Delivery:
    with as_owner():
        return Delivery.objects.select_related("agreement").get(pk=delivery.pk)


def got(delivery: Delivery) -> dict[str, int]:
    """Bags of the delivery by firm."""
    with as_owner():
        found: dict[str, int] = {}
        for lot in delivery.lots.prefetch_related("allocations__firm"):
            for part in lot.allocations.all():
                found[part.firm.code] = found.get(part.firm.code, 0) + part.bags
        return found
