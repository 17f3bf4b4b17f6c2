"""Goods of an outsource order: the doer dispatches them, the giver counts them at its gate.

Both are ledgers; the order's status follows from their sums. Locks come in the order in which the floor takes them:
firms, the actor's own sales order, the outsource order.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Sum
from django.utils.translation import gettext_lazy as _

from mes.core import audit, locks, outbox
from mes.core.actors import Actor, DatabaseRole
from mes.core.errors import InvalidValue, NotAllowedInState, NotFound
from mes.core.states import move
from mes.core.wall import switched
from mes.firms.access import require
from orders.outsourcing.choices import NEXT, OutsourceStatus
from orders.outsourcing.models import OutsourceDispatch, OutsourceOrder, OutsourceReceipt
from orders.sales.choices import NEXT as ORDER_NEXT
from orders.sales.choices import OrderStatus
from orders.sales.models import LineCompletion, LinePlacement, SalesOrder, SalesOrderLine
from orders.sales.services import line_receive
from orders.sales.services.progress import order_locked

MOVING = (OutsourceStatus.IN_PRODUCTION, OutsourceStatus.DISPATCHED)


@transaction.atomic
def outsource_order_dispatch(*, actor: Actor, order_id: UUID, pieces: int, now: datetime) -> OutsourceDispatch:
    """Pieces leave the doer, at once or in parts. With the last the order is dispatched and the doer's own delivered.

    No more than was agreed, and no more than was reported good. Raises InvalidValue with a pointer to `/pieces`,
    NotFound for a firm that is no party, NotPermitted for the giver, NotAllowedInState before the work has begun.
    """
    order = _authorised(actor, "outsource_order.dispatch", order_id)
    locks.share_firms((order.giver_id, order.doer_id))
    own = order_locked(actor=actor, order_id=order.doer_order_id, verb="outsource_order.dispatch")
    with switched(DatabaseRole.EXCHANGE):
        order = OutsourceOrder.objects.select_for_update(of=("self",)).get(pk=order_id)
        if order.status != OutsourceStatus.IN_PRODUCTION:
            raise NotAllowedInState
        total = _dispatched(order) + pieces
        _check_dispatch(order, pieces, total)
        dispatch = OutsourceDispatch.objects.create(
            giver_id=order.giver_id, doer_id=order.doer_id, order=order, pieces=pieces, dispatched_at=now
        )
        changes: dict[str, Any] = {"dispatched_pieces": audit.Change(total - pieces, total)}
        if total == order.pieces:
            changes |= move(order, OutsourceStatus.DISPATCHED, moves=NEXT)
            _deliver(actor, own)
        _tell(actor, order, "outsource_order.dispatch", "outsource_order.dispatched", changes)
    return dispatch


@transaction.atomic
def outsource_order_receive(
    *, actor: Actor, order_id: UUID, accepted_pieces: int, refused_pieces: int, now: datetime
) -> OutsourceReceipt:
    """The giver counts what has arrived. Accepted pieces complete its line; refused ones are open again, and planned.

    Raises InvalidValue with a pointer to `/accepted_pieces` or `/refused_pieces` for negative or empty numbers and for
    more than was dispatched, NotFound for a firm that is no party, NotPermitted for the doer, NotAllowedInState before
    anything was dispatched or after all was received.
    """
    order = _authorised(actor, "outsource_order.receive", order_id)
    locks.share_firms((order.giver_id, order.doer_id))
    line = SalesOrderLine.objects.get(pk=order.giver_line_id)
    order_locked(actor=actor, order_id=line.order_id, verb="outsource_order.receive")
    with switched(DatabaseRole.EXCHANGE):
        order = OutsourceOrder.objects.select_for_update(of=("self",)).get(pk=order_id)
        if order.status not in MOVING:
            raise NotAllowedInState
        received = _received(order)
        _check_receipt(accepted_pieces, refused_pieces, on_the_way=_dispatched(order) - received)
        receipt = OutsourceReceipt.objects.create(
            giver_id=order.giver_id,
            doer_id=order.doer_id,
            order=order,
            accepted_pieces=accepted_pieces,
            refused_pieces=refused_pieces,
            received_at=now,
        )
        LinePlacement.objects.create(
            firm_id=line.firm_id, line=line, pieces=-(accepted_pieces + refused_pieces), placed_at=now
        )
        changes: dict[str, Any] = {"accepted_pieces": accepted_pieces, "refused_pieces": refused_pieces}
        if received + accepted_pieces + refused_pieces == order.pieces:
            changes |= move(order, OutsourceStatus.RECEIVED, moves=NEXT)
        _tell(actor, order, "outsource_order.receive", "outsource_order.received", changes)
    if accepted_pieces:
        line_receive(actor=actor, line_id=line.pk, pieces=accepted_pieces, now=now)
    if refused_pieces:
        _reopen(line)
    return receipt


def _authorised(actor: Actor, verb: str, order_id: UUID) -> OutsourceOrder:
    """The order, as the party that may do the verb finds it. Raises NotFound, NotPermitted."""
    order = OutsourceOrder.objects.filter(pk=order_id).first()
    if order is None:
        raise NotFound
    require(actor, verb, order)
    return order


def _dispatched(order: OutsourceOrder) -> int:
    total: int = order.dispatches.aggregate(total=Sum("pieces", default=0))["total"]
    return total


def _received(order: OutsourceOrder) -> int:
    counted = F("accepted_pieces") + F("refused_pieces")
    total: int = order.receipts.aggregate(total=Sum(counted, default=0))["total"]
    return total


def _check_dispatch(order: OutsourceOrder, pieces: int, total: int) -> None:
    if pieces <= 0:
        raise InvalidValue(_("The number of pieces is out of range."), pointer="/pieces")
    if total > order.pieces:
        raise InvalidValue(_("This is more than was agreed."), pointer="/pieces")
    made = LineCompletion.objects.filter(line__order_id=order.doer_order_id)
    if total > made.aggregate(total=Sum("pieces", default=0))["total"]:
        raise InvalidValue(_("This is more than was reported good."), pointer="/pieces")


def _check_receipt(accepted_pieces: int, refused_pieces: int, *, on_the_way: int) -> None:
    for value, pointer in ((accepted_pieces, "/accepted_pieces"), (refused_pieces, "/refused_pieces")):
        if value < 0:
            raise InvalidValue(_("The number of pieces must not be negative."), pointer=pointer)
    if accepted_pieces + refused_pieces == 0:
        raise InvalidValue(_("Report at least one piece."), pointer="/accepted_pieces")
    if accepted_pieces + refused_pieces > on_the_way:
        raise InvalidValue(_("This is more than was dispatched."), pointer="/accepted_pieces")


def _deliver(actor: Actor, own: SalesOrder) -> None:
    """The doer's own order is delivered with its last pieces. Its reports have completed it before."""
    if own.status == OrderStatus.COMPLETED:
        changes = move(own, OrderStatus.DELIVERED, moves=ORDER_NEXT)
        audit.record(actor=actor, verb="sales_order.deliver", obj=own, firm_id=own.firm_id, changes=changes)
        outbox.tell(topic="sales_order.delivered", payload={"order_id": str(own.pk)}, firm_id=own.firm_id)


def _reopen(line: SalesOrderLine) -> None:
    """Refused pieces are the line's own again: no older plan is published for it, and a new one is rung."""
    SalesOrderLine.objects.filter(pk=line.pk).update(revision=F("revision") + 1)
    payload = {"order_id": str(line.order_id), "line_id": str(line.pk)}
    outbox.tell(topic="sales_order.changed", payload=payload, firm_id=line.firm_id)


def _tell(actor: Actor, order: OutsourceOrder, verb: str, topic: str, changes: Mapping[str, Any]) -> None:
    for firm_id in sorted({order.giver_id, order.doer_id}):
        audit.record(actor=actor, verb=verb, obj=order, firm_id=firm_id, changes=changes)
        outbox.tell(topic=topic, payload={"outsource_order_id": str(order.pk)}, firm_id=firm_id)
