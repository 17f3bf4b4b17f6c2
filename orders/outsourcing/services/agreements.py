"""Outsource orders. Written for two parties: the caller has authorised and has switched to the exchange's role."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from mes.core import audit
from mes.core.actors import Actor
from mes.core.numbering import next_number
from mes.core.states import move
from orders.outsourcing.choices import NEXT, OutsourceStatus
from orders.outsourcing.models import OutsourceOrder, OutsourceOrderTerms
from orders.sales.choices import OrderOrigin, OrderStatus, PlanState
from orders.sales.models import SalesOrder, SalesOrderLine


@dataclass(frozen=True, slots=True)
class Agreement:
    """What two firms have agreed on. `due_at`: at the giver's gate. `specification`: all that the doer learns."""

    giver_id: UUID
    doer_id: UUID
    giver_line_id: UUID
    product_id: UUID
    specification: Mapping[str, Any]
    pieces: int
    weight_g: int
    due_at: datetime
    material_from: str
    fee_cny_per_t: Decimal
    fee_cny: Decimal


@transaction.atomic
def outsource_order_create(*, actor: Actor, agreement: Agreement, now: datetime) -> OutsourceOrder:
    """The signed order, and the doer's own sales order for it (`origin` outsourced), which names no customer."""
    doer_order = _doer_order(agreement, now)
    order = OutsourceOrder.objects.create(
        giver_id=agreement.giver_id,
        doer_id=agreement.doer_id,
        giver_number=f"W{next_number(firm_id=agreement.giver_id, series='outsource_order'):05d}",
        giver_line_id=agreement.giver_line_id,
        doer_order=doer_order,
        product_id=agreement.product_id,
        specification=dict(agreement.specification),
        pieces=agreement.pieces,
        weight_g=agreement.weight_g,
        due_at=agreement.due_at,
        material_from=agreement.material_from,
    )
    OutsourceOrderTerms.objects.create(
        giver_id=agreement.giver_id,
        doer_id=agreement.doer_id,
        order=order,
        fee_cny_per_t=agreement.fee_cny_per_t,
        fee_cny=agreement.fee_cny,
    )
    for firm_id in sorted({agreement.giver_id, agreement.doer_id}):
        changes = {"pieces": agreement.pieces, "due_at": agreement.due_at, "fee_cny": agreement.fee_cny}
        audit.record(actor=actor, verb="outsource_order.create", obj=order, firm_id=firm_id, changes=changes)
    return order


@transaction.atomic
def outsource_order_begin(*, actor: Actor, doer_order_id: UUID) -> None:
    """The doer has begun: confirmed → in production. Nothing happens for an order that is no outsourced one."""
    order = OutsourceOrder.objects.filter(doer_order_id=doer_order_id, status=OutsourceStatus.CONFIRMED).first()
    if order is None:
        return
    changes = move(order, OutsourceStatus.IN_PRODUCTION, moves=NEXT)
    for firm_id in sorted({order.giver_id, order.doer_id}):
        audit.record(actor=actor, verb="outsource_order.begin", obj=order, firm_id=firm_id, changes=changes)


def _doer_order(agreement: Agreement, now: datetime) -> SalesOrder:
    order = SalesOrder.objects.create(
        firm_id=agreement.doer_id,
        number=f"T{next_number(firm_id=agreement.doer_id, series='taken_over_order'):05d}",
        origin=OrderOrigin.OUTSOURCED,
        status=OrderStatus.PLANNED,
        ordered_on=timezone.localdate(now),
    )
    SalesOrderLine.objects.create(
        firm_id=agreement.doer_id,
        order=order,
        number=1,
        product_id=agreement.product_id,
        pieces=agreement.pieces,
        due_at=agreement.due_at,
        plan_state=PlanState.ON_TIME,
        planned_finish_at=agreement.due_at,
    )
    return order
