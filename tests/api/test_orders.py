"""A firm's program takes an order from the first word to the last."""

from __future__ import annotations

import pytest

from mes.core.models import AuditRow
from mes.core.wall import actor_wall
from orders.sales.services import sales_order_begin
from tests.api.conftest import Program, order_body
from tests.database import as_owner
from tests.factories import MONDAY

pytestmark = pytest.mark.django_db
ORDERS = "sales-orders"


def test_an_order_is_created_confirmed_changed_and_cancelled(program: Program) -> None:
    created = program.post(ORDERS, order_body(external_ref="ERP-1"))
    assert created.status_code == 201
    order = created.json()
    assert (order["status"], order["customer_name"], order["external_ref"]) == ("draft", "客户甲", "ERP-1")
    assert created["Location"] == f"/api/v1/sales-orders/{order['id']}"
    assert program.get(f"{ORDERS}/{order['id']}").json() == order
    assert program.post(f"{ORDERS}/{order['id']}/confirm").json()["status"] == "confirmed"
    line = order["lines"][0]
    change = {"pieces": 12, "due_at": "2036-03-20T08:00:00+08:00", "consent": "allowed", "excluded_firms": ["F02"]}
    Program("F02")
    changed = program.patch(f"sales-order-lines/{line['id']}", change)
    assert changed.status_code == 200, changed.json()
    (shown,) = changed.json()["lines"]
    assert (shown["pieces"], shown["consent"], shown["excluded_firms"]) == (12, "allowed", ["F02"])
    assert (shown["due_at"], shown["revision"]) == ("2036-03-20T08:00:00+08:00", line["revision"] + 1)
    assert program.post(f"{ORDERS}/{order['id']}/cancel").json()["status"] == "cancelled"
    refused = program.post(f"{ORDERS}/{order['id']}/confirm")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_allowed_in_state")


def test_a_draft_grows_and_is_declined_with_what_was_lost(program: Program) -> None:
    order = program.post(ORDERS, order_body()).json()
    line = order_body()["lines"][0] | {"pieces": 5}
    assert len(program.post(f"{ORDERS}/{order['id']}/lines", line).json()["lines"]) == 2
    body = {"reason": "capacity", "offerable_at": "2036-04-01T08:00:00+08:00"}
    declined = program.post(f"{ORDERS}/{order['id']}/decline", body)
    assert declined.status_code == 200, declined.json()
    shown = declined.json()
    assert (shown["status"], shown["decline_reason"]) == ("declined", "capacity")
    assert shown["decline"] == {
        "weight_kg": "855.000",
        "machine_class": None,
        "offerable_at": "2036-04-01T08:00:00+08:00",
    }


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"reason": "mood"}, "/reason"),
        ({}, "/reason"),
        ({"reason": "price", "weight_kg": "0"}, "/weight_kg"),
        ({"reason": "price", "machine_class": "NONE"}, "/machine_class"),
        ({"reason": "price", "offerable_at": "2001-01-01T00:00:00Z"}, "/offerable_at"),
    ],
)
def test_a_decline_that_cannot_be_is_refused(program: Program, body: dict[str, str], pointer: str) -> None:
    order = program.post(ORDERS, order_body()).json()
    refused = program.post(f"{ORDERS}/{order['id']}/decline", body)
    assert refused.status_code in {400, 422}
    assert refused.json()["errors"][0]["pointer"] == pointer
    assert program.get(f"{ORDERS}/{order['id']}").json()["status"] == "draft"


def test_filters_find_what_they_name(program: Program) -> None:
    for number in ("A", "B"):
        program.post(ORDERS, order_body(number=number, external_ref=f"ERP-{number}"))
    found = program.get(ORDERS, external_ref="ERP-B").json()["results"]
    assert [order["number"] for order in found] == ["B"]
    program.post(f"{ORDERS}/{found[0]['id']}/confirm")
    assert [o["number"] for o in program.get(ORDERS, status="confirmed").json()["results"]] == ["B"]
    assert program.get(ORDERS, due_before="2030-01-01T00:00:00Z").json()["results"] == []
    assert len(program.get(ORDERS, due_from="2030-01-01T00:00:00Z", plan_state="unplanned").json()["results"]) == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [("status", "x"), ("colour", "red"), ("due_from", "2026-01-01"), ("external_ref", "\u202e"), ("origin", "")],
)
def test_a_filter_that_makes_no_sense_is_refused(program: Program, name: str, value: str) -> None:
    refused = program.get(ORDERS, **{name: value})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, f"/{name}")


def test_a_rival_finds_nothing(program: Program, rival: Program) -> None:
    order = program.post(ORDERS, order_body()).json()
    line = order["lines"][0]["id"]
    nobody = "0198f000-0000-7000-8000-000000000000"
    for verb in ("confirm", "cancel", "deliver", "close", "decline", "lines"):
        body = {"decline": {"reason": "price"}, "lines": order_body()["lines"][0]}.get(verb)
        theirs = rival.post(f"{ORDERS}/{order['id']}/{verb}", body)
        missing = rival.post(f"{ORDERS}/{nobody}/{verb}", body)
        assert (theirs.status_code, theirs.content) == (404, missing.content), verb
    assert rival.get(f"{ORDERS}/{order['id']}").status_code == 404
    assert rival.patch(f"sales-order-lines/{line}", {"pieces": 1}).status_code == 404
    assert program.get(f"{ORDERS}/{order['id']}").json() == order


def test_a_product_changes_until_work_begins(program: Program) -> None:
    order = program.post(ORDERS, order_body()).json()
    program.post(f"{ORDERS}/{order['id']}/confirm")
    line = order["lines"][0]["id"]
    assert program.patch(f"sales-order-lines/{line}", {"product_code": "PANEL-30"}).status_code == 200
    refused = program.patch(f"sales-order-lines/{line}", {"product_code": "NONE"})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "/product_code")
    actor = program.actor
    with actor_wall(actor):
        sales_order_begin(actor=actor, order_id=order["id"], now=MONDAY)
    refused = program.patch(f"sales-order-lines/{line}", {"product_code": "PANEL-30"})
    assert (refused.status_code, refused.json()["code"]) == (409, "not_allowed_in_state")


def test_a_refused_order_leaves_nothing_behind(program: Program) -> None:
    refused = program.post(ORDERS, order_body(line={"consent": "allowed", "excluded_firms": ["F01"]}))
    assert refused.status_code == 422
    assert program.get(ORDERS).json()["results"] == []
    with as_owner():
        assert not AuditRow.objects.filter(verb="sales_order.create").exists()
