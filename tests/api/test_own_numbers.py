"""Orders and products under the numbers of the firm's own system."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.http import HttpResponse

from mes.core.models import AuditRow, OutboxEvent
from orders.sales.models import SalesOrder
from tests.api.conftest import Program, order_body
from tests.database import as_owner
from tests.factories import a_product

pytestmark = pytest.mark.django_db
BY_REF = "sales-orders/by-ref/ERP/2036-1"


def put(program: Program, address: str, body: Any) -> HttpResponse:
    return program.client.put(f"/api/v1/{address}", json.dumps(body), content_type="application/json")


def changed(body: dict[str, Any], **line: Any) -> dict[str, Any]:
    return body | {"lines": [body["lines"][0] | line]}


def traces() -> tuple[int, int, int]:
    with as_owner():
        return AuditRow.objects.count(), OutboxEvent.objects.count(), SalesOrder.objects.count()


def test_an_order_is_put_and_put_again(program: Program) -> None:
    body = changed(order_body(), price_cny_per_t="21000.00", consent="allowed")
    made = put(program, BY_REF, body)
    assert (made.status_code, made.json()["external_ref"]) == (201, "ERP/2036-1"), made.json()
    before = traces()
    again = put(program, BY_REF, body)
    assert (again.status_code, again.json()) == (200, made.json())
    assert traces() == before
    assert program.get(BY_REF).json() == made.json()


def test_a_known_order_is_brought_to_what_is_said(program: Program) -> None:
    body = changed(order_body(), consent="allowed", priority=3)
    order = put(program, BY_REF, body).json()
    program.post(f"sales-orders/{order['id']}/confirm")
    said = changed(order_body(customer_name="客户乙"), pieces=12, price_cny_per_t="9.50")
    shown = put(program, BY_REF, said).json()
    (line,) = shown["lines"]
    assert (shown["customer_name"], line["pieces"], line["price_cny_per_t"]) == ("客户乙", 12, "9.50")
    assert (line["consent"], line["priority"], shown["status"]) == ("allowed", 3, "confirmed")  # left out, so it stays
    more = put(program, BY_REF, said | {"lines": said["lines"] * 2})
    assert (more.status_code, more.json()["errors"][0]["pointer"]) == (409, "/lines")
    program.post(f"sales-orders/{order['id']}/cancel")
    assert put(program, BY_REF, said).status_code == 200  # the same is no change
    over = put(program, BY_REF, changed(said, pieces=13))
    assert (over.status_code, over.json()["code"]) == (409, "not_allowed_in_state")


def test_a_draft_gains_and_loses_lines_by_their_numbers(program: Program) -> None:
    line = order_body()["lines"][0]
    two = order_body() | {"lines": [line | {"external_ref": "L1"}, line | {"external_ref": "L2", "pieces": 5}]}
    put(program, BY_REF, two)
    other = order_body() | {"lines": [line | {"external_ref": "L2", "pieces": 6}, line | {"external_ref": "L3"}]}
    shown = put(program, BY_REF, other).json()
    assert [(one["external_ref"], one["pieces"]) for one in shown["lines"]] == [("L2", 6), ("L3", 10)]
    twice = put(program, BY_REF, other | {"lines": [other["lines"][0]] * 2})
    assert (twice.status_code, twice.json()["errors"][0]["pointer"]) == (422, "/lines/1")


def audited(verb: str) -> list[dict[str, Any]]:
    with as_owner():
        return list(AuditRow.objects.filter(verb=verb).order_by("at", "id").values_list("changes", flat=True))


def test_the_audit_tells_old_and_new_and_of_customer_and_price_only_that_they_changed(program: Program) -> None:
    """The planner's role reads all audit rows, and must not read a customer or a selling price."""
    body = changed(order_body(ordered_on="2026-01-05"), price_cny_per_t="21000.00", priority=3)
    put(program, BY_REF, body)
    said = changed(body | {"customer_name": "客户乙", "ordered_on": "2026-01-06"}, pieces=12, price_cny_per_t="9.50")
    assert put(program, BY_REF, said).status_code == 200
    assert audited("sales_order.change") == [
        {"customer_changed": [None, True], "ordered_on": ["2026-01-05", "2026-01-06"]}
    ]
    assert audited("line.change") == [{"pieces": [10, 12]}, {"price_changed": [None, True]}]
    with as_owner():
        told = json.dumps(list(AuditRow.objects.values_list("changes", flat=True)), ensure_ascii=False)
    assert not any(private in told for private in ("客户", "21000", "9.50"))


def test_the_audit_tells_what_a_line_was_that_came_or_went(program: Program) -> None:
    line = order_body()["lines"][0]
    shown = put(program, BY_REF, order_body() | {"lines": [line | {"external_ref": "L1"}]}).json()
    (gone,) = shown["lines"]
    put(program, BY_REF, order_body() | {"lines": [line | {"external_ref": "L2", "pieces": 6}]})
    (came,), (went,) = audited("line.add"), audited("line.drop")
    product, due_at = gone["product"]["id"], "2036-03-12T00:00:00+00:00"
    assert (went["product_id"], went["pieces"], went["due_at"]) == ([product, None], [10, None], [due_at, None])
    assert (came["product_id"], came["pieces"], came["priority"]) == ([None, product], [None, 6], [None, 1])
    assert not {"price_cny_per_t", "customer_name"} & (came.keys() | went.keys())


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        (changed(order_body(), pieces=0), 400, "/lines/0/pieces"),
        (changed(order_body(), due_at="2020-01-01T00:00:00Z"), 422, "/lines/0/due_at"),
        (order_body(external_ref="ERP-2"), 400, "/external_ref"),
        (order_body(number="S99"), 422, "/number"),
        (order_body(ordered_on="2036-01-01"), 422, "/ordered_on"),
    ],
)
def test_a_bad_change_changes_nothing(program: Program, body: dict[str, Any], status: int, pointer: str) -> None:
    order = put(program, BY_REF, order_body()).json()
    before = traces()
    refused = put(program, BY_REF, body)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (status, pointer)
    assert (program.get(BY_REF).json(), traces()) == (order, before)


@pytest.mark.parametrize("reference", ["%00", "a%00b", "%20", "x" * 81, "%E2%80%AE"])
def test_a_number_that_cannot_be_read_is_refused(program: Program, reference: str) -> None:
    assert put(program, f"sales-orders/by-ref/{reference}", order_body()).status_code == 400
    assert program.get(f"sales-orders/by-ref/{reference}").status_code == 400


def test_a_number_is_the_firms_own(program: Program, rival: Program) -> None:
    put(program, BY_REF, order_body())
    assert rival.get(BY_REF).status_code == 404
    assert put(rival, BY_REF, order_body()).status_code == 201
    assert program.get("sales-orders").json()["results"] != rival.get("sales-orders").json()["results"]


def test_a_line_names_the_firms_own_item_number(program: Program, rival: Program) -> None:
    address = "item-numbers/料号/30-001"
    assert put(program, address, {"product_code": "NONE"}).status_code == 400
    named = put(program, address, {"product_code": "PANEL-30"})
    assert (named.status_code, named.json()["product_code"]) == (200, "PANEL-30"), named.json()
    assert put(program, address, {"product_code": "PANEL-30"}).json() == named.json()
    assert program.get("item-numbers").json()["results"] == [named.json()]
    line = {name: value for name, value in order_body()["lines"][0].items() if name != "product_code"}
    by_item = order_body() | {"lines": [line | {"item_number": "料号/30-001"}]}
    assert program.post("sales-orders", by_item).json()["lines"][0]["product"]["code"] == "PANEL-30"
    refused = rival.post("sales-orders", by_item)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "/lines/0/item_number")
    assert rival.get(address).status_code == rival.client.delete(f"/api/v1/{address}").status_code == 404
    assert rival.get("item-numbers").json()["results"] == []
    for wrong in (line, line | {"item_number": "料号/30-001", "product_code": "PANEL-30"}):
        refused = program.post("sales-orders", order_body() | {"lines": [wrong]})
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "/lines/0/product_code")
    assert program.client.delete(f"/api/v1/{address}").json() == named.json()
    assert program.get(address).status_code == 404


def test_every_body_that_names_a_product_takes_the_item_number(program: Program, rival: Program) -> None:
    """A changed line, an order put again, a promise, a rush order, what needs a mould."""
    a_product(code="PANEL-40")
    put(program, "item-numbers/40-001", {"product_code": "PANEL-40"})
    line = {name: value for name, value in order_body()["lines"][0].items() if name != "product_code"}
    order = put(program, BY_REF, order_body()).json()
    address = f"sales-order-lines/{order['lines'][0]['id']}"
    seen = program.seen(f"sales-orders/{order['id']}")
    (shown,) = program.patch(address, {"item_number": "40-001"}, **seen).json()["lines"]
    assert shown["product"]["code"] == "PANEL-40"
    put(program, BY_REF, order_body())
    by_item = order_body() | {"lines": [line | {"item_number": "40-001"}]}
    assert put(program, BY_REF, by_item).json()["lines"][0]["product"]["code"] == "PANEL-40"
    pool = program.post("pools", {"code": "M-40", "kind": "mould", "size": 1}).json()
    need = program.post(f"pools/{pool['id']}/needs", {"process": "PRESS", "item_number": "40-001"})
    assert need.json()["product_code"] == "PANEL-40", need.json()
    both = {"product_code": "PANEL-30", "item_number": "40-001"}
    seen = program.seen(f"sales-orders/{order['id']}")
    for refused in (
        program.patch(address, both, **seen),
        program.post("promises", both | {"pieces": 1}),
        program.post("promises", {"pieces": 1}),
        program.post(f"pools/{pool['id']}/needs", both | {"process": "PRESS"}),
    ):
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "/product_code")
    rush = {"item_number": "40-001", "pieces": 1, "due_at": "2036-03-12T08:00:00+08:00"}
    for refused, pointer in (
        (rival.post("promises", {"item_number": "40-001", "pieces": 1}), "/item_number"),
        (rival.post("trials", {"orders": [rush]}), "/orders/0/item_number"),
    ):
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, pointer)
    assert program.post("promises", {"item_number": "40-001", "pieces": 1}).status_code != 400
    assert program.post("trials", {"orders": [rush]}).status_code != 400
