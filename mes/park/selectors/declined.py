"""What the members turned away: tonnes by reason and by machine class, as a statistic."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, Sum

from mes.core.statistics import may_be_shown
from mes.firms.choices import FirmStatus
from orders.sales.models import SalesOrderDecline


@dataclass(frozen=True, slots=True)
class Declined:
    """Declined orders that have something in common. `weight_kg` is None where a sum would tell of one firm.

    `key`: the reason, or the machine class (None: no machine was named).
    """

    key: Any
    orders: int
    weight_kg: Decimal | None


@dataclass(frozen=True, slots=True)
class DeclinedOrders:
    """The same orders twice, each time the most first."""

    by_reason: tuple[Declined, ...]
    by_class: tuple[Declined, ...]


def declined_orders(*, since: datetime) -> DeclinedOrders:
    """Orders that members declined since then, by the database's clock. Sandbox firms do not count. One query."""
    rows = list(
        SalesOrderDecline.objects.filter(created_at__gte=since)
        .exclude(firm__status=FirmStatus.SANDBOX)
        .values_list("order__decline_reason", "machine_class_id", "firm_id")
        .annotate(orders=Count("pk"), weight_kg=Sum("weight_kg"))
        .order_by()
    )
    return DeclinedOrders(
        by_reason=_folded((reason, firm, orders, weight) for reason, _class, firm, orders, weight in rows),
        by_class=_folded((key, firm, orders, weight) for _reason, key, firm, orders, weight in rows),
    )


def _folded(rows: Iterable[tuple[Any, UUID, int, Decimal]]) -> tuple[Declined, ...]:
    counts: defaultdict[Any, int] = defaultdict(int)
    weights: defaultdict[Any, defaultdict[UUID, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for key, firm, orders, weight in rows:
        counts[key] += orders
        weights[key][firm] += weight
    found = []
    for key, of_firm in weights.items():
        total = sum(of_firm.values(), Decimal())
        found.append(Declined(key, counts[key], total if may_be_shown(of_firm.values()) else None))
    return tuple(sorted(found, key=lambda group: (-group.orders, str(group.key))))
