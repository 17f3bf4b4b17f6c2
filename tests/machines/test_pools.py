"""What a firm says of the moulds, crews and power that its runs share."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from mes.core.actors import Actor
from mes.core.errors import DomainError, InvalidValue, NotAllowedInState, NotFound, NotPermitted
from mes.core.models import AuditRow, OutboxEvent
from mes.core.wall import actor_wall
from production.machines import services
from production.machines.choices import POOL_NEXT, PoolStatus
from production.machines.models import Machine, Pool, PoolNeed
from production.machines.selectors.hours import ALWAYS, machine_hours
from tests.database import as_owner
from tests.factories import (
    MONDAY,
    a_calendar,
    a_dispatcher,
    a_firm,
    a_machine,
    a_pattern,
    a_product,
    a_routing,
    an_operator,
    at,
    planner_of,
)
from tests.factories.park import DAY_SHIFT

pytestmark = pytest.mark.django_db
DAY_MIN = 1440


@pytest.fixture
def planner() -> Actor:
    a_routing(a_product(), family="F30")
    return planner_of(a_firm("F01"))


@pytest.fixture
def press(planner: Actor) -> Machine:
    return a_machine(a_firm("F01"))


def act(service: Any, actor: Actor, **fields: Any) -> Any:
    with actor_wall(actor):
        return service(actor=actor, **fields)


def refused(service: Any, actor: Actor, **fields: Any) -> DomainError:
    with pytest.raises(DomainError) as refusal:
        act(service, actor, **fields)
    return refusal.value


def a_pool(planner: Actor, code: str = "M-1", kind: str = "mould", size: int = 2, **fields: Any) -> Pool:
    made: Pool = act(services.pool_create, planner, code=code, kind=kind, size=size, **fields)
    return made


def test_a_pool_is_entered_and_told(planner: Actor) -> None:
    pool = a_pool(planner, name="铺路板模")
    assert (pool.status, pool.weekdays, pool.pattern) == ("in_service", "1234567", None)
    with as_owner():
        assert list(OutboxEvent.objects.values_list("topic", flat=True)) == ["pool.changed"]
    with actor_wall(planner):
        assert AuditRow.objects.get(object_id=pool.pk).changes["code"] == [None, "M-1"]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"code": " "}, "/code"),
        ({"code": "x" * 31}, "/code"),
        ({"kind": "truck"}, "/kind"),
        ({"size": 0}, "/size"),
        ({"size": 100_001}, "/size"),
        ({"name": "x" * 81}, "/name"),
        ({"weekdays": ""}, "/weekdays"),
        ({"weekdays": "18"}, "/weekdays"),
        ({"pattern_code": "NONE"}, "/pattern_code"),
        ({"pattern_code": "EMPTY"}, "/pattern_code"),
    ],
)
def test_a_pool_that_cannot_be_is_refused(planner: Actor, change: dict[str, Any], pointer: str) -> None:
    a_pattern("EMPTY", ())
    wanted: dict[str, Any] = {"code": "M-1", "kind": "mould", "size": 1}
    error = refused(services.pool_create, planner, **(wanted | change))
    assert isinstance(error, InvalidValue)
    assert error.pointer == pointer


def test_a_code_is_there_once_in_a_firm(planner: Actor) -> None:
    a_pool(planner)
    error = refused(services.pool_create, planner, code="M-1", kind="crew", size=1)
    assert isinstance(error, InvalidValue)
    assert error.pointer == "/code"
    a_pool(planner_of(a_firm("F02")))


def test_a_pool_is_resized_and_retired_for_good(planner: Actor) -> None:
    pool = a_pool(planner)
    a_pattern("DAY", DAY_SHIFT)
    changed = act(services.pool_change, planner, pool_id=pool.pk, changes={"size": 5, "pattern_code": "DAY"})
    assert (changed.size, changed.pattern.code) == (5, "DAY")
    assert act(services.pool_change, planner, pool_id=pool.pk, changes={"pattern_code": None}).pattern is None
    assert act(services.pool_change, planner, pool_id=pool.pk, changes={"status": "retired"}).status == "retired"
    again = refused(services.pool_change, planner, pool_id=pool.pk, changes={"status": "in_service"})
    assert isinstance(again, NotAllowedInState)
    assert POOL_NEXT[PoolStatus.RETIRED] == frozenset()
    for changes, pointer in (({"size": 0}, "/size"), ({"status": "sold"}, "/status"), ({"weekdays": "x"}, "/weekdays")):
        error = refused(services.pool_change, planner, pool_id=pool.pk, changes=changes)
        assert isinstance(error, InvalidValue)
        assert error.pointer == pointer
    assert isinstance(refused(services.pool_change, planner, pool_id=pool.pk, changes={}), InvalidValue)


def test_a_process_a_machine_or_a_class_needs_it(planner: Actor, press: Machine) -> None:
    product = a_product()
    mould, crew = a_pool(planner), a_pool(planner, "C-1", "crew", 3)
    act(services.pool_need_add, planner, pool_id=mould.pk, process="PRESS", product_id=product.pk)
    act(services.pool_need_add, planner, pool_id=mould.pk, process="PRESS", thickness_mm=40, units=2)
    act(services.pool_need_add, planner, pool_id=crew.pk, machine_id=press.pk, units=2)
    need = act(services.pool_need_add, planner, pool_id=crew.pk, class_code=press.machine_class.code)
    act(services.pool_need_remove, planner, need_id=need.pk)
    with actor_wall(planner):
        assert PoolNeed.objects.count() == 3


@pytest.mark.parametrize(
    ("need", "pointer"),
    [
        ({}, "/process"),
        ({"process": "PRESS", "class_code": "P2"}, "/process"),
        ({"process": "REST"}, "/process"),
        ({"process": "FLY"}, "/process"),
        ({"class_code": "NONE"}, "/class_code"),
        ({"class_code": "P2", "thickness_mm": 30}, "/process"),
        ({"process": "PRESS", "units": 3}, "/units"),
        ({"process": "PRESS", "units": 0}, "/units"),
        ({"process": "PRESS", "thickness_mm": 0}, "/thickness_mm"),
    ],
)
def test_a_need_that_cannot_be_is_refused(planner: Actor, press: Machine, need: dict[str, Any], pointer: str) -> None:
    error = refused(services.pool_need_add, planner, pool_id=a_pool(planner).pk, **need)
    assert isinstance(error, InvalidValue)
    assert error.pointer == pointer


def test_a_need_is_said_once_and_by_machines_or_processes(planner: Actor, press: Machine) -> None:
    pool = a_pool(planner)
    act(services.pool_need_add, planner, pool_id=pool.pk, process="PRESS")
    for need in ({"process": "PRESS", "units": 2}, {"machine_id": press.pk}):
        error = refused(services.pool_need_add, planner, pool_id=pool.pk, **need)
        assert isinstance(error, InvalidValue)
        assert error.pointer == "/process"


def test_a_pool_is_missing_for_a_time(planner: Actor) -> None:
    pool = a_pool(planner)
    window = {"starts_at": at(days=1), "ends_at": at(days=2)}
    row = act(services.pool_downtime_add, planner, pool_id=pool.pk, units=1, note="修模", **window)
    changed = act(services.pool_downtime_change, planner, downtime_id=row.pk, changes={"units": None})
    assert changed.units is None
    for fields, pointer in (
        ({"units": 3}, "/units"),
        ({"units": 0}, "/units"),
        ({"ends_at": at(days=1)}, "/ends_at"),
        ({"note": "x" * 201}, "/note"),
    ):
        error = refused(services.pool_downtime_change, planner, downtime_id=row.pk, changes=fields)
        assert isinstance(error, InvalidValue)
        assert error.pointer == pointer
    act(services.pool_downtime_remove, planner, downtime_id=row.pk)
    assert isinstance(refused(services.pool_downtime_remove, planner, downtime_id=row.pk), NotFound)


def test_another_firms_things_are_not_found(planner: Actor, press: Machine) -> None:
    rival = planner_of(a_firm("F02"))
    pool = a_pool(planner)
    need = act(services.pool_need_add, planner, pool_id=pool.pk, process="PRESS")
    window = {"starts_at": at(days=1), "ends_at": at(days=2)}
    missing = act(services.pool_downtime_add, planner, pool_id=pool.pk, **window)
    theirs = a_pool(rival)
    for service, fields in (
        (services.pool_change, {"pool_id": pool.pk, "changes": {"size": 9}}),
        (services.pool_need_add, {"pool_id": pool.pk, "process": "SAW"}),
        (services.pool_need_add, {"pool_id": theirs.pk, "machine_id": press.pk}),
        (services.pool_need_add, {"pool_id": theirs.pk, "process": "PRESS", "product_id": uuid4()}),
        (services.pool_need_remove, {"need_id": need.pk}),
        (services.pool_downtime_add, {"pool_id": pool.pk} | window),
        (services.pool_downtime_change, {"downtime_id": missing.pk, "changes": {"note": "x"}}),
        (services.pool_downtime_remove, {"downtime_id": missing.pk}),
    ):
        assert isinstance(refused(service, rival, **fields), NotFound), service


def test_who_does_not_plan_does_not_say_what_is_shared(planner: Actor) -> None:
    for actor in (an_operator(a_firm("F01")), a_dispatcher()):
        assert isinstance(refused(services.pool_create, actor, code="M-9", kind="mould", size=1), NotPermitted)


def test_a_pools_hours_are_always_or_its_shifts_with_the_firms_overtime(planner: Actor) -> None:
    firm = a_firm("F01")
    a_calendar(firm)
    a_pattern("DAY", DAY_SHIFT)
    mould, crew = a_pool(planner), a_pool(planner, "C-1", "crew", pattern_code="DAY", weekdays="2")
    act(services.overtime_add, planner, starts_at=at(days=3), ends_at=at(days=3, hours=2))
    act(services.pool_downtime_add, planner, pool_id=mould.pk, starts_at=at(hours=-3), ends_at=at(hours=5), units=1)
    act(services.pool_change, planner, pool_id=mould.pk, changes={"size": 3})
    act(services.pool_downtime_add, planner, pool_id=mould.pk, starts_at=at(hours=4), ends_at=at(hours=6))
    with actor_wall(planner):
        hours = machine_hours(zero_at=MONDAY, horizon_min=4 * DAY_MIN, firm_id=firm.pk)
    assert hours.calendar_of_pool == {mould.pk: ALWAYS, crew.pk: "F01:pool:C-1"}
    assert hours.calendars["F01:pool:C-1"] == ((DAY_MIN + 480, DAY_MIN + 960), (3 * DAY_MIN, 3 * DAY_MIN + 120))
    assert hours.out_of_pool == {mould.pk: ((0, 300, 1), (240, 360, 3))}
