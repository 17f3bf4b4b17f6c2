"""Two officers sign the award: from then on it binds."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from mes.core import audit
from mes.core.actors import Actor, DatabaseRole
from mes.core.clock import BusinessNow
from mes.core.errors import NotAllowedInState, NotFound, NotPermitted
from mes.core.states import move
from mes.core.wall import switched
from mes.firms.access import ACCESS, require
from mes.firms.models import User
from procurement.awards.choices import Answer, PlanKind, PlanStatus
from procurement.awards.models import AwardConsent, AwardPlan, FirmShare
from procurement.awards.services.moving import plan_signed
from procurement.benchmarks.models import BenchmarkPolicy, MarketQuote
from procurement.quotations.choices import NEXT as QUOTATION_NEXT
from procurement.quotations.choices import QuotationStatus
from procurement.quotations.models import Quotation
from procurement.quotations.services.interests import check_no_interest, interests_of
from procurement.rounds.choices import RoundStatus
from procurement.rounds.models import Round
from procurement.rounds.services.moves import round_moved
from procurement.rounds.services.rounds import round_locked

OFFICERS = 2
GREATEST_GAP_PERMILLE = 5
"""Of its cost, by which a searched award may be dearer than what is proved to be the lowest."""


@transaction.atomic
def award_consent(*, actor: Actor, plan_id: UUID, now: datetime) -> AwardConsent:
    """An officer agrees to the award that the firms have confirmed.

    He has no interest in any firm of the round or supplier that it asked, and collected no market quote of its
    materials. Raises NotFound, NotAllowedInState, also for one who has agreed before, NotPermitted.
    """
    require(actor, "award.consent")
    plan, row = _confirmed(actor, plan_id)
    if actor.user_id is None or _has_collected(actor.user_id, row):
        raise NotPermitted(_("Who collected market quotes of the round's materials does not sign its award."))
    others = set(AwardConsent.objects.filter(plan=plan).values_list("officer_id", flat=True))
    if actor.user_id in others:
        raise NotAllowedInState(_("You have agreed before."))
    if _share_an_interest({actor.user_id, *others}):
        raise NotPermitted(_("You share a declared interest with an officer who has agreed."))
    consent = AwardConsent.objects.create(plan=plan, officer_id=actor.user_id, at=now)
    audit.record(actor=actor, verb="award.consent", obj=plan, firm_id=None, changes={"officer": actor.user_id})
    return consent


@transaction.atomic
def award_sign(*, actor: Actor, plan_id: UUID, now: datetime) -> AwardPlan:
    """confirming → awarded, once two officers have agreed: firms keep their shares, suppliers read their lines.

    Raises NotFound, NotAllowedInState, NotPermitted.
    """
    require(actor, "award.sign")
    plan, row = _confirmed(actor, plan_id)
    officers = _officers(plan)
    if len(officers) < OFFICERS:
        raise NotAllowedInState(_("Two officers have to agree first."))
    if _share_an_interest(officers):
        raise NotPermitted(_("The officers who have agreed share a declared interest."))
    round_moved(actor=actor, row=row, to=RoundStatus.AWARDED, now=now)
    with switched(DatabaseRole.EXCHANGE):
        plan_signed(plan)
        winners = set(plan.lines.values_list("supplier_id", flat=True))
        for quotation in Quotation.objects.filter(tender__round=row, status=QuotationStatus.OPENED).order_by("pk"):
            won = quotation.supplier_id in winners
            changes = move(quotation, QuotationStatus.AWARDED if won else QuotationStatus.LOST, moves=QUOTATION_NEXT)
            audit.record(actor=actor, verb="award.sign", obj=quotation, firm_id=quotation.supplier_id, changes=changes)
        for share in plan.shares.order_by("pk"):
            told = {"kg": share.kg, "price_fen_per_t": share.price_fen_per_t}
            audit.record(actor=actor, verb="award.sign", obj=share, firm_id=share.firm_id, changes=told)
    audit.record(actor=actor, verb="award.sign", obj=plan, firm_id=None, changes={"kind": plan.kind})
    return plan


def _confirmed(actor: Actor, plan_id: UUID) -> tuple[AwardPlan, Round]:
    """The plan and its round, locked, after all firms have answered. Raises as award_sign."""
    plan = AwardPlan.objects.filter(pk=plan_id).first()
    if plan is None:
        raise NotFound
    row = round_locked(round_id=plan.round_id)
    check_no_interest(actor=actor, round_id=row.pk)
    plan.refresh_from_db()
    is_over = Round.objects.filter(pk=row.pk, confirm_closes_at__lte=BusinessNow()).exists()
    if plan.status != PlanStatus.PROPOSED or row.status != RoundStatus.CONFIRMING or not is_over:
        raise NotAllowedInState(_("The firms may still answer, or the award is not put to them."))
    if FirmShare.objects.filter(plan=plan, kg__gt=0).exclude(answer=Answer.CONFIRMED).exists():
        raise NotAllowedInState(_("Not all firms have confirmed."))
    if not _is_near_enough(plan):
        raise NotAllowedInState(_("The award is too far from what is proved to be the lowest. Search again."))
    return plan, row


def _officers(plan: AwardPlan) -> set[UUID]:
    """Who has agreed, and still is an officer."""
    agreed = AwardConsent.objects.filter(plan=plan).values_list("officer_id", flat=True)
    people = User.objects.filter(
        pk__in=list(agreed), is_active=True, firm=None, memberships__role__in=ACCESS["award.consent"]
    )
    return set(people.values_list("pk", flat=True))


def _share_an_interest(officers: Collection[UUID]) -> bool:
    """Whether two of them have an interest in one firm: neither sees the other's."""
    firms = [firm_id for interests in interests_of(officers).values() for firm_id in interests]
    return len(set(firms)) < len(firms)


def _is_near_enough(plan: AwardPlan) -> bool:
    """An override has its reason, and what is kept was searched before."""
    if plan.kind in {PlanKind.OVERRIDE, PlanKind.KEPT} or plan.lowest_mfen is None:
        return True
    return (plan.cost_mfen - plan.lowest_mfen) * 1000 <= GREATEST_GAP_PERMILLE * plan.cost_mfen


def _has_collected(officer_id: UUID, row: Round) -> bool:
    """Whether quotes of his may have gone into the round's benchmark."""
    materials = list(row.lines.values_list("material_id", flat=True))
    quotes = MarketQuote.objects.filter(collector_id=officer_id, voided_at=None, material__in=materials)
    policy = BenchmarkPolicy.objects.filter(round=row, frozen_at__isnull=False).first()
    if policy is not None and policy.frozen_at is not None:
        quotes = quotes.filter(quoted_on__gt=policy.frozen_at.date() - timedelta(days=policy.window_days))
    with switched(DatabaseRole.EXCHANGE):  # an interest hides some of his own from him
        return quotes.exists()
