"""Reads of sales orders."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    CharField,
    DateField,
    DateTimeField,
    Exists,
    F,
    OuterRef,
    QuerySet,
    Subquery,
    Sum,
    UUIDField,
)
from django.db.models.functions import Coalesce

from mes.core.actors import Actor
from mes.core.changes import changed_since
from mes.core.errors import NotFound, NotPermitted
from mes.core.keyset import beyond
from mes.core.postgres.prepared import Given, prepared
from orders.sales.choices import OPEN_STATUSES
from orders.sales.models import LineCompletion, LineExclusion, LinePlacement, SalesOrder, SalesOrderLine


@dataclass(frozen=True, slots=True)
class OpenLine:
    """An order line with pieces left to make, as the planner needs it. `pieces_left`: ordered less completed."""

    line_id: UUID
    firm_id: UUID
    firm_code: str
    order_number: str
    number: int
    product_id: UUID
    product_code: str
    product_is_standard: bool
    unit_mass_g: int
    pieces_left: int
    release_at: datetime | None
    due_at: datetime
    priority: int
    consent: str
    fee_ceiling_cny_per_t: Decimal | None
    excluded_firm_ids: frozenset[UUID]


def visible_to(actor: Actor) -> QuerySet[SalesOrder]:
    """The orders that the actor may know of: a firm its own, the association and the system all."""
    orders = SalesOrder.objects.all()
    return orders if actor.firm_id is None else orders.filter(firm_id=actor.firm_id)


def sales_order_get(*, actor: Actor, order_id: UUID) -> SalesOrder:
    """One order. Raises NotFound."""
    order = visible_to(actor).filter(pk=order_id).first()
    if order is None:
        raise NotFound
    return order


def sales_order_line_get(*, actor: Actor, line_id: UUID) -> SalesOrderLine:
    """One line. Raises NotFound."""
    line = SalesOrderLine.objects.filter(pk=line_id, order__in=visible_to(actor)).first()
    if line is None:
        raise NotFound
    return line


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """Which orders are wanted; None does not ask. Days of due dates: `due_from` ≤ due < `due_before`."""

    order_id: UUID | None = None
    status: str | None = None
    origin: str | None = None
    external_ref: str | None = None
    plan_state: str | None = None
    due_from: datetime | None = None
    due_before: datetime | None = None
    updated_since: datetime | None = None


class ProductRow(NamedTuple):
    """A product as orders name it."""

    id: UUID
    code: str
    name_zh: str
    name_en: str
    unit_mass_g: int


class LineRow(NamedTuple):
    """A line as its firm reads it. `completed_pieces`: good and through the last step; firms by their codes."""

    id: UUID
    number: int
    external_ref: str | None
    pieces: int
    release_at: datetime | None
    due_at: datetime
    priority: int
    consent: str
    revision: int
    plan_state: str
    planned_finish_at: datetime | None
    fee_ceiling_cny_per_t: Decimal | None
    price_cny_per_t: Decimal | None
    completed_pieces: int
    excluded_firms: list[str]
    product: ProductRow


class DeclineRow(NamedTuple):
    """What a declined order would have been. `machine_class`: its code."""

    weight_kg: Decimal
    offerable_at: datetime | None
    machine_class: str | None


class OrderRow(NamedTuple):
    """An order as its firm reads it; no customer for work that was taken over from a member."""

    id: UUID
    number: str
    external_ref: str | None
    origin: str
    status: str
    ordered_on: date
    decline_reason: str
    customer_name: str | None
    decline: DeclineRow | None
    lines: list[LineRow]


_ORDER = ("pk", "number", "external_ref", "origin", "status", "ordered_on", "decline_reason", "terms__customer_name")
_DECLINE = ("decline__weight_kg", "decline__offerable_at", "decline__machine_class__code")
_LINE = (
    *("pk", "number", "external_ref", "pieces", "release_at", "due_at", "priority", "consent", "revision"),
    *("plan_state", "planned_finish_at", "ceiling__fee_cny_per_t", "terms__price_cny_per_t", "completed", "excluded"),
)
_FIELDS = {
    "order_id": UUIDField(),
    **dict.fromkeys(("due_from", "due_before", "updated_since"), DateTimeField()),
}
_PRODUCT = tuple(f"product__{name}" for name in ("id", "code", "name_zh", "name_en", "unit_mass_g"))


def sales_orders_page(
    *, actor: Actor, limit: int, after: tuple[date, UUID] | None = None, wanted: OrderFilter | None = None
) -> list[OrderRow]:
    """The firm's orders by day and key with their lines, at most `limit`, after the given (ordered_on, id).

    Two queries, and no model's instance: a page holds some hundred rows of six tables. Raises NotPermitted for the
    association's people, who read no customers and prices.
    """
    if actor.firm_id is None:
        raise NotPermitted
    asked = {name: value for name, value in asdict(wanted or OrderFilter()).items() if value is not None}
    given = asked | {"firm_id": actor.firm_id} | ({} if after is None else {"day": after[0], "key": after[1]})
    key = ("sales_orders_page", frozenset(asked), after is None, limit)
    found = prepared(key, lambda: _page(actor, asked, is_first=after is None)[:limit]).fetch(**given)
    lines = _lines_of([row[0] for row in found])
    own = len(_ORDER)
    return [
        OrderRow._make((*row[:own], None if row[own] is None else DeclineRow._make(row[own:]), lines.get(row[0], [])))
        for row in found
    ]


def _page(actor: Actor, asked: Collection[str], *, is_first: bool) -> QuerySet[SalesOrder, tuple[Any, ...]]:
    """The orders that are asked for by these of OrderFilter's fields, for values that are given at each call."""
    firm_id: Any = Given("firm_id", UUIDField())
    wanted = OrderFilter(**{name: Given(name, _FIELDS.get(name, CharField())) for name in asked})  # type: ignore[arg-type]
    orders = _filtered(visible_to(replace(actor, firm_id=firm_id)), wanted)
    orders = changed_since(orders, kind=SalesOrder.feed.kind, firm_id=firm_id, since=wanted.updated_since)
    if not is_first:
        after: Any = (Given("day", DateField()), Given("key", UUIDField()))
        orders = orders.filter(beyond("ordered_on", *after))
    return orders.values_list(*_ORDER, *_DECLINE).order_by("ordered_on", "pk")


def _lines() -> QuerySet[SalesOrderLine, tuple[Any, ...]]:
    """The lines of given orders."""
    excluded = LineExclusion.objects.filter(line=OuterRef("pk")).order_by("excluded_firm__code")
    return (
        SalesOrderLine.objects.annotate(
            completed=sum_of(LineCompletion), excluded=ArraySubquery(excluded.values("excluded_firm__code"))
        )
        .filter(order__any_of=Given("orders", ArrayField(UUIDField())))
        .order_by("number")
        .values_list("order_id", *_LINE, *_PRODUCT)
    )


def _lines_of(order_ids: list[UUID]) -> dict[UUID, list[LineRow]]:
    """The lines of these orders, by order and in their order; no query for no orders."""
    rows = prepared("sales_order_lines", _lines).fetch(orders=order_ids) if order_ids else ()
    found: defaultdict[UUID, list[LineRow]] = defaultdict(list)
    products: dict[UUID, ProductRow] = {}
    end = 1 + len(_LINE)
    for row in rows:
        product = products.get(row[end]) or products.setdefault(row[end], ProductRow._make(row[end:]))
        found[row[0]].append(LineRow._make((*row[1:end], product)))
    return found


def _filtered(orders: QuerySet[SalesOrder], wanted: OrderFilter) -> QuerySet[SalesOrder]:
    own = {"pk": wanted.order_id, "status": wanted.status, "origin": wanted.origin}
    own |= {"external_ref": wanted.external_ref}
    orders = orders.filter(**{name: value for name, value in own.items() if value is not None})
    of_line = {"plan_state": wanted.plan_state, "due_at__gte": wanted.due_from, "due_at__lt": wanted.due_before}
    asked = {name: value for name, value in of_line.items() if value is not None}
    if asked:
        orders = orders.filter(Exists(SalesOrderLine.objects.filter(order=OuterRef("pk"), **asked)))
    return orders


def sum_of(ledger: type[LineCompletion | LinePlacement]) -> Coalesce:
    """SQL expression: the pieces of a line in a ledger. A subquery: joins of two ledgers would multiply."""
    rows = ledger.objects.filter(line=OuterRef("pk")).order_by().values("line")
    return Coalesce(Subquery(rows.annotate(total=Sum("pieces")).values("total")), 0)


def lines_to_plan(*, firm_id: UUID | None = None) -> list[OpenLine]:
    """Lines of open orders with pieces left, of the park or one firm, by firm code, order number and line.

    Left is what is neither completed nor signed over to another member.

    For the planner's role, which reads neither customer nor price. Two queries.
    """
    rows = (
        SalesOrderLine.objects.filter(order__status__in=OPEN_STATUSES)
        .annotate(pieces_left=F("pieces") - sum_of(LineCompletion) - sum_of(LinePlacement))
        .filter(pieces_left__gt=0)
        .order_by("firm__code", "order__number", "number")
    )
    if firm_id is not None:
        rows = rows.filter(firm_id=firm_id)
    excluded = _excluded_firms(firm_id)
    same = ("firm_id", "number", "product_id", "pieces_left", "release_at", "due_at", "priority", "consent")
    related = ("firm__code", "order__number", "product__code", "product__firm_id", "product__unit_mass_g")
    return [
        OpenLine(
            line_id=row["pk"],
            firm_code=row["firm__code"],
            order_number=row["order__number"],
            product_code=row["product__code"],
            product_is_standard=row["product__firm_id"] is None,
            unit_mass_g=row["product__unit_mass_g"],
            fee_ceiling_cny_per_t=row["ceiling__fee_cny_per_t"],
            excluded_firm_ids=frozenset(excluded[row["pk"]]),
            **{name: row[name] for name in same},
        )
        for row in rows.values("pk", "ceiling__fee_cny_per_t", *same, *related)
    ]


def pieces_to_plan(*, line: SalesOrderLine) -> int:
    """Pieces of the line that are neither completed nor signed over to another member. One query."""
    left = F("pieces") - sum_of(LineCompletion) - sum_of(LinePlacement)
    pieces: int = SalesOrderLine.objects.annotate(left=left).values_list("left", flat=True).get(pk=line.pk)
    return pieces


def _excluded_firms(firm_id: UUID | None) -> defaultdict[UUID, set[UUID]]:
    rows = LineExclusion.objects.filter(line__order__status__in=OPEN_STATUSES)
    if firm_id is not None:
        rows = rows.filter(firm_id=firm_id)
    found: defaultdict[UUID, set[UUID]] = defaultdict(set)
    for line_id, excluded_id in rows.values_list("line_id", "excluded_firm_id"):
        found[line_id].add(excluded_id)
    return found
