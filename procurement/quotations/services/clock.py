"""The clock opens nothing; it reminds the officers of requests that are closed and not opened."""

from __future__ import annotations

from django.db.models import F

from mes.core import outbox
from mes.core.clock import BusinessNow
from mes.core.jobs import Lease
from procurement.quotations.choices import TenderStatus
from procurement.quotations.models import Tender

REMIND = "tenders.remind"


def remind(lease: Lease) -> None:
    """Says once a day which requests wait for two officers. Nothing of what was quoted is read."""
    with lease.committing():
        waiting = Tender.objects.filter(status=TenderStatus.OPEN, opened_at=None, closes_at__lte=BusinessNow())
        for tender_id in waiting.order_by(F("closes_at"), "pk").values_list("pk", flat=True):
            outbox.tell(topic="tender.opening_due", payload={"tender_id": str(tender_id)})
