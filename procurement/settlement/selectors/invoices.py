"""Reads of invoices by their two parties."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from mes.core.actors import Actor
from mes.core.changes import changed_since
from mes.core.errors import NotFound
from mes.core.keyset import MomentKey, page_after
from procurement.settlement.models import Invoice, InvoiceLine


def invoices_page(
    *, actor: Actor, limit: int, after: MomentKey | None = None, updated_since: datetime | None = None
) -> list[Invoice]:
    """Those that the firm got, or has sent as a supplier, by time and key."""
    rows = changed_since(_shown(), kind="resin_invoice", firm_id=actor.firm_id, since=updated_since)
    return page_after(rows, by="created_at", after=after, limit=limit)


def invoice_get(*, actor: Actor, invoice_id: UUID) -> Invoice:
    """One of them. Raises NotFound."""
    row = _shown().filter(pk=invoice_id).first()
    if row is None:
        raise NotFound
    return row


def _shown() -> QuerySet[Invoice]:
    """The walls leave a firm those of which it is a party."""
    lines = InvoiceLine.objects.select_related("part").order_by("pk")
    return Invoice.objects.select_related("firm", "supplier").prefetch_related(Prefetch("lines", lines))
