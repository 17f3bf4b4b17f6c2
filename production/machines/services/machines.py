"""Machines of a firm."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from mes.catalog.models import ChangeoverFamily, MachineClass
from mes.core import audit, locks, outbox
from mes.core.actors import Actor
from mes.core.errors import InvalidValue
from mes.core.states import move
from mes.firms.access import required_firm
from production.machines.choices import STATUS_NEXT, MachineStatus
from production.machines.models import Machine
from production.machines.selectors.own import machine_get

EFFICIENCY_PERMILLE = range(100, 2001)
MOST_CODE_LENGTH = 30
CHANGED = "machine.changed"


def own_firm(*, actor: Actor, verb: str) -> UUID:
    """The actor's firm, which may do `verb`; its live plan is shared. Raises NotPermitted."""
    firm_id = required_firm(actor, verb)
    # A publication reads machines, hours, offers and stock again under this lock.
    locks.share_firms([firm_id])
    return firm_id


@transaction.atomic
def machine_create(
    *,
    actor: Actor,
    code: str,
    class_code: str,
    status: str = MachineStatus.INSTALLED,
    efficiency_permille: int = 1000,
    family_code: str | None = None,
    external_ref: str | None = None,
) -> Machine:
    """A machine of the actor's firm. `efficiency_permille` divides the pure process times; `family_code`: its set-up.

    Raises InvalidValue with a pointer to the field, NotPermitted.
    """
    firm_id = own_firm(actor=actor, verb="machine.edit")
    _check(firm_id, code, status, efficiency_permille, external_ref)
    machine_class = MachineClass.objects.filter(code=class_code).first()
    family = ChangeoverFamily.objects.filter(code=family_code).first() if family_code else None
    if machine_class is None:
        raise InvalidValue(_("There is no such machine class."), pointer="/class_code")
    if family_code and family is None:
        raise InvalidValue(_("Unknown changeover family."), pointer="/family_code")
    machine = Machine.objects.create(
        firm_id=firm_id,
        code=code,
        machine_class=machine_class,
        status=status,
        efficiency_permille=efficiency_permille,
        family=family,
        external_ref=external_ref,
    )
    changes = {"code": code, "class": class_code, "status": status}
    audit.record(actor=actor, verb="machine.create", obj=machine, firm_id=firm_id, changes=changes)
    outbox.tell(topic=CHANGED, payload={"machine_id": str(machine.pk)}, firm_id=firm_id)
    return machine


@transaction.atomic
def machine_status_change(*, actor: Actor, machine_id: UUID, status: str) -> Machine:
    """Installs, takes down or retires a machine; a retired one stays retired.

    Raises NotFound for another firm's machine, InvalidValue, NotAllowedInState, StaleState.
    """
    firm_id = own_firm(actor=actor, verb="machine.edit")
    machine = machine_get(actor=actor, machine_id=machine_id)
    if status not in MachineStatus.values:
        raise InvalidValue(_("Unknown status."), pointer="/status")
    changes = move(machine, status, moves=STATUS_NEXT)
    audit.record(actor=actor, verb="machine.change", obj=machine, firm_id=firm_id, changes=changes)
    outbox.tell(topic=CHANGED, payload={"machine_id": str(machine.pk)}, firm_id=firm_id)
    return machine


def _check(firm_id: UUID, code: str, status: str, efficiency_permille: int, external_ref: str | None) -> None:
    if not code.strip() or len(code) > MOST_CODE_LENGTH:
        raise InvalidValue(_("The code is empty or too long."), pointer="/code")
    if status not in MachineStatus.values:
        raise InvalidValue(_("Unknown status."), pointer="/status")
    if efficiency_permille not in EFFICIENCY_PERMILLE:
        raise InvalidValue(_("The efficiency is 100 to 2000 ‰."), pointer="/efficiency_permille")
    machines = Machine.objects.filter(firm_id=firm_id)
    if machines.filter(code=code).exists():
        raise InvalidValue(_("The code is taken."), pointer="/code")
    if external_ref is not None and machines.filter(external_ref=external_ref).exists():
        raise InvalidValue(_("A machine with this number of yours exists."), pointer="/external_ref")
