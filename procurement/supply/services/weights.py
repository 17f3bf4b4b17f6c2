"""The association weighs a delivery; its rule says what is paid; from then on each lot has its kg."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from mes.core import audit
from mes.core.actors import Actor
from mes.core.bounds import check_text, check_whole_number
from mes.core.errors import InvalidValue, NotAllowedInState, NotFound
from mes.core.states import move
from mes.firms.access import require
from procurement.award.allocation import in_proportion
from procurement.quotations.services.interests import check_no_interest
from procurement.rounds.models import MOST_KG
from procurement.supply.choices import DELIVERY_NEXT, DeliveryStatus
from procurement.supply.errors import WeightOpen
from procurement.supply.models import MOST_TEXT, Delivery
from procurement.supply.services.deliveries import dispute_until
from procurement.supply.services.weighing import Weight, WeightRule, paid_weight


@transaction.atomic
def delivery_weigh(
    *, actor: Actor, delivery_id: UUID, gross_kg: int, tare_kg: int, ticket_number: str, now: datetime
) -> Delivery:
    """announced → weighed, with the weighbridge's ticket, and what is paid by the agreement's rule.

    Raises InvalidValue, NotFound, NotAllowedInState, NotPermitted.
    """
    delivery = delivery_locked(actor=actor, verb="resin_delivery.weigh", delivery_id=delivery_id)
    check_whole_number(gross_kg, MOST_KG, "/gross_kg")
    check_whole_number(tare_kg, MOST_KG, "/tare_kg")
    if tare_kg >= gross_kg:
        raise InvalidValue(_("The tare is less than the gross weight."), pointer="/tare_kg")
    check_text(ticket_number, MOST_TEXT, "/ticket_number")
    weight = _paid(delivery, gross_kg - tare_kg, None)
    changes = move(
        delivery,
        DeliveryStatus.WEIGHED,
        moves=DELIVERY_NEXT,
        gross_kg=gross_kg,
        tare_kg=tare_kg,
        ticket_number=ticket_number,
        weighed_at=now,
        settled_kg=weight.kg,
        basis=str(weight.basis),
    )
    _told(actor, "resin_delivery.weigh", delivery, changes)
    return delivery


@transaction.atomic
def delivery_weigh_again(*, actor: Actor, delivery_id: UUID, third_kg: int) -> Delivery:
    """A third party's net weight, where it is wanted: after a dispute (→ weighed), or by the rule itself.

    Raises InvalidValue, NotFound, NotAllowedInState, NotPermitted.
    """
    delivery = delivery_locked(actor=actor, verb="resin_delivery.weigh", delivery_id=delivery_id)
    check_whole_number(third_kg, MOST_KG, "/third_kg")
    values: dict[str, Any] = {
        "third_kg": third_kg,
        "settled_kg": third_kg,
        "basis": str(_paid(delivery, third_kg, third_kg).basis),
    }
    if delivery.status == DeliveryStatus.DISPUTED:
        changes = move(delivery, DeliveryStatus.WEIGHED, moves=DELIVERY_NEXT, **values)
    elif delivery.status == DeliveryStatus.WEIGHED and delivery.settled_kg is None:
        changes = audit.changed(delivery, values)
        for name, value in values.items():
            setattr(delivery, name, value)
        delivery.save(update_fields=list(values))
    else:
        raise NotAllowedInState(_("No third party's weight is wanted."))
    _told(actor, "resin_delivery.weigh", delivery, changes)
    return delivery


@transaction.atomic
def delivery_settle(*, actor: Actor, delivery_id: UUID, now: datetime) -> Delivery:
    """weighed → settled: the weight holds, and each lot gets its part of it by its bags, exact to the kg.

    Raises WeightOpen while a weight beyond the tolerance may be disputed or is wanted of a third party, NotFound,
    NotAllowedInState, NotPermitted.
    """
    delivery = delivery_locked(actor=actor, verb="resin_delivery.settle", delivery_id=delivery_id)
    if delivery.status == DeliveryStatus.WEIGHED:
        _check_firm(delivery, now)
    changes = move(delivery, DeliveryStatus.SETTLED, moves=DELIVERY_NEXT, settled_at=now)
    lots = list(delivery.lots.select_for_update(of=("self",)).order_by("lot_number"))
    parts = in_proportion(delivery.settled_kg or 0, [lot.bags for lot in lots])
    for lot, kg in zip(lots, parts, strict=True):
        lot.kg = kg
        lot.save(update_fields=["kg"])
    _told(actor, "resin_delivery.settle", delivery, changes)
    return delivery


def delivery_locked(*, actor: Actor, verb: str, delivery_id: UUID) -> Delivery:
    """The delivery for an officer without an interest in its round. Raises NotFound, NotPermitted."""
    require(actor, verb)
    delivery = (
        Delivery.objects.select_for_update(of=("self",))
        .select_related("agreement__line")
        .filter(pk=delivery_id)
        .first()
    )
    if delivery is None:
        raise NotFound
    check_no_interest(actor=actor, round_id=delivery.agreement.line.round_id)
    return delivery


def _check_firm(delivery: Delivery, now: datetime) -> None:
    """Raises WeightOpen."""
    if delivery.settled_kg is None or delivery.net_kg is None or delivery.weighed_at is None:
        raise WeightOpen
    is_beyond = _paid(delivery, delivery.net_kg, delivery.third_kg).is_beyond
    if (
        is_beyond
        and delivery.third_kg is None
        and now < dispute_until(delivery=delivery, weighed_at=delivery.weighed_at)
    ):
        raise WeightOpen


def _paid(delivery: Delivery, received_kg: int, third_kg: int | None) -> Weight:
    agreement = delivery.agreement
    rule = WeightRule(agreement.tolerance_permille, agreement.basis_within, agreement.basis_beyond)
    return paid_weight(rule=rule, ticket_kg=delivery.ticket_kg, received_kg=received_kg, third_kg=third_kg)


def _told(actor: Actor, verb: str, delivery: Delivery, changes: dict[str, audit.Change]) -> None:
    audit.record(actor=actor, verb=verb, obj=delivery, firm_id=delivery.supplier_id, changes=changes)
