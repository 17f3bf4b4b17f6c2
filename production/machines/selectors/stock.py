from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from production.machines.models import StockMovement


@dataclass(frozen=True, slots=True)
class StockArrival:
    """Material of a firm that can be used from a minute on; what is there already has minute 0."""

    firm_id: UUID
    material_code: str
    available_min: int
    mass_g: int


def stock_arrivals(*, zero_at: datetime) -> list[StockArrival]:
    """Balance and expected arrivals by firm, material and minute from `zero_at`. One query.

    What has gone out reduces what is there; a balance below zero is left out.
    """
    masses: defaultdict[tuple[UUID, str, int], int] = defaultdict(int)
    rows = StockMovement.objects.values_list("firm_id", "material__code", "available_at", "mass_g")
    for firm_id, code, available_at, mass_g in rows:
        minute = max(0, -int((zero_at - available_at).total_seconds() // 60))
        masses[firm_id, code, minute] += mass_g
    return [StockArrival(*place, mass_g) for place, mass_g in sorted(masses.items()) if mass_g > 0]
