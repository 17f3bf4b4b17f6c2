"""Reads of outsource orders, by one of their parties."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from mes.core.actors import Actor
from mes.core.changes import changed_since
from mes.core.errors import NotFound
from mes.core.keyset import MomentKey, page_after
from orders.outsourcing.models import OutsourceDispatch, OutsourceFile, OutsourceOrder, OutsourceReceipt


def visible_to(actor: Actor) -> QuerySet[OutsourceOrder]:
    """The orders that the actor may know of: a firm those that it is a party of, the association and the system all."""
    orders = OutsourceOrder.objects.all()
    return orders if actor.firm_id is None else orders.filter(Q(giver_id=actor.firm_id) | Q(doer_id=actor.firm_id))


def outsource_orders_page(
    *,
    actor: Actor,
    limit: int,
    after: MomentKey | None = None,
    status: str | None = None,
    updated_since: datetime | None = None,
) -> list[OutsourceOrder]:
    """At most `limit` orders by time and key, with `dispatched`, `accepted` and `refused` pieces. One query."""
    orders = _with_sums(visible_to(actor))
    orders = changed_since(orders, kind=OutsourceOrder.feed.kind, firm_id=actor.firm_id, since=updated_since)
    if status is not None:
        orders = orders.filter(status=status)
    return page_after(orders, by="created_at", after=after, limit=limit)


def outsource_order_get(*, actor: Actor, order_id: UUID) -> OutsourceOrder:
    """One order as in the page. Raises NotFound."""
    order = _with_sums(visible_to(actor)).filter(pk=order_id).first()
    if order is None:
        raise NotFound
    return order


def _with_sums(orders: QuerySet[OutsourceOrder]) -> QuerySet[OutsourceOrder]:
    return orders.select_related("giver", "doer", "terms", "product").annotate(
        dispatched=_sum(OutsourceDispatch, "pieces"),
        accepted=_sum(OutsourceReceipt, "accepted_pieces"),
        refused=_sum(OutsourceReceipt, "refused_pieces"),
    )


def _sum(ledger: type[OutsourceDispatch | OutsourceReceipt], column: str) -> Coalesce:
    rows = ledger.objects.filter(order=OuterRef("pk")).order_by().values("order")
    return Coalesce(Subquery(rows.annotate(total=Sum(F(column))).values("total")), 0)


def outsource_files_visible_to(actor: Actor) -> QuerySet[OutsourceFile]:
    """Files of the firm's shared orders that nobody has dropped; the association sees none."""
    rows = OutsourceFile.objects.filter(removed_at=None).select_related("order")
    if actor.firm_id is None:
        return rows.none()
    return rows.filter(Q(giver_id=actor.firm_id) | Q(doer_id=actor.firm_id))


def outsource_files_page(
    *, actor: Actor, order_id: UUID, limit: int, after: MomentKey | None = None
) -> list[OutsourceFile]:
    """The files of one order by time and key. Raises NotFound for an order that the actor is no party of."""
    outsource_order_get(actor=actor, order_id=order_id)
    rows = outsource_files_visible_to(actor).filter(order_id=order_id)
    return page_after(rows, by="created_at", after=after, limit=limit)


def outsource_file_get(*, actor: Actor, file_id: UUID) -> OutsourceFile:
    """One file of a shared order. Raises NotFound."""
    row = outsource_files_visible_to(actor).filter(pk=file_id).first()
    if row is None:
        raise NotFound
    return row
