"""What a firm and a supplier read of what follows an award: each its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.db import models
from django.db.models import Prefetch, Q, QuerySet

from mes.core.actors import Actor
from mes.core.changes import changed_since
from mes.core.errors import NotFound, NotPermitted
from mes.core.keyset import MomentKey, page_after
from procurement.supply.models import (
    CertificateValue,
    Claim,
    Concession,
    Delivery,
    DeliveryLot,
    FirmOrder,
    FrameworkAgreement,
    LotAllocation,
    ResinLimit,
)
from procurement.supply.selectors.judging import judged

Row = TypeVar("Row", bound=models.Model)
Part = TypeVar("Part", LotAllocation, Concession)


def agreements(actor: Actor) -> QuerySet[FrameworkAgreement]:
    """Of a supplier its own, of a firm those under which it has ordered. Raises NotPermitted."""
    firm_id = _firm(actor)
    under = FirmOrder.objects.filter(firm_id=firm_id).values("agreement_id")
    rows = FrameworkAgreement.objects.filter(Q(supplier_id=firm_id) | Q(pk__in=under))
    return rows.select_related("supplier", "material")


def orders(actor: Actor) -> QuerySet[FirmOrder]:
    """Of a firm its own, of a supplier those that firms have signed with it. Raises NotPermitted."""
    rows = FirmOrder.objects.filter(_of_a_party(actor))
    return rows.select_related("firm", "supplier", "agreement__material")


def deliveries(actor: Actor) -> QuerySet[Delivery]:
    """The supplier's own, with their lots. Raises NotPermitted."""
    rows = Delivery.objects.filter(supplier_id=_firm(actor)).select_related("agreement__material")
    return rows.prefetch_related(Prefetch("lots", _with_values(DeliveryLot.objects.order_by("lot_number"))))


def delivery_lots(actor: Actor) -> QuerySet[DeliveryLot]:
    """The supplier's own. Raises NotPermitted."""
    return _with_values(DeliveryLot.objects.filter(supplier_id=_firm(actor)))


def lot_parts(actor: Actor) -> QuerySet[LotAllocation]:
    """What a firm got of lots; of a supplier, what its buyers got. Raises NotPermitted."""
    rows = LotAllocation.objects.filter(_of_a_party(actor))
    return rows.select_related("firm", "order__supplier", "order__agreement__material")


def concessions(actor: Actor) -> QuerySet[Concession]:
    """What the firm is asked to take. Raises NotPermitted."""
    return Concession.objects.filter(firm_id=_firm(actor)).select_related("order__agreement__material")


def claims(actor: Actor) -> QuerySet[Claim]:
    """The firm's own; of a supplier, those made against it. Raises NotPermitted."""
    return Claim.objects.filter(_of_a_party(actor)).select_related("firm", "supplier")


def one(rows: QuerySet[Row], key: UUID) -> Row:
    """Raises NotFound."""
    found = rows.filter(pk=key).first()
    if found is None:
        raise NotFound
    return found


def page(rows: QuerySet[Row], limit: int, after: MomentKey | None) -> list[Row]:
    """By time and key."""
    return page_after(rows, by="created_at", after=after, limit=limit)


def followed(
    rows: QuerySet[Row], *, actor: Actor, limit: int, after: MomentKey | None, since: datetime | None
) -> list[Row]:
    """As page, of what has become otherwise since. The rows' model has a feed."""
    kind = rows.model.feed.kind  # type: ignore[attr-defined]
    return page(changed_since(rows, kind=kind, firm_id=actor.firm_id, since=since), limit, after)


def with_values(rows: Sequence[Part]) -> Sequence[Part]:
    """Each with `certified`, its lot's values, and `judged`, the limits of its material beside them.

    A firm reads the values of a lot and not the lot.
    """
    values: dict[UUID, list[CertificateValue]] = {}
    for value in _VALUES.filter(lot_id__in={row.lot_id for row in rows}):
        values.setdefault(value.lot_id, []).append(value)
    limits: dict[UUID, list[ResinLimit]] = {}
    materials = {row.order.agreement.material_id for row in rows}
    for limit in ResinLimit.objects.filter(material_id__in=materials).order_by("property", "method"):
        limits.setdefault(limit.material_id, []).append(limit)
    for row in rows:
        of_lot = values.get(row.lot_id, [])
        row.certified = of_lot  # type: ignore[attr-defined]
        row.judged = judged(limits.get(row.order.agreement.material_id, ()), of_lot)  # type: ignore[attr-defined]
    return rows


_VALUES = CertificateValue.objects.order_by("property", "method", "equation", "retest")


def _with_values(rows: QuerySet[DeliveryLot]) -> QuerySet[DeliveryLot]:
    return rows.prefetch_related(Prefetch("values", _VALUES))


def _of_a_party(actor: Actor) -> Q:
    firm_id = _firm(actor)
    return Q(firm_id=firm_id) | Q(seller_id=firm_id)


def _firm(actor: Actor) -> UUID:
    if actor.firm_id is None:
        raise NotPermitted
    return actor.firm_id
