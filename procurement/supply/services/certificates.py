"""What a lot's certificate states: put by its supplier, measured again by the association."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from mes.core import audit
from mes.core.actors import Actor, DatabaseRole
from mes.core.bounds import check_text
from mes.core.errors import InvalidValue, NotAllowedInState, NotFound
from mes.core.wall import switched
from mes.files.models import StoredFile
from mes.firms.access import require, required_firm
from procurement.supply.choices import UNITS, LotStatus, Property
from procurement.supply.models import MOST_TEXT, CertificateValue, DeliveryLot
from procurement.supply.models.quality import MOST_VALUE
from procurement.supply.services.lots import lot_locked

MOST_VALUES = 40


@dataclass(frozen=True, slots=True)
class ValueDraft:
    """`unit`: must be the property's own. `equation`: behind a molecular weight, nowhere else."""

    property: str
    value: Decimal
    unit: str
    method: str
    equation: str = ""


@transaction.atomic
def certificate_put(
    *, actor: Actor, lot_id: UUID, values: Sequence[ValueDraft], certificate_id: UUID | None = None
) -> DeliveryLot:
    """What the supplier states of a lot, as a whole, while it is in quarantine. `certificate_id`: a file of its own.

    Raises InvalidValue with a pointer to the value, NotFound, NotAllowedInState, NotPermitted.
    """
    firm_id = required_firm(actor, "resin_lot.certify")
    seen = DeliveryLot.objects.filter(pk=lot_id, supplier_id=firm_id).first()
    if seen is None:
        raise NotFound
    _check(values)
    file = None
    if certificate_id is not None:
        file = StoredFile.objects.filter(pk=certificate_id, firm_id=firm_id, removed_at=None).first()
        if file is None:
            raise NotFound
    with switched(DatabaseRole.EXCHANGE):
        lot = DeliveryLot.objects.select_for_update(of=("self",)).get(pk=lot_id)
        if lot.status != LotStatus.QUARANTINED:
            raise NotAllowedInState(_("The lot was judged."))
        lot.certificate_id, lot.certificate_sha256 = certificate_id, "" if file is None else file.sha256
        lot.save(update_fields=["certificate_id", "certificate_sha256"])
    CertificateValue.objects.filter(lot=lot, retest=False).delete()
    _write(lot, values, retest=False)
    told = {"values": len(values), "certificate_sha256": lot.certificate_sha256}
    audit.record(actor=actor, verb="resin_lot.certify", obj=lot, firm_id=firm_id, changes=told)
    return lot


@transaction.atomic
def lot_retest(*, actor: Actor, lot_id: UUID, values: Sequence[ValueDraft]) -> DeliveryLot:
    """What the association has measured of a lot in quarantine; it counts before the certificate.

    Raises InvalidValue, also for what was measured by this method before, NotFound, NotAllowedInState, NotPermitted.
    """
    require(actor, "resin_lot.decide")
    lot = lot_locked(actor=actor, lot_id=lot_id)
    if lot.status != LotStatus.QUARANTINED:
        raise NotAllowedInState(_("The lot was judged."))
    _check(values)
    known = {(row.property, row.method, row.equation) for row in CertificateValue.objects.filter(lot=lot, retest=True)}
    for at, value in enumerate(values):
        if (value.property, value.method, value.equation) in known:
            raise InvalidValue(_("It was measured by this method."), pointer=f"/values/{at}/method")
    _write(lot, values, retest=True)
    told = {"values": len(values)}
    audit.record(actor=actor, verb="resin_lot.retest", obj=lot, firm_id=lot.supplier_id, changes=told)
    return lot


def _write(lot: DeliveryLot, values: Sequence[ValueDraft], *, retest: bool) -> None:
    for value in values:
        CertificateValue.objects.create(
            supplier_id=lot.supplier_id,
            lot=lot,
            property=value.property,
            value=value.value,
            unit=value.unit,
            method=value.method,
            equation=value.equation,
            retest=retest,
        )


def _check(values: Sequence[ValueDraft]) -> None:
    if not 1 <= len(values) <= MOST_VALUES:
        raise InvalidValue(_("A certificate states values."), pointer="/values")
    seen: set[tuple[str, str, str]] = set()
    for at, value in enumerate(values):
        if value.property not in Property.values:
            raise InvalidValue(pointer=f"/values/{at}/property")
        if value.unit != UNITS[value.property]:
            words = _("The unit of this property is %(unit)s.") % {"unit": UNITS[value.property]}
            raise InvalidValue(words, pointer=f"/values/{at}/unit")
        if not value.value.is_finite() or not 0 <= value.value <= MOST_VALUE:
            raise InvalidValue(pointer=f"/values/{at}/value")
        check_text(value.method, MOST_TEXT, f"/values/{at}/method")
        is_calculated = value.property == Property.MOLECULAR_WEIGHT
        check_text(value.equation, MOST_TEXT, f"/values/{at}/equation", may_be_empty=not is_calculated)
        if value.equation and not is_calculated:
            raise InvalidValue(_("Only a molecular weight is calculated."), pointer=f"/values/{at}/equation")
        key = (value.property, value.method, value.equation)
        if key in seen:
            raise InvalidValue(_("The value is there twice."), pointer=f"/values/{at}/property")
        seen.add(key)
