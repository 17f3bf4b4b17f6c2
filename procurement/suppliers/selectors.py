"""Who may sell which material."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db.models import Q

from mes.core.actors import Actor
from mes.core.errors import NotFound, NotPermitted
from mes.core.keyset import MomentKey, page_after
from mes.firms.choices import FirmStatus
from procurement.suppliers.choices import QualificationStatus
from procurement.suppliers.models import SupplierQualification


def qualified_suppliers(*, material_id: UUID) -> dict[str, UUID]:
    """The keys of the suppliers that are qualified for a material, by code."""
    rows = SupplierQualification.objects.filter(
        material_id=material_id, status=QualificationStatus.QUALIFIED, supplier__status=FirmStatus.SUPPLIER
    )
    return dict(rows.values_list("supplier__code", "supplier_id"))


def qualified_materials(*, supplier_id: UUID, day: date) -> frozenset[str]:
    """The codes of the materials for which a supplier is qualified on a day."""
    rows = SupplierQualification.objects.filter(
        Q(valid_until=None) | Q(valid_until__gte=day), supplier_id=supplier_id, status=QualificationStatus.QUALIFIED
    )
    return frozenset(rows.values_list("material__code", flat=True))


def qualifications_page(*, actor: Actor, limit: int, after: MomentKey | None = None) -> list[SupplierQualification]:
    """A supplier's own, by time and key; for a member who is qualified for what. Raises NotPermitted without a firm."""
    if actor.firm_id is None:
        raise NotPermitted
    own, qualified = Q(supplier_id=actor.firm_id), Q(status=QualificationStatus.QUALIFIED)
    rows = SupplierQualification.objects.filter(own | qualified).select_related("supplier", "material")
    return page_after(rows, by="created_at", after=after, limit=limit)


def qualification_get(*, actor: Actor, qualification_id: UUID) -> SupplierQualification:
    """One of them. Raises NotFound, NotPermitted."""
    if actor.firm_id is None:
        raise NotPermitted
    own, qualified = Q(supplier_id=actor.firm_id), Q(status=QualificationStatus.QUALIFIED)
    rows = SupplierQualification.objects.filter(own | qualified, pk=qualification_id)
    row = rows.select_related("supplier", "material").first()
    if row is None:
        raise NotFound
    return row
