"""A firm's statement as a workbook and on paper, in the language of the call."""

from __future__ import annotations

import io
from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from mes.core import paper
from mes.core.money import to_cny
from procurement.settlement.choices import FeeKind
from procurement.settlement.selectors.statements import Lot, Statement

_MFEN_PER_CNY = 100_000
_AMOUNT = "#,##0.00"


def workbook(statement: Statement) -> bytes:
    """An xlsx file: the lots, and the sums. Amounts are numbers in CNY."""
    book = Workbook()
    lots = book.active
    assert isinstance(lots, Worksheet)
    lots.title = _("Lots")
    _fill(lots, _lot_head(), [_lot_cells(lot) for lot in statement.lots])
    sums = book.create_sheet(_("Sums"))
    _fill(sums, (pgettext("statement", "item"), _("CNY")), [(name, to_cny(fen)) for name, fen in _sums(statement)])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def printed(statement: Statement) -> bytes:
    """A PDF file."""
    row, firm = statement.round, statement.firm
    return paper.pdf(
        _("Statement of round %(code)s") % {"code": row.code},
        facts=(
            (_("Firm"), f"{firm.code} {firm.name_zh}"),
            (_("Round"), f"{row.code} {row.title}"),
            (_("kg"), f"{statement.kg:,}"),
        ),
        tables=(
            paper.Table(
                _("Lots"), _lot_head(), [[_text(cell) for cell in _lot_cells(lot)] for lot in statement.lots],
                numbers=frozenset({4, 5, 7, 8}), widths=(12, 12, 16, 14, 10, 14, 14, 14, 13),
            ),
            paper.Table(
                _("Sums"), (pgettext("statement", "item"), _("CNY")),
                [(name, f"{to_cny(fen):,.2f}") for name, fen in _sums(statement)], numbers=frozenset({1}),
                widths=(3, 1),
            ),
        ),
        footer=_("Statement of round %(code)s") % {"code": row.code},
    )  # fmt: skip


def _lot_head() -> tuple[str, ...]:
    return (
        _("Supplier"), _("Material"), _("Order"), _("Lot"), _("kg"), _("CNY per t"), _("Invoice"), _("Without VAT"),
        _("VAT"),
    )  # fmt: skip


def _lot_cells(lot: Lot) -> tuple[object, ...]:
    order, line = lot.part.order, lot.line
    price = lot.price_mfen_per_t / _MFEN_PER_CNY
    said = ("", None, None) if line is None else (line.invoice.number, to_cny(line.net_fen), to_cny(line.vat_fen))
    return order.supplier.code, order.line.material.code, order.number, lot.part.lot_number, lot.part.kg, price, *said


def _sums(statement: Statement) -> list[tuple[str, int]]:
    kinds = dict(FeeKind.choices)
    sums = [
        (_("Goods without VAT, at one price for all"), statement.goods_fen),
        (_("of it: to one price for all"), statement.balancing_fen),
        (_("of it: given for claims"), -statement.claims_fen),
        (_("Rounding differences"), statement.rounding_fen),
        (_("Input VAT"), statement.input_vat_fen),
    ]
    sums += [(_("Fee: %(kind)s") % {"kind": kinds.get(fee.kind, fee.kind)}, fee.fen) for fee in statement.fees]
    sums += [(_("Owed to %(supplier)s") % {"supplier": owed.supplier}, owed.fen) for owed in statement.suppliers]
    sums.append((_("Owed to the association"), statement.association_fen))
    for deposit in statement.deposits:
        words = {"order": deposit.order.number, "status": deposit.get_status_display()}
        sums.append((_("Deposit on %(order)s, %(status)s") % words, deposit.fen))
    return sums


def _fill(sheet: Worksheet, head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    sheet.append(list(head))
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for row in rows:
        sheet.append(list(row))
    for column in sheet.iter_cols(min_row=2):
        for cell in column:
            if isinstance(cell.value, str):
                cell.data_type = "s"  # a text that begins with = is no formula
            elif not isinstance(cell.value, int):
                cell.number_format = _AMOUNT
    sheet.freeze_panes = "A2"


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return f"{value:,}" if isinstance(value, int) else f"{value:,.2f}"
