"""Reads of firms and people."""

from __future__ import annotations

from mes.core.actors import Actor
from mes.firms.models import Firm


def firm_of_actor(*, actor: Actor) -> Firm | None:
    """The actor's firm, none for the association's people."""
    return None if actor.firm_id is None else Firm.objects.get(pk=actor.firm_id)
