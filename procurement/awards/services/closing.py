"""What the clock does when the time for confirmations is over. It asks for the state and the time, not for a window."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Q

from mes.core import audit, outbox
from mes.core.actors import Actor, DatabaseRole, system_actor
from mes.core.clock import business_now
from mes.core.jobs import Lease
from mes.core.locks import lock_round
from mes.core.wall import wall
from procurement.awards.choices import Answer, PlanStatus, SearchKind, SearchStatus
from procurement.awards.models import AwardPlan, AwardSearch, FirmShare
from procurement.awards.services.moving import plan_set_aside
from procurement.awards.services.searching import search_by_itself
from procurement.rounds.choices import RoundStatus, Silence
from procurement.rounds.models import Round
from procurement.rounds.services.moves import round_moved

CLOSE = "award.confirmations_close"
MOST_SOLVED_AGAIN = 2
_SAYS = {Silence.ACCEPT: Answer.CONFIRMED, Silence.OPT_OUT: Answer.OPTED_OUT}


def close_due(lease: Lease) -> None:
    """Ends the time for confirmations of each round that is due."""
    with wall(DatabaseRole.PLANNER):
        due = list(Round.objects.filter(_is_due(business_now())).order_by("pk").values_list("pk", flat=True))
    for round_id in due:
        with wall(DatabaseRole.PLANNER):
            lease.renew()
            award_confirmations_close(actor=system_actor(), round_id=round_id, now=business_now())
    with lease.committing():
        return


def award_confirmations_close(*, actor: Actor, round_id: UUID, now: datetime) -> bool:
    """Silence answers as each firm chose; opt-outs are solved again, twice at most. Whether it was due.

    Inside a wall of the planner's role. Without opt-outs the award waits for the officers' signatures; after the third
    round of opt-outs it is kept for the others (`keeping`).
    """
    lock_round(round_id)
    row = Round.objects.filter(_is_due(now), pk=round_id).first()
    if row is None:
        return False
    plan = AwardPlan.objects.get(round=row, status=PlanStatus.PROPOSED)
    _silence(actor, plan, now)
    if not plan.shares.filter(answer=Answer.OPTED_OUT).exists():
        return True
    if row.opt_outs_solved < MOST_SOLVED_AGAIN:
        plan_set_aside(plan)
        turn = row.opt_outs_solved + 1
        round_moved(
            actor=actor, row=row, to=RoundStatus.PROPOSED, now=now, opt_outs_solved=turn, confirm_closes_at=None
        )
        search_by_itself(round_id=row.pk, turn=turn)
    elif _was_kept_before(row):
        plan_set_aside(plan)
        round_moved(actor=actor, row=row, to=RoundStatus.PROPOSED, now=now, confirm_closes_at=None)
    else:
        search_by_itself(round_id=row.pk, turn=row.opt_outs_solved, kind=SearchKind.KEEP)
    return True


def _was_kept_before(row: Round) -> bool:
    """Then the officers decide how it goes on."""
    kept = AwardSearch.objects.filter(round=row, turn=row.opt_outs_solved, kind=SearchKind.KEEP)
    return kept.exclude(status=SearchStatus.QUEUED).exists()


def _silence(actor: Actor, plan: AwardPlan, now: datetime) -> None:
    unanswered = FirmShare.objects.filter(plan=plan, answer="", kg__gt=0).select_related("locked").order_by("pk")
    for share in unanswered:
        share.answer, share.answered_at, share.by_silence = _SAYS[Silence(share.locked.silence)], now, True
        share.save(update_fields=["answer", "answered_at", "by_silence"])
        changes = {"answer": str(share.answer), "by_silence": True}
        audit.record(actor=actor, verb="resin_share.silence", obj=share, firm_id=share.firm_id, changes=changes)
        outbox.tell(
            topic="resin_share.answered",
            payload={"resin_share_id": str(share.pk)},
            firm_id=share.firm_id,
            of_round=True,
        )


def _is_due(now: datetime) -> Q:
    """Whose time is over and who has not been looked at since: an answer is missing, or an opt-out not yet solved."""
    is_over = Q(status=RoundStatus.CONFIRMING, confirm_closes_at__lte=now, suspended_at=None)
    proposed = FirmShare.objects.filter(plan__status=PlanStatus.PROPOSED, kg__gt=0)
    open_ = proposed.filter(Q(answer="") | Q(answer=Answer.OPTED_OUT)).values("plan__round_id")
    return is_over & Q(pk__in=open_)
