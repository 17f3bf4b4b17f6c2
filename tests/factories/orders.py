"""Sales orders, made by the services as a planner would."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from mes.catalog.models import Product
from mes.core.actors import Actor
from mes.core.wall import actor_wall
from orders.sales import services
from orders.sales.models import SalesOrder
from orders.sales.services import LineDraft
from tests.factories.park import MONDAY, a_product, at


def a_line(product: Product | None = None, **fields: Any) -> LineDraft:
    """Ten pieces of a standard product, due in ten days."""
    usual: dict[str, Any] = {"due_at": at(days=10)}
    if not {"pieces", "area_m2", "weight_kg"} & fields.keys():
        usual["pieces"] = 10
    return LineDraft(product_id=(product or a_product()).pk, **(usual | fields))


def a_draft(
    actor: Actor, *lines: LineDraft, now: datetime = MONDAY, customer_name: str = "客户甲", **fields: Any
) -> SalesOrder:
    """A draft of the actor's firm, of one ordinary line unless lines are given."""
    wanted = lines or (a_line(),)
    with actor_wall(actor):
        return services.sales_order_create(actor=actor, customer_name=customer_name, lines=wanted, now=now, **fields)


def an_order(actor: Actor, *lines: LineDraft, now: datetime = MONDAY, **fields: Any) -> SalesOrder:
    """A confirmed order of the actor's firm."""
    order = a_draft(actor, *lines, now=now, **fields)
    with actor_wall(actor):
        return services.sales_order_confirm(actor=actor, order_id=order.pk, now=now)
