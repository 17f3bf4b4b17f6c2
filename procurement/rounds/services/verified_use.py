"""How much of a material a firm has verifiably used. Who keeps the stock says it: a higher app registers here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

# (firm, material, from, until) → kg that the firm's ledger of stock shows as used.
UsedKg = Callable[[UUID, UUID, datetime, datetime], int]
_sources: list[UsedKg] = []


def register(source: UsedKg) -> None:
    """Says who knows. Once for each process."""
    if source not in _sources:
        _sources.append(source)


def used_kg(*, firm_id: UUID, material_id: UUID, since: datetime, until: datetime) -> int:
    """Whole kg used in the time, by all that know of any."""
    return sum(source(firm_id, material_id, since, until) for source in _sources)
