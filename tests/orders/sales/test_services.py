"""Sales orders through their states, and what is refused."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import ProgrammingError

from mes.core.actors import Actor, DatabaseRole
from mes.core.errors import InvalidValue, NotAllowedInState, NotFound, NotPermitted
from mes.core.models import AuditRow, OutboxEvent
from mes.core.wall import actor_wall, wall
from orders.sales import services
from orders.sales.choices import NEXT, OrderOrigin, OrderStatus, PlanState
from orders.sales.models import (
    LineCompletion,
    LineExclusion,
    SalesOrder,
    SalesOrderLine,
    SalesOrderLineTerms,
    SalesOrderTerms,
)
from tests.database import as_owner
from tests.factories import (
    MONDAY,
    a_dispatcher,
    a_draft,
    a_firm,
    a_line,
    a_product,
    an_operator,
    an_order,
    at,
    planner_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def planner() -> Actor:
    return planner_of(a_firm("F01"))


@pytest.fixture
def rival() -> Actor:
    return planner_of(a_firm("F02"))


def the_line(actor: Actor, order: SalesOrder, number: int = 1) -> SalesOrderLine:
    with actor_wall(actor):
        return SalesOrderLine.objects.get(order=order, number=number)


def read_again(actor: Actor, order: SalesOrder) -> SalesOrder:
    with actor_wall(actor):
        return SalesOrder.objects.get(pk=order.pk)


def complete(actor: Actor, line: SalesOrderLine, pieces: int, now: datetime = MONDAY) -> LineCompletion:
    with actor_wall(actor):
        return services.line_complete(actor=actor, line_id=line.pk, pieces=pieces, now=now)


def change(actor: Actor, line: SalesOrderLine, **changes: object) -> SalesOrderLine:
    with actor_wall(actor):
        return services.sales_order_line_change(actor=actor, line_id=line.pk, changes=changes, now=MONDAY)


def act(verb: str, actor: Actor, order: SalesOrder, **fields: object) -> SalesOrder:
    with actor_wall(actor):
        service = getattr(services, f"sales_order_{verb}")
        return service(actor=actor, order_id=order.pk, now=MONDAY, **fields)


def events(topic: str) -> list[dict[str, str]]:
    """Payloads of events that were told; only the owner and the planner read them."""
    with as_owner():
        return list(OutboxEvent.objects.filter(topic=topic).order_by("at").values_list("payload", flat=True))


def test_a_draft_keeps_customer_and_price_apart_from_the_order(planner: Actor) -> None:
    order = a_draft(planner, a_line(price_cny_per_t=Decimal("15800.50")), customer_name="客户乙")
    with actor_wall(planner):
        assert order.status == OrderStatus.DRAFT
        assert SalesOrderTerms.objects.get(order=order).customer_name == "客户乙"
        assert SalesOrderLineTerms.objects.get(line__order=order).price_cny_per_t == Decimal("15800.50")
    for role in (DatabaseRole.STAFF, DatabaseRole.EXCHANGE):
        with pytest.raises(ProgrammingError, match="permission denied"), wall(role):
            list(SalesOrderTerms.objects.all())


def test_numbers_are_the_firms_own_and_skip_those_it_gave_itself(planner: Actor, rival: Actor) -> None:
    a_draft(planner, number="S00002")
    assert [a_draft(planner).number for _ in range(2)] == ["S00001", "S00003"]
    assert a_draft(rival).number == "S00001"


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"number": "A-1"}, "/number"),
        ({"number": " "}, "/number"),
        ({"external_ref": "ERP-1"}, "/external_ref"),
        ({"customer_name": " "}, "/customer_name"),
    ],
)
def test_a_number_that_is_taken_and_a_nameless_customer_are_refused(
    planner: Actor, fields: dict[str, str], pointer: str
) -> None:
    a_draft(planner, number="A-1", external_ref="ERP-1")
    with pytest.raises(InvalidValue) as refusal:
        a_draft(planner, **fields)
    assert refusal.value.pointer == pointer


@pytest.mark.parametrize(
    ("ordered", "pieces"),
    [
        ({"pieces": 7}, 7),
        ({"area_m2": Decimal("2.0")}, 1),
        ({"area_m2": Decimal("2.01")}, 2),
        ({"weight_kg": Decimal("57")}, 1),
        ({"weight_kg": Decimal("200000")}, 3509),
    ],
)
def test_square_metres_and_kilograms_round_up_to_whole_pieces(
    planner: Actor, ordered: dict[str, Decimal], pieces: int
) -> None:
    assert the_line(planner, a_draft(planner, a_line(**ordered))).pieces == pieces


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"pieces": 0}, "pieces"),
        ({"pieces": -5}, "pieces"),
        ({"pieces": 10**12}, "pieces"),
        ({"pieces": 5, "weight_kg": Decimal(5)}, "pieces"),
        ({"weight_kg": Decimal("NaN")}, "weight_kg"),
        ({"weight_kg": Decimal("-1")}, "weight_kg"),
        ({"area_m2": Decimal("Infinity")}, "area_m2"),
        ({"due_at": at(days=-1)}, "due_at"),
        ({"due_at": datetime(2026, 4, 1)}, "due_at"),  # noqa: DTZ001 - a naive instant is the point
        ({"release_at": at(days=11)}, "release_at"),
        ({"priority": 2}, "priority"),
        ({"consent": "perhaps"}, "consent"),
        ({"fee_ceiling_cny_per_t": Decimal(-1)}, "fee_ceiling_cny_per_t"),
        ({"price_cny_per_t": Decimal("1.005")}, "price_cny_per_t"),
        ({"excluded_firm_ids": frozenset({uuid4()})}, "excluded_firm_ids"),
    ],
)
def test_a_line_that_makes_no_sense_is_refused_with_a_pointer(
    planner: Actor, fields: dict[str, object], field: str
) -> None:
    with pytest.raises(InvalidValue) as refusal:
        a_draft(planner, a_line(), a_line(**fields))
    assert refusal.value.pointer == f"/lines/1/{field}"
    with actor_wall(planner):
        assert not SalesOrder.objects.exists()


def test_a_line_of_a_round_bar_cannot_be_ordered_by_area(planner: Actor) -> None:
    bar = a_product("ROD-50", width_mm=None)
    with pytest.raises(InvalidValue):
        a_draft(planner, a_line(bar, area_m2=Decimal(1)))


def test_an_unknown_product_and_a_rivals_own_product_are_both_not_found(planner: Actor, rival: Actor) -> None:
    secret = a_product("SECRET")
    with as_owner():
        type(secret).objects.filter(pk=secret.pk).update(firm_id=rival.firm_id)
    with pytest.raises(NotFound):
        a_draft(planner, a_line(secret))
    secret.pk = uuid4()
    with pytest.raises(NotFound):
        a_draft(planner, a_line(secret))


def test_the_whole_life_of_an_order(planner: Actor) -> None:
    order = an_order(planner)
    assert order.status == OrderStatus.CONFIRMED
    assert events("sales_order.confirmed") == [{"order_id": str(order.pk)}]
    line = the_line(planner, order)
    complete(planner, line, 4)
    assert read_again(planner, order).status == OrderStatus.IN_PRODUCTION
    complete(planner, line, 6)
    assert read_again(planner, order).status == OrderStatus.COMPLETED
    assert events("sales_order.completed") == [{"order_id": str(order.pk)}]
    assert act("deliver", planner, order).status == OrderStatus.DELIVERED
    assert act("close", planner, order).status == OrderStatus.CLOSED
    with actor_wall(planner):
        verbs = AuditRow.objects.filter(object_id=order.pk).order_by("at").values_list("verb", flat=True)
        assert list(verbs) == [
            f"sales_order.{act}" for act in ("create", "confirm", "begin", "complete", "deliver", "close")
        ]


def test_an_order_is_completed_only_with_its_last_line(planner: Actor) -> None:
    order = an_order(planner, a_line(pieces=3), a_line(pieces=2))
    complete(planner, the_line(planner, order, 1), 3)
    assert read_again(planner, order).status == OrderStatus.IN_PRODUCTION
    complete(planner, the_line(planner, order, 2), 2)
    assert read_again(planner, order).status == OrderStatus.COMPLETED


def test_starting_work_twice_changes_nothing_the_second_time(planner: Actor) -> None:
    order = an_order(planner)
    for _ in range(2):
        assert act("begin", planner, order).status == OrderStatus.IN_PRODUCTION


@pytest.mark.parametrize("pieces", [0, -1, 10**9])
def test_no_pieces_or_too_many_are_not_completed(planner: Actor, pieces: int) -> None:
    line = the_line(planner, an_order(planner))
    with pytest.raises(InvalidValue):
        complete(planner, line, pieces)


def test_a_draft_without_lines_is_not_confirmed(planner: Actor) -> None:
    with actor_wall(planner):
        order = services.sales_order_create(actor=planner, customer_name="客户", now=MONDAY)
    with pytest.raises(InvalidValue) as refusal:
        act("confirm", planner, order)
    assert refusal.value.pointer == "/lines"
    draft = a_line()
    with actor_wall(planner):
        line = services.sales_order_line_add(actor=planner, order_id=order.pk, line=draft, now=MONDAY)
    assert line.number == 1
    assert act("confirm", planner, order).status == OrderStatus.CONFIRMED


def test_a_draft_whose_date_has_passed_meanwhile_is_not_confirmed(planner: Actor) -> None:
    order = a_draft(planner)
    with actor_wall(planner), pytest.raises(InvalidValue) as refusal:
        services.sales_order_confirm(actor=planner, order_id=order.pk, now=at(days=11))
    assert refusal.value.pointer == "/lines/0/due_at"


def test_a_draft_is_declined_with_a_reason(planner: Actor) -> None:
    order = a_draft(planner)
    with pytest.raises(InvalidValue):
        act("decline", planner, order, draft=services.DeclineDraft("mood"))
    assert act("decline", planner, order, draft=services.DeclineDraft("capacity")).status == OrderStatus.DECLINED
    assert read_again(planner, order).decline_reason == "capacity"


def test_an_order_is_cancelled_until_work_begins(planner: Actor) -> None:
    order = an_order(planner)
    assert act("cancel", planner, order).status == OrderStatus.CANCELLED
    assert events("sales_order.cancelled") == [{"order_id": str(order.pk)}]
    begun = an_order(planner)
    act("begin", planner, begun)
    with pytest.raises(NotAllowedInState):
        act("cancel", planner, begun)


def test_every_move_of_the_table_and_no_other_is_reached_by_a_verb(planner: Actor) -> None:
    order = an_order(planner)
    wrong = {"confirm", "deliver", "close", "decline"}
    for verb in wrong:
        fields = {"draft": services.DeclineDraft("price")} if verb == "decline" else {}
        with pytest.raises(NotAllowedInState):
            act(verb, planner, order, **fields)
    assert set(NEXT) == set(OrderStatus.values)


def test_work_of_a_member_is_neither_cancelled_nor_changed_by_the_doer_alone(planner: Actor) -> None:
    order = an_order(planner)
    line = the_line(planner, order)
    with as_owner():
        SalesOrder.objects.filter(pk=order.pk).update(origin=OrderOrigin.OUTSOURCED)
    with pytest.raises(NotAllowedInState):
        act("cancel", planner, order)
    with pytest.raises(NotAllowedInState):
        change(planner, line, pieces=11)
    assert change(planner, line, priority=9).priority == 9


def test_a_change_raises_the_revision_and_is_told(planner: Actor) -> None:
    order = an_order(planner)
    line = the_line(planner, order)
    changed = change(planner, line, pieces=12, due_at=at(days=20), consent="allowed")
    assert (changed.pieces, changed.revision, changed.consent) == (12, 2, "allowed")
    assert events("sales_order.changed") == [{"order_id": str(order.pk), "line_id": str(line.pk)}]
    assert change(planner, line, fee_ceiling_cny_per_t=Decimal(3000)).fee_ceiling_cny_per_t == Decimal(3000)
    assert change(planner, line, fee_ceiling_cny_per_t=None).fee_ceiling_cny_per_t is None


def test_a_change_of_a_draft_is_told_to_nobody(planner: Actor) -> None:
    line = the_line(planner, a_draft(planner))
    assert change(planner, line, pieces=12).revision == 2
    assert events("sales_order.changed") == []


def test_excluded_firms_are_replaced_whole(planner: Actor, rival: Actor) -> None:
    third = a_firm("F03")
    line = the_line(planner, an_order(planner, a_line(excluded_firm_ids=frozenset({rival.firm_id}))))
    change(planner, line, excluded_firm_ids=frozenset({third.pk}))
    with actor_wall(planner):
        assert list(LineExclusion.objects.values_list("excluded_firm_id", flat=True)) == [third.pk]
    with pytest.raises(InvalidValue):
        change(planner, line, excluded_firm_ids=frozenset({planner.firm_id}))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"firm_id": uuid4()},
        {"pieces": 0},
        {"pieces": 3},
        {"pieces": 10**9},
        {"due_at": at(days=-1)},
        {"release_at": at(days=10)},
        {"priority": 5},
        {"consent": ""},
        {"fee_ceiling_cny_per_t": Decimal("NaN")},
    ],
)
def test_a_change_that_makes_no_sense_is_refused(planner: Actor, changes: dict[str, object]) -> None:
    line = the_line(planner, an_order(planner))
    complete(planner, line, 4)
    with pytest.raises(InvalidValue):
        change(planner, line, **changes)


def test_lowering_the_pieces_to_those_completed_completes_the_order(planner: Actor) -> None:
    order = an_order(planner)
    line = the_line(planner, order)
    complete(planner, line, 4)
    change(planner, line, pieces=4)
    assert read_again(planner, order).status == OrderStatus.COMPLETED
    with pytest.raises(NotAllowedInState):
        change(planner, line, pieces=5)


def test_a_rivals_order_is_not_found_by_any_verb(planner: Actor, rival: Actor) -> None:
    order = an_order(planner)
    line = the_line(planner, order)
    for verb in ("confirm", "cancel", "deliver", "close", "begin"):
        with pytest.raises(NotFound):
            act(verb, rival, order)
    with pytest.raises(NotFound):
        act("decline", rival, order, draft=services.DeclineDraft("price"))
    with pytest.raises(NotFound):
        change(rival, line, pieces=1)
    with pytest.raises(NotFound):
        complete(rival, line, 1)


def test_an_operator_and_the_association_do_not_write_orders(planner: Actor) -> None:
    order = a_draft(planner)
    operator = an_operator(a_firm("F01"))
    for actor in (operator, a_dispatcher()):
        with pytest.raises(NotPermitted):
            act("confirm", actor, order)
        with pytest.raises(NotPermitted):
            a_draft(actor)


def test_nobody_but_the_system_writes_the_plans_word(planner: Actor) -> None:
    line = the_line(planner, an_order(planner))
    with actor_wall(planner), pytest.raises(NotPermitted):
        services.plan_states_set(actor=planner, finishes={line.pk: (PlanState.ON_TIME, MONDAY)})
