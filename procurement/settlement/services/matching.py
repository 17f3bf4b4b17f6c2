"""The three-way match of an invoice, and its booking."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from mes.core import audit
from mes.core.actors import Actor, DatabaseRole
from mes.core.errors import NotAllowedInState
from mes.core.states import move
from mes.core.wall import switched
from mes.firms.access import require
from procurement.quotations.models import Quotation
from procurement.settlement.choices import INVOICE_MOVES, Account, InvoiceStatus, PostingKind
from procurement.settlement.models import Invoice
from procurement.settlement.selectors.matching import Agreed, Invoiced, match_line
from procurement.settlement.services.opened import invoice_seen
from procurement.settlement.services.posting import Side, post
from procurement.supply.choices import DeliveryStatus

USUAL_VAT_PERMILLE = 130
"""On resin, where no quotation says another."""


@transaction.atomic
def invoice_match(*, actor: Actor, invoice_id: UUID, now: datetime) -> Invoice:
    """received or disputed → matched or disputed: order, settled weight and invoice side by side.

    Raises NotFound, NotAllowedInState, also while a weight is not settled; NotPermitted.
    """
    require(actor, "invoice.match")
    invoice = invoice_seen(invoice_id)
    with switched(DatabaseRole.EXCHANGE):
        if not are_settled(invoice):
            raise NotAllowedInState(_("The weight of a delivery is not settled yet."))
        matched(actor=actor, invoice=invoice)
    return invoice


@transaction.atomic
def invoice_settle(*, actor: Actor, invoice_id: UUID, now: datetime) -> Invoice:
    """matched → settled: it is owed, and booked with its rounding differences.

    Raises NotFound, NotAllowedInState, NotPermitted.
    """
    require(actor, "invoice.settle")
    invoice = invoice_seen(invoice_id)
    with switched(DatabaseRole.EXCHANGE):
        changes = move(invoice, InvoiceStatus.SETTLED, moves=INVOICE_MOVES, settled_at=now)
        lines = list(invoice.lines.order_by("pk"))
        net_difference = sum(line.net_difference_fen or 0 for line in lines)
        vat_difference = sum(line.vat_difference_fen or 0 for line in lines)
        post(
            firm_id=invoice.firm_id,
            round_id=invoice.round_id,
            kind=PostingKind.INVOICE,
            key=f"invoice/{invoice.pk}",
            now=now,
            sides={
                Side(Account.GOODS): invoice.net_fen - net_difference,
                Side(Account.INPUT_VAT): invoice.vat_fen - vat_difference,
                Side(Account.ROUNDING): net_difference + vat_difference,
                Side(Account.PAYABLE, invoice.supplier_id): -invoice.gross_fen,
            },
            note=invoice.number,
        )
        audit.record(actor=actor, verb="invoice.settle", obj=invoice, firm_id=invoice.firm_id, changes=changes)
    return invoice


def are_settled(invoice: Invoice) -> bool:
    """Whether the weight of each delivery behind it holds. Under the exchange's role."""
    return not invoice.lines.exclude(part__lot__delivery__status=DeliveryStatus.SETTLED).exists()


def matched(*, actor: Actor, invoice: Invoice) -> None:
    """Compares each line and moves the invoice, which stays disputed while a line is. Under the exchange's role."""
    vat_permille = _agreed_vat(invoice)
    is_disputed = False
    for line in invoice.lines.select_related("part__order").order_by("pk"):
        found = match_line(
            agreed=Agreed(line.part.order.price_mfen_per_t, vat_permille),
            settled_kg=line.part.kg,
            invoiced=Invoiced(line.kg, line.net_fen, line.vat_permille, line.vat_fen),
        )
        line.net_difference_fen, line.vat_difference_fen = found.net_difference_fen, found.vat_difference_fen
        line.findings = list(found.findings)
        line.save(update_fields=["net_difference_fen", "vat_difference_fen", "findings"])
        is_disputed |= bool(found.findings)
    to = InvoiceStatus.DISPUTED if is_disputed else InvoiceStatus.MATCHED
    if to != invoice.status:
        changes = move(invoice, to, moves=INVOICE_MOVES)
        audit.record(actor=actor, verb="invoice.match", obj=invoice, firm_id=invoice.firm_id, changes=changes)


def _agreed_vat(invoice: Invoice) -> int:
    said = Quotation.objects.filter(tender__round_id=invoice.round_id, supplier_id=invoice.supplier_id)
    found = said.values_list("vat_permille", flat=True).first()
    return USUAL_VAT_PERMILLE if found is None else found
