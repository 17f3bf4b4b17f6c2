"""What a supplier does with its quotation until the close: under the round's lock, which all suppliers share.

Nothing is told to the outbox and no job is rung: the association sees topics and firms there, and would learn that
somebody quotes. The supplier's own feed tells its programs.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from psycopg.errors import CheckViolation

from mes.core import audit, locks
from mes.core.actors import Actor
from mes.core.clock import BusinessNow
from mes.core.errors import NotAllowedInState, NotFound
from mes.core.states import move
from mes.firms.access import required_firm
from procurement.quotations.choices import NEXT, QuotationStatus, TenderStatus
from procurement.quotations.errors import ConditionsChanged, QuotationFault, QuotationInvalid, TenderClosed
from procurement.quotations.models import (
    PriceBreak,
    Quotation,
    QuotationLine,
    SupplierDiscount,
    Tender,
    TenderLine,
)
from procurement.quotations.services.drafts import LineDraft, QuotationDraft, faults_of, least_validity
from procurement.quotations.services.seal import TERMS, digest_of
from procurement.suppliers.selectors import qualified_materials

MOST_FAULTS = 100
# What the database's trigger says when the close comes between the check and the write.
_WHILE_OPEN = "quotation_while_request_is_open"


class Put(NamedTuple):
    """The quotation, and whether there was none before."""

    row: Quotation
    is_new: bool


@transaction.atomic
def quotation_put(*, actor: Actor, tender_id: UUID, draft: QuotationDraft, now: datetime) -> Put:
    """Writes the supplier's quotation as a whole; it is a draft afterwards. A sealed one is unsealed first.

    Raises NotFound where it is not invited, TenderClosed, QuotationInvalid with each fault's pointer,
    NotAllowedInState, NotPermitted.
    """
    supplier_id = required_firm(actor, "quotation.put")
    tender = _open_tender(tender_id, supplier_id)
    row = Quotation.objects.filter(tender=tender, supplier_id=supplier_id).first()
    if row is not None and QuotationStatus.DRAFT not in {row.status, *NEXT[row.status]}:
        raise NotAllowedInState
    if row is not None and row.status == QuotationStatus.SEALED:
        raise NotAllowedInState(_("It is sealed. Take the seal off first."))
    lines = {line.number: line for line in TenderLine.objects.filter(tender=tender)}
    qualified = qualified_materials(supplier_id=supplier_id, day=least_validity(tender))
    faults = list(faults_of(draft, tender=tender, lines=lines, qualified=qualified))
    if faults:
        raise QuotationInvalid(faults[:MOST_FAULTS])
    terms = {name: getattr(draft, name) for name in TERMS}
    changes = audit.changed(row, terms)
    is_new = row is None
    try:
        with transaction.atomic():
            row = _written(row, tender, supplier_id, terms)
            _put_parts(row, draft, lines)
    except IntegrityError as error:
        raise _as_refusal(error) from error
    changes |= {"lines": audit.Change(None, len(draft.lines)), "digest": audit.Change(None, digest_of(row, revision=0))}
    audit.record(actor=actor, verb="quotation.put", obj=row, firm_id=supplier_id, changes=changes)
    return Put(row, is_new)


@transaction.atomic
def quotation_seal(*, actor: Actor, tender_id: UUID, tender_revision: int, now: datetime) -> Quotation:
    """draft or invalidated → sealed, for the conditions of the revision that the supplier has read.

    Raises NotFound, TenderClosed, ConditionsChanged, QuotationInvalid where it would not hold long enough any more,
    NotAllowedInState, NotPermitted.
    """
    supplier_id = required_firm(actor, "quotation.seal")
    tender = _open_tender(tender_id, supplier_id)
    row = _own(tender, supplier_id)
    if tender.revision != tender_revision:
        raise ConditionsChanged(pointer="/tender_revision")
    if row.valid_until <= least_validity(tender):
        text = _("A quotation holds beyond %(day)s.") % {"day": least_validity(tender).isoformat()}
        raise QuotationInvalid([QuotationFault("/valid_until", text)])
    digest = digest_of(row, revision=tender.revision)
    changes = _moved(row, QuotationStatus.SEALED, sealed_at=now, sealed_sha256=digest, tender_revision=tender.revision)
    audit.record(actor=actor, verb="quotation.seal", obj=row, firm_id=supplier_id, changes=changes)
    return row


@transaction.atomic
def quotation_unseal(*, actor: Actor, tender_id: UUID, now: datetime) -> Quotation:
    """sealed → draft, until the close. Raises NotFound, TenderClosed, NotAllowedInState, NotPermitted."""
    supplier_id = required_firm(actor, "quotation.unseal")
    row = _own(_open_tender(tender_id, supplier_id), supplier_id)
    changes = _moved(row, QuotationStatus.DRAFT, sealed_at=None, sealed_sha256="")
    audit.record(actor=actor, verb="quotation.unseal", obj=row, firm_id=supplier_id, changes=changes)
    return row


@transaction.atomic
def quotation_withdraw(*, actor: Actor, tender_id: UUID, now: datetime) -> Quotation:
    """→ withdrawn, until the close; it may be written again. Raises as quotation_unseal."""
    supplier_id = required_firm(actor, "quotation.withdraw")
    row = _own(_open_tender(tender_id, supplier_id), supplier_id)
    changes = _moved(row, QuotationStatus.WITHDRAWN, sealed_at=None, sealed_sha256="")
    audit.record(actor=actor, verb="quotation.withdraw", obj=row, firm_id=supplier_id, changes=changes)
    return row


def _open_tender(tender_id: UUID, supplier_id: UUID) -> Tender:
    """The request while its round's lock is shared, read after the lock and compared with the clock of that moment."""
    invited = Tender.objects.filter(pk=tender_id, invitations__supplier_id=supplier_id)
    round_id = invited.values_list("round_id", flat=True).first()
    if round_id is None:
        raise NotFound
    locks.share_round(round_id)
    locks.lock_name(f"quotation/{supplier_id}/{tender_id}")
    tender = invited.filter(status=TenderStatus.OPEN, closes_at__gt=BusinessNow()).first()
    if tender is None:
        raise TenderClosed
    return tender


def _own(tender: Tender, supplier_id: UUID) -> Quotation:
    row = Quotation.objects.filter(tender=tender, supplier_id=supplier_id).first()
    if row is None:
        raise NotFound
    return row


def _moved(row: Quotation, to: QuotationStatus, **values: Any) -> dict[str, audit.Change]:
    """Raises TenderClosed where the close has come meanwhile."""
    try:
        with transaction.atomic():
            return move(row, to, moves=NEXT, **values)
    except IntegrityError as error:
        raise _as_refusal(error) from error


def _written(row: Quotation | None, tender: Tender, supplier_id: UUID, terms: dict[str, object]) -> Quotation:
    """The row with these terms, as a draft without parts."""
    if row is None:
        return Quotation.objects.create(
            supplier_id=supplier_id, tender=tender, tender_revision=tender.revision, **terms
        )
    if row.status != QuotationStatus.DRAFT:
        move(row, QuotationStatus.DRAFT, moves=NEXT, sealed_at=None, sealed_sha256="")
    Quotation.objects.filter(pk=row.pk).update(tender_revision=tender.revision, **terms)
    row.refresh_from_db()
    PriceBreak.objects.filter(line__quotation=row).delete()
    QuotationLine.objects.filter(quotation=row).delete()
    SupplierDiscount.objects.filter(quotation=row).delete()
    return row


def _put_parts(row: Quotation, draft: QuotationDraft, lines: dict[int, TenderLine]) -> None:
    made = [(_line(row, said, lines[said.line]), said) for said in draft.lines]
    QuotationLine.objects.bulk_create(line for line, _said in made)
    PriceBreak.objects.bulk_create(
        PriceBreak(supplier_id=row.supplier_id, line=line, from_kg=found.from_kg, price_fen_per_t=found.price_fen_per_t)
        for line, said in made
        for found in said.breaks
    )
    SupplierDiscount.objects.bulk_create(
        SupplierDiscount(supplier_id=row.supplier_id, quotation=row, from_kg=found.from_kg, permille=found.permille)
        for found in draft.discounts
    )


def _line(row: Quotation, said: LineDraft, asked: TenderLine) -> QuotationLine:
    return QuotationLine(
        supplier_id=row.supplier_id,
        quotation=row,
        line=asked,
        capacity_kg=said.capacity_kg,
        least_kg=said.least_kg,
        multiple_kg=said.multiple_kg,
        kind=said.kind,
    )


def _as_refusal(error: IntegrityError) -> Exception:
    """TenderClosed for what the trigger says of the close, else the error itself."""
    cause = error.__cause__
    closed = isinstance(cause, CheckViolation) and cause.diag.constraint_name == _WHILE_OPEN
    return TenderClosed() if closed else error
