"""Reads of sales orders."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Sum

from orders.sales.choices import OPEN_STATUSES
from orders.sales.models import LineCompletion, LineExclusion, SalesOrderLine


@dataclass(frozen=True, slots=True)
class OpenLine:
    """A line of an open order as the planner needs it. `pieces_left`: ordered less completed."""

    line_id: UUID
    firm_id: UUID
    firm_code: str
    order_number: str
    number: int
    product_id: UUID
    product_code: str
    product_is_standard: bool
    unit_mass_g: int
    pieces_left: int
    release_at: datetime | None
    due_at: datetime
    priority: int
    consent: str
    fee_ceiling_cny_per_t: Decimal | None
    excluded_firm_ids: frozenset[UUID]


def lines_to_plan(*, firm_id: UUID | None = None) -> list[OpenLine]:
    """Lines of open orders with pieces left, by firm, order and line. For the planner's role. Three queries."""
    rows = SalesOrderLine.objects.filter(order__status__in=OPEN_STATUSES)
    if firm_id is not None:
        rows = rows.filter(firm_id=firm_id)
    completed = dict(
        LineCompletion.objects.filter(line__in=rows.values("pk")).values_list("line_id").annotate(Sum("pieces"))
    )
    excluded: defaultdict[UUID, set[UUID]] = defaultdict(set)
    for line_id, excluded_firm_id in LineExclusion.objects.values_list("line_id", "excluded_firm_id"):
        excluded[line_id].add(excluded_firm_id)
    ordered = rows.select_related("order", "firm", "product").order_by("firm__code", "order__number", "number")
    lines = (_open_line(row, row.pieces - completed.get(row.pk, 0), excluded[row.pk]) for row in ordered)
    return [line for line in lines if line.pieces_left > 0]


def _open_line(row: SalesOrderLine, pieces_left: int, excluded: set[UUID]) -> OpenLine:
    return OpenLine(
        line_id=row.pk,
        firm_id=row.firm_id,
        firm_code=row.firm.code,
        order_number=row.order.number,
        number=row.number,
        product_id=row.product_id,
        product_code=row.product.code,
        product_is_standard=row.product.firm_id is None,
        unit_mass_g=row.product.unit_mass_g,
        pieces_left=pieces_left,
        release_at=row.release_at,
        due_at=row.due_at,
        priority=row.priority,
        consent=row.consent,
        fee_ceiling_cny_per_t=row.fee_ceiling_cny_per_t,
        excluded_firm_ids=frozenset(excluded),
    )
