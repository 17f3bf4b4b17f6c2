"""The end of deliveries: everything that came is weighed, judged and shared."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from mes.core.actors import Actor
from mes.core.errors import NotAllowedInState
from mes.firms.access import require
from procurement.quotations.services.interests import check_no_interest
from procurement.rounds.choices import RoundStatus
from procurement.rounds.models import Round
from procurement.rounds.services.moves import round_moved
from procurement.rounds.services.rounds import round_locked
from procurement.supply.choices import ACCEPTED, DeliveryStatus, LotStatus
from procurement.supply.models import Delivery, DeliveryLot


@transaction.atomic
def deliveries_end(*, actor: Actor, round_id: UUID, now: datetime) -> Round:
    """delivering → settling, once each delivery that was not cancelled is settled and each lot accepted is shared.

    What was ordered and did not come is claimed. Raises NotFound, NotAllowedInState, NotPermitted.
    """
    require(actor, "resin_delivery.end")
    row = round_locked(round_id=round_id)
    check_no_interest(actor=actor, round_id=row.pk)
    if row.status != RoundStatus.DELIVERING:
        raise NotAllowedInState
    deliveries = Delivery.objects.filter(agreement__line__round=row).exclude(status=DeliveryStatus.CANCELLED)
    if deliveries.exclude(status=DeliveryStatus.SETTLED).exists():
        raise NotAllowedInState(_("A delivery is not settled yet."))
    lots = DeliveryLot.objects.filter(delivery__in=deliveries)
    if lots.filter(Q(status=LotStatus.QUARANTINED) | Q(status__in=ACCEPTED, accepted_bags=None)).exists():
        raise NotAllowedInState(_("A lot is not judged or not shared yet."))
    return round_moved(actor=actor, row=row, to=RoundStatus.SETTLING, now=now)
