"""Capacity that firms offer to each other. For the planner's role: it alone sees all offers with their fees."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from production.machines.choices import OfferStatus
from production.machines.models import CapacityOffer


@dataclass(frozen=True, slots=True)
class PublishedOffer:
    """An offer with its standing fee. `machine_ids`: the forming machines offered, sorted by their codes."""

    offer_id: UUID
    firm_id: UUID
    code: str
    starts_at: datetime
    ends_at: datetime
    share_pct: int
    least_lot_kg: int
    accept: str
    material_from: str
    fee_cny_per_t: Decimal
    machine_ids: tuple[UUID, ...]


def published_offers() -> list[PublishedOffer]:
    """All published offers, by firm code and number, those whose window is over included. Three queries."""
    rows = (
        CapacityOffer.objects.filter(status=OfferStatus.PUBLISHED, terms__isnull=False)
        .select_related("terms")
        .prefetch_related("offered_machines__machine")
        .order_by("firm__code", "code")
    )
    return [
        PublishedOffer(
            offer_id=row.pk,
            firm_id=row.firm_id,
            code=row.code,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            share_pct=row.share_pct,
            least_lot_kg=row.least_lot_kg,
            accept=row.accept,
            material_from=row.material_from,
            fee_cny_per_t=row.terms.fee_cny_per_t,
            machine_ids=tuple(
                offered.machine_id
                for offered in sorted(row.offered_machines.all(), key=lambda offered: offered.machine.code)
            ),
        )
        for row in rows
    ]
