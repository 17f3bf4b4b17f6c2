"""Lines of an order: how many pieces of what by when, and whether the work may go to another member."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, TypedDict
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mes.catalog.models import Product
from mes.catalog.selectors import product_on_offer
from mes.core import audit, outbox
from mes.core.actors import Actor
from mes.core.errors import InvalidValue, NotAllowedInState
from mes.core.money import FEN
from mes.core.units import pieces_for_area, pieces_for_weight
from mes.firms.models import Firm
from orders.sales.choices import OPEN_STATUSES, Consent, OrderOrigin, OrderStatus
from orders.sales.models import (
    MOST_CNY_PER_T,
    MOST_PIECES,
    LineExclusion,
    SalesOrder,
    SalesOrderLine,
    SalesOrderLineCeiling,
    SalesOrderLineTerms,
)
from orders.sales.selectors import sales_order_line_get
from orders.sales.services.progress import complete_when_through, order_locked

PRIORITIES = frozenset({1, 3, 9})
_TOLD = ("product_id", "pieces", "release_at", "due_at", "priority", "consent", "fee_ceiling_cny_per_t")
APART = frozenset({"fee_ceiling_cny_per_t", "excluded_firm_ids"})
AGREED_WITH_THE_GIVER = frozenset(
    {"product_id", "pieces", "due_at", "consent", "fee_ceiling_cny_per_t", "excluded_firm_ids"}
)


@dataclass(frozen=True, slots=True)
class LineDraft:
    """A line as it is ordered: exactly one of `pieces`, `area_m2`, `weight_kg`; the last two round up to pieces.

    `due_at`, `release_at`: aware. `excluded_firm_ids`: members that the work may never go to. `price_cny_per_t` is
    kept where only the firm reads.
    """

    product_id: UUID
    due_at: datetime
    pieces: int | None = None
    area_m2: Decimal | None = None
    weight_kg: Decimal | None = None
    release_at: datetime | None = None
    priority: int = 1
    consent: str = Consent.NEVER
    fee_ceiling_cny_per_t: Decimal | None = None
    excluded_firm_ids: frozenset[UUID] = field(default_factory=frozenset)
    price_cny_per_t: Decimal | None = None
    external_ref: str | None = None


class LineChanges(TypedDict, total=False):
    """Fields of a line that may change after it was ordered; those that are left out stay."""

    product_id: UUID
    pieces: int
    due_at: datetime
    release_at: datetime | None
    priority: int
    consent: str
    fee_ceiling_cny_per_t: Decimal | None
    excluded_firm_ids: frozenset[UUID]


@transaction.atomic
def sales_order_line_add(*, actor: Actor, order_id: UUID, line: LineDraft, now: datetime) -> SalesOrderLine:
    """Another line of a draft. Raises as sales_order_create, and NotAllowedInState after the draft."""
    order = order_locked(actor=actor, order_id=order_id, verb="sales_order.change")
    if order.status != OrderStatus.DRAFT:
        raise NotAllowedInState
    last = order.lines.aggregate(last=Max("number"))["last"] or 0
    row = line_insert(actor=actor, order=order, number=last + 1, draft=line, now=now, pointer="")
    audit.record(actor=actor, verb="line.add", obj=row, firm_id=row.firm_id, changes=line_told(row))
    return row


@transaction.atomic
def sales_order_line_change(*, actor: Actor, line_id: UUID, changes: LineChanges, now: datetime) -> SalesOrderLine:
    """Changes a line of a draft or an open order; `revision` grows, so that no older plan is published for it.

    The pieces never fall below those completed or signed over to another member. The product changes only before
    work has begun.
    Raises InvalidValue with a pointer to the field, NotFound for another firm's line, NotAllowedInState when the order
    is over, or for what was agreed with a member.
    """
    order_id = sales_order_line_get(actor=actor, line_id=line_id).order_id
    order = order_locked(actor=actor, order_id=order_id, verb="sales_order.change")
    line = SalesOrderLine.objects.select_related("ceiling").get(pk=line_id)
    _check_changeable(order, changes)
    _check_changes(line, changes, now)
    if "product_id" in changes:
        _check_product(actor, order, line, changes["product_id"])
    excluded = changes.get("excluded_firm_ids")
    values: dict[str, Any] = {name: value for name, value in changes.items() if name not in APART}
    told = audit.changed(line, values)
    for name, value in values.items():
        setattr(line, name, value)
    line.revision += 1
    line.save(update_fields=[*values, "revision"])
    if "fee_ceiling_cny_per_t" in changes:
        told["fee_ceiling_cny_per_t"] = _limit(line, changes["fee_ceiling_cny_per_t"])
        line = SalesOrderLine.objects.select_related("ceiling").get(pk=line_id)
    if excluded is not None:
        before = LineExclusion.objects.filter(line=line)
        told["excluded_firm_ids"] = audit.Change(set(before.values_list("excluded_firm_id", flat=True)), excluded)
        before.delete()
        _exclude(line, excluded, pointer="")
    audit.record(actor=actor, verb="line.change", obj=line, firm_id=line.firm_id, changes=told)
    payload = {"order_id": str(order.pk), "line_id": str(line.pk)}
    if order.status != OrderStatus.DRAFT:
        outbox.tell(topic="sales_order.changed", payload=payload, firm_id=line.firm_id)
    complete_when_through(actor=actor, order=order)
    return line


def line_insert(
    *, actor: Actor, order: SalesOrder, number: int, draft: LineDraft, now: datetime, pointer: str
) -> SalesOrderLine:
    """A line of a locked or new order. `pointer` stands before the names of its fields in errors."""
    product = product_on_offer(actor=actor, product_id=draft.product_id, pointer=f"{pointer}/product_code")
    pieces = pieces_of(draft, product, pointer)
    _check_due(draft.due_at, now, pointer)
    _check_release(draft.release_at, draft.due_at, pointer)
    _check_choices(draft.priority, draft.consent, pointer)
    check_price(draft.fee_ceiling_cny_per_t, f"{pointer}/fee_ceiling_cny_per_t")
    check_price(draft.price_cny_per_t, f"{pointer}/price_cny_per_t")
    lines = SalesOrderLine.objects.filter(firm_id=order.firm_id)
    if draft.external_ref is not None and lines.filter(external_ref=draft.external_ref).exists():
        raise InvalidValue(_("A line with this number of yours exists."), pointer=f"{pointer}/external_ref")
    line = SalesOrderLine.objects.create(
        firm_id=order.firm_id,
        order=order,
        number=number,
        external_ref=draft.external_ref,
        product=product,
        pieces=pieces,
        release_at=draft.release_at,
        due_at=draft.due_at,
        priority=draft.priority,
        consent=draft.consent,
    )
    _limit(line, draft.fee_ceiling_cny_per_t)
    if draft.price_cny_per_t is not None:
        SalesOrderLineTerms.objects.create(firm_id=order.firm_id, line=line, price_cny_per_t=draft.price_cny_per_t)
    _exclude(line, draft.excluded_firm_ids, pointer=pointer)
    return line


def line_told(line: SalesOrderLine) -> dict[str, Any]:
    """What the audit rows tell of a line that comes or goes: never its price."""
    return {name: getattr(line, name) for name in _TOLD}


def pieces_of(draft: LineDraft, product: Product, pointer: str) -> int:
    """The whole pieces that a draft asks for. Raises InvalidValue at `pointer` and the quantity's name."""
    given = [name for name in ("pieces", "area_m2", "weight_kg") if getattr(draft, name) is not None]
    if len(given) != 1:
        raise InvalidValue(_("Give pieces, m² or kg, and only one of them."), pointer=f"{pointer}/pieces")
    name = given[0]
    try:
        pieces = _whole_pieces(draft, product)
    except (ValueError, ArithmeticError) as error:
        raise InvalidValue(pointer=f"{pointer}/{name}") from error
    if not 0 < pieces <= MOST_PIECES:
        raise InvalidValue(_("The number of pieces is out of range."), pointer=f"{pointer}/{name}")
    return pieces


def _whole_pieces(draft: LineDraft, product: Product) -> int:
    """Raises ValueError or ArithmeticError for a quantity that is no number or does not fit the product."""
    if draft.weight_kg is not None:
        return pieces_for_weight(wanted_kg=draft.weight_kg, unit_mass_g=product.unit_mass_g)
    if draft.area_m2 is not None:
        if product.width_mm is None:
            raise ValueError("The product has no face.")
        return pieces_for_area(wanted_m2=draft.area_m2, length_mm=product.length_mm, width_mm=product.width_mm)
    return int(draft.pieces or 0)


def _check_changeable(order: SalesOrder, changes: LineChanges) -> None:
    if order.status != OrderStatus.DRAFT and order.status not in OPEN_STATUSES:
        raise NotAllowedInState
    if order.origin == OrderOrigin.OUTSOURCED and AGREED_WITH_THE_GIVER & changes.keys():
        raise NotAllowedInState(_("This work was agreed with a member."))


def _check_changes(line: SalesOrderLine, changes: LineChanges, now: datetime) -> None:
    if not changes or not changes.keys() <= LineChanges.__annotations__.keys():
        raise InvalidValue(_("Nothing is changed, or a field that cannot be changed."))
    if "pieces" in changes:
        completed = line.completions.aggregate(total=Sum("pieces", default=0))["total"]
        placed = line.placements.aggregate(total=Sum("pieces", default=0))["total"]
        if not max(1, completed + placed) <= changes["pieces"] <= MOST_PIECES:
            raise InvalidValue(_("The number of pieces is out of range."), pointer="/pieces")
    if "due_at" in changes:
        _check_due(changes["due_at"], now, "")
    if "due_at" in changes or "release_at" in changes:
        _check_release(changes.get("release_at", line.release_at), changes.get("due_at", line.due_at), "")
    _check_choices(changes.get("priority", line.priority), changes.get("consent", line.consent), "")
    check_price(changes.get("fee_ceiling_cny_per_t"), "/fee_ceiling_cny_per_t")


def _check_product(actor: Actor, order: SalesOrder, line: SalesOrderLine, product_id: UUID) -> None:
    """Another product may take the place of one that nobody has begun to make.

    Raises NotFound, InvalidValue for a retired one, NotAllowedInState.
    """
    product_on_offer(actor=actor, product_id=product_id, pointer="/product_code")
    if order.status == OrderStatus.IN_PRODUCTION or line.placements.exists():
        raise NotAllowedInState(_("Work on this order has begun, or is signed over to a member."))


def _check_due(due_at: datetime, now: datetime, pointer: str) -> None:
    if timezone.is_naive(due_at) or due_at <= now:
        raise InvalidValue(_("The date is over."), pointer=f"{pointer}/due_at")


def _check_release(release_at: datetime | None, due_at: datetime, pointer: str) -> None:
    if release_at is not None and (timezone.is_naive(release_at) or release_at >= due_at):
        raise InvalidValue(_("The work may begin only after it is due."), pointer=f"{pointer}/release_at")


def _check_choices(priority: int, consent: str, pointer: str) -> None:
    if priority not in PRIORITIES:
        raise InvalidValue(_("The priority is 1, 3 or 9."), pointer=f"{pointer}/priority")
    if consent not in Consent.values:
        raise InvalidValue(_("The consent is never, ask or allowed."), pointer=f"{pointer}/consent")


def check_price(price_cny_per_t: Decimal | None, pointer: str) -> None:
    """Raises InvalidValue unless it is none, or whole fen in range."""
    if price_cny_per_t is None:
        return
    if not price_cny_per_t.is_finite() or not 0 <= price_cny_per_t <= MOST_CNY_PER_T:
        raise InvalidValue(_("The price is out of range."), pointer=pointer)
    if price_cny_per_t != price_cny_per_t.quantize(FEN):
        raise InvalidValue(_("The price has a fraction of a fen."), pointer=pointer)


def _limit(line: SalesOrderLine, fee_cny_per_t: Decimal | None) -> audit.Change:
    before = SalesOrderLineCeiling.objects.filter(line=line)
    change = audit.Change(before.values_list("fee_cny_per_t", flat=True).first(), fee_cny_per_t)
    before.delete()
    if fee_cny_per_t is not None:
        SalesOrderLineCeiling.objects.create(firm_id=line.firm_id, line=line, fee_cny_per_t=fee_cny_per_t)
    return change


def _exclude(line: SalesOrderLine, firm_ids: Iterable[UUID], *, pointer: str) -> None:
    wanted = sorted(set(firm_ids))
    if line.firm_id in wanted or Firm.objects.filter(pk__in=wanted).count() != len(wanted):
        raise InvalidValue(_("Exclude other members only."), pointer=f"{pointer}/excluded_firm_ids")
    LineExclusion.objects.bulk_create(
        LineExclusion(firm_id=line.firm_id, line=line, excluded_firm_id=firm_id) for firm_id in wanted
    )
