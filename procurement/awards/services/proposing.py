"""An officer puts a candidate to the firms, and takes it back."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from mes.core import audit
from mes.core.actors import Actor, DatabaseRole
from mes.core.errors import NotAllowedInState, NotFound
from mes.core.wall import switched
from mes.firms.access import require
from procurement.awards.choices import PlanStatus
from procurement.awards.models import AwardPlan
from procurement.awards.services.moving import plan_put_to_firms
from procurement.quotations.services.interests import check_no_interest
from procurement.rounds.choices import RoundStatus
from procurement.rounds.services.moves import round_moved
from procurement.rounds.services.rounds import round_locked


@transaction.atomic
def award_propose(*, actor: Actor, plan_id: UUID, now: datetime) -> AwardPlan:
    """proposed → confirming: each firm reads its own shares and has the round's hours to confirm or opt out.

    Raises NotFound, also for an officer with an interest in the round, NotAllowedInState, NotPermitted.
    """
    require(actor, "award.propose")
    plan = AwardPlan.objects.filter(pk=plan_id).first()
    if plan is None:
        raise NotFound
    row = round_locked(round_id=plan.round_id)
    check_no_interest(actor=actor, round_id=row.pk)
    plan.refresh_from_db()
    if plan.status != PlanStatus.CANDIDATE or plan.turn != row.opt_outs_solved or not plan.lines.exists():
        raise NotAllowedInState(_("This award can't be put to the firms any more."))
    closes_at = now + timedelta(hours=row.confirm_within_h)
    round_moved(actor=actor, row=row, to=RoundStatus.CONFIRMING, now=now, confirm_closes_at=closes_at)
    with switched(DatabaseRole.EXCHANGE):
        plan_put_to_firms(plan)
    changes = {"kind": plan.kind, "confirm_closes_at": closes_at}
    audit.record(actor=actor, verb="award.propose", obj=plan, firm_id=None, changes=changes)
    return plan
