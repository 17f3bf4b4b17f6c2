"""Sales orders from a table of the firm's own: a row is a line, rows with one order number are one order."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from mes.batches.api.importing import ImportAnswerSerializer, ImportApi, TemplateApi
from mes.batches.api.rows import cell_of, grouped, put_as_told, said
from mes.batches.api.serializers import JobSerializer
from mes.batches.services import ItemAnswer, Kind
from mes.batches.services.items import Body
from mes.core.actors import Actor
from mes.core.api.operations import operation
from mes.core.api.transfers import FileAnswer
from mes.core.choices import Outcome
from mes.core.tables import Column, Declaration, Row, Table, ValueKind
from orders.sales import services
from orders.sales.api.requests import KnownOrderRequest

_KG = ("kg", "千克", "公斤")
_PIECES = ("件", "张", "块", "片", "根", "pcs", "pieces")
DECLARATION = Declaration(
    ("订单", "Orders"),
    (
        Column("external_ref", ("订单号", "Order number"), ValueKind.TEXT, required=True),
        Column("customer_name", ("客户", "Customer"), ValueKind.TEXT, required=True),
        Column("ordered_on", ("下单日期", "Ordered on"), ValueKind.DAY),
        Column("line_ref", ("行号", "Line"), ValueKind.TEXT),
        Column("product_code", ("产品编码", "Product code"), ValueKind.TEXT),
        Column("item_number", ("料号", "Item number"), ValueKind.TEXT),
        Column("pieces", ("件数", "Pieces"), ValueKind.WHOLE, units=_PIECES),
        Column("area_m2", ("面积", "Area"), ValueKind.DECIMAL, units=("m²", "m2", "㎡", "平方米", "平米"), places=3),
        Column("weight_kg", ("重量", "Weight"), ValueKind.DECIMAL, units=_KG, places=3),
        Column("due_at", ("交期", "Due"), ValueKind.INSTANT, required=True, until_end_of_day=True),
        Column("release_at", ("最早开工", "Not before"), ValueKind.INSTANT),
        Column("priority", ("优先级", "Priority"), ValueKind.CHOICE, choices={"普通": "1", "优先": "3", "加急": "9"}),
        Column(
            "consent",
            ("外协", "Outsourcing"),
            ValueKind.CHOICE,
            choices={"不可": "never", "询问": "ask", "可以": "allowed"},
        ),
        Column("price_cny_per_t", ("单价", "Price"), ValueKind.DECIMAL, units=("元/吨", "元/t", "CNY/t"), places=2),
    ),
)
_OF_ORDER = ("customer_name", "ordered_on")
_OF_LINE = (
    "product_code", "item_number", "pieces", "area_m2", "weight_kg", "due_at", "release_at", "priority", "consent",
    "price_cny_per_t",
)  # fmt: skip


def orders_of(table: Table) -> list[dict[str, Any]]:
    """The orders that the rows make, each with where its values stand. Raises TableRefused where rows differ."""
    places = dict(table.places)
    return [
        {
            "external_ref": group.reference,
            "order": {**group.head, "lines": [_line(row) for row in group.rows]},
            "rows": [row.number for row in group.rows],
            "places": places,
        }
        for group in grouped(table, reference="external_ref", head=_OF_ORDER)
    ]


def order_take(actor: Actor, body: Body, now: datetime) -> ItemAnswer:
    """As PUT /sales-orders/by-ref; what is refused is told by its cells."""
    reference = body["external_ref"]

    def put() -> tuple[UUID, Outcome]:
        request = KnownOrderRequest(data=body["order"], context={"actor": actor})
        request.is_valid(raise_exception=True)
        found = services.sales_order_put(actor=actor, external_ref=reference, now=now, **request.validated_data)
        return found.order_id, found.outcome

    return put_as_told(reference, put, cell_of=lambda pointer: _cell(body, pointer))


TAKE = Kind("sales_orders.import", "orders", "sales_order.create", order_take)


class SalesOrdersImportApi(ImportApi):
    resource = "orders"
    kind: ClassVar[Kind] = TAKE
    declaration = DECLARATION

    @operation("sales_orders_import", ImportAnswerSerializer, takes_file=True, deferred=JobSerializer, rehearses=True)
    def post(self, request: Request) -> Response:
        """A table of orders (xlsx or CSV), as the body or as the part `file` of a form: all of its rows or none.

        Each order is put under its number as `PUT /sales-orders/by-ref` does, so the same table again changes nothing.
        Above 500 rows it is a job (202). What is refused is told by its cells.
        """
        return self.take_table(orders_of)


class SalesOrdersTemplateApi(TemplateApi):
    resource = "orders"
    declaration = DECLARATION
    file_name = "销售订单"

    @operation("sales_orders_template", FileAnswer, gives_file=True)
    def get(self, request: Request) -> HttpResponse:
        """An empty table to fill in, with Chinese headings."""
        return self.empty_table()


def _line(row: Row) -> dict[str, Any]:
    line = said(row, _OF_LINE)
    if "priority" in line:
        line["priority"] = int(line["priority"])
    if "line_ref" in row.values:
        # A firm's own line numbers are unique in the firm; in a table they count within the order.
        line["external_ref"] = f"{row.values['external_ref']}/{row.values['line_ref']}"
    return line


def _cell(body: Body, pointer: str) -> tuple[str, str]:
    """Cell and pointer of what `/lines/0/pieces` or `/customer_name` points at."""
    parts = pointer.strip("/").split("/")
    index, name = (
        (int(parts[1]), parts[2] if len(parts) > 2 else "") if parts[0] == "lines" and len(parts) > 1 else (0, parts[0])
    )
    name = {"external_ref": "line_ref" if parts[0] == "lines" else "external_ref"}.get(name, name)
    return cell_of(body["places"], body["rows"][index], name, otherwise="external_ref")
