"""An order as the firm's own system knows it: made when it is new, brought to what it says when it is known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mes.catalog.selectors import product_on_offer
from mes.core import audit
from mes.core.actors import Actor
from mes.core.bounds import check_text
from mes.core.choices import Outcome
from mes.core.errors import DomainError, InvalidValue, NotAllowedInState
from mes.firms.access import required_firm
from orders.sales.choices import OPEN_STATUSES, OrderStatus
from orders.sales.models import (
    MOST_CUSTOMER,
    LineExclusion,
    SalesOrder,
    SalesOrderLine,
    SalesOrderLineCeiling,
    SalesOrderLineTerms,
    SalesOrderTerms,
)
from orders.sales.services.lines import (
    LineChanges,
    LineDraft,
    check_price,
    line_insert,
    line_told,
    pieces_of,
    sales_order_line_change,
)
from orders.sales.services.orders import sales_order_create
from orders.sales.services.progress import order_locked

_QUANTITIES = frozenset({"pieces", "area_m2", "weight_kg"})
_COMPARED = ("product_id", "due_at", "release_at", "priority", "consent", "fee_ceiling_cny_per_t")


@dataclass(frozen=True, slots=True)
class Upsert:
    order_id: UUID
    outcome: Outcome


@transaction.atomic
def sales_order_put(
    *,
    actor: Actor,
    external_ref: str,
    customer_name: str,
    lines: Sequence[Mapping[str, Any]],
    now: datetime,
    number: str | None = None,
    ordered_on: date | None = None,
) -> Upsert:
    """Makes the order with this number of the firm's, or changes the one that there is, as far as its state allows.

    `lines`: fields of LineDraft that are said; what is left out of a known line stays. A line is known by its
    `external_ref`, else by its place. A draft loses the lines that are not named and gains new ones; later neither is
    possible. What is the same already is no change, also when its date is over.
    Raises as sales_order_create and sales_order_line_change, with pointers as `/lines/0/pieces`.
    """
    firm_id = required_firm(actor, "sales_order.create")
    known = SalesOrder.objects.filter(firm_id=firm_id, external_ref=external_ref).values_list("pk", flat=True)
    order_id = known.first()
    if order_id is None:
        order = sales_order_create(
            actor=actor,
            customer_name=customer_name,
            lines=[LineDraft(**line) for line in lines],
            now=now,
            number=number,
            external_ref=external_ref,
            ordered_on=ordered_on,
        )
        return Upsert(order.pk, Outcome.MADE)
    order = order_locked(actor=actor, order_id=order_id, verb="sales_order.change")
    changed = _change_head(actor, order, customer_name, number, ordered_on, now)
    changed |= _change_lines(actor, order, lines, now)
    return Upsert(order.pk, Outcome.CHANGED if changed else Outcome.UNCHANGED)


def _change_head(
    actor: Actor, order: SalesOrder, customer_name: str, number: str | None, ordered_on: date | None, now: datetime
) -> bool:
    """Whether something of the order itself was changed."""
    if number is not None and number != order.number:
        raise InvalidValue(_("The number of an order does not change."), pointer="/number")
    told: dict[str, object] = {}
    terms = SalesOrderTerms.objects.filter(order=order).first()
    if terms is None or terms.customer_name != customer_name:
        _check_open(order, "/customer_name")
        check_text(customer_name, MOST_CUSTOMER, "/customer_name")
        SalesOrderTerms.objects.update_or_create(
            order=order, defaults={"firm_id": order.firm_id, "customer_name": customer_name}
        )
        told["customer_changed"] = True
    if ordered_on is not None and ordered_on != order.ordered_on:
        if order.status != OrderStatus.DRAFT:
            raise NotAllowedInState(pointer="/ordered_on")
        if ordered_on > timezone.localdate(now):
            raise InvalidValue(_("The day is yet to come."), pointer="/ordered_on")
        told |= audit.changed(order, {"ordered_on": ordered_on})
        order.ordered_on = ordered_on
        order.save(update_fields=["ordered_on"])
    if told:
        audit.record(actor=actor, verb="sales_order.change", obj=order, firm_id=order.firm_id, changes=told)
    return bool(told)


def _change_lines(actor: Actor, order: SalesOrder, lines: Sequence[Mapping[str, Any]], now: datetime) -> bool:
    """Whether a line was changed, added or taken away."""
    rows = list(order.lines.select_related("ceiling", "terms").order_by("number"))
    found = [_line_of(rows, line, index + 1) for index, line in enumerate(lines)]
    twice = next((index for index, row in enumerate(found) if row is not None and row in found[:index]), None)
    if twice is not None:
        raise InvalidValue(_("Two lines say the same."), pointer=f"/lines/{twice}")
    dropped = [row for row in rows if row not in found]
    if (dropped or None in found) and order.status != OrderStatus.DRAFT:
        raise NotAllowedInState(_("Lines are added and taken away only while the order is a draft."), pointer="/lines")
    for gone in dropped:
        _drop_line(actor, gone)
    changed = bool(dropped)
    for index, (row, line) in enumerate(zip(found, lines, strict=True)):
        if row is None:
            last = order.lines.aggregate(last=Max("number"))["last"] or 0
            draft, pointer = LineDraft(**line), f"/lines/{index}"
            new = line_insert(actor=actor, order=order, number=last + 1, draft=draft, now=now, pointer=pointer)
            audit.record(actor=actor, verb="line.add", obj=new, firm_id=new.firm_id, changes=line_told(new))
            changed = True
        else:
            with _pointing(f"/lines/{index}"):
                changed |= _change_line(actor, order, row, line, now)
    return changed


def _drop_line(actor: Actor, row: SalesOrderLine) -> None:
    """Takes a draft's line away. By SQL: the ORM would look through tables that a firm does not write."""
    audit.record(actor=actor, verb="line.drop", obj=row, firm_id=row.firm_id, changes=audit.removed(line_told(row)))
    for apart in (SalesOrderLineTerms, SalesOrderLineCeiling, LineExclusion):
        apart.objects.filter(line=row).delete()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM sales_salesorderline WHERE id = %s", [row.pk])


def _line_of(rows: Sequence[SalesOrderLine], line: Mapping[str, Any], place: int) -> SalesOrderLine | None:
    """The line that is meant: by the firm's own number of it, where it says one, else by its place."""
    reference = line.get("external_ref")
    if reference is not None:
        return next((row for row in rows if row.external_ref == reference), None)
    return next((row for row in rows if row.number == place and row.external_ref is None), None)


def _change_line(actor: Actor, order: SalesOrder, row: SalesOrderLine, line: Mapping[str, Any], now: datetime) -> bool:
    changes: dict[str, Any] = {
        name: line[name] for name in _COMPARED if name in line and line[name] != getattr(row, name)
    }
    if _QUANTITIES & line.keys():
        product = row.product
        if "product_id" in changes:
            product = product_on_offer(actor=actor, product_id=changes["product_id"], pointer="/product_code")
        pieces = pieces_of(LineDraft(**line), product, "")
        if pieces != row.pieces:
            changes["pieces"] = pieces
    if "excluded_firm_ids" in line:
        excluded = frozenset(LineExclusion.objects.filter(line=row).values_list("excluded_firm_id", flat=True))
        if frozenset(line["excluded_firm_ids"]) != excluded:
            changes["excluded_firm_ids"] = line["excluded_firm_ids"]
    if changes:
        sales_order_line_change(actor=actor, line_id=row.pk, changes=cast("LineChanges", changes), now=now)
    return _change_price(actor, order, row, line) or bool(changes)


def _change_price(actor: Actor, order: SalesOrder, row: SalesOrderLine, line: Mapping[str, Any]) -> bool:
    terms = getattr(row, "terms", None)
    if "price_cny_per_t" not in line or line["price_cny_per_t"] == (terms and terms.price_cny_per_t):
        return False
    price = line["price_cny_per_t"]
    _check_open(order, "/price_cny_per_t")
    check_price(price, "/price_cny_per_t")
    SalesOrderLineTerms.objects.filter(line=row).delete()
    if price is not None:
        SalesOrderLineTerms.objects.create(firm_id=row.firm_id, line=row, price_cny_per_t=price)
    audit.record(actor=actor, verb="line.change", obj=row, firm_id=row.firm_id, changes={"price_changed": True})
    return True


def _check_open(order: SalesOrder, pointer: str) -> None:
    if order.status != OrderStatus.DRAFT and order.status not in OPEN_STATUSES:
        raise NotAllowedInState(pointer=pointer)


@contextmanager
def _pointing(prefix: str) -> Iterator[None]:
    """Refusals of one line, as refusals of the order."""
    try:
        yield
    except DomainError as error:
        error.pointer = prefix + error.pointer
        raise
