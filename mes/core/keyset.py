"""Pages by key: rows that come meanwhile shift nothing."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet

MomentKey = tuple[datetime, UUID]
Row = TypeVar("Row", bound=Model)


def page_after(rows: QuerySet[Row], *, by: str, after: MomentKey | None, limit: int) -> list[Row]:
    """At most `limit` rows by the time in column `by` and key, after the given ones."""
    if after is not None:
        moment, key = after
        rows = rows.filter(Q(**{f"{by}__gt": moment}) | Q(**{by: moment, "pk__gt": key}))
    return list(rows.order_by(by, "pk")[:limit])
