"""What the association reads of a plan run: late lines with their reasons, and what moved against the live plan."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mes.core.actors import DatabaseRole
from mes.core.wall import wall
from production.machines.models import Downtime, Machine
from production.plans.models import LateLine, MovedRun, PlanRun
from production.plans.services import findings
from tests.plans.small_park import ZERO, SmallPark
from tests.plans.work import publish_plan, start_plan, work_off

pytestmark = pytest.mark.django_db(transaction=True)


def _candidate() -> PlanRun:
    run_id = start_plan(publishes_itself=False)
    work_off()
    with wall(DatabaseRole.PLANNER):
        return PlanRun.objects.get(pk=run_id)


def _late(run: PlanRun) -> dict[str, LateLine]:
    with wall(DatabaseRole.STAFF):
        rows = LateLine.objects.filter(plan_run=run).select_related("line__order", "firm")
        return {row.line.order.number: row for row in rows}


def _moved(run: PlanRun) -> list[MovedRun]:
    with wall(DatabaseRole.STAFF):
        rows = MovedRun.objects.filter(plan_run=run).select_related(
            "firm", "line__order", "machine__firm", "machine_before__firm"
        )
        return list(rows.order_by("started_before_at"))


def test_a_candidate_tells_its_late_lines_and_why_before_it_is_published(park: SmallPark) -> None:
    park.order("A", "SO-1", pieces=24, due_days=10)
    park.order("A", "SO-2", pieces=400, due_days=1, consent="never")
    park.order("C", "SO-3", pieces=4, due_days=10, consent="never")
    late = _late(_candidate())
    assert late.keys() == {"SO-2", "SO-3"}
    slow, homeless = late["SO-2"], late["SO-3"]
    assert (slow.due_at, slow.firm.code) == (ZERO + timedelta(days=1), "A")
    assert slow.finish_at is not None
    assert slow.late_min == (slow.finish_at - slow.due_at) / timedelta(minutes=1)
    assert {"code": "consent_never", "data": {}} in slow.reasons
    assert (homeless.finish_at, homeless.late_min) == (None, None)
    assert homeless.reasons[0]["code"] == "no_machine"


def test_a_rush_order_tells_what_it_pushes_aside(park: SmallPark) -> None:
    park.order("A", "SO-1", pieces=60, due_days=9, consent="never")
    assert _moved(publish_plan()) == []
    park.order("A", "SO-2", pieces=60, due_days=2.9, consent="never")
    run = _candidate()
    moved = _moved(run)
    assert {row.line.order.number for row in moved} == {"SO-1"}
    assert run.tiers["moved"] > 0
    press = next(row for row in moved if row.process == "PRESS")
    assert press.machine == press.machine_before
    assert press.starts_at is not None
    assert press.starts_at - press.started_before_at > timedelta(hours=2)


def test_work_that_goes_to_another_firm_has_moved_to_its_machine(park: SmallPark) -> None:
    park.order("A", "SO-1", pieces=80, due_days=4)
    assert publish_plan().figures["placed_g"] == 0
    firm = park.firms["A"]
    with wall(DatabaseRole.FIRM, firm.pk):
        its_press = Machine.objects.get(firm=firm, code="P-1")
        Downtime.objects.create(firm=firm, machine=its_press, starts_at=ZERO, ends_at=ZERO + timedelta(days=9))
    press = next(row for row in _moved(_candidate()) if row.process == "PRESS")
    assert press.machine is not None
    assert (press.firm.code, press.machine_before.firm.code, press.machine.firm.code) == ("A", "A", "B")
    assert press.firm_now_id == press.machine.firm_id


def test_runs_long_past_keep_their_figures_only(park: SmallPark, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(findings, "RUNS_WITH_FINDINGS", 2)
    park.order("A", "SO-1", pieces=400, due_days=1, consent="never")
    runs = [_candidate() for _ in range(3)]
    assert [len(_late(run)) for run in runs] == [0, 1, 1]
    assert [run.figures["late"] for run in runs] == [1, 1, 1]
