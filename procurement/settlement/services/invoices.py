"""Invoices: received from suppliers or written down by the officer, and taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from mes.core import audit
from mes.core.actors import Actor, DatabaseRole
from mes.core.bounds import check_text, check_whole_number, is_plausible
from mes.core.errors import InvalidValue, NotPermitted
from mes.core.states import move
from mes.core.wall import switched
from mes.firms.access import Side, require, side_of
from procurement.rounds.models import MOST_KG, MOST_REASON
from procurement.settlement.choices import INVOICE_MOVES, InvoiceStatus
from procurement.settlement.models import MOST_FEN, MOST_NUMBER, MOST_VAT_PERMILLE, Invoice, InvoiceLine
from procurement.settlement.services.matching import are_settled, matched
from procurement.settlement.services.opened import hold_open, invoice_seen
from procurement.supply.models import LotAllocation

MOST_LINES = 500


@dataclass(frozen=True, slots=True)
class InvoiceLineDraft:
    """`part_id`: the part of a lot that the firm got. Amounts in fen as the paper says them."""

    part_id: UUID
    kg: int
    net_fen: int
    vat_permille: int
    vat_fen: int


@dataclass(frozen=True, slots=True)
class InvoiceDraft:
    number: str
    issued_on: date
    lines: Sequence[InvoiceLineDraft]


@transaction.atomic
def invoice_record(*, actor: Actor, draft: InvoiceDraft, now: datetime) -> Invoice:
    """Receives an invoice for parts of lots of one firm and one round, and matches it where the weights are settled.

    A supplier sends those of firms that have signed with it; the officer writes down any. Raises InvalidValue with a
    pointer (a part that was invoiced, another firm's beside it, a number used before), NotAllowedInState, NotPermitted.
    """
    require(actor, "invoice.record")
    _check(draft, now)
    parts = _parts(actor, draft)
    hold_open(parts[0].order.line.round_id)
    with switched(DatabaseRole.EXCHANGE):
        invoice = _stored(draft, parts, now)
        told = {"number": invoice.number, "net_fen": invoice.net_fen, "vat_fen": invoice.vat_fen}
        audit.record(actor=actor, verb="invoice.record", obj=invoice, firm_id=invoice.firm_id, changes=told)
        if are_settled(invoice):
            matched(actor=actor, invoice=invoice)
    return invoice


@transaction.atomic
def invoice_void(*, actor: Actor, invoice_id: UUID, reason: str, now: datetime) -> Invoice:
    """Taken back, or made good by a red-letter invoice, before it is settled: its parts may be invoiced anew.

    A supplier takes back its own. Raises InvalidValue without a reason, NotFound, NotAllowedInState, NotPermitted.
    """
    require(actor, "invoice.void")
    check_text(reason, MOST_REASON, "/reason")
    invoice = invoice_seen(invoice_id)
    if actor.firm_id is not None and side_of(actor, invoice) is not Side.DOER:
        raise NotPermitted
    with switched(DatabaseRole.EXCHANGE):
        changes = move(invoice, InvoiceStatus.VOID, moves=INVOICE_MOVES, reason=reason)
        invoice.lines.update(live=False)
        audit.record(actor=actor, verb="invoice.void", obj=invoice, firm_id=invoice.firm_id, changes=changes)
    return invoice


def _check(draft: InvoiceDraft, now: datetime) -> None:
    check_text(draft.number, MOST_NUMBER, "/number")
    if not is_plausible(draft.issued_on) or draft.issued_on > timezone.localdate(now):
        raise InvalidValue(_("An invoice is of today or earlier."), pointer="/issued_on")
    if not 1 <= len(draft.lines) <= MOST_LINES:
        raise InvalidValue(_("An invoice has one line at least, and not too many."), pointer="/lines")
    seen: set[UUID] = set()
    for place, line in enumerate(draft.lines):
        at = f"/lines/{place}"
        check_whole_number(line.kg, MOST_KG, f"{at}/kg")
        check_whole_number(line.net_fen, MOST_FEN, f"{at}/net_fen")
        check_whole_number(line.vat_permille, MOST_VAT_PERMILLE, f"{at}/vat_permille", least=0)
        check_whole_number(line.vat_fen, MOST_FEN, f"{at}/vat_fen", least=0)
        if line.part_id in seen:
            raise InvalidValue(_("The part stands on the invoice twice."), pointer=f"{at}/part_id")
        seen.add(line.part_id)
    if sum(line.net_fen + line.vat_fen for line in draft.lines) > MOST_FEN:
        raise InvalidValue(pointer="/lines")


def _parts(actor: Actor, draft: InvoiceDraft) -> list[LotAllocation]:
    """The parts in the order of the lines: those that the actor sees, and a supplier only as their seller."""
    seen = LotAllocation.objects.filter(pk__in=[line.part_id for line in draft.lines])
    if actor.firm_id is not None:
        seen = seen.filter(seller_id=actor.firm_id)
    keys = list(seen.values_list("pk", flat=True))
    with switched(DatabaseRole.EXCHANGE):
        rows = LotAllocation.objects.filter(pk__in=keys).select_related("order__line")
        found = {row.pk: row for row in rows}
    parts: list[LotAllocation] = []
    for place, line in enumerate(draft.lines):
        part, at = found.get(line.part_id), f"/lines/{place}/part_id"
        if part is None:
            raise InvalidValue(_("There is no such part of a lot."), pointer=at)
        parts.append(part)
        if _invoiced_together(part) != _invoiced_together(parts[0]):
            raise InvalidValue(_("An invoice is one supplier's to one firm, of one round."), pointer=at)
    return parts


def _invoiced_together(part: LotAllocation) -> tuple[object, ...]:
    return part.firm_id, part.seller_id, part.order.supplier_id, part.order.line.round_id


def _stored(draft: InvoiceDraft, parts: Sequence[LotAllocation], now: datetime) -> Invoice:
    """Raises InvalidValue for a number that the supplier has used, or a part that was invoiced."""
    first = parts[0]
    net_fen, vat_fen = sum(line.net_fen for line in draft.lines), sum(line.vat_fen for line in draft.lines)
    invoice = Invoice(
        firm_id=first.firm_id, supplier_id=first.order.supplier_id, seller_id=first.seller_id,
        round_id=first.order.line.round_id, number=draft.number, issued_on=draft.issued_on, net_fen=net_fen,
        vat_fen=vat_fen, gross_fen=net_fen + vat_fen, received_at=now,
    )  # fmt: skip
    try:
        with transaction.atomic():
            invoice.save(force_insert=True)
    except IntegrityError as error:
        raise InvalidValue(_("The supplier has an invoice with this number."), pointer="/number") from error
    for place, (line, part) in enumerate(zip(draft.lines, parts, strict=True)):
        try:
            with transaction.atomic():
                InvoiceLine.objects.create(
                    firm_id=invoice.firm_id, seller_id=invoice.seller_id, invoice=invoice, part=part, kg=line.kg,
                    net_fen=line.net_fen, vat_permille=line.vat_permille, vat_fen=line.vat_fen,
                )  # fmt: skip
        except IntegrityError as error:
            raise InvalidValue(_("The part was invoiced."), pointer=f"/lines/{place}/part_id") from error
    return invoice
