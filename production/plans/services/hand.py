"""A firm's planner pins a step, keeps a line off a machine, sets the order of lines on a machine, and lifts it again.

It is only for own lines on own machines. Each later plan keeps to it; what it changes is planned again a little later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from mes.core import audit, locks, outbox
from mes.core.actors import Actor
from mes.core.errors import InvalidValue, NotAllowedInState, NotFound
from mes.firms.access import required_firm
from orders.sales.choices import OPEN_STATUSES
from orders.sales.models import SalesOrderLine
from orders.sales.selectors import pieces_to_plan, sales_order_line_get
from orders.sales.services.progress import order_locked
from production.machines.choices import MachineStatus
from production.machines.models import Machine
from production.machines.selectors.own import machine_get
from production.plans import models
from production.plans.choices import LIVE_RUN_STATUSES, RunStatus
from production.plans.models import ForbiddenMachine, MachineRun, Pin, RunPart, SequenceLine
from production.plans.selectors.hand import machines_by_process
from production.plans.services.machine_runs import machine_run_locked

CHANGED = "hand.changed"
MOST_IN_SEQUENCE = 200
LINE = "/sales_order_line_id"
LINES = "/sales_order_line_ids"


@transaction.atomic
def pin_set(
    *,
    actor: Actor,
    line_id: UUID,
    process: str,
    now: datetime,
    machine_id: UUID | None = None,
    starts_at: datetime | None = None,
) -> Pin:
    """The line's runs of a process stay on a machine, or the first of them starts at a time, or both.

    Raises InvalidValue with a pointer (nothing left to make, a step that the product does not have, a machine that
    cannot do it, a time that is over, a step that is pinned already), NotFound for another firm's line or machine,
    NotPermitted.
    """
    line = _line_locked(actor, line_id, "pin.set", pointer=LINE)
    machine = machine_get(actor=actor, machine_id=machine_id) if machine_id else None
    able = machines_by_process(line=line)
    if process not in able:
        raise InvalidValue(_("The product has no such step on a machine."), pointer="/process")
    if machine is None and starts_at is None:
        raise InvalidValue(_("Name a machine, a time, or both."), pointer="/machine")
    if machine is not None:
        _check_installed(machine)
        if machine.pk not in able[process]:
            raise InvalidValue(_("This machine cannot do the step."), pointer="/machine")
    if starts_at is not None and starts_at <= now:
        raise InvalidValue(_("The time is over."), pointer="/starts_at")
    if Pin.objects.filter(line=line, process=process).exists():
        raise InvalidValue(_("This step is pinned already. Lift that pin first."), pointer="/process")
    pin = Pin.objects.create(firm_id=line.firm_id, line=line, process=process, machine=machine, starts_at=starts_at)
    where = {"machine": machine.code if machine else None, "starts_at": starts_at}
    changes = {"line": line.pk, "process": process} | where
    _tell(actor, pin, pin.firm_id, "pin.set", changes)
    return pin


@transaction.atomic
def machine_run_pin(*, actor: Actor, run_id: UUID, now: datetime) -> Pin:
    """A run of the live plan stays where it stands: its machine and its start.

    It must be the only one of its line and process: a pin holds for all of them, and a single run of several stays by
    being approved. Raises NotFound for another firm's run, NotAllowedInState, InvalidValue as pin_set, NotPermitted.
    """
    run = machine_run_locked(actor=actor, run_id=run_id, verb="pin.set")
    if run.status != RunStatus.PROPOSED:
        raise NotAllowedInState(_("This run does not move any more."))
    lines = set(run.parts.values_list("lot__line_id", flat=True))
    line_id = lines.pop() if len(lines) == 1 else None
    if line_id is None:
        raise NotAllowedInState(_("This run carries work of several lines, or a placement that is not answered."))
    of_line = RunPart.objects.filter(lot__line_id=line_id).values("run_id")
    runs = MachineRun.objects.filter(pk__in=of_line, process=run.process, status__in=LIVE_RUN_STATUSES)
    if runs.exclude(pk=run.pk).exists():
        raise NotAllowedInState(_("The line has other runs of this process. Approve this one: then it stays."))
    return pin_set(
        actor=actor,
        line_id=line_id,
        process=run.process,
        now=now,
        machine_id=run.machine_id,
        starts_at=run.period.lower,
    )


@transaction.atomic
def pin_lift(*, actor: Actor, pin_id: UUID) -> None:
    """The plan is free again. Raises NotFound for another firm's pin, NotPermitted."""
    _lift(actor, Pin, pin_id, "pin.lift")


@transaction.atomic
def machine_forbid(*, actor: Actor, line_id: UUID, machine_id: UUID) -> ForbiddenMachine:
    """No run of the line is planned on the machine. Raises as pin_set, InvalidValue also where it is so already."""
    line = _line_locked(actor, line_id, "forbidden_machine.set", pointer=LINE)
    machine = machine_get(actor=actor, machine_id=machine_id)
    _check_installed(machine)
    if ForbiddenMachine.objects.filter(line=line, machine=machine).exists():
        raise InvalidValue(_("This machine is forbidden to the line already."), pointer="/machine")
    row = ForbiddenMachine.objects.create(firm_id=line.firm_id, line=line, machine=machine)
    _tell(actor, row, row.firm_id, "forbidden_machine.set", {"line": line.pk, "machine": machine.code})
    return row


@transaction.atomic
def machine_allow(*, actor: Actor, forbidden_id: UUID) -> None:
    """The machine is free to the line again. Raises NotFound for another firm's word, NotPermitted."""
    _lift(actor, ForbiddenMachine, forbidden_id, "forbidden_machine.lift")


@transaction.atomic
def sequence_set(*, actor: Actor, machine_id: UUID, line_ids: Sequence[UUID]) -> models.Sequence:
    """The lines' runs on a machine come in this order. It takes the place of the one that the machine has.

    Raises InvalidValue with a pointer (fewer than two lines, one twice, one with nothing left to make, a machine that
    does no step of one, an order that another machine's sequence turns round), NotFound for another firm's line or
    machine, NotPermitted.
    """
    firm_id = required_firm(actor, "sequence.set")
    machine = machine_get(actor=actor, machine_id=machine_id)
    locks.share_firms([firm_id])
    _lock_machine(machine)
    _check_installed(machine)
    if not 2 <= len(line_ids) <= MOST_IN_SEQUENCE:
        raise InvalidValue(_("A sequence has two lines at least, and not too many."), pointer=LINES)
    for index, line_id in enumerate(line_ids):
        line = sales_order_line_get(actor=actor, line_id=line_id)
        pointer = f"{LINES}/{index}"
        if line_id in line_ids[:index]:
            raise InvalidValue(_("The line is in the sequence twice."), pointer=pointer)
        _check_to_plan(line, pointer)
        if not any(machine.pk in machines for machines in machines_by_process(line=line).values()):
            raise InvalidValue(_("The machine does no step of this line."), pointer=pointer)
    _check_no_loop(firm_id, machine, line_ids)
    row, _new = models.Sequence.objects.get_or_create(firm_id=firm_id, machine=machine)
    before = list(row.places.order_by("position").values_list("line_id", flat=True))
    row.places.all().delete()
    SequenceLine.objects.bulk_create(
        SequenceLine(firm_id=firm_id, sequence=row, line_id=line_id, position=position)
        for position, line_id in enumerate(line_ids, start=1)
    )
    changes = {"machine": machine.code, "lines": audit.Change(before or None, list(line_ids))}
    _tell(actor, row, firm_id, "sequence.set", changes)
    return row


@transaction.atomic
def sequence_lift(*, actor: Actor, sequence_id: UUID) -> None:
    """The machine's order is the plan's again. Raises NotFound for another firm's sequence, NotPermitted."""
    _lift(actor, models.Sequence, sequence_id, "sequence.lift")


def _line_locked(actor: Actor, line_id: UUID, verb: str, *, pointer: str) -> SalesOrderLine:
    """The firm's line with something left to make, its order locked, its firm's live plan shared."""
    required_firm(actor, verb)
    line = sales_order_line_get(actor=actor, line_id=line_id)
    order_locked(actor=actor, order_id=line.order_id, verb=verb)
    _check_to_plan(line, pointer)
    return line


def _check_to_plan(line: SalesOrderLine, pointer: str) -> None:
    if line.order.status not in OPEN_STATUSES or pieces_to_plan(line=line) <= 0:
        raise InvalidValue(_("Nothing of this line is to be planned."), pointer=pointer)


def _check_installed(machine: Machine) -> None:
    if machine.status != MachineStatus.INSTALLED:
        raise InvalidValue(_("The machine is not installed."), pointer="/machine")


def _check_no_loop(firm_id: UUID, machine: Machine, line_ids: Sequence[UUID]) -> None:
    """Raises InvalidValue where the orders of the firm's machines together lead from a line back to it."""
    orders: dict[UUID, list[UUID]] = {machine.pk: list(line_ids)}
    others = SequenceLine.objects.filter(firm_id=firm_id).exclude(sequence__machine=machine).order_by("position")
    for machine_id, line_id in others.values_list("sequence__machine_id", "line_id"):
        orders.setdefault(machine_id, []).append(line_id)
    after: dict[UUID, set[UUID]] = {}
    for lines in orders.values():
        for before, behind in pairwise(lines):
            after.setdefault(before, set()).add(behind)
    for index, line_id in enumerate(line_ids):
        reached, waiting = set[UUID](), list(after.get(line_id, ()))
        while waiting:
            found = waiting.pop()
            if found not in reached:
                reached.add(found)
                waiting.extend(after.get(found, ()))
        if line_id in reached:
            text = _("The sequence of another machine has these lines the other way round.")
            raise InvalidValue(text, pointer=f"{LINES}/{index}")


def _lock_machine(machine: Machine) -> None:
    Machine.objects.select_for_update(of=("self",)).get(pk=machine.pk)


def _lift(actor: Actor, model: type[Pin | ForbiddenMachine | models.Sequence], row_id: UUID, verb: str) -> None:
    firm_id = required_firm(actor, verb)
    locks.share_firms([firm_id])
    row = model._base_manager.select_for_update(of=("self",)).filter(firm_id=firm_id, pk=row_id).first()
    if row is None:
        raise NotFound
    _tell(actor, row, firm_id, verb, audit.removed(_what(row)))
    row.delete()


def _what(row: Pin | ForbiddenMachine | models.Sequence) -> dict[str, Any]:
    """The fields of a word of the planner's, as it was said."""
    machine = row.machine.code if row.machine else None
    if isinstance(row, models.Sequence):
        places = row.places.order_by("position").values_list("line_id", flat=True)
        return {"machine": machine, "lines": list(places)}
    if isinstance(row, Pin):
        return {"line": row.line_id, "process": row.process, "machine": machine, "starts_at": row.starts_at}
    return {"line": row.line_id, "machine": machine}


def _tell(actor: Actor, row: Any, firm_id: UUID, verb: str, changes: Mapping[str, Any]) -> None:
    audit.record(actor=actor, verb=verb, obj=row, firm_id=firm_id, changes=changes)
    outbox.tell(topic=CHANGED, payload={"firm_id": str(firm_id)}, firm_id=firm_id)
