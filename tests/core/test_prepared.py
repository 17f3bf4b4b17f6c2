"""Statements that the server keeps planned: for each value and each role what an ordinary query gives."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import BigIntegerField, IntegerField, QuerySet, Sum, UUIDField
from django.test.utils import CaptureQueriesContext

from mes.core.actors import DatabaseRole
from mes.core.postgres import prepared as module
from mes.core.postgres.prepared import Given, prepared
from mes.core.wall import wall
from orders.sales.models import SalesOrder, SalesOrderLine
from tests.database import as_owner
from tests.factories import a_draft, a_firm, planner_of

pytestmark = pytest.mark.django_db


WANTED = '"pieces" FROM "sales_salesorderline"'  # how the text of `lines` ends its columns


@pytest.fixture(autouse=True)
def kept(monkeypatch: pytest.MonkeyPatch) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    monkeypatch.setattr(module, "_kept", found)
    return found


def lines() -> QuerySet[SalesOrderLine, Any]:
    orders: Any = Given("orders", ArrayField(UUIDField()))
    return SalesOrderLine.objects.filter(order__any_of=orders).order_by("pk").values_list("order_id", "pieces")


def orders_of(*codes: str) -> list[UUID]:
    return [a_draft(planner_of(a_firm(code))).pk for code in codes]


def test_a_plan_made_for_one_firm_shows_another_its_own_rows_alone() -> None:
    """On one connection, often enough for the server to keep a plan that does not depend on the values."""
    codes, orders = ("F01", "F02"), orders_of("F01", "F02")
    for _turn in range(8):
        for code, order in zip(codes, orders, strict=True):
            with wall(DatabaseRole.FIRM, a_firm(code).pk):
                assert {row[0] for row in prepared("lines", lines).fetch(orders=orders)} == {order}
    with as_owner():
        assert {row[0] for row in prepared("lines", lines).fetch(orders=orders)} == set(orders)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %s", [f"%{WANTED}%ANY%"])
        assert cursor.fetchone() == (1,)


def test_who_looks_at_statements_reads_the_values_in_them() -> None:
    (order,) = orders_of("F01")
    with wall(DatabaseRole.FIRM, a_firm("F01").pk), CaptureQueriesContext(connection) as queries:
        prepared("lines", lines).fetch(orders=[order])
    assert [order.hex in query["sql"] for query in queries] == [True]


def test_columns_are_read_as_django_reads_them() -> None:
    """A sum of integers is a decimal to the driver."""
    orders_of("F01")
    sums = SalesOrder.objects.annotate(all=Sum("lines__pieces", output_field=BigIntegerField())).values_list("all")
    with wall(DatabaseRole.FIRM, a_firm("F01").pk):
        ((value,),) = prepared("sums", lambda: sums).fetch()
        assert [(value,)] == list(sums)
    assert type(value) is int


def test_a_value_that_is_missing_is_missed() -> None:
    with wall(DatabaseRole.FIRM, a_firm("F01").pk), pytest.raises(KeyError, match="orders"):
        prepared("lines", lines).fetch()


def test_no_more_are_kept_than_there_may_be(kept: dict[Any, Any]) -> None:
    wanted: Any = Given("pieces", IntegerField())
    for number in range(module.MOST_KEPT + 1):
        prepared(number, lambda: SalesOrderLine.objects.filter(pieces=wanted).values_list("pk"))
    assert list(kept) == [module.MOST_KEPT]
