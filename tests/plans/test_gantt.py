"""The live plan as a chart: what stands in it, what the association learns from it, and what it costs."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from mes.catalog.models import ChangeoverFamily, Product
from mes.core.actors import DatabaseRole
from mes.core.errors import NotPermitted
from mes.core.wall import actor_wall, wall
from mes.firms.choices import Role
from orders.sales.models import SalesOrderLine
from production.machines.models import Downtime, Machine
from production.plans.admin.gantt import GanttPage
from production.plans.models import Pin
from production.plans.selectors.gantt import Chart, gantt_chart
from tests.core.people import make_officer
from tests.database import as_owner
from tests.factories import (
    MONDAY,
    a_booking,
    a_calendar,
    a_dispatcher,
    a_firm,
    a_line,
    a_machine,
    a_machine_class,
    a_pattern,
    a_product,
    an_order,
    at,
    planner_of,
)
from tests.factories.park import DAY_SHIFT
from tests.plans.live_plan import a_run

pytestmark = pytest.mark.django_db
MOST_QUERIES = 20


@pytest.fixture
def press() -> Machine:
    firm = a_firm("F01", name_en="First")
    a_calendar(firm, pattern=a_pattern("DAY", DAY_SHIFT))
    return a_machine(firm)


def line_of(code: str = "F01", **fields: Any) -> SalesOrderLine:
    order = an_order(planner_of(a_firm(code)), a_line(**fields))
    with wall(DatabaseRole.STAFF):
        return order.lines.get()


def chart(days: int = 2) -> Chart:
    actor = a_dispatcher()
    with actor_wall(actor):
        return gantt_chart(actor=actor, starts_at=MONDAY, days=days, now=at(hours=9))


def test_a_run_stands_on_its_machine_with_order_pieces_and_due_date(press: Machine) -> None:
    line = line_of()
    run = a_run(press, line, starts_at=at(hours=8), work_starts_at=at(hours=8, minutes=20))
    drawn = chart()
    assert [row.machine_id for row in drawn.rows] == [press.pk]
    (bar,) = drawn.runs
    assert (bar.run_id, bar.start_min, bar.work_start_min, bar.end_min) == (run.pk, 480, 500, 600)
    assert bar.parts == ((line.pk, 5),)
    assert bar.ends_line
    assert drawn.lines[line.pk].due_min == 10 * 1440
    assert drawn.lines[line.pk].product == a_product()
    assert drawn.now_min == 540


def test_late_frozen_and_outsourced_are_told_apart(press: Machine) -> None:
    late, taken = line_of(), line_of()
    with as_owner():
        SalesOrderLine.objects.filter(pk=late.pk).update(plan_state="late")
        taken.order.__class__.objects.filter(pk=taken.order_id).update(origin="outsourced")
    a_run(press, late, starts_at=at(hours=8))
    a_run(press, taken, starts_at=at(hours=10), status="confirmed")
    a_run(press, line_of(), starts_at=at(hours=12), is_last=False)
    marks = [(bar.is_late, bar.is_frozen, bar.is_outsourced, bar.ends_line) for bar in chart().runs]
    assert marks == [(True, False, False, True), (False, True, True, True), (False, False, False, False)]


def test_a_pinned_step_is_marked(press: Machine) -> None:
    pinned, free = line_of(), line_of()
    with as_owner():
        Pin.objects.create(firm_id=press.firm_id, line=pinned, process="PRESS", machine=press)
        Pin.objects.create(firm_id=press.firm_id, line=free, process="SAW", starts_at=at(days=3))
    a_run(press, pinned, starts_at=at(hours=8))
    a_run(press, free, starts_at=at(hours=10))
    assert [bar.is_pinned for bar in chart().runs] == [True, False]


def test_only_what_touches_the_window_and_stands_in_the_plan(press: Machine) -> None:
    line = line_of()
    a_run(press, line, starts_at=at(hours=-1))
    a_run(press, line, starts_at=at(days=1), status="completed")
    a_run(press, line, starts_at=at(days=1, hours=3), status="cancelled")
    a_run(press, line, starts_at=at(days=2))
    assert [(bar.start_min, bar.status) for bar in chart().runs] == [(-60, "proposed"), (1440, "completed")]


def test_closed_hours_downtime_and_bookings_are_shown(press: Machine) -> None:
    a_booking(press, starts_at=at(hours=9), ends_at=at(hours=10))
    with wall(DatabaseRole.FIRM, press.firm_id):
        Downtime.objects.create(firm_id=press.firm_id, machine=press, starts_at=at(hours=11), ends_at=at(hours=12))
    drawn = chart(days=1)
    assert drawn.closed[drawn.rows[0].calendar] == ((0, 480), (960, 1440))
    assert drawn.downtimes[press.pk] == ((660, 720),)
    assert drawn.bookings[press.pk] == ((540, 600),)


def test_machines_stand_by_firm_class_and_code_and_retired_ones_only_with_work() -> None:
    second, first = a_firm("F02"), a_firm("F01")
    saw = a_machine_class("SAW", "saw")
    a_machine(second, "X-1")
    a_machine(first, "S-1", machine_class=saw)
    a_machine(first, "B-1")
    a_machine(first, "A-1")
    idle = a_machine(first, "A-0", status="retired")
    assert [row.code for row in chart().rows] == ["A-1", "B-1", "S-1", "X-1"]
    a_run(idle, line_of(), starts_at=at(hours=1))
    assert [row.code for row in chart().rows] == ["A-0", "A-1", "B-1", "S-1", "X-1"]


def test_a_firms_own_product_is_drawn_without_its_name(press: Machine) -> None:
    product = a_product()
    with wall(DatabaseRole.FIRM, press.firm_id):
        own = Product.objects.get(pk=product.pk)
        own.pk, own._state.adding, own.firm_id, own.code, own.colour = None, True, press.firm_id, "SECRET", "blue"
        own.id = Product._meta.pk.get_default()
        own.save()
    a_run(press, line_of(product=own), starts_at=at(hours=8))
    (bar,) = chart().runs
    assert chart().lines[bar.parts[0][0]].product is None
    assert bar.colour == ""


def test_the_colour_is_that_of_the_recipe_or_of_the_product(press: Machine) -> None:
    with wall(DatabaseRole.STAFF):
        ChangeoverFamily.objects.create(code="std/green/30", grade_family="std", colour="green", thickness_mm=30)
    line = line_of()
    a_run(press, line, starts_at=at(hours=8), family_code="std/green/30")
    a_run(press, line, starts_at=at(hours=10))
    assert [bar.colour for bar in chart().runs] == ["green", "natural"]


def test_a_firm_does_not_get_the_parks_chart(press: Machine) -> None:
    actor = planner_of(a_firm("F01"))
    with actor_wall(actor), pytest.raises(NotPermitted):
        gantt_chart(actor=actor, starts_at=MONDAY, days=1, now=MONDAY)


def data_of(client: Client, **asked: str) -> Mapping[str, Any]:
    answer = client.get(GanttPage.address(), {"as": "data", **asked})
    return json.loads(answer.content) | {"status": answer.status_code}


@pytest.fixture
def desk(client: Client) -> Client:
    client.force_login(make_officer("dispatcher", Role.DISPATCHER))
    return client


def test_the_data_are_compact_and_speak_the_readers_language(press: Machine, desk: Client) -> None:
    run = a_run(press, line_of(), starts_at=at(hours=8), status="started")
    data = data_of(desk, start="2026-03-02", days="3")
    assert data["start_ms"] == 1772409600000  # 2026-03-02 00:00 as a clock in UTC would show it
    assert data["minutes"] == 3 * 1440
    assert data["firms"] == [["F01", "F01 公司"]]
    assert data["colours"] == [["natural", "本色"]]
    assert data["runs"] == [[0, 480, 480, 600, 0, 0, 0, 2 + 8, str(run.pk), [0, 5]]]
    english = desk.get(GanttPage.address(), {"as": "data", "start": "2026-03-02"}, headers={"Accept-Language": "en"})
    assert json.loads(english.content)["firms"] == [["F01", "First"]]


def test_the_data_travel_compressed(press: Machine, desk: Client) -> None:
    answer = desk.get(GanttPage.address(), {"as": "data"}, headers={"Accept-Encoding": "gzip"})
    assert answer["Content-Encoding"] == "gzip"
    assert "no-store" in answer["Cache-Control"]


def test_queries_do_not_grow_with_the_plan(press: Machine, desk: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            data_of(desk, start="2026-03-02")
        return len(captured)

    a_run(press, line_of(), starts_at=at(hours=8))
    data_of(desk)  # content of caches apart
    few = queries()
    for hour in range(10, 20, 2):
        a_run(press, line_of(), starts_at=at(hours=hour))
    a_machine(a_firm("F02"), "X-1")
    assert queries() == few <= MOST_QUERIES + 10  # the session, the person, the wall


@pytest.mark.parametrize(
    "asked",
    [{"start": "yesterday"}, {"start": "0001-01-01"}, {"days": "5"}, {"days": "1e9"}, {"start": "２０２６-13-01"}],
)
def test_a_window_that_makes_no_sense_is_refused_in_words(desk: Client, asked: dict[str, str]) -> None:
    data = data_of(desk, **asked)
    assert data["status"] == 400
    assert set(data["errors"]) == set(asked)
    page = desk.get(GanttPage.address(), asked)
    assert page.status_code == 400
    assert "desk-note" in page.content.decode()


def test_the_page_names_its_filters_and_asks_for_the_data(desk: Client) -> None:
    a_firm("F01")
    page = desk.get(GanttPage.address(), {"firm": "F01", "late": "on", "days": "7"}).content.decode()
    assert '<option value="F01" selected>' in page
    assert re.search(r'data-source="/admin/gantt/\?as=data&amp;start=[0-9-]{10}&amp;days=7"', page)
    assert reverse("admin:plans_machinerun_change", args=["00000000-0000-0000-0000-000000000000"]) in page
