"""Advisory plans: told to each firm, compared with what it did since, and binding nobody."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import psycopg
import pytest
from django.db import IntegrityError, transaction
from psycopg import sql as names

from mes.core.actors import DatabaseRole
from mes.core.errors import InvalidValue, NotAllowedInState, NotFound
from mes.core.wall import actor_wall, wall
from mes.core.walls import walled_models
from orders.sales.models import LineCompletion, SalesOrder
from production.plans.models import Advice, AdvisedLine, AdvisedRun, MachineRun, PlanRun, Proposal
from production.plans.selectors.advice import AdviceShown, advice_get, advice_page, advice_shown, advised_runs_page
from production.plans.services.runs import plan_run_discard, plan_run_publish, plan_run_start
from tests.plans.small_park import ZERO, SmallPark, planner_of, staff
from tests.plans.work import publish_plan, work_off

pytestmark = pytest.mark.django_db(transaction=True)
ADVICE = {"plans_planrun", "plans_planartefact", "plans_lateline", "plans_movedrun", "plans_advice", "plans_advisedrun",
          "plans_advisedline", "core_backgroundjob", "core_auditrow"}  # fmt: skip


def advised() -> PlanRun:
    """An advisory plan as a dispatcher starts it, after a worker has done it."""
    with actor_wall(staff()):
        run = plan_run_start(actor=staff(), now=ZERO, is_advisory=True)
    work_off()
    with wall(DatabaseRole.PLANNER):
        return PlanRun.objects.get(pk=run.pk)


def told(park: SmallPark, firm: str, *, days: float) -> AdviceShown:
    actor = planner_of(park.firms[firm])
    with actor_wall(actor):
        (row,) = advice_shown(advice_page(actor=actor, limit=2), now=ZERO + timedelta(days=days))
        return row


@pytest.fixture
def orders(park: SmallPark) -> SmallPark:
    park.order("A", "SO-1", pieces=150, due_days=3.5)
    park.order("A", "SO-2", pieces=4, due_days=9, consent="never")
    return park


def test_it_writes_advice_and_nothing_else(orders: SmallPark, sql: psycopg.Connection[tuple[object, ...]]) -> None:
    def state() -> dict[str, str]:
        found = {}
        for model in walled_models():
            table = model._meta.db_table
            if table not in ADVICE:
                told = names.SQL(" WHERE kind <> 'advice'" if table == "core_change" else "")
                query = names.SQL("SELECT t::text FROM {} AS t{} ORDER BY 1").format(names.Identifier(table), told)
                found[table] = hashlib.sha256(repr(sql.execute(query).fetchall()).encode()).hexdigest()
        return found

    before = state()
    run = advised()
    assert state() == before
    assert (run.state, run.is_advisory, run.error) == ("advised", True, "")
    with wall(DatabaseRole.PLANNER):
        assert not MachineRun.objects.exists()
        assert not Proposal.objects.exists()
        assert AdvisedLine.objects.count() == 2
        assert set(AdvisedRun.objects.values_list("firm__code", flat=True)) == {"A", "B"}


def test_it_cannot_be_published_by_any_way(orders: SmallPark) -> None:
    run = advised()
    with actor_wall(staff()), pytest.raises(InvalidValue):
        plan_run_publish(actor=staff(), run_id=run.pk)
    for state in ("candidate", "published"):
        with wall(DatabaseRole.PLANNER), pytest.raises(IntegrityError), transaction.atomic():
            PlanRun.objects.filter(pk=run.pk).update(state=state)
    with actor_wall(staff()):
        plan_run_discard(actor=staff(), run_id=run.pk)
        with pytest.raises(NotAllowedInState):
            plan_run_discard(actor=staff(), run_id=run.pk)


@pytest.mark.parametrize("other", ["is_repair", "firm"])
def test_only_the_park_is_planned_anew_as_advice(orders: SmallPark, other: str) -> None:
    firm = orders.firms["A"]
    actor = planner_of(firm) if other == "firm" else staff()
    with actor_wall(actor), pytest.raises(InvalidValue) as refused:
        if other == "firm":
            plan_run_start(actor=actor, now=ZERO, scope="firm_alone", firm_id=firm.pk, is_advisory=True)
        else:
            plan_run_start(actor=actor, now=ZERO, is_repair=True, is_advisory=True)
    assert refused.value.pointer == "/is_advisory"


def test_a_firm_reads_its_own_and_not_whose_work_it_would_do(orders: SmallPark) -> None:
    advised()
    for code in ("A", "B", "C"):
        actor = planner_of(orders.firms[code])
        with actor_wall(actor):
            rows = advice_page(actor=actor, limit=9)
            assert len(rows) == Advice.objects.count() == 1
            runs = advised_runs_page(actor=actor, advice_id=rows[0].pk, limit=200)
            assert len(runs) == AdvisedRun.objects.count()
            assert {run.firm_id for run in runs} <= {orders.firms[code].pk}
            if code == "B":
                assert runs
                assert {run.line_id for run in runs} == {None}
    mine = told(orders, "A", days=0)
    rival = planner_of(orders.firms["B"])
    with actor_wall(rival), pytest.raises(NotFound):
        advice_get(actor=rival, advice_id=mine.pk, now=ZERO)


def test_it_is_compared_with_what_the_firm_did(orders: SmallPark) -> None:
    advised()
    nothing = told(orders, "A", days=20).followed
    assert nothing.advised == nothing.not_begun > 0
    assert (nothing.on_machine, nothing.on_another, nothing.deviation_min) == (0, 0, None)
    assert nothing.lines_later == 2
    assert told(orders, "B", days=20).followed.others > 0
    publish_plan()
    with wall(DatabaseRole.PLANNER):
        wanted = MachineRun.objects.filter(parts__lot__line__order__number="SO-2", process="PRESS")
        run = wanted.get()
        advised_at = AdvisedRun.objects.get(line__order__number="SO-2", process="PRESS").starts_at
        MachineRun.objects.filter(pk=run.pk).update(status="started", started_at=advised_at + timedelta(minutes=90))
        line = SalesOrder.objects.get(number="SO-2").lines.get()
    actor = planner_of(orders.firms["A"])
    with actor_wall(actor):
        LineCompletion.objects.create(firm=orders.firms["A"], line=line, pieces=4, completed_at=advised_at)
    since = told(orders, "A", days=20).followed
    assert (since.on_machine, since.on_another, since.deviation_min) == (1, 0, 90)
    assert since.not_begun == nothing.not_begun - 1
    assert (since.lines_sooner, since.lines_later) == (1, 1)
    before = told(orders, "A", days=0).followed
    assert before.lines_later == 0
