"""How a supplier becomes qualified for a material, and ceases to be."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from mes.catalog.models import Material
from mes.core import audit, locks, outbox
from mes.core.actors import Actor
from mes.core.bounds import check_text
from mes.core.errors import InvalidValue, NotAllowedInState, NotFound, NotPermitted
from mes.core.states import move
from mes.files.models import StoredFile
from mes.firms.access import require, required_firm
from mes.firms.choices import FirmStatus
from mes.firms.models import Firm
from procurement.suppliers.choices import NEXT, QualificationStatus
from procurement.suppliers.models import MOST_REASON, SupplierQualification


@transaction.atomic
def qualification_propose(
    *, actor: Actor, material_code: str, evidence_id: UUID | None = None, valid_until: date | None = None, now: datetime
) -> SupplierQualification:
    """A supplier asks to be qualified for a material. `evidence_id`: a file of its own that shows why.

    Raises InvalidValue for an unknown material or a day that is over, NotFound for a file of another's,
    NotAllowedInState where it was asked before and not refused, NotPermitted.
    """
    firm_id = required_firm(actor, "qualification.propose")
    if not Firm.objects.filter(pk=firm_id, status=FirmStatus.SUPPLIER).exists():
        raise NotPermitted
    material = Material.objects.filter(code=material_code).first()
    if material is None:
        raise InvalidValue(_("There is no such material."), pointer="/material_code")
    if evidence_id is not None and not StoredFile.objects.filter(pk=evidence_id, firm_id=firm_id).exists():
        raise NotFound
    if valid_until is not None and valid_until < localdate(now):
        raise InvalidValue(_("The day is over."), pointer="/valid_until")
    locks.lock_name(f"qualification/{firm_id}/{material.pk}")
    if SupplierQualification.objects.filter(supplier_id=firm_id, material=material).exists():
        raise NotAllowedInState(_("You have asked before. The association decides again."))
    row = SupplierQualification.objects.create(
        supplier_id=firm_id, material=material, evidence_id=evidence_id, valid_until=valid_until
    )
    changes = {"material_code": material_code, "evidence": evidence_id, "valid_until": valid_until}
    audit.record(actor=actor, verb="qualification.propose", obj=row, firm_id=firm_id, changes=changes)
    outbox.tell(
        topic="qualification.proposed", payload={"qualification_id": str(row.pk)}, firm_id=firm_id, of_round=True
    )
    return row


@transaction.atomic
def qualification_decide(
    *, actor: Actor, qualification_id: UUID, status: str, reason: str, valid_until: date | None = None
) -> SupplierQualification:
    """qualified, refused or suspended, with a reason; `valid_until` None: as the supplier said.

    A refused one is looked at again by moving it to proposed. Raises InvalidValue, NotFound, NotAllowedInState,
    NotPermitted.
    """
    require(actor, "qualification.decide")
    row = SupplierQualification.objects.select_for_update(of=("self",)).filter(pk=qualification_id).first()
    if row is None:
        raise NotFound
    require(actor, "qualification.decide", row)
    if status not in QualificationStatus.values:
        raise InvalidValue(pointer="/status")
    check_text(reason, MOST_REASON, "/reason")
    until = row.valid_until if valid_until is None else valid_until
    changes = move(row, status, moves=NEXT, reason=reason, valid_until=until)
    audit.record(actor=actor, verb="qualification.decide", obj=row, firm_id=row.supplier_id, changes=changes)
    payload = {"qualification_id": str(row.pk), "status": status}
    outbox.tell(topic="qualification.decided", payload=payload, firm_id=row.supplier_id, of_round=True)
    return row
