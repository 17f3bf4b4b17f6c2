"""Pages of orders: shown as the fields say, and read by an index however many orders a firm has."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.serializers import Serializer

from mes.core.wall import actor_wall
from orders.sales import services
from orders.sales.api.serializers import SalesOrderLineSerializer, SalesOrderSerializer
from orders.sales.selectors import OrderFilter, OrderRow, sales_orders_page
from tests.factories import MONDAY, a_draft, a_firm, a_line, a_machine_class, an_order, at, planner_of

pytestmark = pytest.mark.django_db
DAY = MONDAY.date()


@pytest.fixture
def shown() -> list[OrderRow]:
    """Orders with all that a line may have, and one that was declined."""
    actor, others = planner_of(a_firm("F01")), [a_firm(code) for code in ("F03", "F02")]
    full = a_line(
        release_at=at(days=2),
        external_ref="L-1",
        consent="ask",
        fee_ceiling_cny_per_t=Decimal("2500"),
        price_cny_per_t=Decimal("15800.5"),
        excluded_firm_ids=frozenset(firm.pk for firm in others),
    )
    order = an_order(actor, full, a_line(pieces=3), external_ref="E-1")
    declined, machine_class = a_draft(actor), a_machine_class()
    with actor_wall(actor):
        line = order.lines.get(number=2)
        services.line_complete(actor=actor, line_id=line.pk, pieces=2, now=MONDAY)
        services.line_complete(actor=actor, line_id=line.pk, pieces=1, now=MONDAY)
        draft = services.DeclineDraft("capacity", Decimal("7.5"), machine_class.code, at(days=40))
        services.sales_order_decline(actor=actor, order_id=declined.pk, draft=draft, now=MONDAY)
        return sales_orders_page(actor=actor, limit=10)


def test_an_order_is_shown_as_its_fields_say(shown: list[OrderRow]) -> None:
    assert len(shown) == 2
    for order in shown:
        serializer = SalesOrderSerializer(order)
        assert serializer.data == Serializer.to_representation(serializer, order)


def test_a_line_is_shown_as_its_fields_say(shown: list[OrderRow]) -> None:
    lines = [line for order in shown for line in order.lines]
    assert len(lines) == 3
    for line in lines:
        serializer = SalesOrderLineSerializer(line)
        assert serializer.data == Serializer.to_representation(serializer, line)


def test_a_page_holds_what_was_written(shown: list[OrderRow]) -> None:
    (first, second), declined = shown[0].lines, shown[1]
    assert (first.excluded_firms, second.excluded_firms) == (["F02", "F03"], [])
    assert (first.fee_ceiling_cny_per_t, first.price_cny_per_t) == (Decimal("2500.00"), Decimal("15800.50"))
    assert (first.completed_pieces, second.completed_pieces, second.price_cny_per_t) == (0, 3, None)
    assert (shown[0].customer_name, shown[0].decline) == ("客户甲", None)
    assert declined.decline is not None
    assert declined.decline.machine_class == a_machine_class().code


@pytest.mark.parametrize("status", [None, "draft"])
def test_a_later_page_begins_where_the_index_is_entered(status: str | None) -> None:
    """With few rows the database would rather read them all, so that is forbidden; nothing is sorted."""
    actor = planner_of(a_firm("F01"))
    orders = sorted((a_draft(actor) for _number in range(5)), key=lambda order: order.pk)
    with actor_wall(actor), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        with CaptureQueriesContext(connection) as queries:
            wanted = OrderFilter(status=status)
            rows = sales_orders_page(actor=actor, limit=2, after=(DAY, orders[1].pk), wanted=wanted)
        cursor.execute(f"EXPLAIN {queries[0]['sql']}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert [row.id for row in rows] == [order.pk for order in orders[2:4]]
    index = "order_by_firm_and_status" if status else "order_by_firm_and_day"
    assert f"using {index}" in plan
    assert "ordered_on >= '2026-03-02'" in plan
    assert "Sort" not in plan
