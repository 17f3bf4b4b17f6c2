"""What firms have used in the months before: it came and went, and leaves their stock as it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from mes.core.actors import DatabaseRole
from mes.core.units import GRAMS_PER_KG
from mes.core.wall import wall
from mes.demo.seed.index import Index
from production.machines.choices import MovementReason
from production.machines.models import StockMovement

CAME, WENT = timedelta(days=-60), timedelta(days=-30)


def seed_use(*, used_kg: Mapping[tuple[str, str], int], index: Index) -> None:
    """Written directly, as the rest of the sample; each firm's behind its wall. `used_kg`: by firm and material."""
    for code, firm_id in index.firms.items():
        used = [(grade, kg * GRAMS_PER_KG) for (firm, grade), kg in used_kg.items() if firm == code]
        with wall(DatabaseRole.FIRM, firm_id):
            StockMovement.objects.bulk_create(
                StockMovement(
                    firm_id=firm_id,
                    material_id=index.materials[grade],
                    mass_g=sign * mass_g,
                    available_at=index.zero + at,
                    reason=reason,
                )
                for grade, mass_g in used
                for sign, at, reason in (
                    (1, CAME, MovementReason.ARRIVAL),
                    (-1, WENT, MovementReason.CONSUMPTION),
                )
            )
