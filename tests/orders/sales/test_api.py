"""GET /api/v1/sales-orders, and the association's list of orders."""

from __future__ import annotations

import base64
import json
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mes.core.actors import Actor
from mes.firms.choices import Role
from orders.sales.models import SalesOrder, SalesOrderTerms
from tests.database import as_owner
from tests.factories import a_draft, a_firm, a_line, a_machine, an_api_key, an_order, planner_of, user_of

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/sales-orders"


@pytest.fixture
def planner() -> Actor:
    return planner_of(a_firm("F01"))


@pytest.fixture
def client(planner: Actor) -> Client:
    """The program of firm F01."""
    return Client(headers=an_api_key(a_firm("F01")))


def cursor_of(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


def test_a_firm_reads_its_orders_with_lines_customer_and_price(client: Client, planner: Actor) -> None:
    rival = a_firm("F02")
    line = a_line(price_cny_per_t=Decimal("15800"), excluded_firm_ids=frozenset({rival.pk}), consent="ask")
    an_order(planner, line, number="A-7", customer_name="客户甲")
    (order,) = client.get(ADDRESS).json()["results"]
    assert (order["number"], order["status"], order["customer_name"]) == ("A-7", "confirmed", "客户甲")
    assert order["ordered_on"] == "2026-03-02"
    (shown,) = order["lines"]
    assert shown["product"]["code"] == "PANEL-30"
    assert (shown["pieces"], shown["completed_pieces"], Decimal(shown["weight_kg"])) == (10, 0, Decimal(570))
    assert (shown["price_cny_per_t"], shown["consent"], shown["excluded_firms"]) == ("15800.00", "ask", ["F02"])
    assert shown["due_at"] == "2026-03-12T00:00:00+08:00"


def test_another_firm_sees_nothing_of_them(planner: Actor) -> None:
    an_order(planner)
    rival = Client(headers=an_api_key(a_firm("F02")))
    assert rival.get(ADDRESS).json() == {"results": [], "next_cursor": None}


def test_work_taken_over_from_a_member_names_no_customer(client: Client, planner: Actor) -> None:
    order = an_order(planner)
    with as_owner():
        SalesOrderTerms.objects.filter(order=order).delete()
    (shown,) = client.get(ADDRESS).json()["results"]
    assert shown["customer_name"] is None
    assert shown["lines"][0]["price_cny_per_t"] is None


def test_pages_follow_each_other_by_day_and_key_and_miss_nothing(client: Client, planner: Actor) -> None:
    days = [date(2026, 2, day) for day in (5, 3, 3, 4, 1)]
    numbers = [a_draft(planner, number=f"N{index}", ordered_on=day).number for index, day in enumerate(days)]
    found: list[str] = []
    cursor = None
    for size in (2, 2, 1):
        body = client.get(ADDRESS, {"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        assert len(body["results"]) == size
        found += [order["number"] for order in body["results"]]
        cursor = body["next_cursor"]
        a_draft(planner, number=f"early-{size}-{len(found)}", ordered_on=date(2026, 1, 1))
    assert cursor is None
    assert found == [numbers[index] for index in (4, 1, 2, 3, 0)]


@pytest.mark.parametrize(
    "cursor",
    ["", "nonsense", "ÿ", "!!!!", cursor_of(1), cursor_of([]), cursor_of(["2026-03-02"]), cursor_of([1, 2]),
     cursor_of(["2026-03-02", "x"]), cursor_of(["2026-13-02", "0198f000-0000-7000-8000-000000000000"]),
     cursor_of({"a": 1, "b": 2}), cursor_of([None, None]), "A" * 5000, "W10=" * 10],
)  # fmt: skip
def test_a_garbage_cursor_is_a_bad_request_in_problem_form(client: Client, cursor: str) -> None:
    response = client.get(ADDRESS, {"cursor": cursor})
    assert response.status_code == 400
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["errors"][0]["pointer"] == "/cursor"


@pytest.mark.parametrize("limit", ["0", "-1", "201", "x", "", "1.5", "٣", "9" * 50])
def test_a_limit_out_of_range_is_a_bad_request(client: Client, limit: str) -> None:
    response = client.get(ADDRESS, {"limit": limit})
    assert response.status_code == 400
    assert response.json()["errors"][0]["pointer"] == "/limit"


def test_the_number_of_queries_does_not_grow_with_the_orders(client: Client, planner: Actor) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(ADDRESS).status_code == 200
        return len(captured)

    an_order(planner)
    queries()  # the key's first call notes its use
    few = queries()
    for _ in range(4):
        an_order(planner, a_line(), a_line())
    assert queries() == few


def test_nobody_reads_orders_without_a_key_and_the_association_not_through_the_api(planner: Actor) -> None:
    an_order(planner)
    assert Client().get(ADDRESS).status_code == 401
    staff = Client()
    staff.force_login(user_of(None, Role.DISPATCHER))
    response = staff.get(ADDRESS)
    assert (response.status_code, response.json()["code"]) == (403, "not_permitted")


def test_the_association_lists_orders_and_machines_without_terms(planner: Actor) -> None:
    order = an_order(planner, a_line(price_cny_per_t=Decimal("98765.43")), customer_name="客户丙")
    machine = a_machine(a_firm("F01"), "P2-77")
    staff = Client()
    staff.force_login(user_of(None, Role.DISPATCHER))
    for address, text in (
        ("/admin/sales/salesorder/", order.number),
        (f"/admin/sales/salesorder/{order.pk}/change/", order.number),
        ("/admin/machines/machine/", "P2-77"),
        (f"/admin/machines/machine/{machine.pk}/change/", "P2-77"),
    ):
        page = staff.get(address)
        assert page.status_code == 200
        assert text in page.content.decode()
        assert "客户丙" not in page.content.decode()
        assert "98765" not in page.content.decode()


def test_the_admins_lists_change_nothing(planner: Actor) -> None:
    order = an_order(planner)
    staff = Client()
    staff.force_login(user_of(None, Role.ADMINISTRATOR))
    assert staff.post(f"/admin/sales/salesorder/{order.pk}/change/", {"number": "X"}).status_code == 403
    assert staff.post(f"/admin/sales/salesorder/{order.pk}/delete/", {"post": "yes"}).status_code == 403
    with as_owner():
        assert SalesOrder.objects.filter(number=order.number).exists()
