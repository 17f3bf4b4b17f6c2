"""What the clock does with rounds. It asks for the state and the time, not for a window: days of outage are caught up.

Each round is its own transaction. Two clocks at once do no harm: the second waits for the round's lock and finds that
nothing is due.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from mes.core.actors import Actor, DatabaseRole, system_actor
from mes.core.clock import business_now
from mes.core.errors import DomainError
from mes.core.jobs import Lease
from mes.core.locks import lock_round
from mes.core.wall import wall
from procurement.rounds.choices import OPEN_STATUSES, CommitmentStatus, RoundStatus
from procurement.rounds.models import Commitment, Round
from procurement.rounds.services.freezing import round_freeze
from procurement.rounds.services.moves import round_firm
from procurement.rounds.services.progress import progress_show

MOVE = "rounds.move_due"


def move_due(lease: Lease) -> None:
    """Moves each round that is due, and shows how far the open ones are."""
    for round_id in _due():
        with wall(DatabaseRole.PLANNER):
            lease.renew()
            round_move_due(actor=system_actor(), round_id=round_id, now=business_now())
    with lease.committing():
        progress_show(now=business_now())


def round_move_due(*, actor: Actor, round_id: UUID, now: datetime) -> bool:
    """Freezes the round or begins its firming, if that is due; whether it has. Inside a wall of the planner's role.

    A round that is closed with fewer than five firms waits for somebody who says why that will do.
    """
    lock_round(round_id)
    row = Round.objects.select_for_update(of=("self",), skip_locked=True).filter(_is_due(now), pk=round_id).first()
    if row is None:
        return False
    try:
        if row.demand_closes_at <= now:
            round_freeze(actor=actor, round_id=round_id, now=now)
        else:
            round_firm(actor=actor, round_id=round_id, now=now)
    except DomainError:
        return False
    return True


def _due() -> list[UUID]:
    with wall(DatabaseRole.PLANNER):
        rows = Round.objects.filter(_is_due(business_now()))
        return list(rows.order_by("demand_closes_at", "pk").values_list("pk", flat=True))


def _is_due(now: datetime) -> Q:
    standing = Commitment.objects.filter(line__round=OuterRef("pk"), status=CommitmentStatus.SUBMITTED)
    freezes = Q(status__in=OPEN_STATUSES, demand_closes_at__lte=now) & Exists(standing)
    firms = Q(status=RoundStatus.COLLECTING, firming_at__lte=now, demand_closes_at__gt=now)
    return (freezes | firms) & Q(suspended_at=None)
