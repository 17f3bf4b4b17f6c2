"""A quotation from a table: a row is a price break; what holds for its line or for the whole stands on each row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import override
from rest_framework.request import Request
from rest_framework.response import Response

from mes.core.api.operations import operation
from mes.core.api.transfers import FILE_PARSERS, AnyAnswer, FileAnswer, attachment, uploaded
from mes.core.clock import business_now
from mes.core.tables import Column, Declaration, Fault, Row, Table, TableRefused, ValueKind, read_table
from mes.core.tables.limits import MOST_FAULTS
from mes.core.tables.templates import template
from mes.firms.access import required_firm
from procurement.quotations import selectors, services
from procurement.quotations.api import serializers
from procurement.quotations.api.views import OwnQuotationApi
from procurement.quotations.errors import QuotationInvalid

MOST_ROWS = 2_000

_KG = ("kg", "千克", "公斤")
_FEN_A_YUAN = 100
DECLARATION = Declaration(
    ("报价", "Quotation"),
    (
        Column("line", ("行号", "Line"), ValueKind.WHOLE, required=True),
        Column("capacity_kg", ("可供量", "Capacity"), ValueKind.WHOLE, required=True, units=_KG),
        Column("least_kg", ("起订量", "Least"), ValueKind.WHOLE, required=True, units=_KG),
        Column("multiple_kg", ("倍数", "Multiple"), ValueKind.WHOLE, required=True, units=_KG),
        Column(
            "kind",
            ("计价方式", "Breaks hold"),
            ValueKind.CHOICE,
            required=True,
            choices={"全部数量": "all_units", "超出部分": "incremental"},
        ),
        Column("from_kg", ("起算量", "From"), ValueKind.WHOLE, required=True, units=_KG),
        Column(
            "price", ("单价", "Price"), ValueKind.DECIMAL, required=True, units=("元/吨", "元/t", "CNY/t"), places=2
        ),
        Column("valid_until", ("有效期至", "Valid until"), ValueKind.DAY, required=True),
        Column("payment_days", ("账期", "Payment"), ValueKind.WHOLE, required=True, units=("天", "days")),
        Column("with_vat", ("含税", "VAT"), ValueKind.CHOICE, required=True, choices={"含税": "yes", "不含税": "no"}),
        Column("vat_permille", ("税率", "VAT rate"), ValueKind.WHOLE, required=True, units=("‰",)),
        Column(
            "basis",
            ("交货", "Delivery"),
            ValueKind.CHOICE,
            required=True,
            choices={"到厂": "delivered", "出厂": "ex_works"},
        ),
        Column(
            "freight", ("运费", "Freight"), ValueKind.DECIMAL, required=True, units=("元/吨", "元/t", "CNY/t"), places=2
        ),
        Column("total_capacity_kg", ("总可供量", "Capacity of all"), ValueKind.WHOLE, units=_KG),
        Column("discount_from_kg", ("总量起算", "Discount from"), ValueKind.WHOLE, units=_KG),
        Column("discount_permille", ("折扣", "Discount"), ValueKind.WHOLE, units=("‰",)),
    ),
)
_TERMS = (
    "valid_until", "payment_days", "with_vat", "vat_permille", "basis", "freight", "total_capacity_kg",
)  # fmt: skip
_OF_LINE = ("capacity_kg", "least_kg", "multiple_kg", "kind")
# Where the service's names stand in the table.
_COLUMNS = {"price_fen_per_t": "price", "freight_fen_per_t": "freight", "breaks": "from_kg", "lines": "line"}


class Read:
    """A table as a quotation, and where each of its values stands. Raises TableRefused where rows differ."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._rows: list[list[Row]] = []
        self._discounts: list[Row] = []
        numbers: dict[int, list[Row]] = {}
        for row in table.rows:
            numbers.setdefault(int(str(row.values["line"])), []).append(row)
            if {"discount_from_kg", "discount_permille"} & row.values.keys():
                self._discounts.append(row)
        self._rows = list(numbers.values())
        faults = list(self._differing())
        if faults:
            raise TableRefused(faults[:MOST_FAULTS])

    def draft(self) -> services.QuotationDraft:
        terms = self._table.rows[0].values
        whole = {name: terms[name] for name in ("valid_until", "payment_days", "vat_permille", "basis")}
        values: dict[str, Any] = whole | {
            "with_vat": terms["with_vat"] == "yes",
            "freight_fen_per_t": _fen(terms["freight"]),
            "capacity_kg": terms.get("total_capacity_kg"),
            "lines": tuple(self._line(rows) for rows in self._rows),
            "discounts": tuple(
                services.DiscountDraft(*(_whole(row, name) for name in ("discount_from_kg", "discount_permille")))
                for row in self._discounts
            ),
        }
        return services.QuotationDraft(**values)

    def faults(self, refused: QuotationInvalid) -> list[Fault]:
        """The same by cells."""
        return [self._fault(fault.pointer, str(fault.detail)) for fault in refused.faults[:MOST_FAULTS]]

    def _line(self, rows: list[Row]) -> services.LineDraft:
        said: Any = {name: rows[0].values[name] for name in ("line", *_OF_LINE)}
        breaks = tuple(services.BreakDraft(_whole(row, "from_kg"), _fen(row.values["price"])) for row in rows)
        return services.LineDraft(**said, breaks=breaks)

    def _differing(self) -> Iterator[Fault]:
        groups = [(_TERMS, list(self._table.rows)), *((_OF_LINE, rows) for rows in self._rows)]
        for names, rows in groups:
            for row in rows[1:]:
                for name in names:
                    if row.values.get(name) != rows[0].values.get(name):
                        text = _("The rows of one quotation say different things here.")
                        yield self._at("rows_differ", text, row, name)
        for row in self._discounts:
            for name in ("discount_from_kg", "discount_permille"):
                if name not in row.values:
                    yield self._at("cell_empty", _("The cell is empty."), row, name)

    def _fault(self, pointer: str, detail: str) -> Fault:
        parts = pointer.strip("/").split("/")
        row, name = self._table.rows[0], parts[0]
        if name == "capacity_kg":
            name = "total_capacity_kg"
        if name == "discounts":
            row = self._discounts[int(parts[1])] if len(parts) > 1 else self._discounts[0]
            name = f"discount_{parts[2]}" if len(parts) > 2 else "discount_from_kg"
        elif name == "lines" and len(parts) > 2:
            rows = self._rows[int(parts[1])]
            row, name = (rows[int(parts[3])], parts[4]) if len(parts) > 4 else (rows[0], parts[2])
        return self._at("quotation_invalid", detail, row, _COLUMNS.get(name, name))

    def _at(self, code: str, detail: str, row: Row, name: str) -> Fault:
        return Fault(code, detail, self._table.cell(row.number, name), f"/rows/{row.number}/{name}")


class QuotationTableApi(OwnQuotationApi):
    parser_classes = FILE_PARSERS

    @operation(
        "tender_quotations_put_table",
        serializers.QuotationSerializer,
        takes_file=True,
        creates=True,
        conditional=True,
        rehearses=True,
    )
    def put(self, request: Request, tender_id: UUID) -> Response:
        """The quotation as a table (xlsx or CSV), as the body or as the part `file` of a form: as PUT of the quotation.

        A row is a price break. What is refused is told by its cells, and nothing of it is kept.
        """
        required_firm(self.actor, "quotation.put")
        table = read_table(uploaded(request).content, DECLARATION, ZoneInfo(settings.TIME_ZONE))
        if len(table.rows) > MOST_ROWS:
            text = _("At most %(most)s rows are taken.") % {"most": MOST_ROWS}
            raise TableRefused([Fault("table_too_large", text)])
        read = Read(table)
        try:
            put = services.quotation_put(actor=self.actor, tender_id=tender_id, draft=read.draft(), now=business_now())
        except QuotationInvalid as refused:
            raise TableRefused(read.faults(refused)) from refused
        answer = self.shown(tender_id)
        answer.status_code = 201 if put.is_new else 200
        return answer


class QuotationTemplateApi(OwnQuotationApi):
    content_negotiation_class = AnyAnswer

    @operation("tender_quotations_template", FileAnswer, gives_file=True)
    def get(self, request: Request, tender_id: UUID) -> HttpResponse:
        """An empty table to fill in, with Chinese headings."""
        selectors.tender_get(actor=self.actor, tender_id=tender_id)
        with override("zh-hans"):
            return attachment(template(DECLARATION), name="报价.xlsx")


def _fen(yuan: Any) -> int:
    return int(yuan * _FEN_A_YUAN)


def _whole(row: Row, name: str) -> int:
    return int(str(row.values[name]))
