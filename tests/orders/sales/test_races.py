"""Two at once, with real transactions: the order's lock decides, and nothing is lost or done twice."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from mes.core.actors import Actor
from mes.core.errors import DomainError, NotAllowedInState
from mes.core.wall import actor_wall
from orders.sales import services
from orders.sales.choices import OrderStatus
from orders.sales.models import SalesOrder, SalesOrderLine
from tests.factories import MONDAY, a_draft, a_firm, a_line, an_order, planner_of

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 8


@pytest.fixture
def planner() -> Actor:
    return planner_of(a_firm("F01"))


def both(actor: Actor, *acts: Callable[[], object]) -> list[object]:
    """Results or refusals of acts that start together, each in a transaction of its own."""
    start = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        try:
            start.wait(timeout=30)
            with actor_wall(actor):
                return act()
        except DomainError as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def lines_of(actor: Actor, order: SalesOrder) -> list[SalesOrderLine]:
    with actor_wall(actor):
        return list(SalesOrderLine.objects.filter(order=order).order_by("number"))


def test_the_last_two_lines_completed_at_once_complete_the_order(planner: Actor) -> None:
    for _ in range(ROUNDS):
        order = an_order(planner, a_line(pieces=3), a_line(pieces=2))
        first, second = lines_of(planner, order)
        both(
            planner,
            lambda line=first: services.line_complete(actor=planner, line_id=line.pk, pieces=3, now=MONDAY),
            lambda line=second: services.line_complete(actor=planner, line_id=line.pk, pieces=2, now=MONDAY),
        )
        with actor_wall(planner):
            assert SalesOrder.objects.get(pk=order.pk).status == OrderStatus.COMPLETED


def test_of_cancelling_and_beginning_at_once_one_wins(planner: Actor) -> None:
    for _ in range(ROUNDS):
        order = an_order(planner)
        results = both(
            planner,
            lambda key=order.pk: services.sales_order_cancel(actor=planner, order_id=key, now=MONDAY),
            lambda key=order.pk: services.sales_order_begin(actor=planner, order_id=key, now=MONDAY),
        )
        assert sorted(isinstance(result, NotAllowedInState) for result in results) == [False, True]


def test_two_changes_at_once_raise_the_revision_twice(planner: Actor) -> None:
    order = an_order(planner)
    (line,) = lines_of(planner, order)
    for _ in range(ROUNDS):
        both(
            planner,
            lambda: services.sales_order_line_change(
                actor=planner, line_id=line.pk, changes={"pieces": 20}, now=MONDAY
            ),
            lambda: services.sales_order_line_change(
                actor=planner, line_id=line.pk, changes={"priority": 3}, now=MONDAY
            ),
        )
    (changed,) = lines_of(planner, order)
    assert (changed.revision, changed.pieces, changed.priority) == (1 + 2 * ROUNDS, 20, 3)


def test_orders_created_at_once_get_different_numbers(planner: Actor) -> None:
    a_draft(planner)

    def create() -> str:
        return services.sales_order_create(actor=planner, customer_name="客户", now=MONDAY).number

    numbers = [number for _ in range(ROUNDS) for number in both(planner, create, create)]
    assert len(set(numbers)) == 2 * ROUNDS
