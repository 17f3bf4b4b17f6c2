"""A plan is computed by a job, verified, and published in one transaction as far as it still fits."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest
from django.db import IntegrityError
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import F

from mes.core import jobs
from mes.core.actors import DatabaseRole, system_actor
from mes.core.errors import InvalidValue, NotAllowedInState, NotPermitted
from mes.core.wall import wall
from orders.sales.models import SalesOrderLine
from production.machines.models import Downtime, Machine
from production.planning.planner import ENGINE
from production.plans.choices import PlanScope
from production.plans.models import MachineRun, PlanRun
from production.plans.services.machine_runs import machine_run_approve, machine_run_confirm
from production.plans.services.progress import Progress
from production.plans.services.runs import plan_run_discard, plan_run_publish, plan_run_start
from tests.plans.small_park import ZERO, SmallPark, planner_of, staff
from tests.plans.work import publish_plan, start_plan, work_off

pytestmark = pytest.mark.django_db(transaction=True)
Sql = psycopg.Connection[tuple[object, ...]]


def _count(sql: Sql, query: str, *values: object) -> int:
    row = sql.execute(query, values).fetchone()
    assert row is not None
    return int(str(row[0]))


def _line(line: SalesOrderLine) -> SalesOrderLine:
    with wall(DatabaseRole.PLANNER):
        return SalesOrderLine.objects.select_related("order").get(pk=line.pk)


def test_a_plan_publishes_runs_and_says_of_each_line_when_it_is_finished(park: SmallPark, sql: Sql) -> None:
    line = park.order("A", "SO-1", pieces=24, due_days=10)
    run = publish_plan()
    assert run.state == "published"
    assert run.figures["violations"] == 0
    assert len(run.rule_log) >= 5
    assert run.rule_log[-1]["rule"] == run.parameters["rules"][-1] == ENGINE
    assert run.parameters["thrown_away"] == []
    assert _count(sql, "SELECT sum(pieces) FROM plans_machinerun WHERE process = 'PRESS'") == 24
    assert _count(sql, "SELECT count(*) FROM plans_publication") == 1
    assert _count(sql, "SELECT count(*) FROM core_outboxevent WHERE topic = 'plan.published'") == 1
    line = _line(line)
    assert (line.plan_state, line.order.status) == ("on_time", "planned")
    assert line.planned_finish_at is not None
    assert line.planned_finish_at < line.due_at


def test_what_a_person_starts_is_a_candidate_until_a_dispatcher_publishes_it(park: SmallPark, sql: Sql) -> None:
    park.order("A", "SO-1", pieces=4, due_days=10)
    run_id = start_plan(publishes_itself=False)
    work_off()
    assert _count(sql, "SELECT count(*) FROM plans_machinerun") == 0
    with wall(DatabaseRole.STAFF):
        plan_run_publish(actor=staff(), run_id=run_id)
    assert work_off() == ["plan.publish"]
    assert _count(sql, "SELECT count(*) FROM plans_machinerun") > 0
    with wall(DatabaseRole.STAFF), pytest.raises(InvalidValue):
        plan_run_publish(actor=staff(), run_id=run_id)


def test_a_publication_that_failed_for_good_can_be_asked_for_again(park: SmallPark, sql: Sql) -> None:
    park.order("A", "SO-1", pieces=4, due_days=10)
    run_id = start_plan(publishes_itself=False)
    work_off()
    jobs_of_run = "SELECT count(*) FROM core_backgroundjob WHERE kind = 'plan.publish'"
    for asked_in_all, failed in ((1, 0), (1, 0), (2, 1)):
        sql.execute(
            "UPDATE core_backgroundjob SET attempts = 5, state = 'failed' WHERE kind = 'plan.publish' AND %s",
            [failed > 0],
        )
        with wall(DatabaseRole.STAFF):
            plan_run_publish(actor=staff(), run_id=run_id)
        assert _count(sql, jobs_of_run) == asked_in_all
    assert work_off() == ["plan.publish"]
    assert _count(sql, "SELECT count(*) FROM plans_publication") == 1


def test_a_discarded_candidate_cannot_be_published(park: SmallPark) -> None:
    park.order("A", "SO-1", pieces=4, due_days=10)
    run_id = start_plan(publishes_itself=False)
    work_off()
    with wall(DatabaseRole.STAFF):
        plan_run_discard(actor=staff(), run_id=run_id)
    with wall(DatabaseRole.STAFF), pytest.raises(InvalidValue):
        plan_run_publish(actor=staff(), run_id=run_id)
    with wall(DatabaseRole.STAFF), pytest.raises(NotAllowedInState):
        plan_run_discard(actor=staff(), run_id=run_id)


def test_an_order_changed_after_the_snapshot_is_left_as_it_was_and_planned_by_the_next_run(
    park: SmallPark, sql: Sql
) -> None:
    changed = park.order("A", "SO-1", pieces=4, due_days=10)
    park.order("A", "SO-2", pieces=6, due_days=12)
    publish_plan()
    before = sql.execute("SELECT key, period FROM plans_machinerun ORDER BY key").fetchall()
    run_id = start_plan(publishes_itself=False)
    work_off()
    with wall(DatabaseRole.FIRM, park.firms["A"].pk):
        SalesOrderLine.objects.filter(pk=changed.pk).update(pieces=8, revision=F("revision") + 1)
    with wall(DatabaseRole.STAFF):
        plan_run_publish(actor=staff(), run_id=run_id)
    work_off()
    assert _count(sql, "SELECT left_as_was FROM plans_publication ORDER BY published_at DESC, id DESC LIMIT 1") == 1
    pieces = "SELECT sum(l.pieces) FROM plans_plannedlot l WHERE l.line_id = %s"
    assert _count(sql, pieces, changed.pk) == 4
    kept = sql.execute("SELECT key, period FROM plans_machinerun ORDER BY key").fetchall()
    assert [row for row in before if row in kept] != []
    publish_plan()
    assert _count(sql, pieces, changed.pk) == 8


def test_a_line_whose_machine_broke_after_the_snapshot_is_left_as_it_was(park: SmallPark, sql: Sql) -> None:
    line = park.order("A", "SO-1", pieces=4, due_days=10, consent="never")
    run_id = start_plan(publishes_itself=False)
    work_off()
    firm = park.firms["A"]
    with wall(DatabaseRole.FIRM, firm.pk):
        press = Machine.objects.get(firm=firm, code="P-1")
        Downtime.objects.create(firm=firm, machine=press, starts_at=ZERO, ends_at=ZERO + timedelta(days=2))
    with wall(DatabaseRole.STAFF):
        plan_run_publish(actor=staff(), run_id=run_id)
    work_off()
    assert _count(sql, "SELECT count(*) FROM plans_machinerun") == 0
    assert _line(line).plan_state == "unplanned"
    publish_plan()
    assert _line(line).plan_state == "on_time"


def test_confirmed_work_stays_where_it_is_in_every_later_plan(park: SmallPark, sql: Sql) -> None:
    park.order("A", "SO-1", pieces=10, due_days=10, consent="never")
    publish_plan()
    firm = park.firms["A"]
    with wall(DatabaseRole.FIRM, firm.pk):
        press_run = MachineRun.objects.get(process="PRESS")
        machine_run_confirm(actor=planner_of(firm), run_id=press_run.pk)
    park.order("A", "SO-2", pieces=10, due_days=3, consent="never")
    publish_plan()
    stayed = sql.execute("SELECT period FROM plans_machinerun WHERE id = %s", [press_run.pk]).fetchone()
    assert stayed is not None
    with wall(DatabaseRole.PLANNER):
        assert MachineRun.objects.get(pk=press_run.pk).period == press_run.period
    assert _count(sql, "SELECT sum(pieces) FROM plans_machinerun WHERE process = 'PRESS'") == 20


def test_a_run_confirmed_between_snapshot_and_publication_keeps_its_line(park: SmallPark, sql: Sql) -> None:
    park.order("A", "SO-1", pieces=10, due_days=10, consent="never")
    publish_plan()
    run_id = start_plan(publishes_itself=False)
    work_off()
    firm = park.firms["A"]
    with wall(DatabaseRole.FIRM, firm.pk):
        press_run = MachineRun.objects.get(process="PRESS")
        machine_run_approve(actor=planner_of(firm), run_id=press_run.pk)
    with wall(DatabaseRole.STAFF):
        plan_run_publish(actor=staff(), run_id=run_id)
    work_off()
    assert _count(sql, "SELECT count(*) FROM plans_machinerun WHERE id = %s", press_run.pk) == 1
    assert _count(sql, "SELECT sum(pieces) FROM plans_machinerun WHERE process = 'PRESS'") == 10


def test_the_database_refuses_two_live_runs_at_a_time_on_a_machine(park: SmallPark) -> None:
    park.order("A", "SO-1", pieces=10, due_days=10)
    publish_plan()
    with pytest.raises(IntegrityError), wall(DatabaseRole.PLANNER):
        run = MachineRun.objects.filter(process="PRESS").order_by("key")[0]
        later = DateTimeTZRange(run.period.upper - timedelta(minutes=1), run.period.upper + timedelta(hours=1), "[)")
        MachineRun.objects.create(
            firm_id=run.firm_id,
            machine_id=run.machine_id,
            plan_run_id=run.plan_run_id,
            key="second",
            process="PRESS",
            period=later,
            work_starts_at=run.period.upper,
            pieces=1,
        )


def test_reasons_and_tiers_name_no_other_firm_and_no_money(park: SmallPark, sql: Sql) -> None:
    park.order("A", "SO-1", pieces=900, due_days=3)
    run = publish_plan()
    assert "cost_fen" not in str(run.tiers) + str(run.rule_log)
    reasons = sql.execute("SELECT code, data FROM plans_linereason").fetchall()
    assert reasons
    assert "B:" not in str(reasons)


def test_a_job_that_runs_twice_publishes_once(park: SmallPark, sql: Sql) -> None:
    park.order("A", "SO-1", pieces=4, due_days=10)
    run_id = start_plan()
    with wall(DatabaseRole.PLANNER):
        job_id = PlanRun.objects.get(pk=run_id).job_id
    assert job_id is not None
    assert jobs.run(job_id)
    assert not jobs.run(job_id)
    assert _count(sql, "SELECT count(*) FROM plans_publication") == 1


def test_the_system_alone_may_let_a_plan_publish_itself(park: SmallPark) -> None:
    with wall(DatabaseRole.STAFF), pytest.raises(InvalidValue):
        plan_run_start(actor=staff(), now=ZERO, publishes_itself=True)
    assert system_actor().is_system


def test_a_firm_plans_itself_alone_and_never_the_park(park: SmallPark) -> None:
    firm = park.firms["A"]
    actor = planner_of(firm)
    with wall(DatabaseRole.FIRM, firm.pk), pytest.raises(NotPermitted):
        plan_run_start(actor=actor, now=ZERO)
    for scope, firm_id in ((PlanScope.PARK, firm.pk), (PlanScope.FIRM_ALONE, None)):
        with wall(DatabaseRole.FIRM, firm.pk), pytest.raises(InvalidValue):
            plan_run_start(actor=actor, now=ZERO, scope=scope, firm_id=firm_id)
    with wall(DatabaseRole.FIRM, firm.pk):
        run = plan_run_start(actor=actor, now=ZERO, scope=PlanScope.FIRM_ALONE, firm_id=firm.pk)
    assert run.state == "queued"


def test_work_that_should_have_begun_before_a_late_publication_is_left_as_it_was(park: SmallPark, sql: Sql) -> None:
    line = park.order("A", "SO-1", pieces=4, due_days=10, consent="never")
    run_id = start_plan(publishes_itself=False)
    work_off()
    sql.execute("UPDATE core_installation SET business_at = %s", [ZERO + timedelta(days=2)])
    with wall(DatabaseRole.STAFF):
        plan_run_publish(actor=staff(), run_id=run_id)
    work_off()
    assert _count(sql, "SELECT left_as_was FROM plans_publication") == 1
    assert _count(sql, "SELECT count(*) FROM plans_machinerun") == 0
    publish_plan()
    assert _line(line).plan_state == "on_time"


def test_a_run_whose_job_has_failed_for_good_says_so(park: SmallPark, sql: Sql) -> None:
    park.order("A", "SO-1", pieces=4, due_days=10)
    run_id = start_plan()
    sql.execute("UPDATE core_backgroundjob SET attempts = 5, state = 'running', lease_until = now() - interval '1 h'")
    jobs.sweep()
    with wall(DatabaseRole.PLANNER):
        run = PlanRun.objects.get(pk=run_id)
    assert (run.state, run.error != "", run.finished_at is not None) == ("failed", True, True)


def test_a_run_that_computes_renews_its_lease_and_notices_that_it_was_dropped(park: SmallPark, sql: Sql) -> None:
    park.order("A", "SO-1", pieces=4, due_days=10)
    run_id = start_plan(publishes_itself=False)
    with wall(DatabaseRole.PLANNER):
        job_id = PlanRun.objects.get(pk=run_id).job_id
        PlanRun.objects.filter(pk=run_id).update(state="running")
    assert job_id is not None
    lease = jobs.take(job_id)
    assert lease is not None
    progress = Progress(run_id, lease, orders_total=1)
    until = sql.execute("SELECT lease_until FROM core_backgroundjob").fetchone()
    assert not progress.is_discarded()
    assert sql.execute("SELECT lease_until > %s FROM core_backgroundjob", until).fetchone() == (True,)
    with wall(DatabaseRole.STAFF):
        plan_run_discard(actor=staff(), run_id=run_id)
    assert not progress.is_discarded()  # it does not look each time
    progress.looked_s = 0.0
    assert progress.is_discarded()


def test_a_run_dropped_before_its_worker_came_computes_nothing(park: SmallPark, sql: Sql) -> None:
    run_id = start_plan(publishes_itself=False)
    with wall(DatabaseRole.STAFF):
        plan_run_discard(actor=staff(), run_id=run_id)
    assert work_off() == ["plan.compute"]
    assert sql.execute("SELECT state, rule_log FROM plans_planrun").fetchone() == ("discarded", [])
    assert _count(sql, "SELECT count(*) FROM plans_planartefact") == 0
