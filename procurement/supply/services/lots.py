"""What becomes of a delivered lot: released as specified, conceded by the firms that take it, or rejected."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from mes.core import audit
from mes.core.actors import Actor
from mes.core.bounds import check_text
from mes.core.errors import NotAllowedInState, NotFound
from mes.core.states import move
from mes.firms.access import require
from procurement.quotations.services.interests import check_no_interest
from procurement.rounds.models import MOST_REASON
from procurement.supply.choices import LOT_NEXT, ConcessionStatus, DeliveryStatus, LotStatus
from procurement.supply.errors import OffSpecification
from procurement.supply.models import Concession, DeliveryLot
from procurement.supply.selectors.judging import judged_lot, outside

_ARRIVED = frozenset({DeliveryStatus.WEIGHED, DeliveryStatus.DISPUTED, DeliveryStatus.SETTLED})


@transaction.atomic
def lot_release(*, actor: Actor, lot_id: UUID, now: datetime) -> DeliveryLot:
    """quarantined → released: each limit of the material is shown to be kept.

    Raises OffSpecification naming what is not, NotFound, NotAllowedInState before it has come, NotPermitted.
    """
    lot = _arrived(actor, lot_id)
    if lot.status == LotStatus.QUARANTINED and (wrong := outside(judged_lot(lot))):
        raise OffSpecification(wrong)
    return _decided(actor, lot, LotStatus.RELEASED, now)


@transaction.atomic
def lot_concede(*, actor: Actor, lot_id: UUID, reason: str, now: datetime) -> DeliveryLot:
    """quarantined → conceded: it is not as specified, and at least one firm has agreed to take it all the same.

    Raises InvalidValue without a reason, NotFound, NotAllowedInState without a firm's consent, NotPermitted.
    """
    lot = _arrived(actor, lot_id)
    check_text(reason, MOST_REASON, "/reason")
    if not Concession.objects.filter(lot=lot, status=ConcessionStatus.AGREED).exists():
        raise NotAllowedInState(_("No firm has agreed to take it."))
    return _decided(actor, lot, LotStatus.CONCEDED, now, reason)


@transaction.atomic
def lot_reject(*, actor: Actor, lot_id: UUID, reason: str, now: datetime) -> DeliveryLot:
    """quarantined → rejected: it goes back. Raises InvalidValue without a reason, NotFound, NotAllowedInState,
    NotPermitted.
    """
    lot = _arrived(actor, lot_id)
    check_text(reason, MOST_REASON, "/reason")
    return _decided(actor, lot, LotStatus.REJECTED, now, reason)


def lot_locked(*, actor: Actor, lot_id: UUID) -> DeliveryLot:
    """The lot for an officer without an interest in its round. Raises NotFound, NotPermitted."""
    lot = (
        DeliveryLot.objects.select_for_update(of=("self",))
        .select_related("delivery__agreement__line")
        .filter(pk=lot_id)
        .first()
    )
    if lot is None:
        raise NotFound
    check_no_interest(actor=actor, round_id=lot.delivery.agreement.line.round_id)
    return lot


def _arrived(actor: Actor, lot_id: UUID) -> DeliveryLot:
    require(actor, "resin_lot.decide")
    lot = lot_locked(actor=actor, lot_id=lot_id)
    if lot.delivery.status not in _ARRIVED:
        raise NotAllowedInState(_("The delivery has not come."))
    return lot


def _decided(actor: Actor, lot: DeliveryLot, to: LotStatus, now: datetime, reason: str = "") -> DeliveryLot:
    wrong = outside(judged_lot(lot))
    changes = move(lot, to, moves=LOT_NEXT, decided_at=now, reason=reason, off_specification=wrong)
    audit.record(actor=actor, verb="resin_lot.decide", obj=lot, firm_id=lot.supplier_id, changes=changes)
    return lot
