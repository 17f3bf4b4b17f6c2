"""Proposals of placements: accepted by both sides they become signed work, else their machine time is released.

Row locks decide races: an answer and the expiry each lock the proposal and then look at its status and, by the
database's business clock, at its deadline, so exactly one wins. An acceptance locks the giver's order before that, so
that it does not sign for an order that is cancelled or made smaller at the same time.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mes.core import audit, locks, outbox
from mes.core.actors import Actor, DatabaseRole
from mes.core.clock import BusinessNow
from mes.core.errors import NotAllowedInState, NotFound, NotPermitted
from mes.core.states import move
from mes.core.wall import switched
from mes.firms.access import Side, require, side_of
from orders.outsourcing.services import Agreement, outsource_order_create
from orders.sales.choices import OPEN_STATUSES, Consent, PlanState
from orders.sales.models import LineCompletion, LineExclusion, LinePlacement, SalesOrder, SalesOrderLine
from orders.sales.selectors import sum_of
from production.plans.choices import PROPOSAL_NEXT, ProposalStatus, RunStatus
from production.plans.models import MachineRun, Proposal, RunPart


class ProposalExpired(NotAllowedInState):
    """The time to answer is over."""

    code = "proposal_expired"
    text = _("The time to answer this proposal is over.")


@transaction.atomic
def proposal_accept(*, actor: Actor, proposal_id: UUID, now: datetime) -> Proposal:
    """One side says yes; with the other side's yes it becomes an outsource order and its machine runs are confirmed.

    The system says yes for nobody: it only carries out two standing ones. Raises NotFound for a firm that is no
    party, ProposalExpired after the deadline, NotAllowedInState when it was answered already, or when the giver's line
    has changed since so that it is not to be signed any more.
    """
    parties = _authorised(actor, "proposal.accept", proposal_id)
    locks.share_firms(parties)
    with switched(DatabaseRole.EXCHANGE):
        order = SalesOrder.objects.select_for_update(of=("self",)).get(lines__proposals=proposal_id)
        proposal = _locked(proposal_id)
        if Proposal.objects.filter(pk=proposal_id, expires_at__lte=BusinessNow()).exists():
            raise ProposalExpired
        agreed = _agreed(actor, proposal, now)
        changes = audit.changed(proposal, agreed)
        for name, at in agreed.items():
            setattr(proposal, name, at)
        proposal.save(update_fields=list(agreed))
        if proposal.giver_agreed_at and proposal.doer_agreed_at:
            _check_wanted(actor, proposal, order)
            changes |= _sign(actor, proposal, now)
        for firm_id in parties:
            audit.record(actor=actor, verb="proposal.accept", obj=proposal, firm_id=firm_id, changes=changes)
    return proposal


@transaction.atomic
def proposal_decline(*, actor: Actor, proposal_id: UUID, now: datetime) -> Proposal:
    """One side says no: the machine time is released, the pair is barred for this line, planning is rung.

    Raises NotFound for a firm that is no party, NotAllowedInState when it was answered already.
    """
    parties = _authorised(actor, "proposal.decline", proposal_id)
    locks.share_firms(parties)
    with switched(DatabaseRole.EXCHANGE):
        proposal = _locked(proposal_id)
        _release(actor, proposal, ProposalStatus.DECLINED, now)
    return proposal


@transaction.atomic
def proposals_expire(*, actor: Actor, now: datetime) -> int:
    """Ends all proposals whose time is over by the business clock. Returns how many."""
    _require_system(actor)
    due = Q(status=ProposalStatus.PROPOSED, expires_at__lte=BusinessNow())
    waiting = list(Proposal.objects.filter(due).order_by("pk").values_list("pk", "giver_id", "doer_id"))
    locks.share_firms(firm for _key, giver, doer in waiting for firm in (giver, doer))
    with switched(DatabaseRole.EXCHANGE):
        keys = [key for key, _giver, _doer in waiting]
        overdue = list(Proposal.objects.select_for_update(of=("self",)).filter(due, pk__in=keys).order_by("pk"))
        for proposal in overdue:
            _release(actor, proposal, ProposalStatus.EXPIRED, now)
    return len(overdue)


@transaction.atomic
def proposals_withdraw(*, actor: Actor, order_id: UUID, now: datetime) -> int:
    """Takes back the unanswered proposals of an order that is no longer open. Returns how many."""
    _require_system(actor)
    waiting = Proposal.objects.filter(line__order_id=order_id, status=ProposalStatus.PROPOSED)
    locks.share_firms(firm for pair in waiting.values_list("giver_id", "doer_id") for firm in pair)
    with switched(DatabaseRole.EXCHANGE):
        withdrawn = list(waiting.select_for_update(of=("self",)).order_by("pk"))
        for proposal in withdrawn:
            _release(actor, proposal, ProposalStatus.WITHDRAWN, now)
    return len(withdrawn)


def proposals_agreed(*, run_id: UUID) -> list[UUID]:
    """Proposals of a plan run that both sides agreed to beforehand. For the planner's role."""
    agreed = Proposal.objects.filter(
        plan_run_id=run_id,
        status=ProposalStatus.PROPOSED,
        giver_agreed_at__isnull=False,
        doer_agreed_at__isnull=False,
    )
    return list(agreed.order_by("pk").values_list("pk", flat=True))


def _require_system(actor: Actor) -> None:
    if not actor.is_system:
        raise NotPermitted


def _authorised(actor: Actor, verb: str, proposal_id: UUID) -> tuple[UUID, UUID]:
    """The two parties. The wall hides a proposal from everybody else, so it is not found."""
    seen = Proposal.objects.only("giver_id", "doer_id").filter(pk=proposal_id).first()
    if seen is None:
        raise NotFound
    require(actor, verb, seen)
    return seen.giver_id, seen.doer_id


def _agreed(actor: Actor, proposal: Proposal, now: datetime) -> dict[str, datetime]:
    """The actor's own yes, of now or of before; none for who stands on no side."""
    side = side_of(actor, proposal)
    name = f"{side}_agreed_at"
    return {name: getattr(proposal, name) or now} if side else {}


def _locked(proposal_id: UUID) -> Proposal:
    proposal = Proposal.objects.select_for_update(of=("self",)).get(pk=proposal_id)
    if proposal.status != ProposalStatus.PROPOSED:
        raise NotAllowedInState
    return proposal


def _check_wanted(actor: Actor, proposal: Proposal, order: SalesOrder) -> None:
    """The order is open and has the pieces left; unless the giver itself says yes now, its line still lets them go.

    Raises NotAllowedInState without a reason: the doer must not learn what the giver has changed.
    """
    if order.status not in OPEN_STATUSES:
        raise NotAllowedInState
    left = F("pieces") - sum_of(LineCompletion) - sum_of(LinePlacement)
    line = SalesOrderLine.objects.select_related("ceiling").annotate(pieces_left=left).get(pk=proposal.line_id)
    if line.pieces_left < proposal.pieces or line.product_id != proposal.product_id:
        raise NotAllowedInState
    if side_of(actor, proposal) is Side.GIVER:
        return
    ceiling = line.fee_ceiling_cny_per_t
    is_dear = ceiling is not None and proposal.terms.fee_cny_per_t > ceiling
    consents = {Consent.ALLOWED} if actor.is_system else {Consent.ALLOWED, Consent.ASK}
    excluded = LineExclusion.objects.filter(line=line, excluded_firm_id=proposal.doer_id)
    if is_dear or line.consent not in consents or excluded.exists():
        raise NotAllowedInState


def _sign(actor: Actor, proposal: Proposal, now: datetime) -> dict[str, audit.Change]:
    """The outsource order; returns what became of the proposal."""
    terms = proposal.terms
    order = outsource_order_create(
        actor=actor,
        agreement=Agreement(
            giver_id=proposal.giver_id,
            doer_id=proposal.doer_id,
            giver_line_id=proposal.line_id,
            product_id=proposal.product_id,
            specification=proposal.specification,
            pieces=proposal.pieces,
            weight_g=proposal.weight_g,
            due_at=proposal.finish_at,
            material_from=proposal.material_from,
            fee_cny_per_t=terms.fee_cny_per_t,
            fee_cny=terms.fee_cny,
        ),
        now=now,
    )
    changes = move(proposal, ProposalStatus.ACCEPTED, moves=PROPOSAL_NEXT, answered_at=now, outsource_order_id=order.pk)
    LinePlacement.objects.create(
        firm_id=proposal.giver_id, line_id=proposal.line_id, pieces=proposal.pieces, placed_at=now
    )
    proposal.planned_lots.update(line=SalesOrderLine.objects.get(order_id=order.doer_order_id))
    unconfirmed = (RunStatus.PROPOSED, RunStatus.APPROVED)
    _runs_of(proposal).filter(status__in=unconfirmed).update(status=RunStatus.CONFIRMED)
    payload = {"proposal_id": str(proposal.pk), "outsource_order_id": str(order.pk)}
    for firm_id in (proposal.giver_id, proposal.doer_id):
        outbox.tell(topic="proposal.accepted", payload=payload, firm_id=firm_id)
    return changes


def _release(actor: Actor, proposal: Proposal, status: ProposalStatus, now: datetime) -> None:
    changes = move(proposal, status, moves=PROPOSAL_NEXT, answered_at=now)
    _release_runs(proposal)
    SalesOrderLine.objects.filter(pk=proposal.line_id).update(
        revision=F("revision") + 1, plan_state=PlanState.UNPLACED, planned_finish_at=None
    )
    payload = {"proposal_id": str(proposal.pk)}
    for firm_id in (proposal.giver_id, proposal.doer_id):
        audit.record(actor=actor, verb=f"proposal.{status}", obj=proposal, firm_id=firm_id, changes=changes)
        outbox.tell(topic=f"proposal.{status}", payload=payload, firm_id=firm_id)


def _release_runs(proposal: Proposal) -> None:
    """Runs that carry nothing else are cancelled; from the others its pieces are taken out."""
    runs = _runs_of(proposal)
    others = RunPart.objects.filter(run__in=runs).exclude(lot__proposal=proposal)
    shared = sorted(set(others.values_list("run_id", flat=True)))
    runs.exclude(pk__in=shared).update(status=RunStatus.CANCELLED)
    released = RunPart.objects.filter(run__in=shared, lot__proposal=proposal)
    for part in released:
        MachineRun.objects.filter(pk=part.run_id).update(pieces=F("pieces") - part.pieces)
    released.delete()


def _runs_of(proposal: Proposal) -> models.QuerySet[MachineRun]:
    return MachineRun.objects.filter(pk__in=RunPart.objects.filter(lot__proposal=proposal).values("run_id"))
