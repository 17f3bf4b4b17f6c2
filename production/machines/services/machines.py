"""Machines of a firm."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from mes.catalog.models import ChangeoverFamily, MachineClass
from mes.core import audit, locks, outbox
from mes.core.actors import Actor
from mes.core.choices import Outcome
from mes.core.errors import InvalidValue, NotAllowedInState
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
    if machine_class is None:
        raise InvalidValue(_("There is no such machine class."), pointer="/class_code")
    family = _family(family_code) if family_code else None
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
def machine_put(
    *,
    actor: Actor,
    code: str,
    class_code: str,
    status: str | None = None,
    efficiency_permille: int | None = None,
    family_code: str | None = None,
    external_ref: str | None = None,
) -> tuple[Machine, Outcome]:
    """Makes the firm's machine with this code, or changes the one that there is; what became of it.

    What is left out stays; the class does not change. Raises as machine_create and machine_status_change.
    """
    firm_id = own_firm(actor=actor, verb="machine.edit")
    own = Machine.objects.filter(firm_id=firm_id)
    machine = own.select_for_update(of=("self",)).select_related("machine_class").filter(code=code).first()
    said: dict[str, Any] = {"status": status, "efficiency_permille": efficiency_permille, "external_ref": external_ref}
    said = {name: value for name, value in said.items() if value is not None}
    if machine is None:
        made = machine_create(actor=actor, code=code, class_code=class_code, family_code=family_code, **said)
        return made, Outcome.MADE
    if machine.machine_class.code != class_code:
        raise InvalidValue(_("The class of a machine does not change."), pointer="/class_code")
    _check_values(
        own.exclude(pk=machine.pk),
        status=machine.status if status is None else status,
        efficiency_permille=machine.efficiency_permille if efficiency_permille is None else efficiency_permille,
        external_ref=external_ref,
    )
    if family_code is not None:
        said["family"] = _family(family_code)
    if not audit.changed(machine, said):
        return machine, Outcome.UNCHANGED
    changes = _changed(machine, said)
    audit.record(actor=actor, verb="machine.change", obj=machine, firm_id=firm_id, changes=changes)
    outbox.tell(topic=CHANGED, payload={"machine_id": str(machine.pk)}, firm_id=firm_id)
    return machine, Outcome.CHANGED


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


def _changed(machine: Machine, said: dict[str, Any]) -> dict[str, audit.Change]:
    """Writes what is said of a locked machine. Raises NotAllowedInState at `/status`."""
    changes = audit.changed(machine, said)
    values = {name: said[name] for name in changes if name != "status"}
    if "status" in changes:
        try:
            return move(machine, said["status"], moves=STATUS_NEXT, **values)
        except NotAllowedInState as error:
            error.pointer = "/status"
            raise
    for name, value in values.items():
        setattr(machine, name, value)
    machine.save(update_fields=list(values))
    return changes


def _family(code: str) -> ChangeoverFamily:
    family = ChangeoverFamily.objects.filter(code=code).first()
    if family is None:
        raise InvalidValue(_("Unknown changeover family."), pointer="/family_code")
    return family


def _check(firm_id: UUID, code: str, status: str, efficiency_permille: int, external_ref: str | None) -> None:
    if not code.strip() or len(code) > MOST_CODE_LENGTH:
        raise InvalidValue(_("The code is empty or too long."), pointer="/code")
    machines = Machine.objects.filter(firm_id=firm_id)
    if machines.filter(code=code).exists():
        raise InvalidValue(_("The code is taken."), pointer="/code")
    _check_values(machines, status=status, efficiency_permille=efficiency_permille, external_ref=external_ref)


def _check_values(
    others: QuerySet[Machine], *, status: str, efficiency_permille: int, external_ref: str | None
) -> None:
    if status not in MachineStatus.values:
        raise InvalidValue(_("Unknown status."), pointer="/status")
    if efficiency_permille not in EFFICIENCY_PERMILLE:
        raise InvalidValue(_("The efficiency is 100 to 2000 ‰."), pointer="/efficiency_permille")
    if external_ref is not None and others.filter(external_ref=external_ref).exists():
        raise InvalidValue(_("A machine with this number of yours exists."), pointer="/external_ref")
