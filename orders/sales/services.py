"""Writes of sales orders."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Sum

from mes.core import audit
from mes.core.actors import Actor
from mes.core.errors import InvalidValue, NotFound
from mes.core.states import move
from orders.sales.choices import NEXT, OrderStatus, PlanState
from orders.sales.models import LineCompletion, SalesOrder, SalesOrderLine

_BATCH = 2000


@transaction.atomic
def plan_states_set(*, actor: Actor, finishes: Mapping[UUID, tuple[PlanState, datetime | None]]) -> None:
    """What the published plan says of lines: state and planned finish. For the planner's role.

    A confirmed order of which every line has a place becomes planned; a planned one that lost a place becomes
    confirmed again.
    """
    if not actor.is_system:
        raise NotFound
    lines = list(SalesOrderLine.objects.filter(pk__in=finishes.keys()))
    for line in lines:
        line.plan_state, line.planned_finish_at = finishes[line.pk]
    SalesOrderLine.objects.bulk_update(lines, ["plan_state", "planned_finish_at"], _BATCH)
    orders = SalesOrder.objects.filter(pk__in={line.order_id for line in lines})
    homeless = SalesOrderLine.objects.filter(plan_state__in=(PlanState.UNPLANNED, PlanState.UNPLACED))
    without_place = homeless.filter(order__in=orders).values("order_id")
    orders.filter(status=OrderStatus.CONFIRMED).exclude(pk__in=without_place).update(status=OrderStatus.PLANNED)
    orders.filter(status=OrderStatus.PLANNED, pk__in=without_place).update(status=OrderStatus.CONFIRMED)


@transaction.atomic
def sales_order_begin(*, actor: Actor, order_id: UUID, now: datetime) -> SalesOrder:
    """Confirmed or planned → in production; nothing happens to an order that is in production already."""
    order = _locked(order_id)
    if order.status in (OrderStatus.CONFIRMED, OrderStatus.PLANNED):
        move(order, OrderStatus.IN_PRODUCTION, moves=NEXT)
        audit.record(actor=actor, verb="sales_order.begin", obj=order, firm_id=order.firm_id, changes={"at": now})
    return order


@transaction.atomic
def line_complete(*, actor: Actor, line_id: UUID, pieces: int, now: datetime) -> LineCompletion:
    """Books good pieces through the last step; the order is completed when every line is.

    Raises InvalidValue for no pieces or more than are open, NotFound for another firm's line.
    """
    line = SalesOrderLine.objects.filter(pk=line_id).first()
    if line is None:
        raise NotFound
    order = sales_order_begin(actor=actor, order_id=line.order_id, now=now)
    done = line.completions.aggregate(total=Sum("pieces"))["total"] or 0
    if not 0 < pieces <= line.pieces - done:
        raise InvalidValue(pointer="/pieces")
    completion = LineCompletion.objects.create(firm_id=line.firm_id, line=line, pieces=pieces, completed_at=now)
    if not _open_pieces(order):
        move(order, OrderStatus.COMPLETED, moves=NEXT)
    audit.record(actor=actor, verb="line.complete", obj=line, firm_id=line.firm_id, changes={"pieces": pieces})
    return completion


def _locked(order_id: UUID) -> SalesOrder:
    order = SalesOrder.objects.select_for_update(of=("self",)).filter(pk=order_id).first()
    if order is None:
        raise NotFound
    return order


def _open_pieces(order: SalesOrder) -> int:
    ordered = order.lines.aggregate(total=Sum("pieces"))["total"] or 0
    completed = LineCompletion.objects.filter(line__order=order).aggregate(total=Sum("pieces"))["total"] or 0
    return int(ordered) - int(completed)
