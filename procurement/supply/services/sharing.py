"""An officer shares out what was accepted of a delivery, as the preview shows it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from mes.core import audit
from mes.core.actors import Actor, DatabaseRole
from mes.core.errors import NotAllowedInState, StaleState
from mes.core.wall import switched
from procurement.supply.choices import DeliveryStatus, LotStatus
from procurement.supply.models import DeliveryLot, FrameworkBalance, LotAllocation
from procurement.supply.selectors.sharing import Part, Sharing, sharing_of
from procurement.supply.services.weights import delivery_locked


@transaction.atomic
def delivery_share(*, actor: Actor, delivery_id: UUID, digest: str | None = None, now: datetime) -> Sharing:
    """Gives the delivery's accepted lots to firms, once it is settled and all its lots are judged. What nobody takes
    goes back. `digest`: of the preview; StaleState when it would be another sharing by now.

    Raises NotFound, NotAllowedInState, StaleState, NotPermitted.
    """
    delivery = delivery_locked(actor=actor, verb="resin_delivery.share", delivery_id=delivery_id)
    if delivery.status != DeliveryStatus.SETTLED:
        raise NotAllowedInState(_("The weight is not settled yet."))
    with switched(DatabaseRole.EXCHANGE):
        FrameworkBalance.objects.select_for_update(of=("self",)).get(agreement_id=delivery.agreement_id)
        if delivery.lots.filter(status=LotStatus.QUARANTINED).exists():
            raise NotAllowedInState(_("A lot is in quarantine."))
        sharing = sharing_of(delivery)
        if not sharing.returned:
            raise NotAllowedInState(_("There is nothing left to share."))
        if digest is not None and digest != sharing.digest:
            raise StaleState
        for part in sharing.parts:
            _give(actor, part, now)
        for lot_id in sharing.returned:
            _accept(actor, lot_id, [part for part in sharing.parts if part.lot.pk == lot_id])
    return sharing


def _give(actor: Actor, part: Part, now: datetime) -> None:
    row = LotAllocation.objects.create(
        firm_id=part.order.firm_id,
        seller_id=part.order.seller_id,
        lot=part.lot,
        order=part.order,
        bags=part.bags,
        kg=part.kg,
        allocated_at=now,
        lot_number=part.lot.lot_number,
        produced_on=part.lot.produced_on,
        conceded=part.lot.status == LotStatus.CONCEDED,
    )
    told = {"order": part.order.number, "lot_number": row.lot_number, "bags": row.bags, "kg": row.kg}
    audit.record(actor=actor, verb="resin_delivery.share", obj=row, firm_id=row.firm_id, changes=told)


def _accept(actor: Actor, lot_id: UUID, parts: list[Part]) -> None:
    lot = DeliveryLot.objects.select_for_update(of=("self",)).get(pk=lot_id)
    values = {"accepted_bags": sum(part.bags for part in parts), "accepted_kg": sum(part.kg for part in parts)}
    changes = audit.changed(lot, values)
    lot.accepted_bags, lot.accepted_kg = values["accepted_bags"], values["accepted_kg"]
    lot.save(update_fields=list(values))
    audit.record(actor=actor, verb="resin_delivery.share", obj=lot, firm_id=lot.supplier_id, changes=changes)
