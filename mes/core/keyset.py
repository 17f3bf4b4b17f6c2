"""Pages by key: rows that come meanwhile shift nothing."""

from __future__ import annotations

from datetime import date, datetime
from typing import TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet

MomentKey = tuple[datetime, UUID]
Row = TypeVar("Row", bound=Model)


def beyond(by: str, when: date | datetime, key: UUID) -> Q:
    """Which rows come after the one with this day or time in column `by` and this key.

    The first condition alone says where an index on `by` is to be entered: an OR of two pairs would have it read whole.
    """
    return Q(**{f"{by}__gte": when}) & (Q(**{f"{by}__gt": when}) | Q(pk__gt=key))


def page_after(rows: QuerySet[Row], *, by: str, after: MomentKey | None, limit: int) -> list[Row]:
    """At most `limit` rows by the time in column `by` and key, after the given ones."""
    if after is not None:
        rows = rows.filter(beyond(by, *after))
    return list(rows.order_by(by, "pk")[:limit])
