"""What the members turned away: orders and tonnes by reason and by machine class, as a statistic.

A dispatcher sees each order. The sums keep the law of statistics all the same: they are what is passed on to members.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, Sum, Value, When

from mes.core.statistics import shown_of
from mes.firms.choices import FirmStatus
from orders.sales.models import SalesOrderDecline


@dataclass(frozen=True, slots=True)
class Declined:
    """Declined orders that have something in common; both figures are None where one of them would tell of a firm.

    `key`: the reason, or the machine class (None: no machine was named).
    """

    key: Any
    orders: int | None
    weight_kg: Decimal | None


@dataclass(frozen=True, slots=True)
class DeclinedOrders:
    """The same orders twice, each time the most first and what is withheld last."""

    by_reason: tuple[Declined, ...]
    by_class: tuple[Declined, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    """What one firm declined in one period for one reason on one machine class."""

    period: int
    reason: str
    machine_class: UUID | None
    firm: UUID
    orders: int
    weight_kg: Decimal


def declined_orders(*, bounds: Sequence[datetime]) -> DeclinedOrders:
    """Orders that members declined in the last period between two bounds, by the database's clock.

    The periods before it, the earliest first, have been shown already: a figure is withheld where its difference from
    one of them would tell of a firm. Sandbox firms do not count. One query.
    """
    periods = len(bounds) - 1
    number = Case(
        *(
            When(created_at__gte=begin, created_at__lt=end, then=Value(number))
            for number, (begin, end) in enumerate(pairwise(bounds))
        )
    )
    found = (
        SalesOrderDecline.objects.filter(created_at__gte=bounds[0], created_at__lt=bounds[-1])
        .exclude(firm__status=FirmStatus.SANDBOX)
        .annotate(period=number)
        .values_list("period", "order__decline_reason", "machine_class_id", "firm_id")
        .annotate(orders=Count("pk"), weight_kg=Sum("weight_kg"))
        .order_by()
    )
    rows = [_Row(*row) for row in found]
    return DeclinedOrders(
        by_reason=_folded(periods, ((row.reason, row) for row in rows)),
        by_class=_folded(periods, ((row.machine_class, row) for row in rows)),
    )


def _folded(periods: int, rows: Iterable[tuple[Any, _Row]]) -> tuple[Declined, ...]:
    counts: defaultdict[Any, list[defaultdict[UUID, Decimal]]] = defaultdict(lambda: _by_firm(periods))
    weights: defaultdict[Any, list[defaultdict[UUID, Decimal]]] = defaultdict(lambda: _by_firm(periods))
    for key, row in rows:
        counts[key][row.period][row.firm] += row.orders
        weights[key][row.period][row.firm] += row.weight_kg
    found = []
    for key, of_key in weights.items():
        orders, weight = counts[key][-1], of_key[-1]
        if orders and shown_of(counts[key])[-1] and shown_of(of_key)[-1]:
            found.append(Declined(key, int(sum(orders.values())), sum(weight.values(), Decimal())))
        elif orders:
            found.append(Declined(key, None, None))
    return tuple(sorted(found, key=lambda group: (-(group.orders or 0), str(group.key))))


def _by_firm(periods: int) -> list[defaultdict[UUID, Decimal]]:
    return [defaultdict(Decimal) for _ in range(periods)]
