"""Goods of an outsource order: dispatched by the doer, received by the giver, whose order they complete."""

from __future__ import annotations

import psycopg
import pytest
from django.db import ProgrammingError, connection

from mes.core.actors import Actor, DatabaseRole
from mes.core.clock import business_now
from mes.core.errors import InvalidValue, NotAllowedInState, NotFound, NotPermitted
from mes.core.models import AuditRow, OutboxEvent
from mes.core.wall import actor_wall, wall
from orders.outsourcing.models import OutsourceDispatch, OutsourceOrder, OutsourceReceipt
from orders.outsourcing.services import outsource_order_dispatch, outsource_order_receive
from orders.sales.models import SalesOrder, SalesOrderLine
from orders.sales.selectors import lines_to_plan
from production.floor.services import machine_run_finish, machine_run_report, machine_run_start
from production.plans.models import MachineRun
from production.plans.services.machine_runs import machine_run_confirm
from tests.plans.small_park import SmallPark, planner_of
from tests.plans.work import publish_plan

pytestmark = pytest.mark.django_db(transaction=True)
Sql = psycopg.Connection[tuple[object, ...]]


@pytest.fixture
def line(park: SmallPark) -> SalesOrderLine:
    line = park.order("A", "SO-1", pieces=200, due_days=3.5)
    publish_plan()
    return line


@pytest.fixture
def giver(park: SmallPark) -> Actor:
    return planner_of(park.firms["A"])


@pytest.fixture
def doer(park: SmallPark) -> Actor:
    return planner_of(park.firms["B"])


@pytest.fixture
def signed(line: SalesOrderLine, giver: Actor) -> OutsourceOrder:
    with actor_wall(giver):
        return OutsourceOrder.objects.get()


def make_all(actor: Actor) -> None:
    """Every run of the actor's firm goes through the floor, all pieces good."""
    with actor_wall(actor):
        runs = list(MachineRun.objects.exclude(status="cancelled").order_by("period"))
    for run in runs:
        with actor_wall(actor):
            if run.status != "confirmed":
                machine_run_confirm(actor=actor, run_id=run.pk)
            machine_run_start(actor=actor, run_id=run.pk, now=business_now())
            machine_run_report(actor=actor, run_id=run.pk, good_pieces=run.pieces, scrap_pieces=0, now=business_now())
            machine_run_finish(actor=actor, run_id=run.pk, now=business_now())


def dispatch(actor: Actor, order: OutsourceOrder, pieces: int) -> OutsourceDispatch:
    with actor_wall(actor):
        return outsource_order_dispatch(actor=actor, order_id=order.pk, pieces=pieces, now=business_now())


def receive(actor: Actor, order: OutsourceOrder, accepted: int, refused: int = 0) -> OutsourceReceipt:
    with actor_wall(actor):
        return outsource_order_receive(
            actor=actor, order_id=order.pk, accepted_pieces=accepted, refused_pieces=refused, now=business_now()
        )


def status_of(actor: Actor, order: OutsourceOrder) -> str:
    with actor_wall(actor):
        return OutsourceOrder.objects.get(pk=order.pk).status


def test_an_order_with_placed_pieces_is_completed_by_what_arrives(
    signed: OutsourceOrder, line: SalesOrderLine, giver: Actor, doer: Actor
) -> None:
    make_all(giver)
    make_all(doer)
    with actor_wall(giver):
        assert SalesOrder.objects.get().status == "in_production"
    first = signed.pieces // 2
    dispatch(doer, signed, first)
    assert status_of(giver, signed) == "in_production"
    receive(giver, signed, first)
    dispatch(doer, signed, signed.pieces - first)
    assert status_of(giver, signed) == "dispatched"
    with actor_wall(doer):
        assert SalesOrder.objects.get(pk=signed.doer_order_id).status == "delivered"
    receive(giver, signed, signed.pieces - first)
    assert status_of(doer, signed) == "received"
    with actor_wall(giver):
        assert SalesOrder.objects.get().status == "completed"


def test_refused_pieces_are_open_again_and_planned(
    signed: OutsourceOrder, line: SalesOrderLine, giver: Actor, doer: Actor
) -> None:
    make_all(giver)
    make_all(doer)
    dispatch(doer, signed, signed.pieces)
    with actor_wall(giver):
        before = SalesOrderLine.objects.get(pk=line.pk).revision
    receive(giver, signed, signed.pieces - 3, refused=3)
    assert status_of(giver, signed) == "received"
    with wall(DatabaseRole.PLANNER):
        left = {row.line_id: row.pieces_left for row in lines_to_plan()}
        assert SalesOrderLine.objects.get(pk=line.pk).revision == before + 1
        assert OutboxEvent.objects.filter(topic="sales_order.changed", payload__line_id=str(line.pk)).exists()
    assert left == {line.pk: 3}


def test_both_parties_read_each_step_in_their_audit(signed: OutsourceOrder, giver: Actor, doer: Actor) -> None:
    make_all(doer)
    dispatch(doer, signed, 5)
    receive(giver, signed, 5)
    for actor in (giver, doer):
        with actor_wall(actor):
            verbs = list(AuditRow.objects.filter(object_id=signed.pk).order_by("at").values_list("verb", flat=True))
        assert verbs[-2:] == ["outsource_order.dispatch", "outsource_order.receive"]


def test_nothing_leaves_that_was_not_reported_good(signed: OutsourceOrder, doer: Actor) -> None:
    with actor_wall(doer):
        run = MachineRun.objects.filter(status="confirmed").order_by("period")[0]
        machine_run_start(actor=doer, run_id=run.pk, now=business_now())
    with pytest.raises(InvalidValue) as refused:
        dispatch(doer, signed, 1)
    assert refused.value.pointer == "/pieces"


def test_nothing_leaves_before_the_work_has_begun(signed: OutsourceOrder, doer: Actor, giver: Actor) -> None:
    with pytest.raises(NotAllowedInState):
        dispatch(doer, signed, 1)
    with pytest.raises(NotAllowedInState):
        receive(giver, signed, 1)


@pytest.mark.parametrize("pieces", [0, -1, 10**9])
def test_a_number_that_cannot_be_dispatched_is_refused(signed: OutsourceOrder, doer: Actor, pieces: int) -> None:
    make_all(doer)
    with pytest.raises(InvalidValue) as refused:
        dispatch(doer, signed, pieces)
    assert refused.value.pointer == "/pieces"


@pytest.mark.parametrize(
    ("accepted", "wrong", "pointer"),
    [(0, 0, "/accepted_pieces"), (-1, 2, "/accepted_pieces"), (2, -1, "/refused_pieces"), (5, 1, "/accepted_pieces")],
)
def test_no_more_arrives_than_has_left(
    signed: OutsourceOrder, giver: Actor, doer: Actor, accepted: int, wrong: int, pointer: str
) -> None:
    make_all(doer)
    dispatch(doer, signed, 5)
    with pytest.raises(InvalidValue) as refused:
        receive(giver, signed, accepted, wrong)
    assert refused.value.pointer == pointer


def test_each_side_does_its_own_part_and_a_third_firm_finds_nothing(
    park: SmallPark, signed: OutsourceOrder, giver: Actor, doer: Actor
) -> None:
    make_all(doer)
    with pytest.raises(NotPermitted):
        dispatch(giver, signed, 1)
    dispatch(doer, signed, 1)
    with pytest.raises(NotPermitted):
        receive(doer, signed, 1)
    rival = planner_of(park.firms["C"])
    for act in (dispatch, receive):
        with pytest.raises(NotFound):
            act(rival, signed, 1)


@pytest.mark.parametrize(
    "statement",
    ["UPDATE outsourcing_outsourcedispatch SET pieces = 9", "DELETE FROM outsourcing_outsourcedispatch"],
)
def test_a_party_cannot_change_the_ledger(signed: OutsourceOrder, doer: Actor, statement: str) -> None:
    make_all(doer)
    dispatch(doer, signed, 5)
    with pytest.raises(ProgrammingError, match="permission denied"), actor_wall(doer):
        connection.cursor().execute(statement)


@pytest.mark.parametrize("columns", ["pieces = 0", "pieces = -1"])
def test_the_database_refuses_a_dispatch_of_nothing(
    signed: OutsourceOrder, doer: Actor, sql: Sql, columns: str
) -> None:
    make_all(doer)
    dispatch(doer, signed, 5)
    with pytest.raises(psycopg.errors.CheckViolation):
        sql.execute(f"UPDATE outsourcing_outsourcedispatch SET {columns}")
