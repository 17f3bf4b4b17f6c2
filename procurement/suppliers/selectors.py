"""Who may sell which material."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db.models import Exists, Q, QuerySet

from mes.core.actors import Actor
from mes.core.errors import NotFound, NotPermitted
from mes.core.keyset import MomentKey, page_after
from mes.firms.choices import FirmStatus
from mes.firms.models import Firm
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


def is_member(actor: Actor) -> Exists:
    """The actor's firm buys. A supplier is shown nothing of rounds, nor of other suppliers. Raises NotPermitted without
    a firm.
    """
    if actor.firm_id is None:
        raise NotPermitted
    return Exists(Firm.objects.filter(pk=actor.firm_id, status=FirmStatus.MEMBER))


def qualifications_page(*, actor: Actor, limit: int, after: MomentKey | None = None) -> list[SupplierQualification]:
    """A supplier's own, by time and key; for a member who is qualified for what. Raises NotPermitted without a firm."""
    rows = _shown(actor).select_related("supplier", "material")
    return page_after(rows, by="created_at", after=after, limit=limit)


def qualification_get(*, actor: Actor, qualification_id: UUID) -> SupplierQualification:
    """One of them. Raises NotFound, NotPermitted."""
    row = _shown(actor).filter(pk=qualification_id).select_related("supplier", "material").first()
    if row is None:
        raise NotFound
    return row


def _shown(actor: Actor) -> QuerySet[SupplierQualification]:
    own, qualified = Q(supplier_id=actor.firm_id), Q(status=QualificationStatus.QUALIFIED)
    return SupplierQualification.objects.filter(own | (qualified & Q(is_member(actor))))
