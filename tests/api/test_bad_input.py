"""Bad input is a clear 4xx that names the field, never a 500."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.api.conftest import Program, order_body

pytestmark = pytest.mark.django_db
ORDERS = "sales-orders"
BAD_PIECES = [-1, 0, 10**9, 10**30, 1.5, 10.0, "10", "１２", "NaN", True, None, [], {}, "1e3"]
BAD_TIMES = [
    "0001-01-01T00:00:00Z", "9999-12-31T00:00:00Z", "2001-01-01T00:00:00+08:00", "2036-03-12", "2036-03-12T08:00:00",
    "2036-13-12T08:00:00Z", "２０３６-03-12T08:00:00Z", "", 0, None, [], "soon",
]  # fmt: skip
BAD_WEIGHTS = ["NaN", "Infinity", "-1", "0", "1e400", "１２", 10**40, "0.0001", True, [], {}]


def refused_at(program: Program, pointer: str, **line: Any) -> None:
    answer = program.post(ORDERS, order_body(line=line))
    assert answer.status_code in {400, 422}, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert program.get(ORDERS).json()["results"] == []


@pytest.mark.parametrize("pieces", BAD_PIECES)
def test_pieces(program: Program, pieces: Any) -> None:
    refused_at(program, "/lines/0/pieces", pieces=pieces)


@pytest.mark.parametrize("due_at", BAD_TIMES)
def test_due_dates(program: Program, due_at: Any) -> None:
    refused_at(program, "/lines/0/due_at", due_at=due_at)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("pieces", BAD_PIECES),
        ("due_at", BAD_TIMES),
        ("priority", [0, 2, -1, "1", 1.0, True]),
        ("product_code", ["NONE"]),
    ],
)
def test_changes_of_a_confirmed_line(program: Program, name: str, values: list[Any]) -> None:
    order = program.post(ORDERS, order_body()).json()
    program.post(f"{ORDERS}/{order['id']}/confirm")
    for value in values:
        answer = program.patch(f"sales-order-lines/{order['lines'][0]['id']}", {name: value}, **{"If-Match": "*"})
        assert answer.status_code in {400, 422}, (value, answer.content)
        assert [error["pointer"] for error in answer.json()["errors"]] == [f"/{name}"], value
    assert program.get(f"{ORDERS}/{order['id']}").json()["lines"] == order["lines"]


@pytest.mark.parametrize(
    "day", ["0001-01-01", "9999-12-31", "2099-01-01", "2026-02-30", "", 20260101, "２０２６-01-01"]
)
def test_days_of_order(program: Program, day: Any) -> None:
    answer = program.post(ORDERS, order_body(ordered_on=day))
    assert answer.status_code in {400, 422}, answer.content
    assert answer.json()["errors"][0]["pointer"] == "/ordered_on"


def test_the_last_second_of_the_century_in_another_zone_is_refused(program: Program) -> None:
    """2100 in UTC already: the database would refuse it."""
    refused_at(program, "/lines/0/due_at", due_at="2099-12-31T23:59:59-08:00")


@pytest.mark.parametrize("price", ["NaN", "-1", "1.005", "9" * 20, "１２", True, []])
def test_prices(program: Program, price: Any) -> None:
    refused_at(program, "/lines/0/price_cny_per_t", price_cny_per_t=price)


@pytest.mark.parametrize("weight", BAD_WEIGHTS)
def test_weights(program: Program, weight: Any) -> None:
    body = order_body(line={"weight_kg": weight})
    del body["lines"][0]["pieces"]
    answer = program.post(ORDERS, body)
    assert answer.status_code in {400, 422}, answer.content
    assert answer.json()["errors"][0]["pointer"] == "/lines/0/weight_kg"


@pytest.mark.parametrize("code", ["NONE", "", 7, None, "\0", "x" * 1000, "\u202e"])
def test_unknown_products(program: Program, code: Any) -> None:
    refused_at(program, "/lines/0/product_code", product_code=code)


@pytest.mark.parametrize("name", ["", " ", "\u200b", "a\u202eb", "\0", 7, None, "x" * 121, "\ud800"])
def test_customers(program: Program, name: Any) -> None:
    answer = program.post(ORDERS, order_body(customer_name=name))
    assert answer.status_code in {400, 422}, answer.content
    assert answer.json()["errors"][0]["pointer"] == "/customer_name"


@pytest.mark.parametrize("name", ["firm_id", "status", "id", "origin", "nonsense"])
def test_unknown_fields(program: Program, name: str) -> None:
    answer = program.post(ORDERS, order_body(**{name: "x"}))
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, f"/{name}")
    refused_at(program, f"/lines/0/{name}", **{name: "x"})


@pytest.mark.parametrize(
    "body",
    ["[" * 200_000, '{"a":' * 200_000, "", "{", "nonsense", "[]", "1", "null", '"x"', b"\xff\xfe", '{"lines": NaN}',
     '{"customer_name": "a", "customer_name": "b"}', "[" * 200_000 + "]" * 200_000, "9" * 5000],
)  # fmt: skip
def test_bodies_that_are_no_order(program: Program, body: Any) -> None:
    answer = program.post(ORDERS, body)
    assert answer.status_code == 400, answer.content
    assert answer["Content-Type"] == "application/problem+json"


def test_brackets_in_a_text_are_no_depth(program: Program) -> None:
    assert program.post(ORDERS, order_body(customer_name="[" * 60 + '"\\')).status_code == 201


def test_a_body_over_a_megabyte_is_refused(program: Program) -> None:
    answer = program.post(ORDERS, json.dumps(order_body(customer_name="x" * 1_000_000)))
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


def test_another_media_type_and_another_method_are_refused(program: Program) -> None:
    answer = program.client.post(f"/api/v1/{ORDERS}", "a=1", content_type="application/x-www-form-urlencoded")
    assert (answer.status_code, answer["Content-Type"]) == (415, "application/problem+json")
    answer = program.client.delete(f"/api/v1/{ORDERS}")
    assert (answer.status_code, answer["Content-Type"]) == (405, "application/problem+json")


def test_lines_are_counted(program: Program) -> None:
    for lines in ([], [order_body()["lines"][0]] * 501, {}, "x", None):
        answer = program.post(ORDERS, order_body(lines=lines))
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["pointer"].startswith("/lines")
