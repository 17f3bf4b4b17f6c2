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

__all__ = [
    "DeclineDraft",
    "LineChanges",
    "LineDraft",
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
]
