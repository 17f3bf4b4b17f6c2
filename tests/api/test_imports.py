"""Tables of the firm's own: orders taken whole or refused cell by cell."""

from __future__ import annotations

import io
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from openpyxl import load_workbook

from mes.core.models import AuditRow
from mes.core.tables import read_table
from orders.sales.api.imports import DECLARATION
from orders.sales.models import SalesOrder, SalesOrderLine
from tests.api.conftest import Program
from tests.database import as_owner
from tests.factories.logins import as_worker
from tests.plans.work import work_off

pytestmark = pytest.mark.django_db(transaction=True)
IMPORTS = "/api/v1/imports/sales-orders"
HEAD = "订单号,客户,行号,产品编码,件数,交期,单价(元/吨)"
TABLE = f"""{HEAD}
E-1,客户甲,10,PANEL-30,10,2036-03-12,21000
E-1,客户甲,20,PANEL-30,5,2036年3月13日 08:00,
E-2,客户乙,10,PANEL-30,7,2036-03-12,
"""


def send(program: Program, table: str | bytes, query: str = "", **fields: Any) -> HttpResponse:
    body = table.encode("gb18030") if isinstance(table, str) else table
    return program.client.post(f"{IMPORTS}{query}", body, content_type="text/csv", **fields)


def counts() -> tuple[int, int, int]:
    with as_owner():
        return SalesOrder.objects.count(), SalesOrderLine.objects.count(), AuditRow.objects.count()


def cells(answer: HttpResponse) -> list[tuple[str, str, str]]:
    assert answer.status_code == 422, answer.content
    return [(error["cell"], error["code"], error["pointer"]) for error in answer.json()["errors"]]


def test_rows_with_one_number_are_one_order(program: Program) -> None:
    taken = send(program, TABLE)
    assert taken.status_code == 200, taken.content
    told = taken.json()
    assert told["rows"] == 3
    assert [(item["external_ref"], item["outcome"]) for item in told["items"]] == [("E-1", "made"), ("E-2", "made")]
    order = program.get("sales-orders/by-ref/E-1").json()
    assert [(line["external_ref"], line["pieces"], line["due_at"]) for line in order["lines"]] == [
        ("E-1/10", 10, "2036-03-13T00:00:00+08:00"),
        ("E-1/20", 5, "2036-03-13T08:00:00+08:00"),
    ]
    assert (order["customer_name"], order["lines"][0]["price_cny_per_t"]) == ("客户甲", "21000.00")


def test_the_same_table_again_changes_nothing_and_another_what_differs(program: Program) -> None:
    send(program, TABLE)
    before = counts()
    assert {item["outcome"] for item in send(program, TABLE).json()["items"]} == {"unchanged"}
    assert counts() == before
    again = send(program, TABLE.replace("PANEL-30,7", "PANEL-30,8")).json()
    assert [item["outcome"] for item in again["items"]] == ["unchanged", "changed"]


def test_what_is_refused_is_told_by_its_cells_and_nothing_is_taken(program: Program) -> None:
    before = counts()
    bad = TABLE.replace("PANEL-30,5", "PANEL-99,0").replace("客户乙", " ")
    assert cells(send(program, bad)) == [("B4", "cell_empty", "/rows/4/customer_name")]
    bad = TABLE.replace("PANEL-30,5", "PANEL-99,0").replace("PANEL-30,7,2036", "PANEL-30,7,2016")
    assert sorted(cells(send(program, bad))) == [
        ("D3", "unknown", "/rows/3/product_code"),
        ("E3", "min_value", "/rows/3/pieces"),
        ("F4", "invalid_value", "/rows/4/due_at"),
    ]
    differing = TABLE.replace("客户甲,20", "客户丙,20")
    assert cells(send(program, differing)) == [("B3", "rows_differ", "/rows/3/customer_name")]
    assert counts() == before


def test_a_table_may_only_be_tried(program: Program) -> None:
    before = counts()
    tried = send(program, TABLE, "?dry_run=true")
    assert (tried.status_code, tried["Dry-Run"], len(tried.json()["items"])) == (200, "true", 2)
    assert counts() == before


def test_a_form_brings_a_table_too(program: Program) -> None:
    part = SimpleUploadedFile("订单.csv", TABLE.encode(), content_type="text/csv")
    assert program.client.post(IMPORTS, {"file": part}).status_code == 200
    part.seek(0)
    assert program.client.post(IMPORTS, {"file": part, "more": "1"}).status_code == 400
    assert program.client.post(IMPORTS, {"more": "1"}).status_code == 400
    assert send(program, b"").status_code == 422
    assert send(program, b"a" * 10_000_001).status_code == 413


def test_a_call_under_its_key_has_its_effect_once(program: Program) -> None:
    first = send(program, TABLE, headers={"Idempotency-Key": "t-1"})
    again = send(program, TABLE, headers={"Idempotency-Key": "t-1"})
    assert (again.content, again["Idempotent-Replayed"]) == (first.content, "true")
    other = send(program, TABLE.replace("E-2", "E-3"), headers={"Idempotency-Key": "t-1"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


def test_more_than_500_rows_are_a_job(program: Program) -> None:
    rows = "".join(f"N-{number},客户甲,1,PANEL-30,3,2036-03-12,\n" for number in range(501))
    answer = send(program, f"{HEAD}\n{rows}")
    assert answer.status_code == 202, answer.content
    with as_worker():
        work_off("batches.work")
    address = answer["Location"].removeprefix("/api/v1/")
    assert program.get(address).json()["state"] == "done"
    assert counts()[0] == 501
    bad = send(program, f"{HEAD}\n{rows.replace('N-7,客户甲,1,PANEL-30,3', 'N-7,客户甲,1,PANEL-30,0')}")
    with as_worker():
        work_off("batches.work")
    address = bad["Location"].removeprefix("/api/v1/")
    assert program.get(address).json()["state"] == "refused"
    told = program.get(f"{address}/items").json()["results"]
    (error,) = told[7]["answer"]["errors"]
    assert (error["cell"], error["pointer"]) == ("E9", "/rows/9/pieces")


def test_the_template_is_read_as_it_is_given(program: Program) -> None:
    given = program.client.get(f"{IMPORTS}/template.xlsx")
    assert given.status_code == 200
    assert given["Content-Disposition"].startswith("attachment")
    book = load_workbook(io.BytesIO(given.content))
    sheet = book["订单"]
    for place, value in enumerate(["E-1", "客户甲", None, None, "PANEL-30", None, 10], start=1):
        sheet.cell(2, place, value)
    sheet.cell(2, 10, "2036-03-12")
    stream = io.BytesIO()
    book.save(stream)
    table = read_table(stream.getvalue(), DECLARATION, ZoneInfo("Asia/Shanghai"))
    assert [row.values["pieces"] for row in table.rows] == [10]
    assert send(program, stream.getvalue()).status_code == 200
