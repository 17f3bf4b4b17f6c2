"""Firms are asked whether they take a lot that is not as specified."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from mes.core import audit
from mes.core.actors import Actor, DatabaseRole
from mes.core.bounds import check_text
from mes.core.errors import NotAllowedInState, NotFound
from mes.core.states import move
from mes.core.wall import switched
from mes.firms.access import require, required_firm
from procurement.rounds.models import MOST_REASON
from procurement.supply.choices import CONCESSION_NEXT, ConcessionStatus, LotStatus, OrderStatus
from procurement.supply.models import Concession, FirmOrder
from procurement.supply.services.lots import lot_locked


@transaction.atomic
def concession_ask(*, actor: Actor, lot_id: UUID, reason: str) -> list[Concession]:
    """Asks each firm that has a signed order under the lot's agreement, once.

    Raises InvalidValue without a reason, NotFound, NotAllowedInState for a lot that is judged, NotPermitted.
    """
    require(actor, "resin_concession.ask")
    lot = lot_locked(actor=actor, lot_id=lot_id)
    check_text(reason, MOST_REASON, "/reason")
    if lot.status != LotStatus.QUARANTINED:
        raise NotAllowedInState(_("The lot was judged."))
    asked = []
    with switched(DatabaseRole.EXCHANGE):
        known = set(Concession.objects.filter(lot=lot).values_list("firm_id", flat=True))
        orders = FirmOrder.objects.filter(agreement=lot.delivery.agreement, status=OrderStatus.SIGNED)
        for order in orders.order_by("firm_id", "created_at"):
            if order.firm_id not in known:
                known.add(order.firm_id)
                asked.append(
                    Concession.objects.create(
                        firm_id=order.firm_id, lot=lot, order=order, lot_number=lot.lot_number, reason=reason
                    )
                )
        for row in asked:
            told = {"lot_number": row.lot_number, "reason": reason}
            audit.record(actor=actor, verb="resin_concession.ask", obj=row, firm_id=row.firm_id, changes=told)
    return asked


@transaction.atomic
def concession_agree(*, actor: Actor, concession_id: UUID, now: datetime) -> Concession:
    """The firm takes its part of the lot as it is. Raises NotFound, NotAllowedInState, NotPermitted."""
    return _answered(actor, "resin_concession.agree", concession_id, ConcessionStatus.AGREED, now)


@transaction.atomic
def concession_decline(*, actor: Actor, concession_id: UUID, now: datetime) -> Concession:
    """The firm gets nothing of the lot. Raises as concession_agree."""
    return _answered(actor, "resin_concession.decline", concession_id, ConcessionStatus.DECLINED, now)


def _answered(actor: Actor, verb: str, concession_id: UUID, answer: ConcessionStatus, now: datetime) -> Concession:
    firm_id = required_firm(actor, verb)
    seen = Concession.objects.filter(pk=concession_id).first()
    if seen is None:
        raise NotFound
    require(actor, verb, seen)
    with switched(DatabaseRole.EXCHANGE):
        row = Concession.objects.select_for_update(of=("self",)).select_related("lot").get(pk=concession_id)
        if row.lot.status != LotStatus.QUARANTINED:
            raise NotAllowedInState(_("The lot was judged."))
        changes = move(row, answer, moves=CONCESSION_NEXT, answered_at=now)
        audit.record(actor=actor, verb=verb, obj=row, firm_id=firm_id, changes=changes)
    return row
