"""Writes of outsource orders: the signed document, its files, and the goods that go from one gate to the other."""

from orders.outsourcing.services.agreements import Agreement, outsource_order_begin, outsource_order_create
from orders.outsourcing.services.files import outsource_file_add, outsource_file_drop
from orders.outsourcing.services.goods import outsource_order_dispatch, outsource_order_receive

__all__ = [
    "Agreement",
    "outsource_file_add",
    "outsource_file_drop",
    "outsource_order_begin",
    "outsource_order_create",
    "outsource_order_dispatch",
    "outsource_order_receive",
]
