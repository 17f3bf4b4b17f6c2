"""After a change the live plan is repaired: who is not touched by it keeps machine and time."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from mes.core.actors import DatabaseRole
from mes.core.clock import business_now
from mes.core.errors import InvalidValue
from mes.core.wall import actor_wall, wall
from orders.sales.models import SalesOrderLine
from production.machines.models import Downtime, Machine
from production.plans.choices import PlanScope
from production.plans.models import MachineRun, MovedRun
from production.plans.selectors.live_schedule import live_schedule
from production.plans.selectors.problem import snapshot_of_park
from production.plans.services.machine_runs import machine_run_confirm
from production.plans.services.runs import plan_run_start
from tests.plans.small_park import ZERO, SmallPark, planner_of
from tests.plans.work import publish_plan

pytestmark = pytest.mark.django_db(transaction=True)
Place = tuple[str, tuple[datetime, datetime]]


def places(line: SalesOrderLine) -> set[Place]:
    """Machine and period of the line's runs in the live plan."""
    with wall(DatabaseRole.PLANNER):
        runs = MachineRun.objects.filter(parts__lot__line=line).select_related("machine")
        return {(run.machine.code, (run.period.lower, run.period.upper)) for run in runs}


def stop(park: SmallPark, code: str, *, until: datetime) -> None:
    with wall(DatabaseRole.FIRM, park.firms["A"].pk):
        machine = Machine.objects.get(code=code, firm=park.firms["A"])
        Downtime.objects.create(firm=park.firms["A"], machine=machine, planned=False, starts_at=ZERO, ends_at=until)


@pytest.fixture
def two_lines(park: SmallPark) -> list[SalesOrderLine]:
    lines = [park.order("A", f"SO-{n}", pieces=8, due_days=6 + 4 * n, consent="never") for n in (1, 2)]
    publish_plan()
    return lines


def test_a_new_order_is_planned_and_nobody_else_moves(park: SmallPark, two_lines: list[SalesOrderLine]) -> None:
    before = [places(line) for line in two_lines]
    new = park.order("A", "SO-3", pieces=4, due_days=20, consent="never")
    run = publish_plan(is_repair=True)
    assert (run.state, run.rule, run.is_repair) == ("published", "repair", True)
    assert [entry["rule"] for entry in run.rule_log] == ["repair"]
    assert run.figures["violations"] == 0
    assert [places(line) for line in two_lines] == before
    assert places(new)
    with wall(DatabaseRole.PLANNER):
        assert not MovedRun.objects.filter(plan_run=run).exists()


def test_a_stop_moves_what_it_hits_and_says_so(park: SmallPark, two_lines: list[SalesOrderLine]) -> None:
    first, second = sorted(two_lines, key=lambda line: min(period for _machine, period in places(line)))
    stays = places(second)
    until = min(period for machine, period in stays if machine == "P-1")[0]
    moved = places(first)
    stop(park, "P-1", until=until)
    run = publish_plan(is_repair=True)
    assert places(second) == stays
    assert places(first) != moved
    with wall(DatabaseRole.PLANNER):
        told = MovedRun.objects.filter(plan_run=run)
        assert {row.line_id for row in told} == {first.pk}


def test_confirmed_work_does_not_move_even_where_the_machine_stands(
    park: SmallPark, two_lines: list[SalesOrderLine]
) -> None:
    actor = planner_of(park.firms["A"])
    with actor_wall(actor):
        confirmed = MachineRun.objects.filter(process="PRESS").order_by("period").first()
        assert confirmed is not None
        machine_run_confirm(actor=actor, run_id=confirmed.pk)
    stop(park, "P-1", until=ZERO + timedelta(hours=30))
    publish_plan(is_repair=True)
    with wall(DatabaseRole.PLANNER):
        assert MachineRun.objects.get(pk=confirmed.pk).period == confirmed.period


def test_the_live_plan_is_read_as_it_was_planned(park: SmallPark, two_lines: list[SalesOrderLine]) -> None:
    with wall(DatabaseRole.PLANNER, snapshot=True):
        live = live_schedule(snapshot_of_park(zero_at=ZERO))[1]
    assert sum(lot.pieces for lot in live.lots) == 16
    assert {run.machine.split(":")[0] for run in live.runs} == {"A"}
    assert sum(run.cycles for run in live.runs) == 8


def test_without_a_live_plan_everything_is_planned(park: SmallPark) -> None:
    line = park.order("A", "SO-1", pieces=8, due_days=10)
    run = publish_plan(is_repair=True)
    assert (run.state, run.rule == "repair") == ("published", False)
    assert places(line)


def test_placements_at_others_stay_as_they_were_signed(park: SmallPark) -> None:
    large = park.order("A", "SO-1", pieces=150, due_days=3.5)
    publish_plan()
    with wall(DatabaseRole.PLANNER):
        elsewhere = set(MachineRun.objects.exclude(firm=park.firms["A"]).values_list("pk", flat=True))
    assert elsewhere
    park.order("A", "SO-2", pieces=2, due_days=20, consent="never")
    publish_plan(is_repair=True)
    with wall(DatabaseRole.PLANNER):
        assert set(MachineRun.objects.exclude(firm=park.firms["A"]).values_list("pk", flat=True)) == elsewhere
    assert places(large)


def test_only_the_park_is_repaired(park: SmallPark) -> None:
    actor = planner_of(park.firms["A"])
    with actor_wall(actor), pytest.raises(InvalidValue):
        plan_run_start(
            actor=actor,
            now=business_now(),
            scope=PlanScope.FIRM_ALONE,
            firm_id=park.firms["A"].pk,
            is_repair=True,
        )
