"""The order itself: from the draft to the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import F, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mes.catalog.models import MachineClass
from mes.core import audit, outbox
from mes.core.actors import Actor
from mes.core.errors import InvalidValue, NotAllowedInState
from mes.core.numbering import next_number
from mes.core.states import move
from mes.core.units import GRAMS_PER_KG
from mes.firms.access import required_firm
from orders.sales.choices import NEXT, DeclineReason, OrderOrigin, OrderStatus
from orders.sales.models import MOST_WEIGHT_KG, LinePlacement, SalesOrder, SalesOrderDecline, SalesOrderTerms
from orders.sales.services.lines import LineDraft, line_insert
from orders.sales.services.progress import order_locked

MOST_NUMBER_LENGTH = 40


@dataclass(frozen=True, slots=True)
class DeclineDraft:
    """Why an order is declined (a DeclineReason). `weight_kg` None: what its lines weigh.

    `offerable_at`: the date that could have been offered, None for no date.
    """

    reason: str
    weight_kg: Decimal | None = None
    machine_class_code: str | None = None
    offerable_at: datetime | None = None


@transaction.atomic
def sales_order_create(
    *,
    actor: Actor,
    customer_name: str,
    lines: Sequence[LineDraft] = (),
    now: datetime,
    number: str | None = None,
    external_ref: str | None = None,
    ordered_on: date | None = None,
) -> SalesOrder:
    """A draft of the actor's firm with its lines, customer and prices. Without a `number` the firm's next is taken.

    Raises InvalidValue with a pointer to the field (`/lines/0/pieces`), NotFound for a product that the firm cannot
    know, NotPermitted.
    """
    firm_id = required_firm(actor, "sales_order.create")
    _check_identity(firm_id, customer_name, number, external_ref)
    if ordered_on is not None and ordered_on > timezone.localdate(now):
        raise InvalidValue(_("The day is yet to come."), pointer="/ordered_on")
    order = SalesOrder.objects.create(
        firm_id=firm_id,
        number=number or _next_free_number(firm_id),
        external_ref=external_ref,
        ordered_on=ordered_on or timezone.localdate(now),
    )
    SalesOrderTerms.objects.create(firm_id=firm_id, order=order, customer_name=customer_name)
    for index, line in enumerate(lines):
        line_insert(actor=actor, order=order, number=index + 1, draft=line, now=now, pointer=f"/lines/{index}")
    changes = {"number": order.number, "lines": len(lines)}
    audit.record(actor=actor, verb="sales_order.create", obj=order, firm_id=order.firm_id, changes=changes)
    return order


@transaction.atomic
def sales_order_confirm(*, actor: Actor, order_id: UUID, now: datetime) -> SalesOrder:
    """draft → confirmed: from now on the plan makes it.

    Raises InvalidValue when it has no line or one that is due already, NotFound, NotAllowedInState.
    """
    order = order_locked(actor=actor, order_id=order_id, verb="sales_order.confirm")
    dues = list(order.lines.order_by("number").values_list("due_at", flat=True))
    if not dues:
        raise InvalidValue(_("The order has no lines."), pointer="/lines")
    for index, due_at in enumerate(dues):
        if due_at <= now:
            raise InvalidValue(_("The date is over."), pointer=f"/lines/{index}/due_at")
    return _moved(actor, order, OrderStatus.CONFIRMED, verb="sales_order.confirm", topic="sales_order.confirmed")


@transaction.atomic
def sales_order_cancel(*, actor: Actor, order_id: UUID, now: datetime) -> SalesOrder:
    """draft, confirmed or planned → cancelled. What has begun is made, and what two members have signed is not
    dropped by one of them.

    Raises NotFound, NotAllowedInState.
    """
    order = order_locked(actor=actor, order_id=order_id, verb="sales_order.cancel")
    if order.origin == OrderOrigin.OUTSOURCED:
        raise NotAllowedInState(_("This work was agreed with a member."))
    if LinePlacement.objects.filter(line__order=order).aggregate(total=Sum("pieces", default=0))["total"]:
        raise NotAllowedInState(_("Part of this order is signed over to a member."))
    return _moved(actor, order, OrderStatus.CANCELLED, verb="sales_order.cancel", topic="sales_order.cancelled")


@transaction.atomic
def sales_order_decline(*, actor: Actor, order_id: UUID, draft: DeclineDraft, now: datetime) -> SalesOrder:
    """draft → declined: the firm does not take the order, and says what was lost.

    Raises InvalidValue with a pointer for another reason, an unknown machine class, a weight that is not positive or
    cannot be told from lines, or a date that is over; NotFound, NotAllowedInState.
    """
    order = order_locked(actor=actor, order_id=order_id, verb="sales_order.decline")
    reason = draft.reason
    if reason not in DeclineReason.values:
        raise InvalidValue(_("Unknown reason."), pointer="/reason")
    if order.status == OrderStatus.DRAFT:
        _lost(order, draft, now)
    return _moved(actor, order, OrderStatus.DECLINED, verb="sales_order.decline", decline_reason=reason)


@transaction.atomic
def sales_order_deliver(*, actor: Actor, order_id: UUID, now: datetime) -> SalesOrder:
    """completed → delivered: the goods have left. Raises NotFound, NotAllowedInState."""
    order = order_locked(actor=actor, order_id=order_id, verb="sales_order.deliver")
    return _moved(actor, order, OrderStatus.DELIVERED, verb="sales_order.deliver", topic="sales_order.delivered")


@transaction.atomic
def sales_order_close(*, actor: Actor, order_id: UUID, now: datetime) -> SalesOrder:
    """delivered → closed: nothing more is expected. Raises NotFound, NotAllowedInState."""
    order = order_locked(actor=actor, order_id=order_id, verb="sales_order.close")
    return _moved(actor, order, OrderStatus.CLOSED, verb="sales_order.close")


def _moved(
    actor: Actor, order: SalesOrder, to: OrderStatus, *, verb: str, topic: str | None = None, decline_reason: str = ""
) -> SalesOrder:
    """Moves the locked order, writes the audit row and tells those who listen to `topic`."""
    changes = move(order, to, moves=NEXT, decline_reason=decline_reason)
    audit.record(actor=actor, verb=verb, obj=order, firm_id=order.firm_id, changes=changes)
    if topic is not None:
        outbox.tell(topic=topic, payload={"order_id": str(order.pk)}, firm_id=order.firm_id)
    return order


def _lost(order: SalesOrder, draft: DeclineDraft, now: datetime) -> None:
    """Writes down what a declined order would have been."""
    weight = draft.weight_kg
    if weight is None:
        grams = F("pieces") * F("product__unit_mass_g")
        weight = Decimal(order.lines.aggregate(total=Sum(grams, default=0))["total"]) / GRAMS_PER_KG
    if not weight.is_finite() or not 0 < weight <= MOST_WEIGHT_KG:
        raise InvalidValue(_("The weight is out of range."), pointer="/weight_kg")
    machine_class = None
    if draft.machine_class_code is not None:
        machine_class = MachineClass.objects.filter(code=draft.machine_class_code).first()
        if machine_class is None:
            raise InvalidValue(_("There is no such machine class."), pointer="/machine_class")
    if draft.offerable_at is not None and draft.offerable_at <= now:
        raise InvalidValue(_("The date is over."), pointer="/offerable_at")
    SalesOrderDecline.objects.create(
        firm_id=order.firm_id,
        order=order,
        weight_kg=weight,
        machine_class=machine_class,
        offerable_at=draft.offerable_at,
    )


def _check_identity(firm_id: UUID, customer_name: str, number: str | None, external_ref: str | None) -> None:
    if not customer_name.strip():
        raise InvalidValue(_("Name the customer."), pointer="/customer_name")
    orders = SalesOrder.objects.filter(firm_id=firm_id)
    if number is not None:
        if not number.strip() or len(number) > MOST_NUMBER_LENGTH:
            raise InvalidValue(_("The number is empty or too long."), pointer="/number")
        if orders.filter(number=number).exists():
            raise InvalidValue(_("The number is taken."), pointer="/number")
    if external_ref is not None and orders.filter(external_ref=external_ref).exists():
        raise InvalidValue(_("An order with this number of yours exists."), pointer="/external_ref")


def _next_free_number(firm_id: UUID) -> str:
    """The next of the series that the firm has not used by itself."""
    while True:
        number = f"S{next_number(firm_id=firm_id, series='sales_order'):05d}"
        if not SalesOrder.objects.filter(firm_id=firm_id, number=number).exists():
            return number
