"""The second and the third night: what has begun stays, and nothing is counted or made twice."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest

from mes.core.actors import DatabaseRole
from mes.core.clock import business_now
from mes.core.wall import actor_wall, wall
from orders.sales.models import SalesOrderLine
from orders.sales.services import sales_order_line_change
from production.floor.services import machine_run_finish, machine_run_report, machine_run_start
from production.plans.models import MachineRun
from production.plans.selectors.problem import snapshot_of_park
from production.plans.services.machine_runs import machine_run_confirm
from tests.plans.small_park import ZERO, SmallPark, planner_of
from tests.plans.work import publish_plan

pytestmark = pytest.mark.django_db(transaction=True)
Sql = psycopg.Connection[tuple[object, ...]]

LIVE_PRESSED = "SELECT sum(pieces) FROM plans_machinerun WHERE process = 'PRESS' AND status <> 'cancelled'"


@pytest.fixture
def line(park: SmallPark) -> SalesOrderLine:
    line = park.order("A", "SO-1", pieces=10, due_days=10, consent="never")
    publish_plan()
    return line


def _runs(park: SmallPark, process: str) -> list[MachineRun]:
    with wall(DatabaseRole.FIRM, park.firms["A"].pk):
        return list(MachineRun.objects.filter(process=process).order_by("period", "pk"))


def _confirm(park: SmallPark, run: MachineRun) -> None:
    actor = planner_of(park.firms["A"])
    with actor_wall(actor):
        machine_run_confirm(actor=actor, run_id=run.pk)


def _work(park: SmallPark, run: MachineRun, *, good: int, finish: bool = True) -> None:
    actor = planner_of(park.firms["A"])
    _confirm(park, run)
    with actor_wall(actor):
        machine_run_start(actor=actor, run_id=run.pk, now=business_now())
        machine_run_report(actor=actor, run_id=run.pk, good_pieces=good, scrap_pieces=0, now=business_now())
        if finish:
            machine_run_finish(actor=actor, run_id=run.pk, now=business_now())


def _grow(park: SmallPark, line: SalesOrderLine, pieces: int) -> None:
    actor = planner_of(park.firms["A"])
    with actor_wall(actor):
        sales_order_line_change(actor=actor, line_id=line.pk, changes={"pieces": pieces}, now=business_now())


def test_a_lot_whose_first_runs_are_finished_keeps_the_others_and_is_not_pressed_again(
    park: SmallPark, line: SalesOrderLine, sql: Sql
) -> None:
    for process in ("MIX", "PRESS"):
        for run in _runs(park, process):
            _work(park, run, good=run.pieces)
    saws = [run.pk for run in _runs(park, "SAW")]
    for _night in range(2):
        assert publish_plan().state == "published"
        assert sql.execute(LIVE_PRESSED).fetchone() == (10,)
        assert [run.pk for run in _runs(park, "SAW")] == saws


def test_lots_confirmed_on_different_nights_live_side_by_side(park: SmallPark, line: SalesOrderLine, sql: Sql) -> None:
    for pieces in (20, 30, 40):
        for run in _runs(park, "PRESS"):
            if run.status == "proposed":
                _confirm(park, run)
        _grow(park, line, pieces)
        assert publish_plan().state == "published"
        assert sql.execute(LIVE_PRESSED).fetchone() == (pieces,)


def test_pieces_reported_of_a_lot_that_is_still_running_are_counted_once(
    park: SmallPark, line: SalesOrderLine, sql: Sql
) -> None:
    for process in ("MIX", "PRESS"):
        for run in _runs(park, process):
            _work(park, run, good=run.pieces)
    saw = _runs(park, "SAW")[-1]
    _work(park, saw, good=saw.pieces - 1, finish=False)
    _grow(park, line, 20)
    publish_plan()
    assert sql.execute(LIVE_PRESSED).fetchone() == (20,)


def test_the_problem_names_frozen_work_by_business_numbers_alone(park: SmallPark, line: SalesOrderLine) -> None:
    for run in _runs(park, "PRESS"):
        _confirm(park, run)
    park.order("A", "SO-2", pieces=200, due_days=3.5)
    publish_plan()
    with wall(DatabaseRole.PLANNER):
        keys = [lot.key for lot in snapshot_of_park(zero_at=ZERO).problem.fixed_lots]
        rows = {str(run.pk.hex) for run in MachineRun.objects.all()}
    assert len(keys) > 1
    assert not any(row in key for row in rows for key in keys)
    assert all(len(part) < 32 for key in keys for part in key.split(":"))


def test_confirmed_work_keeps_its_material_from_later_lines_until_it_begins(
    park: SmallPark, line: SalesOrderLine
) -> None:
    def free_g() -> int:
        with wall(DatabaseRole.PLANNER):
            arrivals = snapshot_of_park(zero_at=ZERO).problem.arrivals
        return sum(arrival.grams for arrival in arrivals if arrival.firm == "A")

    at_hand_g = free_g()
    run = _runs(park, "PRESS")[0]
    _confirm(park, run)
    assert free_g() == at_hand_g - 10 * 52_000
    actor = planner_of(park.firms["A"])
    with actor_wall(actor):
        machine_run_start(actor=actor, run_id=run.pk, now=business_now())
    assert free_g() == at_hand_g


def test_a_started_run_past_its_end_keeps_its_machine_until_it_is_reported(
    park: SmallPark, line: SalesOrderLine, sql: Sql
) -> None:
    press = _runs(park, "PRESS")[0]
    _work(park, press, good=2, finish=False)
    later = press.period.upper + timedelta(hours=5)
    sql.execute("UPDATE core_installation SET business_at = %s", [later])
    park.order("A", "SO-2", pieces=4, due_days=10, consent="never")
    assert publish_plan().state == "published"
    second = _runs(park, "PRESS")[-1]
    assert second.pk != press.pk
    assert second.period.lower >= later + timedelta(hours=1)
