"""A firm's promises, as it was told."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from mes.core.actors import Actor
from mes.core.errors import NotFound, NotPermitted
from mes.core.keyset import MomentKey, page_after
from production.plans.models import Promise


def promises_page(
    *, actor: Actor, limit: int, after: MomentKey | None = None, status: str | None = None
) -> list[Promise]:
    """The firm's promises by time and key. One query. Raises NotPermitted."""
    rows = _own(actor)
    return page_after(rows if status is None else rows.filter(status=status), by="created_at", after=after, limit=limit)


def promise_get(*, actor: Actor, promise_id: UUID) -> Promise:
    """One promise of the firm. Raises NotFound, NotPermitted."""
    row = _own(actor).filter(pk=promise_id).first()
    if row is None:
        raise NotFound
    return row


def _own(actor: Actor) -> QuerySet[Promise]:
    if actor.firm_id is None:
        raise NotPermitted
    return Promise.objects.filter(firm_id=actor.firm_id).select_related("product", "terms")
