from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from production.machines.choices import OfferStatus
from production.machines.models import CapacityOffer


@dataclass(frozen=True, slots=True)
class PublishedOffer:
    """An offer with its fee, for the planner's role."""

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
    """All published offers of firms, by firm and code. Two queries."""
    offers = (
        CapacityOffer.objects.filter(status=OfferStatus.PUBLISHED)
        .select_related("terms")
        .prefetch_related("offered_machines")
        .order_by("firm__code", "code")
    )
    return [
        PublishedOffer(
            offer_id=offer.pk,
            firm_id=offer.firm_id,
            code=offer.code,
            starts_at=offer.starts_at,
            ends_at=offer.ends_at,
            share_pct=offer.share_pct,
            least_lot_kg=offer.least_lot_kg,
            accept=offer.accept,
            material_from=offer.material_from,
            fee_cny_per_t=offer.terms.fee_cny_per_t,
            machine_ids=tuple(sorted(row.machine_id for row in offer.offered_machines.all())),
        )
        for offer in offers
    ]
