"""Claims against a supplier: a firm's about its order, the association's about a delivery."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from mes.core import audit
from mes.core.actors import Actor, DatabaseRole
from mes.core.bounds import check_text, check_whole_number
from mes.core.errors import InvalidValue, NotAllowedInState, NotFound
from mes.core.states import move
from mes.core.wall import switched
from mes.firms.access import require, required_firm
from procurement.quotations.services.interests import check_no_interest
from procurement.rounds.models import MOST_KG, MOST_REASON
from procurement.supply.choices import CLAIM_NEXT, ClaimKind, ClaimStatus, DeliveryStatus, OrderStatus
from procurement.supply.models import Claim, Delivery, FirmOrder, LotAllocation
from procurement.supply.models.claims import MOST_CLAIM_FEN


@dataclass(frozen=True, slots=True)
class ClaimDraft:
    """`amount_fen`: what is wanted of the supplier, without VAT."""

    kind: str
    kg: int
    amount_fen: int
    reason: str


@transaction.atomic
def claim_open(*, actor: Actor, order_id: UUID, draft: ClaimDraft, lot_part_id: UUID | None = None) -> Claim:
    """A firm claims about its signed order, or about its part of a lot. The supplier reads it where they have signed.

    Raises InvalidValue, NotFound, NotAllowedInState, NotPermitted.
    """
    firm_id = required_firm(actor, "resin_claim.open")
    order = FirmOrder.objects.filter(pk=order_id, firm_id=firm_id).select_related("line").first()
    if order is None:
        raise NotFound
    if lot_part_id is not None:
        part = LotAllocation.objects.filter(pk=lot_part_id, firm_id=firm_id).first()
        if part is None:
            raise InvalidValue(_("There is no such part of a lot."), pointer="/lot_id")
        if part.order_id != order.pk:
            raise InvalidValue(_("It is no part of this order."), pointer="/lot_id")
    if order.status != OrderStatus.SIGNED:
        raise NotAllowedInState(_("The order is not signed."))
    _check(draft)
    with switched(DatabaseRole.EXCHANGE):
        claim = Claim.objects.create(
            firm_id=firm_id,
            supplier_id=order.supplier_id,
            seller_id=order.seller_id,
            round_id=order.line.round_id,
            order=order,
            lot_part_id=lot_part_id,
            kind=draft.kind,
            kg=draft.kg,
            amount_fen=draft.amount_fen,
            reason=draft.reason,
        )
        _told(actor, "resin_claim.open", claim, _said(draft))
    return claim


@transaction.atomic
def claim_open_of_delivery(*, actor: Actor, delivery_id: UUID, draft: ClaimDraft) -> Claim:
    """The association claims about a whole delivery. Raises InvalidValue, NotFound, NotAllowedInState, NotPermitted."""
    require(actor, "resin_claim.open_for_all")
    delivery = Delivery.objects.filter(pk=delivery_id).select_related("agreement__line").first()
    if delivery is None:
        raise NotFound
    check_no_interest(actor=actor, round_id=delivery.agreement.line.round_id)
    if delivery.status == DeliveryStatus.CANCELLED:
        raise NotAllowedInState
    _check(draft)
    with switched(DatabaseRole.EXCHANGE):
        claim = Claim.objects.create(
            supplier_id=delivery.supplier_id,
            seller_id=delivery.supplier_id,
            round_id=delivery.agreement.line.round_id,
            delivery=delivery,
            kind=draft.kind,
            kg=draft.kg,
            amount_fen=draft.amount_fen,
            reason=draft.reason,
        )
        _told(actor, "resin_claim.open", claim, _said(draft))
    return claim


@transaction.atomic
def claim_settle(*, actor: Actor, claim_id: UUID, settled_fen: int, answer: str, now: datetime) -> Claim:
    """open → settled: what the supplier pays, at most the amount, and why.

    Raises InvalidValue, NotFound, NotAllowedInState, NotPermitted.
    """
    require(actor, "resin_claim.settle")
    seen = _seen(claim_id)
    check_no_interest(actor=actor, round_id=seen.round_id)
    check_whole_number(settled_fen, seen.amount_fen, "/settled_fen", least=0)
    check_text(answer, MOST_REASON, "/answer")
    values = {"settled_fen": settled_fen, "answer": answer}
    return _ended(actor, "resin_claim.settle", claim_id, ClaimStatus.SETTLED, now, values)


@transaction.atomic
def claim_withdraw(*, actor: Actor, claim_id: UUID, now: datetime) -> Claim:
    """open → withdrawn, by who has claimed: the firm its own, an officer the association's.

    Raises NotFound, NotAllowedInState, NotPermitted.
    """
    require(actor, "resin_claim.withdraw")
    seen = _seen(claim_id)
    if actor.firm_id is not None:
        require(actor, "resin_claim.withdraw", seen)
    elif seen.firm_id is not None:
        raise NotAllowedInState(_("The firm withdraws its own claims."))
    else:
        check_no_interest(actor=actor, round_id=seen.round_id)
    return _ended(actor, "resin_claim.withdraw", claim_id, ClaimStatus.WITHDRAWN, now, {})


def _seen(claim_id: UUID) -> Claim:
    claim = Claim.objects.filter(pk=claim_id).first()
    if claim is None:
        raise NotFound
    return claim


def _ended(actor: Actor, verb: str, claim_id: UUID, to: ClaimStatus, now: datetime, values: Mapping[str, Any]) -> Claim:
    with switched(DatabaseRole.EXCHANGE):
        claim = Claim.objects.select_for_update(of=("self",)).get(pk=claim_id)
        changes = move(claim, to, moves=CLAIM_NEXT, ended_at=now, **values)
        _told(actor, verb, claim, changes)
    return claim


def _check(draft: ClaimDraft) -> None:
    if draft.kind not in ClaimKind.values:
        raise InvalidValue(pointer="/kind")
    check_whole_number(draft.kg, MOST_KG, "/kg")
    check_whole_number(draft.amount_fen, MOST_CLAIM_FEN, "/amount_fen", least=0)
    check_text(draft.reason, MOST_REASON, "/reason")


def _said(draft: ClaimDraft) -> dict[str, Any]:
    return {"kind": draft.kind, "kg": draft.kg, "amount_fen": draft.amount_fen, "reason": draft.reason}


def _told(actor: Actor, verb: str, claim: Claim, changes: Mapping[str, Any]) -> None:
    """To the firm that claims, else to the supplier."""
    firm_id = claim.firm_id if claim.firm_id is not None else claim.supplier_id
    audit.record(actor=actor, verb=verb, obj=claim, firm_id=firm_id, changes=changes)
