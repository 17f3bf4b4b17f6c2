"""The floor's words: start, report good and scrap, finish; orders follow them."""

from __future__ import annotations

import psycopg
import pytest

from mes.core.actors import Actor, Channel, DatabaseRole
from mes.core.clock import business_now
from mes.core.errors import InvalidValue, NotAllowedInState, NotFound, NotPermitted
from mes.core.wall import actor_wall, wall
from mes.firms.choices import Role
from orders.outsourcing.models import OutsourceOrder
from orders.sales.models import SalesOrder, SalesOrderLine
from production.floor.services import machine_run_finish, machine_run_report, machine_run_start
from production.plans.models import MachineRun
from production.plans.services.machine_runs import machine_run_approve, machine_run_confirm
from tests.plans.small_park import SmallPark, planner_of
from tests.plans.work import publish_plan

pytestmark = pytest.mark.django_db(transaction=True)
Sql = psycopg.Connection[tuple[object, ...]]


@pytest.fixture
def line(park: SmallPark) -> SalesOrderLine:
    line = park.order("A", "SO-1", pieces=10, due_days=10, consent="never")
    publish_plan()
    return line


def _runs(park: SmallPark, firm: str) -> list[MachineRun]:
    with wall(DatabaseRole.FIRM, park.firms[firm].pk):
        return list(MachineRun.objects.order_by("period"))


def _work(park: SmallPark, run: MachineRun, *, good: int, scrap: int = 0) -> None:
    """Confirms, starts, reports and finishes a run, each in a request of its own."""
    actor = planner_of(next(firm for firm in park.firms.values() if firm.pk == run.firm_id))
    with actor_wall(actor):
        if MachineRun.objects.get(pk=run.pk).status == "proposed":
            machine_run_confirm(actor=actor, run_id=run.pk)
    with actor_wall(actor):
        machine_run_start(actor=actor, run_id=run.pk, now=business_now())
    with actor_wall(actor):
        machine_run_report(actor=actor, run_id=run.pk, good_pieces=good, scrap_pieces=scrap, now=business_now())
    with actor_wall(actor):
        machine_run_finish(actor=actor, run_id=run.pk, now=business_now())


def test_an_order_goes_through_production_to_completed(park: SmallPark, line: SalesOrderLine) -> None:
    runs = _runs(park, "A")
    _work(park, runs[0], good=runs[0].pieces)
    with wall(DatabaseRole.FIRM, line.firm_id):
        assert SalesOrder.objects.get().status == "in_production"
    for run in runs[1:]:
        _work(park, run, good=run.pieces)
    with wall(DatabaseRole.FIRM, line.firm_id):
        assert SalesOrder.objects.get().status == "completed"
        assert set(MachineRun.objects.values_list("status", flat=True)) == {"completed"}


def test_scrapped_pieces_stay_open_and_are_planned_again(park: SmallPark, line: SalesOrderLine, sql: Sql) -> None:
    for run in _runs(park, "A"):
        last = run.process == "SAW"
        _work(park, run, good=run.pieces - 1 if last else run.pieces, scrap=1 if last else 0)
    publish_plan()
    left = sql.execute("SELECT sum(pieces) FROM plans_machinerun WHERE process = 'PRESS' AND status = 'proposed'")
    saws = sum(1 for run in _runs(park, "A") if run.process == "SAW" and run.status == "completed")
    assert left.fetchone() == (saws,)


def test_a_doers_start_moves_the_outsource_order_into_production(park: SmallPark) -> None:
    park.order("A", "SO-1", pieces=200, due_days=3.5)
    publish_plan()
    first = next(run for run in _runs(park, "B") if run.status == "confirmed")
    actor = planner_of(park.firms["B"])
    with actor_wall(actor):
        machine_run_start(actor=actor, run_id=first.pk, now=business_now())
    with wall(DatabaseRole.FIRM, park.firms["A"].pk):
        assert OutsourceOrder.objects.get().status == "in_production"


@pytest.mark.parametrize(("good", "scrap"), [(0, 0), (-1, 0), (5, -1), (11, 0), (6, 6)])
def test_quantities_that_cannot_be_are_refused(park: SmallPark, line: SalesOrderLine, good: int, scrap: int) -> None:
    run = next(run for run in _runs(park, "A") if run.process == "PRESS")
    actor = planner_of(park.firms["A"])
    with actor_wall(actor):
        machine_run_confirm(actor=actor, run_id=run.pk)
        machine_run_start(actor=actor, run_id=run.pk, now=business_now())
    with actor_wall(actor), pytest.raises(InvalidValue):
        machine_run_report(actor=actor, run_id=run.pk, good_pieces=good, scrap_pieces=scrap, now=business_now())


def test_verbs_come_in_their_order(park: SmallPark, line: SalesOrderLine) -> None:
    run = _runs(park, "A")[0]
    actor = planner_of(park.firms["A"])
    now = run.work_starts_at
    with actor_wall(actor), pytest.raises(NotAllowedInState):
        machine_run_start(actor=actor, run_id=run.pk, now=now)
    with actor_wall(actor), pytest.raises(NotAllowedInState):
        machine_run_report(actor=actor, run_id=run.pk, good_pieces=1, scrap_pieces=0, now=now)
    with actor_wall(actor):
        machine_run_approve(actor=actor, run_id=run.pk)
    with actor_wall(actor), pytest.raises(NotAllowedInState):
        machine_run_finish(actor=actor, run_id=run.pk, now=now)


def test_another_firms_run_is_not_found_and_an_operator_may_not_confirm(park: SmallPark, line: SalesOrderLine) -> None:
    run = _runs(park, "A")[0]
    stranger = planner_of(park.firms["C"])
    with actor_wall(stranger), pytest.raises(NotFound):
        machine_run_confirm(actor=stranger, run_id=run.pk)
    operator = Actor(DatabaseRole.FIRM, Channel.COMMAND, firm_id=line.firm_id, roles=frozenset({Role.OPERATOR}))
    with actor_wall(operator), pytest.raises(NotPermitted):
        machine_run_confirm(actor=operator, run_id=run.pk)
