"""Reads of firms and people."""

from __future__ import annotations

from mes.core.actors import Actor
from mes.core.errors import NotFound
from mes.firms.models import Firm


def firm_of_actor(*, actor: Actor) -> Firm:
    """The actor's firm. Raises NotFound for the association's people."""
    if actor.firm_id is None:
        raise NotFound
    return Firm.objects.get(pk=actor.firm_id)
