"""Capacity offers: machine time for the other members, at a standing fee."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from mes.catalog.choices import FORMING_KINDS
from mes.core import audit, outbox
from mes.core.actors import Actor
from mes.core.errors import InvalidValue, NotFound
from mes.core.money import FEN
from mes.core.numbering import next_number
from mes.core.states import move
from production.machines.choices import OFFER_NEXT, AcceptMode, MachineStatus, MaterialFrom, OfferStatus
from production.machines.models import CapacityOffer, CapacityOfferTerms, Machine, OfferedMachine
from production.machines.models.offers import MOST_FEE_CNY_PER_T, MOST_LEAST_LOT_KG
from production.machines.services.calendars import check_period
from production.machines.services.machines import own_firm

MOST_NUMBER_LENGTH = 40


@dataclass(frozen=True, slots=True)
class OfferDraft:
    """Forming machines in a window, a share of their open time in percent, and terms.

    `fee_cny_per_t`: per tonne of good product. `accept`: whether a placement on these terms binds at once.
    """

    machine_ids: frozenset[UUID]
    starts_at: datetime
    ends_at: datetime
    fee_cny_per_t: Decimal
    share_pct: int = 100
    least_lot_kg: int = 1000
    accept: str = AcceptMode.ASK
    material_from: str = MaterialFrom.DOER


@transaction.atomic
def capacity_offer_publish(*, actor: Actor, draft: OfferDraft, now: datetime, code: str | None = None) -> CapacityOffer:
    """Offers machine time to the other members. Without a `code` the firm's next number is taken.

    Raises InvalidValue with a pointer to the field, NotFound for a machine of another firm, NotPermitted.
    """
    firm_id = own_firm(actor=actor, verb="capacity_offer.publish")
    check_period(draft.starts_at, draft.ends_at)
    _check_terms(draft, now)
    _check_machines(firm_id, draft.machine_ids)
    offer = CapacityOffer.objects.create(
        firm_id=firm_id,
        code=_number(firm_id, code),
        published_at=now,
        starts_at=draft.starts_at,
        ends_at=draft.ends_at,
        share_pct=draft.share_pct,
        least_lot_kg=draft.least_lot_kg,
        accept=draft.accept,
        material_from=draft.material_from,
    )
    OfferedMachine.objects.bulk_create(
        OfferedMachine(firm_id=firm_id, offer=offer, machine_id=key) for key in sorted(draft.machine_ids)
    )
    CapacityOfferTerms.objects.create(firm_id=firm_id, offer=offer, fee_cny_per_t=draft.fee_cny_per_t)
    changes = {"code": offer.code, "machines": len(draft.machine_ids), "starts_at": offer.starts_at}
    audit.record(
        actor=actor,
        verb="capacity_offer.publish",
        obj=offer,
        firm_id=firm_id,
        changes=changes | {"ends_at": offer.ends_at, "share_pct": offer.share_pct},
    )
    outbox.tell(topic="capacity_offer.published", payload={"offer_id": str(offer.pk)}, firm_id=firm_id)
    return offer


@transaction.atomic
def capacity_offer_withdraw(*, actor: Actor, offer_id: UUID, now: datetime) -> CapacityOffer:
    """published → withdrawn: nothing new is placed on it; what is proposed or agreed already stands.

    Raises NotFound for another firm's offer, NotAllowedInState, StaleState, NotPermitted.
    """
    firm_id = own_firm(actor=actor, verb="capacity_offer.withdraw")
    offer = CapacityOffer.objects.filter(pk=offer_id, firm_id=firm_id).first()
    if offer is None:
        raise NotFound
    changes = move(offer, OfferStatus.WITHDRAWN, moves=OFFER_NEXT, withdrawn_at=now)
    audit.record(actor=actor, verb="capacity_offer.withdraw", obj=offer, firm_id=firm_id, changes=changes)
    outbox.tell(topic="capacity_offer.withdrawn", payload={"offer_id": str(offer.pk)}, firm_id=firm_id)
    return offer


def _check_terms(draft: OfferDraft, now: datetime) -> None:
    fee = draft.fee_cny_per_t
    checks = {
        "/ends_at": draft.ends_at > now,
        "/share_pct": 1 <= draft.share_pct <= 100,
        "/least_lot_kg": 0 <= draft.least_lot_kg <= MOST_LEAST_LOT_KG,
        "/accept": draft.accept in AcceptMode.values,
        "/material_from": draft.material_from in MaterialFrom.values,
        "/fee_cny_per_t": fee.is_finite() and 0 <= fee <= MOST_FEE_CNY_PER_T and fee == fee.quantize(FEN),
    }
    for pointer, holds in checks.items():
        if not holds:
            raise InvalidValue(pointer=pointer)


def _check_machines(firm_id: UUID, machine_ids: frozenset[UUID]) -> None:
    machines = list(Machine.objects.filter(pk__in=machine_ids, firm_id=firm_id).select_related("machine_class"))
    if len(machines) != len(machine_ids):
        raise NotFound
    if not machines:
        raise InvalidValue(_("Offer at least one machine."), pointer="/machine_ids")
    for machine in machines:
        if machine.machine_class.kind not in FORMING_KINDS or machine.status != MachineStatus.INSTALLED:
            raise InvalidValue(_("Only installed forming machines can be offered."), pointer="/machine_ids")


def _number(firm_id: UUID, code: str | None) -> str:
    offers = CapacityOffer.objects.filter(firm_id=firm_id)
    if code is not None:
        if not code.strip() or len(code) > MOST_NUMBER_LENGTH or offers.filter(code=code).exists():
            raise InvalidValue(_("The number is empty, too long or taken."), pointer="/code")
        return code
    while True:
        number = f"C{next_number(firm_id=firm_id, series='capacity_offer'):04d}"
        if not offers.filter(code=number).exists():
            return number
