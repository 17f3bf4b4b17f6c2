"""The changes of a trial calculation: kept as JSON, and made by the services that a planner would call one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from mes.core.actors import Actor
from mes.core.errors import InvalidValue
from orders.sales import services as sales_orders
from orders.sales.models import SalesOrder
from production.plans.services import hand

MOST_CHANGES = 50
NOBODY = "-"
"""The customer of an order that is only tried."""


@dataclass(frozen=True, slots=True)
class PinDraft:
    line_id: UUID
    process: str
    machine_id: UUID | None = None
    starts_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ForbiddenDraft:
    line_id: UUID
    machine_id: UUID


@dataclass(frozen=True, slots=True)
class SequenceDraft:
    machine_id: UUID
    line_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class LineRush:
    """An order line that becomes more urgent; what is None stays."""

    line_id: UUID
    priority: int | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RushOrder:
    """An order that does not exist yet, made at home."""

    product_id: UUID
    pieces: int
    due_at: datetime
    priority: int = 1
    release_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """What is tried, all together. Lifted and allowed: keys of pins, forbidden machines, sequences."""

    lifted_pins: tuple[UUID, ...] = ()
    allowed: tuple[UUID, ...] = ()
    lifted_sequences: tuple[UUID, ...] = ()
    lines: tuple[LineRush, ...] = ()
    orders: tuple[RushOrder, ...] = ()
    forbidden: tuple[ForbiddenDraft, ...] = ()
    pins: tuple[PinDraft, ...] = ()
    sequences: tuple[SequenceDraft, ...] = ()

    def count(self) -> int:
        """How many there are."""
        return sum(len(getattr(self, name)) for name in self.__slots__)


_DRAFTS: Mapping[str, type[Any]] = {
    "lines": LineRush,
    "orders": RushOrder,
    "forbidden": ForbiddenDraft,
    "pins": PinDraft,
    "sequences": SequenceDraft,
}


def changes_dump(changes: Changes) -> dict[str, Any]:
    """As JSON keeps it."""
    return cast("dict[str, Any]", _plain(asdict(changes)))


def changes_load(kept: Mapping[str, Any]) -> Changes:
    """What `changes_dump` gave."""
    return Changes(**{name: tuple(_loaded(name, row) for row in rows) for name, rows in kept.items()})


def changes_make(*, actor: Actor, changes: Changes, now: datetime, customer_name: str) -> list[SalesOrder]:
    """Makes all changes as the planner's own, in one order: what is lifted first, then lines and orders, then the rest.

    Returns the new orders, confirmed. Raises what the services raise, with the pointers of the whole.
    """
    for index, pin_id in enumerate(changes.lifted_pins):
        with _at(f"/lifted_pins/{index}"):
            hand.pin_lift(actor=actor, pin_id=pin_id)
    for index, forbidden_id in enumerate(changes.allowed):
        with _at(f"/allowed/{index}"):
            hand.machine_allow(actor=actor, forbidden_id=forbidden_id)
    for index, sequence_id in enumerate(changes.lifted_sequences):
        with _at(f"/lifted_sequences/{index}"):
            hand.sequence_lift(actor=actor, sequence_id=sequence_id)
    for index, line in enumerate(changes.lines):
        with _at(f"/lines/{index}"):
            _rush(actor, line, now)
    made = []
    for index, order in enumerate(changes.orders):
        with _at(f"/orders/{index}"):
            made.append(_ordered(actor, order, now, customer_name))
    for index, forbidden in enumerate(changes.forbidden):
        with _at(f"/forbidden/{index}"):
            hand.machine_forbid(actor=actor, line_id=forbidden.line_id, machine_id=forbidden.machine_id)
    for index, pin in enumerate(changes.pins):
        with _at(f"/pins/{index}"):
            hand.pin_set(
                actor=actor,
                line_id=pin.line_id,
                process=pin.process,
                now=now,
                machine_id=pin.machine_id,
                starts_at=pin.starts_at,
            )
    for index, sequence in enumerate(changes.sequences):
        with _at(f"/sequences/{index}"):
            hand.sequence_set(actor=actor, machine_id=sequence.machine_id, line_ids=sequence.line_ids)
    return made


def _rush(actor: Actor, line: LineRush, now: datetime) -> None:
    values: sales_orders.LineChanges = {}
    if line.priority is not None:
        values["priority"] = line.priority
    if line.due_at is not None:
        values["due_at"] = line.due_at
    sales_orders.sales_order_line_change(actor=actor, line_id=line.line_id, changes=values, now=now)


def _ordered(actor: Actor, order: RushOrder, now: datetime, customer_name: str) -> SalesOrder:
    draft = sales_orders.LineDraft(
        product_id=order.product_id,
        due_at=order.due_at,
        pieces=order.pieces,
        release_at=order.release_at,
        priority=order.priority,
    )
    made = sales_orders.sales_order_create(actor=actor, customer_name=customer_name, lines=[draft], now=now)
    return sales_orders.sales_order_confirm(actor=actor, order_id=made.pk, now=now)


@contextmanager
def _at(pointer: str) -> Iterator[None]:
    """The pointers of errors begin with the place of the change. An order's only line is the order here."""
    try:
        yield
    except InvalidValue as error:
        raise InvalidValue(error.detail, pointer=pointer + error.pointer.replace("/lines/0", "")) from error


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, UUID):
        return str(value)
    return value.isoformat() if isinstance(value, datetime) else value


def _loaded(name: str, row: Any) -> Any:
    if name not in _DRAFTS:
        return UUID(row)
    values: dict[str, Any] = {}
    for key, value in row.items():
        if value is None:
            values[key] = None
        elif key.endswith("_ids"):
            values[key] = tuple(UUID(one) for one in value)
        elif key.endswith("_id"):
            values[key] = UUID(value)
        else:
            values[key] = datetime.fromisoformat(value) if key.endswith("_at") else value
    return _DRAFTS[name](**values)
