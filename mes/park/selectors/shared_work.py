"""What a firm has open with other members."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q

from orders.outsourcing.choices import OutsourceStatus
from orders.outsourcing.models import OutsourceOrder
from production.plans.choices import ProposalStatus
from production.plans.models import Proposal

SETTLED = (OutsourceStatus.RECEIVED, OutsourceStatus.CLOSED, OutsourceStatus.CANCELLED)


def open_shared_work(*, firm_id: UUID) -> list[str]:
    """Numbers of signed work that is not settled, then of lines with a proposal that waits, each with the giver."""
    party = Q(giver_id=firm_id) | Q(doer_id=firm_id)
    signed = OutsourceOrder.objects.filter(party).exclude(status__in=SETTLED).order_by("giver__code", "giver_number")
    waiting = Proposal.objects.filter(party, status=ProposalStatus.PROPOSED).order_by("giver__code", "pk")
    named = [f"{code} {number}" for code, number in signed.values_list("giver__code", "giver_number")]
    lines = waiting.values_list("giver__code", "line__order__number", "line__number")
    return [*named, *(f"{code} {order}-{line}" for code, order, line in lines)]
