"""What giver, doer and an uninvolved member each read of the case, by SQL behind their own walls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection

from mes.core.actors import DatabaseRole
from mes.core.wall import wall


@dataclass(frozen=True, slots=True)
class GiverView:
    """The giver's own order with its customer and price, and the fees that it owes."""

    customer: str
    price_cny_per_t: Decimal
    outsource_orders: int
    least_fee_cny_per_t: Decimal | None
    most_fee_cny_per_t: Decimal | None
    fees_cny: Decimal | None


@dataclass(frozen=True, slots=True)
class DoerView:
    """One outsource order as its doer reads it, and how many rows of the giver's order it can read."""

    order_number: str
    product: str
    pieces: int
    due_at: datetime
    fee_cny_per_t: Decimal
    giver_orders_readable: int
    giver_customers_readable: int
    giver_prices_readable: int


@dataclass(frozen=True, slots=True)
class OtherView:
    """How many rows of the case a member reads that is no party."""

    firm_code: str
    orders: int
    outsource_orders: int
    machine_runs: int


def giver_view(*, firm_id: UUID, line_id: UUID) -> GiverView:
    """Read as the giver."""
    with wall(DatabaseRole.FIRM, firm_id):
        row = _row(_GIVER, [line_id])
    return GiverView(*row)


def doer_view(*, firm_id: UUID, line_id: UUID) -> DoerView:
    """Read as the doer: the first of its orders for this line. Raises LookupError when there is none."""
    with wall(DatabaseRole.FIRM, firm_id):
        order = _row(_DOER, [line_id, firm_id])
        rows = [_row(query, [line_id])[0] for query in _GIVERS_ROWS]
    return DoerView(*order, *rows)


def other_view(*, firm_id: UUID, firm_code: str, line_id: UUID) -> OtherView:
    """Read as a member that has nothing to do with the line."""
    with wall(DatabaseRole.FIRM, firm_id):
        rows = [_row(query, values)[0] for query, values in _others(line_id, firm_id)]
    return OtherView(firm_code, *rows)


def _row(query: str, values: Sequence[Any]) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        row: tuple[Any, ...] | None = cursor.fetchone()
    if row is None:
        raise LookupError("nothing to read")
    return row


def _others(line_id: UUID, firm_id: UUID) -> list[tuple[str, list[Any]]]:
    return [
        (_GIVERS_ROWS[0], [line_id]),
        ("SELECT count(*) FROM outsourcing_outsourceorder WHERE giver_line_id = %s", [line_id]),
        ("SELECT count(*) FROM plans_machinerun WHERE firm_id <> %s", [firm_id]),
    ]


_GIVER = """
    SELECT t.customer_name, p.price_cny_per_t, count(o.id), min(m.fee_cny_per_t), max(m.fee_cny_per_t), sum(m.fee_cny)
      FROM sales_salesorderline l
      JOIN sales_salesorderterms t ON t.order_id = l.order_id
      JOIN sales_salesorderlineterms p ON p.line_id = l.id
      LEFT JOIN outsourcing_outsourceorder o ON o.giver_line_id = l.id
      LEFT JOIN outsourcing_outsourceorderterms m ON m.order_id = o.id
     WHERE l.id = %s GROUP BY t.customer_name, p.price_cny_per_t
"""
_DOER = """
    SELECT s.number, p.code, d.pieces, o.due_at, m.fee_cny_per_t
      FROM outsourcing_outsourceorder o
      JOIN outsourcing_outsourceorderterms m ON m.order_id = o.id
      JOIN sales_salesorder s ON s.id = o.doer_order_id
      JOIN sales_salesorderline d ON d.order_id = s.id
      JOIN catalog_product p ON p.id = d.product_id
     WHERE o.giver_line_id = %s AND o.doer_id = %s ORDER BY o.due_at, s.number LIMIT 1
"""
_GIVERS_ROWS = (
    "SELECT count(*) FROM sales_salesorderline WHERE id = %s",
    "SELECT count(*) FROM sales_salesorderterms t JOIN sales_salesorderline l ON l.order_id = t.order_id"
    " WHERE l.id = %s",
    "SELECT count(*) FROM sales_salesorderlineterms WHERE line_id = %s",
)
