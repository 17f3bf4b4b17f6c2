"""Reads of lots."""

from __future__ import annotations

from uuid import UUID

from mes.core.actors import Actor
from mes.core.errors import NotFound
from mes.lots.models import Lot


def lot_get(*, actor: Actor, lot_id: UUID) -> Lot:
    """One lot that the actor may know of: a firm its own, the association any. Raises NotFound."""
    lots = Lot.objects.all() if actor.firm_id is None else Lot.objects.filter(firm_id=actor.firm_id)
    lot = lots.filter(pk=lot_id).first()
    if lot is None:
        raise NotFound
    return lot
