"""A firm's own machines, found by the actor."""

from __future__ import annotations

from uuid import UUID

from mes.core.actors import Actor
from mes.core.errors import NotFound
from production.machines.models import Machine


def machine_get(*, actor: Actor, machine_id: UUID) -> Machine:
    """One machine that the actor may know of: a firm its own, the association any. Raises NotFound."""
    machines = Machine.objects.all() if actor.firm_id is None else Machine.objects.filter(firm_id=actor.firm_id)
    machine = machines.filter(pk=machine_id).first()
    if machine is None:
        raise NotFound
    return machine
