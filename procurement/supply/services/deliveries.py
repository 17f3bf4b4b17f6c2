"""A supplier announces what it brings, takes it back, disputes a weight."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from mes.core import audit, locks
from mes.core.actors import Actor, DatabaseRole
from mes.core.bounds import check_text, check_whole_number, is_plausible
from mes.core.errors import InvalidValue, NotAllowedInState, NotFound
from mes.core.states import move
from mes.core.wall import switched
from mes.firms.access import require, required_firm
from procurement.rounds.choices import RoundStatus
from procurement.rounds.models import MOST_KG, MOST_REASON, Round
from procurement.supply.choices import DELIVERY_NEXT, DeliveryStatus
from procurement.supply.models import MOST_BAGS, MOST_TEXT, Delivery, DeliveryLot, FrameworkAgreement

MOST_LOTS = 200


@dataclass(frozen=True, slots=True)
class LotDraft:
    """Bags of one producer's lot."""

    lot_number: str
    bags: int
    produced_on: date | None = None


@dataclass(frozen=True, slots=True)
class DeliveryDraft:
    """`number`: of the supplier's delivery note. `ticket_kg`: net, by its own scales."""

    number: str
    expected_on: date
    ticket_kg: int
    lots: tuple[LotDraft, ...]


@transaction.atomic
def delivery_announce(*, actor: Actor, agreement_id: UUID, draft: DeliveryDraft, now: datetime) -> Delivery:
    """A load under an agreement, with its lots, which begin in quarantine.

    Raises InvalidValue with a pointer into the draft, NotFound for an agreement of another's, NotAllowedInState where
    the round is not being delivered, NotPermitted.
    """
    firm_id = required_firm(actor, "resin_delivery.announce")
    agreement = FrameworkAgreement.objects.filter(pk=agreement_id, supplier_id=firm_id).first()
    if agreement is None:
        raise NotFound
    _check(draft)
    _check_delivering(agreement)
    locks.lock_name(f"resin-delivery/{firm_id}")
    if Delivery.objects.filter(supplier_id=firm_id, number=draft.number).exists():
        raise InvalidValue(_("A delivery with this number was announced."), pointer="/number")
    bags = sum(lot.bags for lot in draft.lots)
    delivery = Delivery.objects.create(
        supplier_id=firm_id,
        agreement=agreement,
        number=draft.number,
        expected_on=draft.expected_on,
        bags=bags,
        ticket_kg=draft.ticket_kg,
    )
    for lot in draft.lots:
        DeliveryLot.objects.create(
            supplier_id=firm_id,
            delivery=delivery,
            lot_number=lot.lot_number,
            produced_on=lot.produced_on,
            bags=lot.bags,
        )
    told = {"number": draft.number, "bags": bags, "ticket_kg": draft.ticket_kg}
    audit.record(actor=actor, verb="resin_delivery.announce", obj=delivery, firm_id=firm_id, changes=told)
    return delivery


@transaction.atomic
def delivery_cancel(*, actor: Actor, delivery_id: UUID) -> Delivery:
    """announced → cancelled: it does not come. Raises NotFound, NotAllowedInState, NotPermitted."""
    firm_id = required_firm(actor, "resin_delivery.cancel")
    require(actor, "resin_delivery.cancel", _own(delivery_id))
    with switched(DatabaseRole.EXCHANGE):
        delivery = Delivery.objects.select_for_update(of=("self",)).get(pk=delivery_id)
        changes = move(delivery, DeliveryStatus.CANCELLED, moves=DELIVERY_NEXT)
        audit.record(actor=actor, verb="resin_delivery.cancel", obj=delivery, firm_id=firm_id, changes=changes)
    return delivery


@transaction.atomic
def delivery_dispute(*, actor: Actor, delivery_id: UUID, reason: str, now: datetime) -> Delivery:
    """weighed → disputed within the agreement's hours: a third party weighs, and its weight is paid.

    Raises InvalidValue without a reason, NotFound, NotAllowedInState, NotPermitted.
    """
    firm_id = required_firm(actor, "resin_delivery.dispute")
    require(actor, "resin_delivery.dispute", _own(delivery_id))
    check_text(reason, MOST_REASON, "/reason")
    with switched(DatabaseRole.EXCHANGE):
        delivery = Delivery.objects.select_for_update(of=("self",)).select_related("agreement").get(pk=delivery_id)
        if delivery.third_kg is not None:
            raise NotAllowedInState(_("A third party has weighed."))
        if delivery.weighed_at is not None and now >= dispute_until(delivery=delivery, weighed_at=delivery.weighed_at):
            raise NotAllowedInState(_("The time to dispute the weight is over."))
        changes = move(delivery, DeliveryStatus.DISPUTED, moves=DELIVERY_NEXT, reason=reason, settled_kg=None, basis="")
        audit.record(actor=actor, verb="resin_delivery.dispute", obj=delivery, firm_id=firm_id, changes=changes)
    return delivery


def dispute_until(*, delivery: Delivery, weighed_at: datetime) -> datetime:
    """Until when the supplier may dispute the weight."""
    return weighed_at + timedelta(hours=delivery.agreement.dispute_h)


def _own(delivery_id: UUID) -> Delivery:
    delivery = Delivery.objects.filter(pk=delivery_id).first()
    if delivery is None:
        raise NotFound
    return delivery


def _check_delivering(agreement: FrameworkAgreement) -> None:
    """A supplier does not read the round. Raises NotAllowedInState."""
    with switched(DatabaseRole.EXCHANGE):
        row = Round.objects.get(lines=agreement.line_id)
    if row.status != RoundStatus.DELIVERING:
        raise NotAllowedInState(_("The round is not being delivered now."))


def _check(draft: DeliveryDraft) -> None:
    check_text(draft.number, MOST_TEXT, "/number")
    check_whole_number(draft.ticket_kg, MOST_KG, "/ticket_kg")
    if not is_plausible(draft.expected_on):
        raise InvalidValue(pointer="/expected_on")
    if not 1 <= len(draft.lots) <= MOST_LOTS:
        raise InvalidValue(_("A delivery has lots."), pointer="/lots")
    numbers: set[str] = set()
    for at, lot in enumerate(draft.lots):
        check_text(lot.lot_number, MOST_TEXT, f"/lots/{at}/lot_number")
        check_whole_number(lot.bags, MOST_BAGS, f"/lots/{at}/bags")
        if lot.produced_on is not None and not is_plausible(lot.produced_on):
            raise InvalidValue(pointer=f"/lots/{at}/produced_on")
        if lot.lot_number in numbers:
            raise InvalidValue(_("The lot is there twice."), pointer=f"/lots/{at}/lot_number")
        numbers.add(lot.lot_number)
    if sum(lot.bags for lot in draft.lots) > MOST_BAGS:
        raise InvalidValue(pointer="/lots")
