"""Scenarios as jobs: compared with one snapshot, told to whom they belong, and the live plan stays as it is."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from psycopg import sql as names

from mes.core import jobs
from mes.core.actors import DatabaseRole
from mes.core.errors import InvalidValue, NotAllowedInState, NotFound, NotPermitted
from mes.core.models import AuditRow
from mes.core.wall import actor_wall, wall
from mes.core.walls import walled_models
from mes.firms.choices import FirmStatus, Role
from mes.firms.models import Firm
from orders.sales.models import SalesOrder
from production.plans.models import PlanRun, Scenario, ScenarioArtefact, ScenarioBase, ScenarioLine
from production.plans.services import scenario_jobs
from production.plans.services.scenarios import SCENARIO, TooManyScenarios, scenario_discard
from tests.core.people import firm_actor, staff_actor
from tests.plans.scenarios import computed, started
from tests.plans.small_park import ZERO, SmallPark, planner_of, staff
from tests.plans.work import publish_plan, work_off

pytestmark = pytest.mark.django_db(transaction=True)

MINE = {"plans_scenario", "plans_scenariobase", "plans_scenarioartefact", "plans_scenarioline"}
MACHINERY = {"core_backgroundjob", "core_auditrow"}
MORE_PRESSES = {"kind": "machine_more", "machine": "A:P-1", "count": 3}


def rows_of(row: Scenario) -> list[ScenarioLine]:
    with wall(DatabaseRole.PLANNER):
        return list(ScenarioLine.objects.filter(scenario=row).order_by("label"))


@pytest.fixture
def late(park: SmallPark) -> SmallPark:
    """More than A's one press can make in time."""
    park.order("A", "SO-1", pieces=150, due_days=3.5, consent="never")
    park.order("A", "SO-2", pieces=10, due_days=20, consent="never")
    return park


def test_machines_more_bring_a_late_line_in_time_beside_the_same_snapshot(late: SmallPark) -> None:
    row = computed(MORE_PRESSES)
    assert (row.state, row.fault) == ("computed", "")
    before, after = row.base.figures, row.figures
    assert (before["late"], after["late"]) == (1, 0)
    assert before["tardiness_min"] > after["tardiness_min"] == 0
    assert before["lines"] == after["lines"] == 2
    assert before["load_permille"]["PRESS-M"] > after["load_permille"]["PRESS-M"] > 0
    assert after["makespan_min"] < before["makespan_min"]
    (line,) = rows_of(row)
    assert (line.label, line.state_before, line.state, line.reasons) == ("SO-1-1", "late", "on_time", [])
    assert line.finish_before_at is not None
    assert line.finish_at is not None
    assert line.finish_at <= line.due_at < line.finish_before_at
    assert row.input_hash != row.base.input_hash


def test_scenarios_of_one_snapshot_share_its_plan_though_the_park_moves_on(late: SmallPark) -> None:
    first = computed(MORE_PRESSES)
    late.order("A", "SO-3", pieces=100, due_days=1, consent="never")
    second = computed({"kind": "line_less", "line": "A:SO-2:1"}, like_id=first.pk)
    third = computed(MORE_PRESSES, like_id=first.pk)
    assert first.base_id == second.base_id == third.base_id
    assert second.base.figures == first.base.figures
    assert (second.figures["lines"], third.figures["lines"]) == (1, 2)
    assert third.input_hash == first.input_hash
    assert third.figures == first.figures
    with wall(DatabaseRole.PLANNER):
        assert ScenarioArtefact.objects.filter(base=first.base_id).count() == 1
    fresh = computed(MORE_PRESSES)
    assert fresh.base.figures["lines"] == 3


def test_who_has_nothing_otherwise_in_effect_gets_the_same_plan(late: SmallPark) -> None:
    row = computed({"kind": "line_change", "line": "A:SO-2:1", "priority": 1})
    assert row.input_hash == row.base.input_hash
    assert {**row.base.figures, "cost_index": row.figures["cost_index"]} == row.figures
    assert rows_of(row) == []


def test_a_line_that_becomes_late_or_is_new_or_loses_its_place_is_told_with_reasons(late: SmallPark) -> None:
    stopped = {"kind": "no_work", "machine": "A:P-1", "from_at": ZERO + timedelta(days=3)}
    more = {"kind": "line_more", "line": "A:SO-2:1", "pieces": 4, "due_at": ZERO + timedelta(days=1)}
    row = computed(stopped, more)
    told = {line.label: line for line in rows_of(row)}
    assert told["SO-1-1"].state == "unplaced"
    assert told["SO-1-1"].finish_at is None
    assert told["SO-1-1"].reasons
    assert told["SO-2-1+1"].state_before == "unplanned"
    assert told["SO-2-1+1"].line_id is None
    assert told["SO-2-1+1"].line_firm_id == late.firms["A"].pk


def test_a_withdrawn_offer_keeps_work_at_home(park: SmallPark) -> None:
    park.order("A", "SO-1", pieces=150, due_days=3.5)
    row = computed({"kind": "offer_less", "offer": "B:OF-1"})
    assert row.base.figures["placed_g"] > row.figures["placed_g"] == 0
    assert row.figures["cost_index"] is None  # one firm alone is paid: it would tell its fee


def test_nothing_but_scenarios_is_written(late: SmallPark, sql: psycopg.Connection[tuple[object, ...]]) -> None:
    publish_plan()

    def state() -> dict[str, str]:
        found = {}
        for model in walled_models():
            table = model._meta.db_table
            if table not in MINE | MACHINERY:
                told = names.SQL(" WHERE kind <> 'scenario'" if table == "core_change" else "")
                query = names.SQL("SELECT t::text FROM {} AS t{} ORDER BY 1").format(names.Identifier(table), told)
                found[table] = hashlib.sha256(repr(sql.execute(query).fetchall()).encode()).hexdigest()
        return found

    before = state()
    computed(MORE_PRESSES, {"kind": "line_less", "line": "A:SO-2:1"}, {"kind": "offer_less", "offer": "B:OF-1"})
    computed({"kind": "machine_more", "machine": "P-1"}, actor=planner_of(late.firms["A"]))
    assert state() == before


def test_a_firms_scenario_knows_its_own_alone(late: SmallPark) -> None:
    actor = planner_of(late.firms["A"])
    row = computed(
        {"kind": "line_change", "line": "SO-1-1", "pieces": 20},
        {"kind": "hours_more", "machine_class": "PRESS-M", "from_at": ZERO, "until_at": ZERO + timedelta(days=1),
         "minutes_per_day": 60},
        actor=actor,
    )  # fmt: skip
    assert (row.state, row.figures["late"], row.figures["placed_g"]) == ("computed", 0, 0)
    assert row.overrides[0] == {"kind": "line_change", "line": "A:SO-1:1", "pieces": 20}
    assert row.overrides[1]["firm"] == "A"
    assert [(line.label, line.state) for line in rows_of(row)] == [("SO-1-1", "on_time")]


def test_readers_are_those_whose_scenario_it_is(late: SmallPark) -> None:
    parks, own = computed(MORE_PRESSES), computed(
        {"kind": "machine_more", "machine": "P-1", "count": 3}, actor=planner_of(late.firms["A"])
    )  # fmt: skip
    for who, seen in (
        (staff(), {parks.pk}),
        (planner_of(late.firms["A"]), {own.pk}),
        (planner_of(late.firms["B"]), set()),
    ):
        with actor_wall(who):
            assert set(Scenario.objects.values_list("pk", flat=True)) == seen
            assert set(ScenarioLine.objects.values_list("scenario_id", flat=True)) == seen
            assert ScenarioBase.objects.count() == len(seen)


@pytest.mark.parametrize(
    ("item", "pointer"),
    [
        ({"kind": "machine_more", "machine": "A:P-9"}, "/overrides/0/machine"),
        ({"kind": "machine_more", "machine": "A"}, "/overrides/0/machine"),
        ({"kind": "no_work", "firm": "Z"}, "/overrides/0/firm"),
        ({"kind": "no_work", "machine_class": "MILL"}, "/overrides/0/machine_class"),
        ({"kind": "offer_less", "offer": "B:OF-9"}, "/overrides/0/offer"),
        ({"kind": "line_less", "line": "A:SO-1:2"}, "/overrides/0/line"),
        ({"kind": "line_less", "line": "::"}, "/overrides/0/line"),
        ({"kind": "offer_change", "offer": "B:OF-1", "fee_fen_per_t": 1}, "/overrides/0/fee_fen_per_t"),
        ({"kind": "no_work", "firm": "A", "from_at": ZERO, "until_at": ZERO}, "/overrides/0/until_at"),
        ({"kind": "hours_more", "firm": "A", "from_at": ZERO, "until_at": ZERO + timedelta(1)},
         "/overrides/0/minutes_per_day"),
        ({"kind": "publish"}, "/overrides/0/kind"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_at_its_field_and_leaves_nothing(
    late: SmallPark, item: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(InvalidValue) as refused:
        started(item)
    assert refused.value.pointer == pointer
    assert str(refused.value.detail)
    with wall(DatabaseRole.PLANNER):
        assert not ScenarioBase.objects.exists()


@pytest.mark.parametrize(
    ("item", "pointer"),
    [
        ({"kind": "offer_less", "offer": "B:OF-1"}, "/overrides/0/kind"),
        ({"kind": "machine_more", "machine": "P-2"}, "/overrides/0/machine"),
        ({"kind": "machine_more", "machine": "B:P-2"}, "/overrides/0/machine"),
        ({"kind": "line_less", "line": "SO-7-1"}, "/overrides/0/line"),
        ({"kind": "line_less", "line": "SO-7"}, "/overrides/0/line"),
        ({"kind": "line_change", "line": "SO-1-1", "consent": "ask"}, "/overrides/0/consent"),
    ],
)
def test_a_firm_names_nothing_of_others(late: SmallPark, item: dict[str, Any], pointer: str) -> None:
    late.order("B", "SO-7", pieces=5, due_days=5)
    with pytest.raises(InvalidValue) as refused:
        started(item, actor=planner_of(late.firms["A"]))
    assert refused.value.pointer == pointer


def test_who_may_not_plan_starts_and_drops_nothing(late: SmallPark) -> None:
    row = started(MORE_PRESSES)
    firm = late.firms["A"]
    for who in (staff_actor(Role.AUDITOR), staff_actor(Role.ROUND_OFFICER), firm_actor(firm.pk, Role.OPERATOR)):
        with pytest.raises(NotPermitted):
            started(MORE_PRESSES, actor=who)
    with pytest.raises(NotPermitted), actor_wall(staff_actor(Role.AUDITOR)):
        scenario_discard(actor=staff_actor(Role.AUDITOR), scenario_id=row.pk)
    with pytest.raises(NotFound), actor_wall(planner_of(firm)):
        scenario_discard(actor=planner_of(firm), scenario_id=row.pk)
    with pytest.raises(NotFound):
        started({"kind": "machine_more", "machine": "P-1"}, actor=planner_of(firm), like_id=row.pk)


def test_a_firm_outside_the_plan_gets_none(late: SmallPark) -> None:
    with wall(DatabaseRole.STAFF):
        Firm.objects.filter(code="A").update(status=FirmStatus.SANDBOX)
    with pytest.raises(NotAllowedInState):
        started({"kind": "machine_more", "machine": "P-1"}, actor=planner_of(late.firms["A"]))


def test_so_many_within_an_hour_and_no_more(late: SmallPark, settings: Any) -> None:
    settings.SCENARIOS_PER_HOUR = 1
    started(MORE_PRESSES)
    with pytest.raises(TooManyScenarios):
        started(MORE_PRESSES)
    started({"kind": "machine_more", "machine": "P-1"}, actor=planner_of(late.firms["A"]))


def test_dropped_before_or_after_it_is_computed_it_is_left_alone_and_its_artefact_goes(late: SmallPark) -> None:
    waiting, done = started(MORE_PRESSES), computed(MORE_PRESSES)
    with actor_wall(staff()):
        for row in (waiting, done):
            row.refresh_from_db()
    assert waiting.state == "computed"
    other = started(MORE_PRESSES)
    with actor_wall(staff()):
        for row in (done, other):
            scenario_discard(actor=staff(), scenario_id=row.pk)
        with pytest.raises(NotAllowedInState):
            scenario_discard(actor=staff(), scenario_id=done.pk)
    assert work_off(SCENARIO) == [SCENARIO]
    computed(MORE_PRESSES)
    with wall(DatabaseRole.PLANNER):
        assert Scenario.objects.get(pk=other.pk).figures == {}
        assert not ScenarioArtefact.objects.filter(scenario=done).exists()
    with wall(DatabaseRole.STAFF):
        assert AuditRow.objects.filter(verb="scenario.discard").count() == 2


def test_dropped_while_it_is_searched_the_search_ends_and_nothing_is_kept(late: SmallPark) -> None:
    row = started(MORE_PRESSES)
    lease = jobs.take(row.job_id)
    assert lease is not None
    begun = scenario_jobs._begin(row.pk, lease)
    assert begun is not None
    with actor_wall(staff()):
        scenario_discard(actor=staff(), scenario_id=row.pk)
    watch = scenario_jobs.Watch(row.pk, lease)
    assert watch.should_stop()
    scenario_jobs.compute(lease)
    with wall(DatabaseRole.PLANNER):
        assert Scenario.objects.get(pk=row.pk).state == "discarded"
        assert ScenarioBase.objects.get(pk=row.base_id).figures == {}


def test_a_job_that_begins_anew_goes_on_with_the_snapshot_that_is_there(late: SmallPark) -> None:
    row = started(MORE_PRESSES)
    lease = jobs.take(row.job_id)
    assert lease is not None
    scenario_jobs._begin(row.pk, lease)
    late.order("A", "SO-3", pieces=100, due_days=1, consent="never")
    scenario_jobs.compute(lease)
    with wall(DatabaseRole.PLANNER):
        assert ScenarioBase.objects.get(pk=row.base_id).figures["lines"] == 2


def test_what_is_gone_from_the_plan_or_given_up_is_told_as_a_fault(late: SmallPark) -> None:
    row = started({"kind": "line_less", "line": "A:SO-2:1"})
    with wall(DatabaseRole.PLANNER):
        SalesOrder.objects.filter(number="SO-2").update(status="cancelled")
    work_off(SCENARIO)
    with wall(DatabaseRole.PLANNER):
        row.refresh_from_db()
        assert (row.state, row.fault, row.fault_at) == ("failed", "key_unknown", "/0/line")
    waiting = started(MORE_PRESSES)
    with wall(DatabaseRole.PLANNER):
        scenario_jobs.given_up({"scenario_id": str(waiting.pk)})
        waiting.refresh_from_db()
        assert (waiting.state, waiting.fault) == ("failed", "given_up")


def test_no_scenario_is_a_plan_run(late: SmallPark) -> None:
    computed(MORE_PRESSES)
    with wall(DatabaseRole.PLANNER):
        assert not PlanRun.objects.exists()
