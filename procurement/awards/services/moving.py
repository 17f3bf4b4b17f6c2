"""A plan is put to the firms, and set aside again: its shares move with it. Under the exchange's or planner's role."""

from __future__ import annotations

from mes.core import outbox
from mes.core.states import move
from procurement.awards.choices import NEXT, SHARE_NEXT, PlanStatus
from procurement.awards.models import AwardPlan, FirmShare


def plan_put_to_firms(plan: AwardPlan) -> None:
    """candidate → proposed: each firm reads its shares from now on. The database refuses what does not add up."""
    move(plan, PlanStatus.PROPOSED, moves=NEXT)
    _shares_to(plan, PlanStatus.PROPOSED, "resin_share.proposed")


def plan_set_aside(plan: AwardPlan) -> None:
    """proposed → set aside: what its firms were told does not hold any more."""
    move(plan, PlanStatus.SET_ASIDE, moves=NEXT)
    _shares_to(plan, PlanStatus.SET_ASIDE, "resin_share.set_aside")


def plan_signed(plan: AwardPlan) -> None:
    """proposed → awarded: also for its suppliers, each of which reads its own lines from now on."""
    move(plan, PlanStatus.AWARDED, moves=NEXT)
    _shares_to(plan, PlanStatus.AWARDED, "resin_share.awarded")
    plan.lines.update(awarded=True)
    for line_id, supplier_id in plan.lines.order_by("pk").values_list("pk", "supplier_id"):
        outbox.tell(
            topic="resin_award.signed", payload={"resin_award_id": str(line_id)}, firm_id=supplier_id, of_round=True
        )


def _shares_to(plan: AwardPlan, status: PlanStatus, topic: str) -> None:
    shares = list(FirmShare.objects.filter(plan=plan).order_by("pk"))
    before = [source for source, goals in SHARE_NEXT.items() if status in goals]
    FirmShare.objects.filter(plan=plan, status__in=before).update(status=status)
    for share in shares:
        outbox.tell(topic=topic, payload={"resin_share_id": str(share.pk)}, firm_id=share.firm_id, of_round=True)
