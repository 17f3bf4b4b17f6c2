"""Promises of a firm: asked around its live plan, reserved so that later plans leave the time free, given back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mes.core import jobs
from mes.core.actors import DatabaseRole, system_actor
from mes.core.errors import InvalidValue, NotAllowedInState, NotFound, NotPermitted
from mes.core.wall import actor_wall, wall
from mes.firms.models import Firm
from production.machines.models import Downtime, FrozenBooking, Machine
from production.planning.promise.answer import plan_with
from production.planning.promise.promises import PromiseBoard
from production.planning.verify import verify
from production.plans.models import MachineRun, Promise
from production.plans.selectors import promise_board
from production.plans.selectors.live_schedule import live_schedule
from production.plans.selectors.problem import snapshot_of_firm
from production.plans.services import promise_jobs
from production.plans.services.promises import (
    LINE_KEY,
    PromiseOverdue,
    Question,
    TooManyPromises,
    promise_ask,
    promise_release,
    promise_reserve,
)
from tests.plans.small_park import ZERO, SmallPark, planner_of, staff
from tests.plans.work import publish_plan, work_off

pytestmark = pytest.mark.django_db(transaction=True)
Sql = psycopg.Connection[tuple[object, ...]]
DAY = timedelta(days=1)


def ask(park: SmallPark, code: str = "A", *, now: datetime = ZERO, **fields: Any) -> Promise:
    actor = planner_of(park.firms[code])
    question = Question(product_id=park.product.pk, **({"pieces": 24} | fields))
    with actor_wall(actor):
        promise = promise_ask(actor=actor, question=question, now=now)
    return read(promise)


def read(promise: Promise) -> Promise:
    with wall(DatabaseRole.FIRM, promise.firm_id):
        return Promise.objects.select_related("terms").get(pk=promise.pk)


def act(park: SmallPark, service: Callable[..., Promise], promise: Promise, **fields: Any) -> Promise:
    actor = planner_of(park.firms["A"])
    with actor_wall(actor):
        service(actor=actor, promise_id=promise.pk, **fields)
    return read(promise)


def reserve(park: SmallPark, promise: Promise, *, hours: int = 24, now: datetime = ZERO) -> Promise:
    return act(park, promise_reserve, promise, hours=hours, now=now)


def finish_of(promise: Promise) -> datetime:
    assert promise.in_house_at is not None
    return promise.in_house_at


def test_an_empty_shop_promises_the_way_through_it(park: SmallPark) -> None:
    promise = ask(park, pieces=2)
    # mixing 10 min, one cycle of 60, a day of rest, sawing 8, packing 4
    assert finish_of(promise) == ZERO + timedelta(minutes=10 + 60 + 1440 + 8 + 4)
    assert promise.in_house["parts"] == [
        {
            "pieces": 2,
            "machine_code": "P-1",
            "machine_class": "PRESS-M",
            "finish_at": promise.in_house["finish_at"],
        }
    ]
    assert promise.in_house["is_in_time"] is None
    assert (promise.lacking, promise.terms.with_offers, promise.terms.with_displacement) == (None, None, None)


def test_the_live_plan_is_in_the_way_and_stays(park: SmallPark) -> None:
    free = ask(park)
    park.order("A", "SO-1", pieces=200, due_days=9, consent="never")
    publish_plan()
    assert finish_of(ask(park)) > finish_of(free)


def test_the_live_plan_of_the_rows_keeps_every_rule_with_the_promised_line(park: SmallPark) -> None:
    for number in range(4):
        park.order("A", f"SO-{number}", pieces=60, due_days=4 + number, consent="never")
    publish_plan()
    firm = park.firms["A"]
    with wall(DatabaseRole.FIRM, firm.pk):
        snapshot = snapshot_of_firm(zero_at=ZERO, firm_id=firm.pk)
        problem, schedule = live_schedule(snapshot)
        assert len(schedule.runs) == MachineRun.objects.count() > 0
    assert verify(problem, schedule) == []
    line = problem.lines[0]
    asked = type(line)(
        key=LINE_KEY, firm="A", product=line.product, pieces=30, unit_mass_g=line.unit_mass_g, release_min=0,
        due_min=0, routes=line.routes, priority=9,
    )  # fmt: skip
    board = PromiseBoard(problem, schedule)
    for answer in (board.in_house(asked), board.with_displacement(asked)):
        assert answer is not None
        assert verify(*plan_with(problem, schedule, answer)) == []


def test_downtime_and_bookings_are_kept(park: SmallPark) -> None:
    free = ask(park, pieces=2)
    firm = park.firms["A"]
    with wall(DatabaseRole.FIRM, firm.pk):
        press = Machine.objects.get(firm=firm, code="P-1")
        Downtime.objects.create(firm=firm, machine=press, starts_at=ZERO, ends_at=ZERO + DAY)
    assert finish_of(ask(park, pieces=2)) == finish_of(free) + DAY - timedelta(minutes=10)
    with wall(DatabaseRole.FIRM, firm.pk):
        saw = Machine.objects.get(firm=firm, code="SAW-1")
        FrozenBooking.objects.create(firm=firm, machine=saw, starts_at=ZERO, ends_at=ZERO + 5 * DAY)
    assert finish_of(ask(park, pieces=2)) > ZERO + 5 * DAY


def test_offers_are_asked_where_the_order_may_leave_the_firm(park: SmallPark) -> None:
    wanted_at = ZERO + 5 * DAY
    promise = ask(park, pieces=300, wanted_at=wanted_at, consent="allowed")
    assert finish_of(promise) > wanted_at
    offered = promise.terms.with_offers
    assert offered["is_in_time"] is True
    away = [part for part in offered["parts"] if part["machine_code"] is None]
    assert {part["machine_class"] for part in away} == {"PRESS-M"}
    assert {(part["fee_cny_per_t"], part["accept"], part["material_from"]) for part in away} == {
        ("2500.00", "at_once", "doer")
    }
    pieces = sum(part["pieces"] for part in away)
    assert offered["fee_cny"] == f"{pieces * 125}.00"  # 50 kg each at 2,500 CNY a tonne
    assert ask(park, pieces=300, wanted_at=wanted_at).terms.with_offers is None


def test_ceilings_and_excluded_firms_hold(park: SmallPark) -> None:
    for terms in ({"fee_ceiling_cny_per_t": Decimal(2499)}, {"excluded_firm_ids": frozenset({park.firms["B"].pk})}):
        promise = ask(park, pieces=300, wanted_at=ZERO + 5 * DAY, consent="ask", **terms)
        assert {part["machine_code"] for part in promise.terms.with_offers["parts"]} == {"P-1"}


def test_less_important_lines_give_way_and_are_named(park: SmallPark) -> None:
    line = park.order("A", "SO-1", pieces=200, due_days=7, consent="never")
    publish_plan()
    promise = ask(park, priority=9, wanted_at=ZERO + 3 * DAY)
    given = promise.terms.with_displacement
    assert given["is_in_time"] is True
    assert [(item["sales_order_line_id"], item["sales_order_number"]) for item in given["gives_way"]] == [
        (str(line.pk), "SO-1")
    ]
    assert given["gives_way"][0]["late_min"] >= 0
    assert ask(park, priority=1, wanted_at=ZERO + 3 * DAY).terms.with_displacement is None


def test_why_there_is_no_date_is_said(park: SmallPark) -> None:
    promise = ask(park, "C", pieces=2)  # C has no press
    assert promise.in_house is None
    assert promise.lacking == {"code": "no_machine", "data": {"process": "PRESS", "classes": "PRESS-M"}}
    promise = ask(park, pieces=4800)
    assert promise.lacking == {"code": "material_missing", "data": {"material": "U2R", "short_g": 49_600_000}}


def test_a_later_plan_leaves_a_reservation_its_time_and_material(park: SmallPark, sql: Sql) -> None:
    promise = reserve(park, ask(park, pieces=100), hours=200)
    assert (promise.status, promise.reserved_until) == ("reserved", ZERO + timedelta(hours=200))
    assert promise.material_g == {"U2R": 5_200_000}
    park.order("A", "SO-1", pieces=100, due_days=3, consent="never")
    publish_plan()
    overlaps = (
        "SELECT count(*) FROM plans_promisehold h JOIN plans_machinerun r"
        " ON r.machine_id = h.machine_id AND r.period && h.period"
    )
    assert sql.execute(overlaps).fetchone() == (0,)
    held = sql.execute("SELECT count(*) FROM plans_promisehold").fetchone()
    runs = sql.execute("SELECT count(*) FROM plans_machinerun").fetchone()
    assert held != (0,)
    assert runs != (0,)
    with wall(DatabaseRole.FIRM, promise.firm_id):
        problem = snapshot_of_firm(zero_at=ZERO, firm_id=promise.firm_id).problem
    assert sum(arrival.grams for arrival in problem.arrivals) == 200_000_000 - 5_200_000


def test_two_reservations_do_not_share_a_minute(park: SmallPark, sql: Sql) -> None:
    first, second = ask(park), ask(park)
    assert finish_of(first) == finish_of(second)
    reserve(park, first)
    with pytest.raises(PromiseOverdue):
        reserve(park, second)
    reserve(park, ask(park))
    overlaps = (
        "SELECT count(*) FROM plans_promisehold a JOIN plans_promisehold b"
        " ON a.machine_id = b.machine_id AND a.id < b.id AND a.period && b.period"
    )
    assert sql.execute(overlaps).fetchone() == (0,)


def test_what_is_released_or_over_is_free_again(park: SmallPark) -> None:
    free = finish_of(ask(park))
    promise = reserve(park, ask(park))
    assert finish_of(ask(park)) > free
    assert act(park, promise_release, promise).status == "released"
    assert finish_of(ask(park)) == free
    with pytest.raises(NotAllowedInState):
        act(park, promise_release, promise)
    reserve(park, ask(park), hours=1)
    late = ask(park, now=ZERO + timedelta(hours=2))
    assert finish_of(late) == free + timedelta(hours=2)


def test_the_job_writes_down_whose_time_is_up(park: SmallPark, sql: Sql) -> None:
    over, standing = reserve(park, ask(park), hours=1), reserve(park, ask(park), hours=48)
    sql.execute("UPDATE core_installation SET business_at = %s", [ZERO + timedelta(hours=3)])
    with wall(DatabaseRole.PLANNER):
        jobs.enqueue(kind=promise_jobs.EXPIRE, payload={})
    work_off(promise_jobs.EXPIRE)
    assert (read(over).status, read(standing).status) == ("expired", "reserved")
    told = sql.execute("SELECT count(*) FROM core_auditrow WHERE verb = 'promise.expired'").fetchone()
    assert told == (1,)


def test_a_date_that_the_plan_has_overtaken_is_not_reserved(park: SmallPark) -> None:
    promise = ask(park)
    park.order("A", "SO-1", pieces=200, due_days=9, consent="never")
    publish_plan()
    with pytest.raises(PromiseOverdue):
        reserve(park, promise)
    with pytest.raises(InvalidValue):
        reserve(park, ask(park), hours=0)


def test_a_later_date_is_held_as_long_as_it_is_the_wanted_one(park: SmallPark) -> None:
    loose, tight = ask(park, wanted_at=ZERO + 5 * DAY), ask(park)
    later = ZERO + timedelta(hours=2)
    held = reserve(park, loose, now=later)
    assert finish_of(held) == finish_of(loose) + timedelta(hours=2)
    assert held.in_house["is_in_time"] is True
    with pytest.raises(PromiseOverdue):
        reserve(park, tight, now=later)


def test_who_asks_too_often_is_told_to_wait(park: SmallPark, settings: Any) -> None:
    settings.PROMISES_PER_HOUR = 2
    for _turn in range(2):
        ask(park)
    with pytest.raises(TooManyPromises):
        ask(park)
    ask(park, "B")  # each firm has its own


def test_each_question_and_act_is_logged(park: SmallPark, sql: Sql) -> None:
    promise = reserve(park, ask(park))
    act(park, promise_release, promise)
    verbs = sql.execute("SELECT verb FROM core_auditrow WHERE object_id = %s ORDER BY at", [promise.pk]).fetchall()
    assert verbs == [("promise.ask",), ("promise.reserve",), ("promise.release",)]


def test_others_and_the_association_neither_ask_nor_find(park: SmallPark) -> None:
    promise = ask(park)
    question = Question(product_id=park.product.pk, pieces=1)
    with wall(DatabaseRole.STAFF), pytest.raises(NotPermitted):
        promise_ask(actor=staff(), question=question, now=ZERO)
    rival = planner_of(park.firms["B"])
    for service, fields in ((promise_reserve, {"hours": 1, "now": ZERO}), (promise_release, {})):
        with actor_wall(rival), pytest.raises(NotFound):
            service(actor=rival, promise_id=promise.pk, **fields)
    assert system_actor().is_system


@pytest.mark.parametrize(
    "fields", [{"pieces": 0}, {"wanted_at": ZERO - DAY}, {"priority": 2}, {"consent": "maybe"}], ids=repr
)
def test_what_makes_no_sense_is_named(park: SmallPark, fields: dict[str, Any]) -> None:
    with pytest.raises(InvalidValue):
        ask(park, **fields)


def test_a_sandbox_firm_is_not_promised_anything(park: SmallPark) -> None:
    with wall(DatabaseRole.STAFF):
        Firm.objects.filter(code="A").update(status="sandbox")
    with pytest.raises(NotAllowedInState):
        ask(park)


def test_a_larger_plan_is_laid_out_with_no_more_queries(park: SmallPark) -> None:
    counts = []
    for orders in (1, 7):
        for number in range(orders):
            park.order("A", f"SO-{orders}-{number}", pieces=60, due_days=9, consent="allowed")
        publish_plan()
        firm = park.firms["A"]
        with (
            wall(DatabaseRole.FIRM, firm.pk),
            CaptureQueriesContext(connection) as queries,
            promise_board.firm_board(firm_id=firm.pk, product_id=park.product.pk, now=ZERO),
        ):
            counts.append(len(queries))
    assert counts == [counts[0]] * 2
    assert counts[0] <= 60


def test_a_second_question_reads_the_board_no_more(park: SmallPark) -> None:
    park.order("A", "SO-1", pieces=60, due_days=9, consent="never")
    publish_plan()
    ask(park)
    firm = park.firms["A"]
    with (
        wall(DatabaseRole.FIRM, firm.pk),
        CaptureQueriesContext(connection) as queries,
        promise_board.firm_board(firm_id=firm.pk, product_id=park.product.pk, now=ZERO) as board,
    ):
        first = board
    assert len(queries) <= 14
    with wall(DatabaseRole.FIRM, firm.pk):
        with promise_board.firm_board(firm_id=firm.pk, product_id=park.product.pk, now=ZERO) as board:
            assert board is first
        Machine.objects.filter(code="SAW-1").update(efficiency_permille=900)
        with promise_board.firm_board(firm_id=firm.pk, product_id=park.product.pk, now=ZERO) as board:
            assert board is not first
