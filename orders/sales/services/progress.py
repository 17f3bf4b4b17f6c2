"""What production and the published plan say of orders."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Sum
from django.utils.translation import gettext_lazy as _

from mes.core import audit, locks, outbox
from mes.core.actors import Actor
from mes.core.errors import InvalidValue, NotAllowedInState, NotFound, NotPermitted
from mes.core.states import move
from mes.firms.access import require
from orders.sales import selectors
from orders.sales.choices import NEXT, OPEN_STATUSES, OrderStatus, PlanState
from orders.sales.models import MOST_PIECES, LineCompletion, SalesOrder, SalesOrderLine

PLACED = (PlanState.ON_TIME, PlanState.LATE)


def order_locked(*, actor: Actor, order_id: UUID, verb: str) -> SalesOrder:
    """The order, authorised and locked, with its firm's live plan shared. Raises NotFound, NotPermitted."""
    seen = selectors.visible_to(actor).only("firm_id").filter(pk=order_id).first()
    if seen is None:
        raise NotFound
    require(actor, verb, seen)
    # A publication reads the orders again under this lock, so a change falls either before that or after it.
    locks.share_firms([seen.firm_id])
    return SalesOrder.objects.select_for_update(of=("self",)).get(pk=order_id)


@transaction.atomic
def sales_order_begin(*, actor: Actor, order_id: UUID, now: datetime) -> SalesOrder:
    """Work on the order has started: confirmed or planned → in production. Done already, it stays.

    Raises NotFound for another firm's order, NotAllowedInState when it is not open.
    """
    order = order_locked(actor=actor, order_id=order_id, verb="machine_run.start")
    _begin(actor, order)
    return order


@transaction.atomic
def line_complete(*, actor: Actor, line_id: UUID, pieces: int, now: datetime) -> LineCompletion:
    """Books good pieces that are through the last step; the order is in production, or completed with the last.

    More pieces than ordered are taken as they are: they exist. Raises InvalidValue for no or too many pieces,
    NotFound for another firm's line, NotAllowedInState when the order is not open.
    """
    line = selectors.sales_order_line_get(actor=actor, line_id=line_id)
    order = order_locked(actor=actor, order_id=line.order_id, verb="machine_run.report")
    if not 0 < pieces <= MOST_PIECES:
        raise InvalidValue(_("The number of pieces is out of range."), pointer="/pieces")
    _begin(actor, order)
    completion = LineCompletion.objects.create(firm_id=line.firm_id, line=line, pieces=pieces, completed_at=now)
    audit.record(actor=actor, verb="line.complete", obj=line, firm_id=line.firm_id, changes={"pieces": pieces})
    complete_when_through(actor=actor, order=order)
    return completion


@transaction.atomic
def line_receive(*, actor: Actor, line_id: UUID, pieces: int, now: datetime) -> LineCompletion:
    """Books pieces that another member made for the line and that were accepted at the gate.

    They are taken in whatever state the order is: they exist. Raises NotFound for another firm's line.
    """
    line = selectors.sales_order_line_get(actor=actor, line_id=line_id)
    order = order_locked(actor=actor, order_id=line.order_id, verb="outsource_order.receive")
    if order.status in OPEN_STATUSES:
        _begin(actor, order)
    completion = LineCompletion.objects.create(firm_id=line.firm_id, line=line, pieces=pieces, completed_at=now)
    audit.record(actor=actor, verb="line.receive", obj=line, firm_id=line.firm_id, changes={"pieces": pieces})
    complete_when_through(actor=actor, order=order)
    return completion


@transaction.atomic
def plan_states_set(*, actor: Actor, finishes: Mapping[UUID, tuple[PlanState, datetime | None]]) -> None:
    """What the published plan says of lines: state and finish by line. For the planner's role.

    Confirmed orders whose lines all have a place are planned from now on; planned ones that lost a line's place are
    confirmed again. The publication's own audit row stands for all of them. Raises NotPermitted to anybody else.
    """
    if not actor.is_system:
        raise NotPermitted
    keys = list(finishes)
    states = [str(state) for state, _finish in finishes.values()]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE sales_salesorderline AS l SET plan_state = s.plan_state, planned_finish_at = s.finish_at"
            " FROM unnest(%s::uuid[], %s::text[], %s::timestamptz[]) AS s (id, plan_state, finish_at)"
            " WHERE l.id = s.id",
            [keys, states, [finish for _state, finish in finishes.values()]],
        )
    orders = SalesOrder.objects.filter(pk__in=SalesOrderLine.objects.filter(pk__in=keys).values("order_id"))
    without_place = Exists(SalesOrderLine.objects.filter(order=OuterRef("pk")).exclude(plan_state__in=PLACED))
    orders.filter(~without_place, status=OrderStatus.CONFIRMED).update(status=OrderStatus.PLANNED)
    orders.filter(without_place, status=OrderStatus.PLANNED).update(status=OrderStatus.CONFIRMED)


def complete_when_through(*, actor: Actor, order: SalesOrder) -> None:
    """In production → completed, when no line has pieces left. The caller holds the order's lock."""
    if order.status != OrderStatus.IN_PRODUCTION:
        return
    lines = order.lines.annotate(completed=Sum("completions__pieces", default=0))
    if lines.filter(completed__lt=F("pieces")).exists():
        return
    changes = move(order, OrderStatus.COMPLETED, moves=NEXT)
    audit.record(actor=actor, verb="sales_order.complete", obj=order, firm_id=order.firm_id, changes=changes)
    outbox.tell(topic="sales_order.completed", payload={"order_id": str(order.pk)}, firm_id=order.firm_id)


def _begin(actor: Actor, order: SalesOrder) -> None:
    if order.status == OrderStatus.IN_PRODUCTION:
        return
    if order.status not in OPEN_STATUSES:
        raise NotAllowedInState
    changes = move(order, OrderStatus.IN_PRODUCTION, moves=NEXT)
    audit.record(actor=actor, verb="sales_order.begin", obj=order, firm_id=order.firm_id, changes=changes)
