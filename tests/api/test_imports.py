"""Tables of the firm's own: orders taken whole or refused cell by cell."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from openpyxl import load_workbook

from mes.catalog.api.imports import DECLARATION as PRODUCT_COLUMNS
from mes.catalog.models import Product, Routing, RoutingStep
from mes.catalog.selectors import routings_of
from mes.core.models import AuditRow, OutboxEvent
from mes.core.tables import Declaration, read_table
from mes.firms.choices import Role
from orders.sales.api.imports import DECLARATION as ORDERS
from orders.sales.models import SalesOrder, SalesOrderLine
from production.machines.api.imports import DECLARATION as MACHINE_COLUMNS
from production.machines.models import Machine
from tests.api.conftest import Program
from tests.core.tables.corpus_of_cells import CASES
from tests.database import as_owner
from tests.factories import a_firm, a_machine_class, a_product, a_routing, an_api_key
from tests.factories.logins import as_worker
from tests.plans.work import work_off

pytestmark = pytest.mark.django_db(transaction=True)
HEAD = "订单号,客户,行号,产品编码,件数,交期,单价(元/吨)"
TABLE = f"""{HEAD}
E-1,客户甲,10,PANEL-30,10,2036-03-12,21000
E-1,客户甲,20,PANEL-30,5,2036年3月13日 08:00,
E-2,客户乙,10,PANEL-30,7,2036-03-12,
"""


PRODUCTS = """产品编码,产品名称,产品形态,长度(mm),宽度(mm),厚度(mm),单件质量(g),牌号,颜色,方案,工序号,工序,设备类型,\
每循环件数,周期(s),每件时间(s),固定时间(min),计时方式,换型族,物料,每件用量(kg)
OWN-1,自有板,板材,1000,1000,30,29000,R1,白色,热压,10,模压,P2,2,3600,,,,F30,R1,30.5
OWN-1,自有板,板材,1000,1000,30,29000,R1,白色,热压,20,静置,,,,,1440,连续计时,,,
OWN-1,自有板,板材,1000,1000,30,29000,R1,白色,热压,30,锯切,SAW1,,,40,,,,,
OWN-1,自有板,板材,1000,1000,30,29000,R1,白色,热压,30,锯切,SAW2,,,55,,,,,
OWN-2,自有板二,板材,1000,1000,20,19000,R1,RAL 5010,,,模压,P2,2,3000,,,,,,
"""
MACHINES = """Machine code,Machine class,Status,效率(‰),Set up for,Own number
P-1,P2,已安装,950,F30,EQ-1
P-2,P2,,,,
"""


@dataclass(frozen=True)
class Door:
    """An import, a table that it takes, what one of its cells holds, and what else that cell may hold."""

    name: str
    declaration: Declaration
    table: str
    made: tuple[str, ...]
    changes: tuple[str, str]


DOORS = {
    "sales-orders": Door("sales-orders", ORDERS, TABLE, ("E-1", "E-2"), ("PANEL-30,7", "PANEL-30,8")),
    "products": Door("products", PRODUCT_COLUMNS, PRODUCTS, ("OWN-1", "OWN-2"), (",3000,", ",3300,")),
    "machines": Door("machines", MACHINE_COLUMNS, MACHINES, ("P-1", "P-2"), ("P-2,P2,,,", "P-2,P2,已购未装,,")),
}


@pytest.fixture
def classes(program: Program) -> None:
    """Machine classes of a press and two saws, a changeover family and a resin."""
    a_routing(a_product(), family="F30")
    for code in ("SAW1", "SAW2"):
        a_machine_class(code, "saw")


@pytest.fixture(params=DOORS)
def door(request: pytest.FixtureRequest, classes: None) -> Door:
    """Each import."""
    return DOORS[request.param]


def send(
    program: Program, table: str | bytes, query: str = "", door: str = "sales-orders", **fields: Any
) -> HttpResponse:
    body = table.encode("gb18030") if isinstance(table, str) else table
    return program.client.post(f"/api/v1/imports/{door}{query}", body, content_type="text/csv", **fields)


def counts() -> tuple[int, ...]:
    with as_owner():
        models = (SalesOrder, SalesOrderLine, Product, Routing, RoutingStep, Machine, AuditRow, OutboxEvent)
        return tuple(model._base_manager.count() for model in models)


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


def test_the_same_table_again_changes_nothing_and_another_what_differs(program: Program, door: Door) -> None:
    made = send(program, door.table, door=door.name)
    assert made.status_code == 200, made.content
    told = [(item["external_ref"], item["outcome"]) for item in made.json()["items"]]
    assert told == [(reference, "made") for reference in door.made]
    before = counts()
    for encoded in (door.table.encode("utf-8-sig"), door.table.encode("gb18030")):
        again = send(program, encoded, door=door.name).json()
        assert {item["outcome"] for item in again["items"]} == {"unchanged"}
        assert [item["id"] for item in again["items"]] == [item["id"] for item in made.json()["items"]]
    assert counts() == before
    assert door.changes[0] in door.table
    other = send(program, door.table.replace(*door.changes), door=door.name)
    assert [item["outcome"] for item in other.json()["items"]] == ["unchanged", "changed"], other.json()


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


def test_a_table_may_only_be_tried(program: Program, door: Door) -> None:
    before = counts()
    tried = send(program, door.table, "?dry_run=true", door=door.name)
    assert (tried.status_code, tried["Dry-Run"], len(tried.json()["items"])) == (200, "true", 2)
    assert counts() == before


def test_a_table_is_of_one_firm_and_of_a_key_that_may_write(program: Program, rival: Program, door: Door) -> None:
    own = send(program, door.table, door=door.name).json()["items"]
    others = send(rival, door.table, door=door.name).json()["items"]
    assert [item["outcome"] for item in others] == ["made", "made"]
    assert not {item["id"] for item in own} & {item["id"] for item in others}
    for headers in (an_api_key(a_firm("F01"), Role.OPERATOR), an_api_key(a_firm("F01"), scopes=["orders:read"])):
        refused = Client(headers=headers).post(
            f"/api/v1/imports/{door.name}", door.table.encode(), content_type="text/csv"
        )
        assert refused.status_code == 403


@pytest.mark.parametrize("name", ["a formula", "UTF-32", "a hidden row", "macros by type"])
def test_a_hostile_file_is_refused_whole(program: Program, door: Door, name: str) -> None:
    before = counts()
    assert send(program, CASES[name].make(), door=door.name).status_code == 422
    assert counts() == before


def test_a_form_brings_a_table_too(program: Program) -> None:
    part = SimpleUploadedFile("订单.csv", TABLE.encode(), content_type="text/csv")
    assert program.client.post("/api/v1/imports/sales-orders", {"file": part}).status_code == 200
    part.seek(0)
    assert program.client.post("/api/v1/imports/sales-orders", {"file": part, "more": "1"}).status_code == 400
    assert program.client.post("/api/v1/imports/sales-orders", {"more": "1"}).status_code == 400
    assert send(program, b"").status_code == 422
    assert send(program, b"a" * 10_000_001).status_code == 413


def test_a_call_under_its_key_has_its_effect_once(program: Program, door: Door) -> None:
    first = send(program, door.table, door=door.name, headers={"Idempotency-Key": "t-1"})
    again = send(program, door.table, door=door.name, headers={"Idempotency-Key": "t-1"})
    assert (again.content, again["Idempotent-Replayed"]) == (first.content, "true")
    other = send(program, door.table.replace(*door.changes), door=door.name, headers={"Idempotency-Key": "t-1"})
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
    given = program.client.get("/api/v1/imports/sales-orders/template.xlsx")
    assert given.status_code == 200
    assert given["Content-Disposition"].startswith("attachment")
    book = load_workbook(io.BytesIO(given.content))
    sheet = book["订单"]
    for place, value in enumerate(["E-1", "客户甲", None, None, "PANEL-30", None, 10], start=1):
        sheet.cell(2, place, value)
    sheet.cell(2, 10, "2036-03-12")
    stream = io.BytesIO()
    book.save(stream)
    table = read_table(stream.getvalue(), ORDERS, ZoneInfo("Asia/Shanghai"))
    assert [row.values["pieces"] for row in table.rows] == [10]
    assert send(program, stream.getvalue()).status_code == 200


def test_an_empty_table_has_the_columns_of_its_import(program: Program, door: Door) -> None:
    given = program.client.get(f"/api/v1/imports/{door.name}/template.xlsx")
    sheet = load_workbook(io.BytesIO(given.content)).worksheets[0]
    heads = [str(cell.value).strip("*") for cell in sheet[1]]
    assert heads == [column.headings[0] for column in door.declaration.columns]


def test_rows_of_one_product_are_its_way_to_be_made(program: Program, classes: None) -> None:
    send(program, PRODUCTS, door="products")
    with as_owner():
        first, second = Product.objects.exclude(firm=None).order_by("code")
        (way,) = routings_of(product_ids={first.pk})[first.pk]
    assert (first.form, first.colour, second.colour) == ("panel", "white", "RAL 5010")
    assert way.variant == "热压"
    assert [(step.process, len(step.options), step.fixed_min, step.clock) for step in way.steps] == [
        ("PRESS", 1, 0, "firm"),
        ("REST", 0, 1440, "elapsed"),
        ("SAW", 2, 0, "firm"),
    ]
    assert [(one.class_code, one.seconds_per_piece) for one in way.steps[2].options] == [("SAW1", 40), ("SAW2", 55)]
    assert [(line.material_code, str(line.kg_per_piece)) for line in way.bom] == [("R1", "30.500000")]
    lighter = PRODUCTS.replace(",29000,", ",29500,")
    assert send(program, lighter, door="products").json()["items"][0]["outcome"] == "changed"
    with as_owner():
        changes = AuditRow.objects.get(verb="product.change").changes
    assert changes == {"unit_mass_g": [29000, 29500]}


@pytest.mark.parametrize(
    ("name", "old", "new", "found"),
    [
        ("products", "静置,,,,,1440", "静置,P2,2,60,,1440", ("M3", "/rows/3/class_code")),
        ("products", "SAW2", "SAW9", ("M5", "/rows/5/class_code")),
        ("products", ",30.5", ",3.5", ("T2", "/rows/2/material_code")),
        ("products", ",R1,30.5", ",R9,30.5", ("T2", "/rows/2/material_code")),
        ("products", "1000,1000,20,19000", "9000,1000,20,19000", ("M6", "/rows/6/class_code")),
        ("products", "30,锯切,SAW2", "30,铣削,SAW2", ("K5", "/rows/5/step")),
        ("products", "19000,R1", "19000,R7", ("H6", "/rows/6/grade_code")),
        ("products", "自有板二", "自有板二" * 40, ("B6", "/rows/6/name_zh")),
        ("machines", "P-2,P2", "P-2,P9", ("B3", "/rows/3/class_code")),
        ("machines", "950", "2001", ("D2", "/rows/2/efficiency_permille")),
        ("machines", "F30", "F99", ("E2", "/rows/2/family_code")),
        ("machines", "P-2,P2,,,", "P-1,P2,,,", ("D3", "/rows/3/efficiency_permille")),
    ],
)
def test_a_wrong_value_is_told_by_its_cell(
    program: Program, classes: None, name: str, old: str, new: str, found: tuple[str, str]
) -> None:
    before = counts()
    assert old in DOORS[name].table
    told = cells(send(program, DOORS[name].table.replace(old, new, 1), door=name))
    assert found in [(cell, pointer) for cell, _code, pointer in told]
    assert counts() == before


def test_what_a_machine_or_product_is_does_not_change(program: Program, classes: None) -> None:
    send(program, PRODUCTS, door="products")
    send(program, MACHINES, door="machines")
    a_machine_class("P3", "press")
    assert cells(send(program, MACHINES.replace("P-2,P2", "P-2,P3"), door="machines"))[0][0] == "B3"
    assert cells(send(program, PRODUCTS.replace("1000,1000,20", "1000,900,20"), door="products"))[0][0] == "E6"
    retired = MACHINES.replace("P-2,P2,,", "P-2,P2,retired,")
    assert send(program, retired, door="machines").json()["items"][1]["outcome"] == "changed"
    again = cells(send(program, retired.replace("retired", "installed"), door="machines"))
    assert again == [("C3", "not_allowed_in_state", "/rows/3/status")]


def test_many_rows_of_products_and_machines_are_jobs(program: Program, classes: None) -> None:
    """Rows of a product are its steps; those that say a machine again say the same."""
    head, press, rest = PRODUCTS.splitlines()[:3]
    steps = [press if number % 50 == 0 else rest.replace(",20,", f",{number + 50},") for number in range(501)]
    products = [line.replace("OWN-1", f"N{number // 50}") for number, line in enumerate(steps)]
    first, row = MACHINES.splitlines()[:2]
    for name, table, many in (("machines", [first, *[row] * 501], 1), ("products", [head, *products], 11)):
        answer = send(program, "\n".join(table), door=name)
        assert answer.status_code == 202, answer.content
        with as_worker():
            work_off("batches.work")
        job = program.get(answer["Location"].removeprefix("/api/v1/")).json()
        assert (job["state"], job["total"], job["done"], job["refused"]) == ("done", many, many, 0), job
