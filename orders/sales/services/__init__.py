"""Writes of sales orders: the order and its states, its lines, and what production and plan say of them."""

from orders.sales.services.lines import LineChanges, LineDraft, sales_order_line_add, sales_order_line_change
from orders.sales.services.orders import (
    DeclineDraft,
    sales_order_cancel,
    sales_order_close,
    sales_order_confirm,
    sales_order_create,
    sales_order_decline,
    sales_order_deliver,
)
from orders.sales.services.progress import line_complete, line_receive, plan_states_set, sales_order_begin
from orders.sales.services.upserts import Upsert, sales_order_put

__all__ = [
    "DeclineDraft",
    "LineChanges",
    "LineDraft",
    "Upsert",
    "line_complete",
    "line_receive",
    "plan_states_set",
    "sales_order_begin",
    "sales_order_cancel",
    "sales_order_close",
    "sales_order_confirm",
    "sales_order_create",
    "sales_order_decline",
    "sales_order_deliver",
    "sales_order_line_add",
    "sales_order_line_change",
    "sales_order_put",
]
