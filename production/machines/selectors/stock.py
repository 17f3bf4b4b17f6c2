"""Material at hand, on its way and used. All but a firm's own use is for the planner's role."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate, pairwise
from uuid import UUID

from django.db.models import Sum

from mes.core.units import GRAMS_PER_KG
from production.machines.choices import MovementReason
from production.machines.models import StockMovement
from production.machines.selectors.periods import MINUTE


@dataclass(frozen=True, slots=True)
class StockArrival:
    """`mass_g` of a material that a firm can use from `available_min` on; 0 means that it is at hand."""

    firm_id: UUID
    material_code: str
    available_min: int
    mass_g: int


def stock_arrivals(*, zero_at: datetime, firm_id: UUID | None = None) -> list[StockArrival]:
    """What is at hand at `zero_at` in one row per firm and material, then what comes later, one row per minute.

    Only positive masses: what is missing at hand, or is booked to leave later, is taken from what comes. Sorted by
    firm code, material code and minute. Two queries.
    """
    balance: defaultdict[tuple[str, UUID, str], dict[int, int]] = defaultdict(dict)
    movements = StockMovement.objects.all() if firm_id is None else StockMovement.objects.filter(firm_id=firm_id)
    columns = ("firm__code", "firm_id", "material__code")
    at_hand = movements.filter(available_at__lte=zero_at).values_list(*columns).annotate(total_g=Sum("mass_g"))
    for firm_code, firm, material_code, total_g in at_hand.order_by(*columns):
        balance[firm_code, firm, material_code][0] = total_g
    later = movements.filter(available_at__gt=zero_at).values_list(*columns, "available_at", "mass_g")
    for firm_code, firm, material_code, available_at, mass_g in later:
        minute = -((zero_at - available_at) // MINUTE)
        masses = balance[firm_code, firm, material_code]
        masses[minute] = masses.get(minute, 0) + mass_g
    return [
        StockArrival(firm, material_code, minute, mass_g)
        for (_firm_code, firm, material_code), masses in sorted(balance.items(), key=lambda item: item[0])
        for minute, mass_g in usable(masses)
    ]


def usable(masses_g: dict[int, int]) -> list[tuple[int, int]]:
    """Minute and grams that can be used from then on without taking what a later movement needs.

    At each minute so much is free as the balance never falls below afterwards; the row is what the free mass has
    grown by since the minute before.
    """
    minutes = sorted(masses_g)
    balances = list(accumulate(masses_g[minute] for minute in minutes))
    lowest_from = list(accumulate(reversed(balances), min))[::-1]
    free = [0, *(max(0, lowest) for lowest in lowest_from)]
    return [
        (minute, now - before) for minute, (before, now) in zip(minutes, pairwise(free), strict=True) if now > before
    ]


def used_kg(firm_id: UUID, material_id: UUID, since: datetime, until: datetime) -> int:
    """Whole kg of a material that the firm's ledger shows as consumed in the time."""
    used = StockMovement.objects.filter(
        firm_id=firm_id,
        material_id=material_id,
        reason=MovementReason.CONSUMPTION,
        available_at__gte=since,
        available_at__lt=until,
    )
    mass_g: int = used.aggregate(total=Sum("mass_g", default=0))["total"]
    return -mass_g // GRAMS_PER_KG
