"""The ledger of material."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mes.catalog.models import Material
from mes.core import audit, outbox
from mes.core.actors import Actor
from mes.core.errors import InvalidValue, NotFound
from mes.lots.models import Lot
from production.machines.choices import MovementReason
from production.machines.models import StockMovement
from production.machines.models.stock import MOST_G
from production.machines.services.machines import own_firm

_SIGN: Mapping[str, Callable[[int], bool]] = {
    MovementReason.OPENING: lambda mass_g: mass_g > 0,
    MovementReason.ARRIVAL: lambda mass_g: mass_g > 0,
    MovementReason.CONSUMPTION: lambda mass_g: mass_g < 0,
    MovementReason.CORRECTION: lambda mass_g: mass_g != 0,
}


@transaction.atomic
def stock_movement_add(
    *,
    actor: Actor,
    material_code: str,
    mass_g: int,
    reason: str,
    available_at: datetime,
    lot_id: UUID | None = None,
) -> StockMovement:
    """Books material that came (positive) or went (negative), in grams. A mistake is put right by another row.

    `available_at`: when it can be used, ahead for what is on its way. Raises InvalidValue with a pointer to the field,
    NotFound for an unknown material or a lot that is not the firm's or of another material, NotPermitted.
    """
    firm_id = own_firm(actor=actor, verb="stock.book")
    if reason not in MovementReason.values:
        raise InvalidValue(_("Unknown reason."), pointer="/reason")
    if not _SIGN[reason](mass_g) or abs(mass_g) > MOST_G:
        raise InvalidValue(_("What comes is positive, what goes is negative."), pointer="/mass_g")
    if timezone.is_naive(available_at):
        raise InvalidValue(pointer="/available_at")
    material = Material.objects.filter(code=material_code).first()
    if material is None:
        raise NotFound
    if lot_id is not None and not Lot.objects.filter(pk=lot_id, firm_id=firm_id, material=material).exists():
        raise NotFound
    movement = StockMovement.objects.create(
        firm_id=firm_id, material=material, lot_id=lot_id, mass_g=mass_g, available_at=available_at, reason=reason
    )
    changes = {"material": material_code, "mass_g": mass_g, "reason": reason, "available_at": available_at}
    audit.record(actor=actor, verb="stock.book", obj=movement, firm_id=firm_id, changes=changes)
    outbox.tell(topic="stock.booked", payload={"material": material_code}, firm_id=firm_id)
    return movement
