"""A firm takes its part of a lot into its own stock: a lot of its own, which production refers to."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from mes.core import audit
from mes.core.actors import Actor, DatabaseRole
from mes.core.errors import NotAllowedInState, NotFound
from mes.core.wall import switched
from mes.firms.access import require, required_firm
from mes.lots.services import lot_register
from procurement.supply.models import LotAllocation


@transaction.atomic
def lot_take_in(*, actor: Actor, part_id: UUID, code: str | None = None) -> LotAllocation:
    """Registers the firm's lot, with its next number where no `code` is given; it names supplier and producer's lot.

    Raises NotFound, NotAllowedInState the second time, InvalidValue for a number that is taken, NotPermitted.
    """
    firm_id = required_firm(actor, "resin_lot.take_in")
    part = LotAllocation.objects.filter(pk=part_id).select_related("order__line__material", "order__supplier").first()
    if part is None:
        raise NotFound
    require(actor, "resin_lot.take_in", part)
    with switched(DatabaseRole.EXCHANGE):
        taken = LotAllocation.objects.select_for_update(of=("self",)).get(pk=part_id)
    if taken.kernel_lot_id is not None:
        raise NotAllowedInState(_("It was taken in."))
    lot = lot_register(
        actor=actor,
        material_code=part.order.line.material.code,
        code=code,
        supplier_name=part.order.supplier.name_zh[:80],
        supplier_lot=part.lot_number,
    )
    with switched(DatabaseRole.EXCHANGE):
        taken.kernel_lot_id = lot.pk
        taken.save(update_fields=["kernel_lot"])
        told = {"kernel_lot": lot.pk, "kg": taken.kg, "bags": taken.bags}
        audit.record(actor=actor, verb="resin_lot.take_in", obj=taken, firm_id=firm_id, changes=told)
    return taken
