"""What the planner's role reads of order lines and writes back."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mes.core.actors import Actor, DatabaseRole
from mes.core.wall import actor_wall, wall
from orders.sales import services
from orders.sales.choices import OrderStatus, PlanState
from orders.sales.models import SalesOrder, SalesOrderLine
from orders.sales.selectors import lines_to_plan
from tests.factories import MONDAY, a_draft, a_firm, a_line, an_order, at, planner_of, the_system

pytestmark = pytest.mark.usefixtures("worker_db")


@pytest.fixture
def planner() -> Actor:
    return planner_of(a_firm("F01"))


def set_states(finishes: dict[SalesOrderLine, PlanState]) -> None:
    with wall(DatabaseRole.PLANNER):
        states = {
            line.pk: (state, None if state is PlanState.UNPLACED else at(days=3)) for line, state in finishes.items()
        }
        services.plan_states_set(actor=the_system(), finishes=states)


def lines_of(order: SalesOrder) -> list[SalesOrderLine]:
    with wall(DatabaseRole.PLANNER):
        return list(SalesOrderLine.objects.filter(order=order).order_by("number"))


def status_of(order: SalesOrder) -> str:
    with wall(DatabaseRole.PLANNER):
        return SalesOrder.objects.get(pk=order.pk).status


def test_an_order_is_planned_when_all_its_lines_have_a_place_and_confirmed_again_when_one_loses_it(
    planner: Actor,
) -> None:
    order = an_order(planner, a_line(), a_line())
    first, second = lines_of(order)
    set_states({first: PlanState.ON_TIME})
    assert status_of(order) == OrderStatus.CONFIRMED
    set_states({second: PlanState.LATE})
    assert status_of(order) == OrderStatus.PLANNED
    assert [line.planned_finish_at for line in lines_of(order)] == [at(days=3), at(days=3)]
    set_states({first: PlanState.UNPLACED})
    assert status_of(order) == OrderStatus.CONFIRMED
    assert [line.plan_state for line in lines_of(order)] == [PlanState.UNPLACED, PlanState.LATE]


def test_the_plan_moves_neither_drafts_nor_orders_in_production(planner: Actor) -> None:
    draft, begun = a_draft(planner), an_order(planner)
    with actor_wall(planner):
        services.sales_order_begin(actor=planner, order_id=begun.pk, now=MONDAY)
    set_states(dict.fromkeys((*lines_of(draft), *lines_of(begun)), PlanState.ON_TIME))
    assert (status_of(draft), status_of(begun)) == (OrderStatus.DRAFT, OrderStatus.IN_PRODUCTION)


def test_states_of_many_lines_are_written_in_three_statements(planner: Actor) -> None:
    orders = [an_order(planner) for _ in range(5)]
    lines = [line for order in orders for line in lines_of(order)]
    with wall(DatabaseRole.PLANNER), CaptureQueriesContext(connection) as queries:
        finishes = {line.pk: (PlanState.ON_TIME, MONDAY) for line in lines}
        services.plan_states_set(actor=the_system(), finishes=finishes)
    assert len([query for query in queries if query["sql"].startswith("UPDATE")]) == 3
    assert {status_of(order) for order in orders} == {OrderStatus.PLANNED}


def test_open_lines_come_sorted_with_the_pieces_left_in_two_queries(planner: Actor) -> None:
    rival = planner_of(a_firm("F02"))
    other = an_order(rival, a_line(pieces=1), number="A")
    excluding = a_line(excluded_firm_ids=frozenset({rival.firm_id}), consent="ask", fee_ceiling_cny_per_t=Decimal(9))
    order = an_order(planner, excluding, a_line(pieces=5), number="B")
    a_draft(planner)
    first, second = lines_of(order)
    with actor_wall(planner):
        services.line_complete(actor=planner, line_id=first.pk, pieces=4, now=MONDAY)
        services.line_complete(actor=planner, line_id=second.pk, pieces=5, now=MONDAY)
    with wall(DatabaseRole.PLANNER), CaptureQueriesContext(connection) as queries:
        lines = lines_to_plan()
    assert len(queries) == 2
    assert [(line.firm_code, line.order_number, line.number, line.pieces_left) for line in lines] == [
        ("F01", "B", 1, 6),
        ("F02", "A", 1, 1),
    ]
    assert lines[0].excluded_firm_ids == {rival.firm_id}
    assert lines[0].product_is_standard
    with wall(DatabaseRole.PLANNER):
        of_rival = lines_to_plan(firm_id=rival.firm_id)
    assert [line.line_id for line in of_rival] == [line.pk for line in lines_of(other)]
