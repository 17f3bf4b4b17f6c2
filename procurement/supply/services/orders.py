"""Firms' orders: made of a signed award, called off under an agreement, signed by their firms."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from mes.core import audit
from mes.core.actors import Actor, DatabaseRole
from mes.core.bounds import check_text, check_whole_number
from mes.core.errors import InvalidValue, NotAllowedInState, NotFound, NotPermitted
from mes.core.states import move
from mes.core.wall import switched
from mes.firms.access import require, required_firm
from mes.firms.models import Firm
from procurement.awards.choices import PlanStatus
from procurement.awards.models import Allocation, AwardLine
from procurement.quotations.services.interests import check_no_interest
from procurement.rounds.choices import RoundMode, RoundStatus
from procurement.rounds.models import MOST_KG, MOST_REASON, LockedCommitment, Round
from procurement.rounds.services.moves import round_moved
from procurement.rounds.services.rounds import round_locked
from procurement.supply.choices import ORDER_NEXT, OrderStatus
from procurement.supply.errors import AgreementExhausted
from procurement.supply.models import FirmOrder, FrameworkAgreement, FrameworkBalance, LotAllocation
from procurement.supply.models.agreements import MOST_CONTRACT


@transaction.atomic
def orders_make(*, actor: Actor, round_id: UUID, now: datetime) -> list[FirmOrder]:
    """awarded → delivering: an agreement for each supplier and line of the award, an order for each firm's part of it.

    The price of an order is its supplier's own: the cost of the award line by its kg, to the thousandth of a fen.
    Raises NotFound, NotAllowedInState, NotPermitted, also for an officer with an interest in the round.
    """
    require(actor, "resin_order.make")
    row = round_locked(round_id=round_id)
    check_no_interest(actor=actor, round_id=row.pk)
    round_moved(actor=actor, row=row, to=RoundStatus.DELIVERING, now=now)
    made = []
    with switched(DatabaseRole.EXCHANGE):
        awarded = AwardLine.objects.filter(plan__round=row, plan__status=PlanStatus.AWARDED)
        for award_line in awarded.select_related("line").order_by("line__number", "supplier__code"):
            agreement = _agreement(row, award_line)
            parts = Allocation.objects.filter(award_line=award_line).select_related("share", "firm")
            made += [_order(row, agreement, part) for part in parts.order_by("firm__code")]
        for order in made:
            told = {"number": order.number, "kg": order.kg, "price_mfen_per_t": order.price_mfen_per_t}
            audit.record(actor=actor, verb="resin_order.make", obj=order, firm_id=order.firm_id, changes=told)
    return made


@transaction.atomic
def order_sign(*, actor: Actor, order_id: UUID, contract_number: str, now: datetime) -> FirmOrder:
    """open → signed: the firm has its contract with the supplier, who reads the order from now on; in a round that is
    bought centrally with the association, and the supplier reads nothing.

    Raises NotFound, NotAllowedInState, InvalidValue, NotPermitted.
    """
    firm_id = required_firm(actor, "resin_order.sign")
    seen = FirmOrder.objects.filter(pk=order_id).first()
    if seen is None:
        raise NotFound
    require(actor, "resin_order.sign", seen)
    check_text(contract_number, MOST_CONTRACT, "/contract_number")
    with switched(DatabaseRole.EXCHANGE):
        order = FirmOrder.objects.select_for_update(of=("self",)).select_related("line__round").get(pk=order_id)
        signs_itself = order.line.round.mode == RoundMode.EACH_SIGNS
        changes = move(
            order,
            OrderStatus.SIGNED,
            moves=ORDER_NEXT,
            contract_number=contract_number,
            signed_at=now,
            seller_id=order.supplier_id if signs_itself else None,
        )
        changes.pop("seller_id", None)
        audit.record(actor=actor, verb="resin_order.sign", obj=order, firm_id=firm_id, changes=changes)
    return order


@transaction.atomic
def order_cancel(*, actor: Actor, order_id: UUID, reason: str) -> FirmOrder:
    """→ cancelled by an officer, while nothing was delivered for it; its kg are left under the agreement again.

    Raises NotFound, NotAllowedInState, InvalidValue without a reason, NotPermitted.
    """
    require(actor, "resin_order.cancel")
    seen = FirmOrder.objects.select_related("line").filter(pk=order_id).first()
    if seen is None:
        raise NotFound
    check_no_interest(actor=actor, round_id=seen.line.round_id)
    check_text(reason, MOST_REASON, "/reason")
    with switched(DatabaseRole.EXCHANGE):
        FrameworkBalance.objects.select_for_update(of=("self",)).get(agreement_id=seen.agreement_id)
        order = FirmOrder.objects.select_for_update(of=("self",)).get(pk=order_id)
        if LotAllocation.objects.filter(order=order).exists():
            raise NotAllowedInState(_("Resin was delivered for this order."))
        changes = move(order, OrderStatus.CANCELLED, moves=ORDER_NEXT, reason=reason)
        audit.record(actor=actor, verb="resin_order.cancel", obj=order, firm_id=order.firm_id, changes=changes)
    return order


@transaction.atomic
def order_call_off(*, actor: Actor, agreement_id: UUID, kg: int, wanted_on: date, now: datetime) -> FirmOrder:
    """A firm orders more under an agreement under which it has ordered before, at the agreement's price, as long as
    its cap has something left: the balance is locked first, so that the last tonne is ordered once.

    Raises InvalidValue for what is not whole bags or a day outside the term, AgreementExhausted, NotFound,
    NotAllowedInState, NotPermitted.
    """
    firm_id = required_firm(actor, "resin_order.call_off")
    agreement = FrameworkAgreement.objects.filter(pk=agreement_id).first()
    if agreement is None:
        raise NotFound
    check_whole_number(kg, MOST_KG, "/kg")
    if kg % agreement.bag_kg:
        raise InvalidValue(_("Whole bags of %(kg)s kg are wanted.") % {"kg": agreement.bag_kg}, pointer="/kg")
    if not max(agreement.from_on, localdate(now)) <= wanted_on <= agreement.until_on:
        raise InvalidValue(_("The day is over or outside the term of the agreement."), pointer="/wanted_on")
    with switched(DatabaseRole.EXCHANGE):
        balance = FrameworkBalance.objects.select_for_update(of=("self",)).filter(agreement=agreement).first()
        row = _delivering(agreement)
        locked = LockedCommitment.objects.filter(firm_id=firm_id, snapshot__line_id=agreement.line_id).first()
        if locked is None or not Firm.objects.filter(pk=firm_id, status="member").exists():
            raise NotPermitted
        if balance is None or balance.remaining_kg < kg:
            raise AgreementExhausted
        order = FirmOrder.objects.create(
            firm_id=firm_id,
            supplier_id=agreement.supplier_id,
            agreement=agreement,
            line_id=agreement.line_id,
            locked=locked,
            number=_number(row, firm_id),
            kg=kg,
            price_mfen_per_t=agreement.price_mfen_per_t,
            wanted_on=wanted_on,
        )
        told = {"number": order.number, "kg": kg, "wanted_on": wanted_on}
        audit.record(actor=actor, verb="resin_order.call_off", obj=order, firm_id=firm_id, changes=told)
    return order


def _agreement(row: Round, award_line: AwardLine) -> FrameworkAgreement:
    """The agreement of an award line, its cap what was awarded. Under the exchange's role, as all below."""
    line = award_line.line
    agreement = FrameworkAgreement.objects.create(
        supplier_id=award_line.supplier_id,
        award_line=award_line,
        line=line,
        material_id=line.material_id,
        bag_kg=line.bag_kg,
        price_mfen_per_t=(2000 * award_line.cost_mfen + award_line.kg) // (2 * award_line.kg),
        from_on=line.window_from,
        until_on=line.window_to,
        tolerance_permille=row.tolerance_permille,
        dispute_h=row.dispute_h,
    )
    FrameworkBalance.objects.create(
        supplier_id=agreement.supplier_id, agreement=agreement, cap_kg=award_line.kg, remaining_kg=award_line.kg
    )
    return agreement


def _order(row: Round, agreement: FrameworkAgreement, part: Allocation) -> FirmOrder:
    return FirmOrder.objects.create(
        firm_id=part.firm_id,
        supplier_id=agreement.supplier_id,
        agreement=agreement,
        line_id=agreement.line_id,
        locked_id=part.share.locked_id,
        allocation=part,
        number=_number(row, part.firm_id),
        kg=part.kg,
        price_mfen_per_t=agreement.price_mfen_per_t,
        wanted_on=agreement.until_on,
    )


def _number(row: Round, firm_id: UUID) -> str:
    """The round's code, the firm's and its own count: nothing of how many others have ordered."""
    count = FirmOrder.objects.filter(firm_id=firm_id, line__round=row).count()
    code = Firm.objects.values_list("code", flat=True).get(pk=firm_id)
    return f"{row.code}/{code}/{count + 1}"


def _delivering(agreement: FrameworkAgreement) -> Round:
    """The agreement's round. Raises NotAllowedInState unless it is being delivered."""
    row = Round.objects.get(lines=agreement.line_id)
    if row.status != RoundStatus.DELIVERING or row.suspended_at is not None:
        raise NotAllowedInState(_("The round is not being delivered now."))
    return row
