"""Orders that share a load: planned, published, confirmed and repaired."""

from __future__ import annotations

import pytest

from mes.core.actors import DatabaseRole
from mes.core.wall import actor_wall, wall
from orders.sales.models import SalesOrderLine
from production.plans.models import MachineRun
from production.plans.selectors.problem import snapshot_of_park
from production.plans.services.machine_runs import machine_run_confirm
from tests.plans.small_park import ZERO, SmallPark, planner_of
from tests.plans.work import publish_plan

pytestmark = pytest.mark.django_db(transaction=True)

IN_ONE_LOAD_DAYS = 1530 / 1440
"""Pressed together two pieces are packed by minute 1,520; one after the other the second is so an hour later."""


@pytest.fixture
def lines(park: SmallPark) -> list[SalesOrderLine]:
    numbers = ("SO-1", "SO-2")
    return [park.order("A", number, pieces=1, due_days=IN_ONE_LOAD_DAYS, consent="never") for number in numbers]


def _presses() -> list[MachineRun]:
    with wall(DatabaseRole.PLANNER):
        return list(MachineRun.objects.filter(process="PRESS").prefetch_related("parts__lot"))


def _lines_of(run: MachineRun) -> set[object]:
    return {part.lot.line_id for part in run.parts.all()}


def test_two_orders_that_fill_a_load_are_pressed_in_one_run(park: SmallPark, lines: list[SalesOrderLine]) -> None:
    run = publish_plan()
    assert run.state == "published"
    (press,) = _presses()
    assert (press.cycles, press.pieces) == (1, 2)
    assert _lines_of(press) == {line.pk for line in lines}


def test_a_confirmed_run_that_orders_share_takes_its_machine_once(park: SmallPark, lines: list[SalesOrderLine]) -> None:
    publish_plan()
    (press,) = _presses()
    actor = planner_of(park.firms["A"])
    with actor_wall(actor):
        machine_run_confirm(actor=actor, run_id=press.pk)
    with wall(DatabaseRole.PLANNER):
        problem = snapshot_of_park(zero_at=ZERO).problem
    runs = [run for lot in problem.fixed_lots for run in lot.runs if "P-1" in run.machine]
    assert len(problem.fixed_lots) == 2
    assert [run.end_min - run.start_min for run in runs] == [60]


def test_a_repair_leaves_a_run_that_orders_share(park: SmallPark, lines: list[SalesOrderLine]) -> None:
    publish_plan()
    (before,) = _presses()
    park.order("A", "SO-3", pieces=4, due_days=10, consent="never")
    assert publish_plan(is_repair=True).state == "published"
    shared = [run for run in _presses() if len(_lines_of(run)) > 1]
    assert [(run.machine_id, run.work_starts_at) for run in shared] == [(before.machine_id, before.work_starts_at)]
