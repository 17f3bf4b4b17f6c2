"""Reads of batches."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Count, Q, QuerySet

from mes.batches.models import Batch, BatchItem
from mes.core.actors import Actor
from mes.core.errors import NotFound
from mes.core.keyset import MomentKey, page_after


def batches_of(actor: Actor) -> QuerySet[Batch]:
    """The firm's own, with how many items there are, are answered, and of those were refused."""
    rows = Batch.objects.annotate(
        total=Count("items"),
        done=Count("items", filter=Q(items__status__isnull=False)),
        refused=Count("items", filter=Q(items__status__gte=400)),
    )
    return rows.none() if actor.firm_id is None else rows.filter(firm_id=actor.firm_id)


def batch_get(*, actor: Actor, batch_id: UUID) -> Batch:
    """One batch with its counts. Raises NotFound."""
    row = batches_of(actor).filter(pk=batch_id).first()
    if row is None:
        raise NotFound
    return row


def batches_page(*, actor: Actor, limit: int, after: MomentKey | None = None) -> list[Batch]:
    """The firm's batches by time and key. One query."""
    return page_after(batches_of(actor), by="created_at", after=after, limit=limit)


def batch_items_page(*, actor: Actor, batch_id: UUID, limit: int, after: MomentKey | None = None) -> list[BatchItem]:
    """A batch's items in their order. Raises NotFound."""
    batch = batch_get(actor=actor, batch_id=batch_id)
    return page_after(BatchItem.objects.filter(batch=batch), by="created_at", after=after, limit=limit)
