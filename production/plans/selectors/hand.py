"""The hand of the firms' planners: as the problem takes it, and as a firm reads its own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.db.models import BooleanField, ExpressionWrapper, Model, Prefetch, Q, QuerySet

from mes.catalog.selectors import routings_of
from mes.core.actors import Actor
from mes.core.errors import NotFound, NotPermitted
from mes.core.keyset import MomentKey, page_after
from orders.sales.choices import OPEN_STATUSES
from orders.sales.models import SalesOrderLine
from production.machines.choices import MachineStatus
from production.machines.models import FirmApproval, Machine
from production.planning import problem as p
from production.plans.models import ForbiddenMachine, Pin, Sequence, SequenceLine
from production.plans.selectors.live import LiveLot, minutes_between
from production.plans.selectors.plant import Plant

Hand = TypeVar("Hand", bound=Model)


def forbidden_machines(*, plant: Plant) -> Mapping[UUID, tuple[str, ...]]:
    """By order line: the keys of the machines that it is kept off. One query."""
    found: defaultdict[UUID, list[str]] = defaultdict(list)
    rows = ForbiddenMachine.objects.filter(machine__in=plant.key_of.keys()).values_list("line_id", "machine_id")
    for line_id, machine_id in rows:
        found[line_id].append(plant.key_of[machine_id])
    return {line_id: tuple(sorted(keys)) for line_id, keys in found.items()}


def pins_of(
    *, zero_at: datetime, plant: Plant, lots: Iterable[LiveLot], key_of_line: Mapping[UUID, str]
) -> tuple[p.Pin, ...]:
    """The pins of lines that are planned, as they hold at the zero. One query.

    A pin lapses with its machine. Its start lapses when it is over, or when the first run of the step is frozen.
    """
    frozen = _first_frozen_starts(lots)
    found = []
    for pin in Pin.objects.filter(line__in=key_of_line.keys()):
        if pin.machine_id is not None and pin.machine_id not in plant.key_of:
            continue
        start_min = None if pin.starts_at is None else minutes_between(zero_at, pin.starts_at)
        first_min = frozen.get((pin.line_id, pin.process))
        if start_min is not None and (start_min < 0 or (first_min is not None and first_min <= start_min)):
            start_min = None
        machine = None if pin.machine_id is None else plant.key_of[pin.machine_id]
        if machine is not None or start_min is not None:
            found.append(p.Pin(key_of_line[pin.line_id], pin.process, machine, start_min))
    return tuple(sorted(found, key=lambda pin: (pin.line, pin.process)))


def sequences_of(*, plant: Plant, key_of_line: Mapping[UUID, str]) -> tuple[p.Sequence, ...]:
    """The sequences of machines that work, of their lines that are planned: two or more. One query."""
    lines: defaultdict[str, list[str]] = defaultdict(list)
    places = SequenceLine.objects.filter(
        sequence__machine__in=plant.key_of.keys(), line__in=key_of_line.keys()
    ).order_by("position")
    for machine_id, line_id in places.values_list("sequence__machine_id", "line_id"):
        lines[plant.key_of[machine_id]].append(key_of_line[line_id])
    return tuple(p.Sequence(machine, tuple(keys)) for machine, keys in sorted(lines.items()) if len(keys) > 1)


def machines_by_process(*, line: SalesOrderLine) -> Mapping[str, frozenset[UUID]]:
    """For each step on a machine of the line's product: its firm's installed machines that can do it. A few queries."""
    product = line.product
    if product.needs and not FirmApproval.objects.filter(firm_id=line.firm_id, code=product.needs).exists():
        machines: dict[str, set[UUID]] = {}
    else:
        machines = _installed_by_class(line.firm_id)
    found: defaultdict[str, set[UUID]] = defaultdict(set)
    for routing in routings_of(product_ids={product.pk}).get(product.pk, ()):
        for step in routing.steps:
            for option in step.options:
                found[step.process] |= machines.get(option.class_code, set())
    return {process: frozenset(its) for process, its in found.items()}


def pins_page(*, actor: Actor, limit: int, after: MomentKey | None = None) -> list[Pin]:
    """The firm's pins by time and key, with `is_in_force`. One query. Raises NotPermitted, as the others below."""
    return page_after(_own_pins(actor), by="created_at", after=after, limit=limit)


def pin_get(*, actor: Actor, pin_id: UUID) -> Pin:
    """One pin of the firm. Raises NotFound."""
    return _one(_own_pins(actor), pin_id)


def forbidden_page(*, actor: Actor, limit: int, after: MomentKey | None = None) -> list[ForbiddenMachine]:
    """What the firm's lines are kept off, by time and key, with `is_in_force`. One query."""
    return page_after(_own_forbidden(actor), by="created_at", after=after, limit=limit)


def forbidden_get(*, actor: Actor, forbidden_id: UUID) -> ForbiddenMachine:
    """One of them. Raises NotFound."""
    return _one(_own_forbidden(actor), forbidden_id)


def sequences_page(*, actor: Actor, limit: int, after: MomentKey | None = None) -> list[Sequence]:
    """The firm's sequences by time and key, with their lines in order. Two queries."""
    return page_after(_own_sequences(actor), by="created_at", after=after, limit=limit)


def sequence_get(*, actor: Actor, sequence_id: UUID) -> Sequence:
    """One sequence of the firm. Raises NotFound."""
    return _one(_own_sequences(actor), sequence_id)


def sequence_id_of_machine(*, actor: Actor, machine_id: UUID) -> UUID | None:
    """Key of the sequence that a machine of the firm has; None where it has none."""
    return _own_sequences(actor).filter(machine_id=machine_id).values_list("pk", flat=True).first()


def _first_frozen_starts(lots: Iterable[LiveLot]) -> Mapping[tuple[UUID, str], int]:
    found: dict[tuple[UUID, str], int] = {}
    for lot in lots:
        for run in lot.runs if lot.frozen else ():
            place = (lot.line_id, run.process)
            found[place] = min(run.start_min, found.get(place, run.start_min))
    return found


def _installed_by_class(firm_id: UUID) -> dict[str, set[UUID]]:
    found: defaultdict[str, set[UUID]] = defaultdict(set)
    rows = Machine.objects.filter(firm_id=firm_id, status=MachineStatus.INSTALLED)
    for machine_id, class_code in rows.values_list("pk", "machine_class__code"):
        found[class_code].add(machine_id)
    return found


def _in_force(machine: Q) -> ExpressionWrapper:
    """Whether the order is open and the machine, where one is named, installed."""
    return ExpressionWrapper(Q(line__order__status__in=OPEN_STATUSES) & machine, output_field=BooleanField())


def _own_pins(actor: Actor) -> QuerySet[Pin]:
    installed = Q(machine__status=MachineStatus.INSTALLED) | Q(machine=None)
    return _own(Pin, actor).select_related("line__order", "machine").annotate(is_in_force=_in_force(installed))


def _own_forbidden(actor: Actor) -> QuerySet[ForbiddenMachine]:
    installed = Q(machine__status=MachineStatus.INSTALLED)
    rows = _own(ForbiddenMachine, actor).select_related("line__order", "machine")
    return rows.annotate(is_in_force=_in_force(installed))


def _own_sequences(actor: Actor) -> QuerySet[Sequence]:
    places = SequenceLine.objects.select_related("line__order").order_by("position")
    return _own(Sequence, actor).select_related("machine").prefetch_related(Prefetch("places", places))


def _own(model: type[Hand], actor: Actor) -> QuerySet[Hand]:
    if actor.firm_id is None:
        raise NotPermitted
    return model._base_manager.filter(firm_id=actor.firm_id)


def _one(rows: QuerySet[Hand], row_id: UUID) -> Hand:
    row = rows.filter(pk=row_id).first()
    if row is None:
        raise NotFound
    return row
