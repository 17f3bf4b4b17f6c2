"""Trial calculations over HTTP: ask, poll, accept, decline, each bad value with its pointer, the limit."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from mes.firms.choices import Role
from tests.api.conftest import Program
from tests.factories import an_api_key
from tests.plans.conftest import park, standing_clock  # noqa: F401 - the same small park
from tests.plans.small_park import SmallPark
from tests.plans.work import publish_plan, work_off

pytestmark = pytest.mark.django_db(transaction=True)
SOON = "2026-07-08T08:00:00+08:00"
ORDER = {"product_code": "PAVE-30", "pieces": 4, "due_at": "2026-07-12T08:00:00+08:00"}


def test_ask_poll_accept_decline(park: SmallPark, as_web: Any) -> None:  # noqa: F811
    line = park.order("A", "SO-1", pieces=8, due_days=9, consent="never")
    publish_plan()
    with as_web():
        program = Program("A")
        pin = {"sales_order_line_id": str(line.pk), "process": "PRESS", "starts_at": SOON}
        asked = program.post("trials", {"orders": [ORDER], "pins": [pin]})
        trial = asked.json()
        address = f"trials/{trial['id']}"
        assert (asked.status_code, asked["Location"]) == (202, f"/api/v1/{address}")
        assert (trial["status"], trial["answer"]) == ("queued", None)
        assert program.post(f"{address}/accept", {"customer_name": "客户甲"}).status_code == 409
        second = program.post("trials", {"lines": [{"sales_order_line_id": str(line.pk), "priority": 9}]}).json()
        assert program.post(f"trials/{second['id']}/decline").json()["status"] == "declined"
    work_off("trial.calculate")
    with as_web():
        told = program.get(address).json()
        assert told["status"] == "told"
        assert {row["order"] for row in told["answer"]["lines"]} == {0, None}
        assert program.get("trials", status="told").json()["results"] == [told]
        refused = program.post(f"{address}/accept")
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/customer_name")
        accepted = program.post(f"{address}/accept", {"customer_name": "客户甲"}).json()
        assert accepted["status"] == "accepted"
        (order_id,) = accepted["sales_order_ids"]
        order = program.get(f"sales-orders/{order_id}").json()
        assert (order["status"], order["customer_name"]) == ("confirmed", "客户甲")
        assert program.get("pins").json()["results"][0]["starts_at"] == SOON
        assert program.post(f"{address}/decline").status_code == 409


BAD: list[tuple[dict[str, Any], int, str]] = [
    ({}, 422, ""),
    ({"pins": []}, 422, ""),
    ({"nonsense": []}, 400, "/nonsense"),
    ({"pins": "x"}, 400, "/pins"),
    ({"pins": [{"process": "PRESS"}]}, 400, "/pins/0/sales_order_line_id"),
    ({"orders": [ORDER | {"pieces": 0}]}, 400, "/orders/0/pieces"),
    ({"orders": [ORDER, ORDER | {"due_at": "2026-07-01T00:00:00+08:00"}]}, 422, "/orders/1/due_at"),
    ({"orders": [ORDER | {"priority": 2}]}, 422, "/orders/0/priority"),
    ({"orders": [ORDER | {"product_code": "NONE"}]}, 400, "/orders/0/product_code"),
    ({"orders": [ORDER | {"customer_name": "x"}]}, 400, "/orders/0/customer_name"),
    ({"lifted_pins": ["x"]}, 400, "/lifted_pins/0"),
]


def test_bad_values_are_named(park: SmallPark, as_web: Any) -> None:  # noqa: F811
    line = str(park.order("A", "SO-1", pieces=8, due_days=9, consent="never").pk)
    of_line: list[tuple[dict[str, Any], int, str]] = [
        ({"lines": [{"sales_order_line_id": line}]}, 422, "/lines/0"),
        ({"lines": [{"sales_order_line_id": line, "priority": 2}]}, 422, "/lines/0/priority"),
        ({"forbidden": [{"sales_order_line_id": line, "machine": "P-9"}]}, 400, "/forbidden/0/machine"),
        ({"pins": [{"sales_order_line_id": line, "process": "PRESS", "machine": "SAW-1"}]}, 422, "/pins/0/machine"),
        ({"sequences": [{"machine": "P-1", "sales_order_line_ids": [line, line]}]}, 422,
         "/sequences/0/sales_order_line_ids/1"),
    ]  # fmt: skip
    with as_web():
        program = Program("A")
        for body, status, pointer in (*BAD, *of_line):
            refused = program.post("trials", body)
            assert (refused.status_code, refused["Content-Type"]) == (status, "application/problem+json"), body
            shown = refused.json()
            assert [error["pointer"] for error in shown.get("errors", [{"pointer": ""}])] == [pointer], body
        assert program.get("trials").json()["results"] == []


def test_too_many_get_429_and_roles_hold(park: SmallPark, as_web: Any, settings: Any) -> None:  # noqa: F811
    settings.TRIALS_PER_HOUR = 1
    with as_web():
        program = Program("A")
        assert program.post("trials", {"orders": [ORDER]}).status_code == 202
        refused = program.post("trials", {"orders": [ORDER]})
        assert (refused.status_code, refused.json()["code"]) == (429, "too_many_trials")
        assert int(refused["Retry-After"]) > 0
        client = Client(headers=an_api_key(park.firms["B"], Role.OPERATOR))
        refused = client.post("/api/v1/trials", {"orders": [ORDER]}, content_type="application/json")
        assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")
