"""After a plan the late lines' ways out are looked for, and stand behind their reasons."""

from __future__ import annotations

import pytest

from mes.core import jobs
from mes.core.actors import DatabaseRole
from mes.core.models import BackgroundJob
from mes.core.wall import actor_wall, wall
from orders.sales.models import SalesOrderLine
from production.plans.models import LateLine, LineReason, PlanRun
from production.plans.selectors.own import line_reasons
from production.plans.services.rescuing import RESCUES
from tests.plans.small_park import SmallPark, planner_of
from tests.plans.work import publish_plan, start_plan, work_off

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def late(park: SmallPark) -> SalesOrderLine:
    """More than A's one press can make in time; B's presses could, if A agreed."""
    return park.order("A", "SO-1", pieces=150, due_days=3.5, consent="never")


def look_for_ways() -> list[str]:
    """The minute after the plan is over: the jobs that are done then."""
    with wall(DatabaseRole.PLANNER):
        BackgroundJob.objects.filter(kind=RESCUES).update(not_before=None)
    return work_off(RESCUES)


def told(run: PlanRun) -> list[str]:
    with wall(DatabaseRole.STAFF):
        return [reason["code"] for reason in LateLine.objects.get(plan_run=run).reasons]


def test_the_ways_stand_behind_the_reasons_for_the_firm_and_on_the_runs_page(
    park: SmallPark, late: SalesOrderLine
) -> None:
    run = publish_plan()
    look_for_ways()
    codes = told(run)
    assert codes[-1] == "rescue_offer"
    assert codes[0] != "rescue_offer"
    actor = planner_of(park.firms["A"])
    with actor_wall(actor):
        rows = line_reasons(actor=actor, line_id=late.pk)
    assert [row.code for row in rows] == codes
    assert [row.position for row in rows] == list(range(1, len(rows) + 1))
    assert rows[-1].data["late_min"] == 0
    assert rows[-1].data["pieces"] > 0
    assert not {"offer", "fee_fen", "transport_fen"} & rows[-1].data.keys()


def test_done_again_they_stand_there_once(late: SalesOrderLine) -> None:
    run = publish_plan()
    look_for_ways()
    codes = told(run)
    with wall(DatabaseRole.PLANNER):
        again = jobs.enqueue(kind=RESCUES, payload={"run_id": str(run.pk)}, key="again")
    assert jobs.run(again)
    assert told(run) == codes
    with wall(DatabaseRole.PLANNER):
        assert LineReason.objects.filter(code__startswith="rescue_").count() == 1


def test_a_plan_that_another_has_replaced_is_left_alone(late: SalesOrderLine) -> None:
    old = start_plan(publishes_itself=False)
    work_off("plan.compute")
    start_plan()
    work_off("plan.compute")
    assert look_for_ways() == [RESCUES, RESCUES]
    with wall(DatabaseRole.PLANNER):
        run = PlanRun.objects.get(pk=old)
    assert not any(code.startswith("rescue_") for code in told(run))


def test_without_late_lines_nothing_is_looked_for(park: SmallPark) -> None:
    park.order("A", "SO-1", pieces=4, due_days=20)
    publish_plan()
    assert look_for_ways() == []
