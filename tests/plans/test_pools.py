"""Moulds, crews and power from the firm's word to the published plan."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from mes.core.actors import DatabaseRole
from mes.core.wall import actor_wall, wall
from orders.sales.models import SalesOrderLine
from production.machines import services
from production.machines.models import Machine, Pool
from production.planning.search.solve import solve
from production.plans.models import LineReason, MachineRun, PlannedLot, Publication
from production.plans.selectors.problem import snapshot_of_firm, snapshot_of_park
from production.plans.services.promises import Question, promise_ask, promise_reserve
from production.plans.services.runs import plan_run_publish
from tests.plans.small_park import ZERO, SmallPark, planner_of, staff
from tests.plans.work import publish_plan, start_plan, work_off

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = timedelta(hours=1)


def act(park: SmallPark, firm: str, service: Any, **fields: Any) -> Any:
    actor = planner_of(park.firms[firm])
    with actor_wall(actor):
        return service(actor=actor, **fields)


def a_mould(park: SmallPark, firm: str = "B", size: int = 1) -> Pool:
    """A mould that pressing the panel takes."""
    pool: Pool = act(park, firm, services.pool_create, code="M-1", kind="mould", size=size)
    act(park, firm, services.pool_need_add, pool_id=pool.pk, process="PRESS", product_id=park.product.pk)
    return pool


def two_orders(park: SmallPark) -> None:
    """Twenty pieces each, eleven hours on a press: each alone is in time."""
    for number in ("SO-1", "SO-2"):
        park.order("B", number, pieces=20, due_days=2.2, consent="never")


def presses(firm: str = "B") -> list[MachineRun]:
    with wall(DatabaseRole.PLANNER):
        runs = MachineRun.objects.filter(firm__code=firm, process="PRESS").select_related("machine")
        return sorted(runs, key=lambda run: run.period.lower)


def overlap(runs: Iterable[MachineRun]) -> bool:
    ordered = list(runs)
    return any(one.period.upper > two.period.lower for one, two in pairwise(ordered))


def test_two_presses_without_a_word_of_a_mould_work_at_once(park: SmallPark) -> None:
    two_orders(park)
    publish_plan()
    assert overlap(presses())


def test_two_lines_that_need_one_mould_never_overlap(park: SmallPark) -> None:
    a_mould(park)
    two_orders(park)
    publish_plan()
    assert len(presses()) >= 2
    assert not overlap(presses())


def test_a_second_mould_lifts_it(park: SmallPark) -> None:
    pool = a_mould(park)
    act(park, "B", services.pool_change, pool_id=pool.pk, changes={"size": 2})
    two_orders(park)
    publish_plan()
    assert overlap(presses())


def test_a_mould_in_repair_delays(park: SmallPark) -> None:
    pool = a_mould(park)
    until = ZERO + timedelta(days=3)
    act(park, "B", services.pool_downtime_add, pool_id=pool.pk, starts_at=ZERO, ends_at=until)
    park.order("B", "SO-1", pieces=20, due_days=3, consent="never")
    publish_plan()
    assert min(run.period.lower for run in presses()) >= until


def test_a_crew_that_works_one_press_at_a_time(park: SmallPark) -> None:
    pool = act(park, "B", services.pool_create, code="C-1", kind="crew", size=3)
    act(park, "B", services.pool_need_add, pool_id=pool.pk, class_code="PRESS-M", units=2)
    two_orders(park)
    publish_plan()
    assert not overlap(presses())


def test_a_press_of_its_own_beside_the_crew(park: SmallPark) -> None:
    with wall(DatabaseRole.FIRM, park.firms["B"].pk):
        press = Machine.objects.get(firm=park.firms["B"], code="P-1")
    pool = act(park, "B", services.pool_create, code="KW", kind="power", size=100)
    act(park, "B", services.pool_need_add, pool_id=pool.pk, machine_id=press.pk, units=80)
    two_orders(park)
    publish_plan()
    assert overlap(presses())


def test_a_mould_by_thickness_binds_the_products_that_have_it(park: SmallPark) -> None:
    pool = act(park, "B", services.pool_create, code="F-30", kind="frame", size=1)
    for thickness_mm in (30, 40):
        act(park, "B", services.pool_need_add, pool_id=pool.pk, process="PRESS", thickness_mm=thickness_mm)
    two_orders(park)
    publish_plan()
    assert not overlap(presses())


def test_work_that_takes_a_mould_goes_only_to_who_has_one(park: SmallPark) -> None:
    a_mould(park, "A")
    line = park.order("A", "SO-1", pieces=200, due_days=3)
    publish_plan()
    with wall(DatabaseRole.PLANNER):
        assert not PlannedLot.objects.filter(firm__code="B").exists()
        assert "no_mould" in LineReason.objects.filter(line=line).values_list("code", flat=True)
    a_mould(park, "B")
    publish_plan()
    with wall(DatabaseRole.PLANNER):
        assert PlannedLot.objects.filter(firm__code="B").exists()
    assert not overlap(presses("B"))


def test_a_retired_mould_is_named_as_what_is_missing(park: SmallPark) -> None:
    pool = a_mould(park, "A")
    act(park, "A", services.pool_change, pool_id=pool.pk, changes={"status": "retired"})
    line = park.order("A", "SO-1", pieces=20, due_days=5, consent="never")
    publish_plan()
    with wall(DatabaseRole.FIRM, park.firms["A"].pk):
        reason = LineReason.objects.get(line=line, code="pool_missing")
    assert reason.data == {"pool": "M-1"}
    with actor_wall(planner_of(park.firms["A"])):
        promise = ask(park, "A")
    assert promise.lacking == {"code": "pool_missing", "data": {"pool": "M-1"}}


def ask(park: SmallPark, firm: str, pieces: int = 20) -> Any:
    question = Question(product_id=park.product.pk, pieces=pieces, consent="allowed")
    return promise_ask(actor=planner_of(park.firms[firm]), question=question, now=ZERO)


def test_a_promise_waits_for_the_mould_and_is_made_at_home(park: SmallPark) -> None:
    """The plan holds the mould; what the offers tell does not say who has one."""
    free = act(park, "B", lambda actor: ask(park, "B"))
    a_mould(park)
    park.order("B", "SO-1", pieces=20, due_days=2.2, consent="never")
    publish_plan()
    held = act(park, "B", lambda actor: ask(park, "B"))
    assert held.in_house_at >= free.in_house_at + 10 * HOUR
    a_mould(park, "A")
    with actor_wall(planner_of(park.firms["A"])):
        assert ask(park, "A", 400).terms.with_offers is None


def test_frozen_work_and_reserved_promises_hold_the_mould(park: SmallPark) -> None:
    a_mould(park)
    promise = act(park, "B", lambda actor: ask(park, "B"))
    actor = planner_of(park.firms["B"])
    with actor_wall(actor):
        promise_reserve(actor=actor, promise_id=promise.pk, hours=48, now=ZERO)
    park.order("B", "SO-1", pieces=20, due_days=3, consent="never")
    publish_plan()
    with wall(DatabaseRole.PLANNER):
        MachineRun.objects.filter(process="PRESS").update(status="approved")
        problem = snapshot_of_park(zero_at=ZERO).problem
    holding = [run for lot in problem.fixed_lots for run in lot.runs if run.pool_needs == (("B:M-1", 1),)]
    assert len(holding) == len(presses()) + 1
    assert not overlap(presses())
    assert solve(problem).schedule.tiers.broken == 0


def test_a_firm_alone_reads_its_own_pools(park: SmallPark) -> None:
    a_mould(park, "A")
    a_mould(park, "B")
    park.order("A", "SO-1", pieces=5, due_days=5)
    with wall(DatabaseRole.PLANNER, snapshot=True):
        alone = snapshot_of_firm(zero_at=ZERO, firm_id=park.firms["A"].pk).problem
    assert [pool.key for pool in alone.pools] == ["A:M-1"]
    assert {step.process: step.pool_needs for step in alone.lines[0].routes[0].steps}["PRESS"] == (("A:M-1", 1),)


def candidate(park: SmallPark) -> Any:
    """A plan of two orders side by side, not yet published."""
    two_orders(park)
    run_id = start_plan(publishes_itself=False)
    work_off("plan.compute")
    return run_id


def publish(run_id: Any) -> Publication:
    actor = staff()
    with actor_wall(actor):
        plan_run_publish(actor=actor, run_id=run_id)
    work_off("plan.publish")
    with wall(DatabaseRole.PLANNER):
        return Publication.objects.get(run_id=run_id)


def test_a_mould_that_went_since_the_plan_leaves_what_needs_it(park: SmallPark) -> None:
    pool = a_mould(park, size=2)
    run_id = candidate(park)
    act(park, "B", services.pool_change, pool_id=pool.pk, changes={"size": 1})
    assert publish(run_id).left_as_was == 2
    assert presses() == []


def test_a_pool_that_binds_others_does_not_stop_publication(park: SmallPark) -> None:
    run_id = candidate(park)
    a_mould(park, "C")
    pool = act(park, "B", services.pool_create, code="C-1", kind="crew", size=1)
    act(park, "B", services.pool_change, pool_id=pool.pk, changes={"size": 2})
    assert publish(run_id).left_as_was == 0
    assert len(presses()) >= 2


def test_work_fixed_since_on_another_press_takes_the_crew(park: SmallPark) -> None:
    """The plan stands on one press alone; meanwhile the other was promised to work that takes the crew."""
    pool = act(park, "B", services.pool_create, code="C-1", kind="crew", size=2)
    act(park, "B", services.pool_need_add, pool_id=pool.pk, class_code="PRESS-M", units=2)
    line = park.order("B", "SO-1", pieces=20, due_days=2.2, consent="never")
    run_id = start_plan(publishes_itself=False)
    work_off("plan.compute")
    with wall(DatabaseRole.PLANNER):
        problem = snapshot_of_park(zero_at=ZERO).problem
    (used,) = {run.machine for run in solve(problem).schedule.runs if ":P-" in run.machine}
    with wall(DatabaseRole.FIRM, park.firms["B"].pk):
        other = Machine.objects.exclude(code=used.partition(":")[2]).get(firm=park.firms["B"], code__startswith="P-")
    window = {"starts_at": ZERO, "ends_at": ZERO + timedelta(days=2)}
    act(park, "B", services.frozen_booking_add, machine_id=other.pk, **window)
    assert publish(run_id).left_as_was == 1
    assert presses() == []
    publish_plan()
    assert min(run.period.lower for run in presses()) >= window["ends_at"]
    with wall(DatabaseRole.PLANNER):
        assert SalesOrderLine.objects.get(pk=line.pk).plan_state == "late"
