"""One firm's order book: orders with one line each, private terms, consent, and what is reported already."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from mes.demo.sample.shapes import SampleOrder
from mes.demo.seed.index import Index, cny_per_t
from orders.sales import models
from orders.sales.choices import OrderOrigin, OrderStatus

FIRST_LINE = 1


def seed_orders(*, firm_id: UUID, book: Sequence[SampleOrder], index: Index) -> None:
    """Confirmed orders; one with reported pieces is in production. Runs behind the firm's wall."""
    orders = [
        models.SalesOrder(
            firm_id=firm_id,
            number=row.number,
            origin=OrderOrigin.OWN,
            status=OrderStatus.IN_PRODUCTION if row.reported_pieces else OrderStatus.CONFIRMED,
            ordered_on=row.ordered_on,
        )
        for row in book
    ]
    lines = [
        models.SalesOrderLine(
            firm_id=firm_id,
            order=order,
            number=FIRST_LINE,
            product_id=index.products[row.product_code],
            pieces=row.pieces,
            due_at=index.at(row.due_min),
            priority=row.priority,
            consent=row.consent.outsourcing,
        )
        for order, row in zip(orders, book, strict=True)
    ]
    pairs = list(zip(lines, book, strict=True))
    models.SalesOrder.objects.bulk_create(orders)
    models.SalesOrderTerms.objects.bulk_create(
        models.SalesOrderTerms(firm_id=firm_id, order=order, customer_name=row.terms.customer_name)
        for order, row in zip(orders, book, strict=True)
    )
    models.SalesOrderLine.objects.bulk_create(lines)
    models.SalesOrderLineTerms.objects.bulk_create(
        models.SalesOrderLineTerms(firm_id=firm_id, line=line, price_cny_per_t=cny_per_t(row.terms.price_fen_per_t))
        for line, row in pairs
    )
    models.SalesOrderLineCeiling.objects.bulk_create(
        models.SalesOrderLineCeiling(firm_id=firm_id, line=line, fee_cny_per_t=cny_per_t(fen_per_t))
        for line, row in pairs
        if (fen_per_t := row.consent.fee_ceiling_fen_per_t) is not None
    )
    models.LineExclusion.objects.bulk_create(
        models.LineExclusion(firm_id=firm_id, line=line, excluded_firm_id=index.firms[code])
        for line, row in pairs
        for code in row.consent.excluded_firm_codes
    )
    models.LineCompletion.objects.bulk_create(
        models.LineCompletion(firm_id=firm_id, line=line, pieces=row.reported_pieces, completed_at=index.zero)
        for line, row in pairs
        if row.reported_pieces
    )
