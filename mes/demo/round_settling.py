"""The demo's round from the suppliers' invoices to what it saved."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from uuid import UUID

from django.utils.timezone import localdate

from mes.core.clock import business_now
from mes.demo.board import Board
from mes.demo.errors import StepFailed
from mes.demo.round_people import FIRST, People, head_of, owner_of
from mes.demo.sample.round_book import RoundBook
from procurement.savings.services import savings_recognise, savings_tell
from procurement.settlement.selectors.amounts import net_fen, vat_fen
from procurement.settlement.selectors.statements import Statement, statement_get
from procurement.settlement.services import (
    InvoiceDraft,
    InvoiceLineDraft,
    fee_book,
    invoice_record,
    invoice_settle,
    round_close,
)
from procurement.supply.models import LotAllocation


def settle(board: Board, people: People, book: RoundBook, round_id: UUID) -> None:
    """Suppliers invoice what each firm has got, fees are passed on, savings recognised, and the round is closed."""
    with board.step("invoices matched and settled") as said:
        said.append(str(_invoiced(people, book, round_id)))
    with board.step("fees passed on, round closed, savings told"):
        for kind, fen in book.fees:
            people.act_now(FIRST, fee_book, round_id=round_id, kind=kind, fen=fen, reference=f"{book.code}-{kind}")
        people.act_now(FIRST, savings_recognise, round_id=round_id)
        people.act_now(FIRST, round_close, round_id=round_id)
        people.act_now(FIRST, savings_tell, round_id=round_id)
    with board.step("statements read by the firms") as said:
        said.append(f"{_statements(people, round_id)} firms, each to the fen")


def _invoiced(people: People, book: RoundBook, round_id: UUID) -> int:
    """One invoice from each supplier to each firm. Returns how many."""
    parts = people.rows(FIRST, _parts(round_id))
    day = localdate(people.read(FIRST, business_now))
    count = 0
    for (supplier, firm), found in groupby(parts, key=lambda part: (part.order.supplier.code, part.firm.code)):
        lines = tuple(_line(part, book.vat_permille) for part in found)
        draft = InvoiceDraft(f"{book.code}-{supplier}-{firm}", day, lines)
        invoice = people.act_now(head_of(supplier), invoice_record, draft=draft)
        people.act_now(FIRST, invoice_settle, invoice_id=invoice.pk)
        count += 1
    return count


def _parts(round_id: UUID) -> Iterable[LotAllocation]:
    rows = LotAllocation.objects.filter(order__line__round=round_id).select_related("order__supplier", "firm")
    return rows.order_by("order__supplier__code", "firm__code", "order__number", "lot_number")


def _line(part: LotAllocation, vat_permille: int) -> InvoiceLineDraft:
    net = net_fen(kg=part.kg, price_mfen_per_t=part.order.price_mfen_per_t)
    return InvoiceLineDraft(part.pk, part.kg, net, vat_permille, vat_fen(net_fen=net, vat_permille=vat_permille))


def _statements(people: People, round_id: UUID) -> int:
    """How many firms have got resin, by their own statements. Raises StepFailed for one that does not add up."""
    count = 0
    for code in people.index.firms:
        told = people.act(owner_of(code), statement_get, round_id=round_id)
        if _left_over(told):
            raise StepFailed(f"statement@{code}", _left_over(told), "0")
        count += bool(told.lots)
    return count


def _left_over(told: Statement) -> int:
    """What a firm got and paid less what it owes, in fen."""
    got = told.goods_fen + told.rounding_fen + told.input_vat_fen + sum(fee.fen for fee in told.fees)
    return got - sum(owed.fen for owed in told.suppliers) - told.association_fen
