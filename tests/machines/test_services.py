"""What a firm says of its machines, hours, offers and stock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from mes.core.actors import Actor
from mes.core.errors import DomainError, InvalidValue, NotAllowedInState, NotFound, NotPermitted
from mes.core.models import AuditRow, OutboxEvent
from mes.core.wall import actor_wall
from mes.lots.services import lot_register
from production.machines import services
from production.machines.choices import OFFER_NEXT, STATUS_NEXT, MachineStatus, OfferStatus
from production.machines.models import CalendarRule, CapacityOfferTerms, Machine, OfferedMachine, StockMovement
from production.machines.services import OfferDraft
from tests.database import as_owner
from tests.factories import (
    MONDAY,
    a_dispatcher,
    a_firm,
    a_machine,
    a_machine_class,
    a_pattern,
    a_product,
    a_routing,
    an_operator,
    at,
    planner_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def planner() -> Actor:
    a_routing(a_product(), family="F30")
    return planner_of(a_firm("F01"))


@pytest.fixture
def rival() -> Actor:
    return planner_of(a_firm("F02"))


@pytest.fixture
def press(planner: Actor) -> Machine:
    return a_machine(a_firm("F01"))


def act(service: Callable[..., Any], actor: Actor, **fields: Any) -> Any:
    with actor_wall(actor):
        return service(actor=actor, **fields)


def refused(service: Callable[..., Any], actor: Actor, **fields: Any) -> DomainError:
    with pytest.raises(DomainError) as refusal:
        act(service, actor, **fields)
    return refusal.value


def topics() -> list[str]:
    with as_owner():
        return list(OutboxEvent.objects.order_by("at").values_list("topic", flat=True))


def test_a_machine_is_created_with_class_and_set_up_and_told(planner: Actor) -> None:
    machine = act(services.machine_create, planner, code="P-1", class_code="P2", family_code="F30")
    assert (machine.machine_class.code, machine.family.code, machine.status) == ("P2", "F30", "installed")
    assert topics() == ["machine.changed"]
    with actor_wall(planner):
        assert AuditRow.objects.get(object_id=machine.pk).changes["code"] == [None, "P-1"]


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"code": " "}, "/code"),
        ({"code": "P2-01"}, "/code"),
        ({"status": "lost"}, "/status"),
        ({"efficiency_permille": 99}, "/efficiency_permille"),
        ({"efficiency_permille": 2001}, "/efficiency_permille"),
        ({"external_ref": "E-1"}, "/external_ref"),
    ],
)
def test_a_machine_that_makes_no_sense_is_refused(
    planner: Actor, press: Machine, fields: dict[str, Any], pointer: str
) -> None:
    act(services.machine_create, planner, code="P-9", class_code="P2", external_ref="E-1")
    wanted = {"code": "P-1", "class_code": "P2"} | fields
    assert refused(services.machine_create, planner, **wanted).pointer == pointer


def test_an_unknown_class_or_family_is_named(planner: Actor) -> None:
    assert refused(services.machine_create, planner, code="P-1", class_code="?").pointer == "/class_code"
    unknown = refused(services.machine_create, planner, code="P-1", class_code="P2", family_code="?")
    assert unknown.pointer == "/family_code"


@pytest.mark.parametrize("before", MachineStatus.values)
@pytest.mark.parametrize("after", MachineStatus.values)
def test_machines_move_by_the_table_and_a_retired_one_stays_retired(planner: Actor, before: str, after: str) -> None:
    machine = a_machine(a_firm("F01"), status=before)
    if after in STATUS_NEXT[before]:
        assert act(services.machine_status_change, planner, machine_id=machine.pk, status=after).status == after
    else:
        refusal = refused(services.machine_status_change, planner, machine_id=machine.pk, status=after)
        assert isinstance(refusal, NotAllowedInState)


def test_a_calendar_rule_is_set_and_replaced(planner: Actor) -> None:
    a_pattern("DAY", ((480, 960),))
    a_pattern("24H")
    act(services.calendar_rule_set, planner, pattern_code="DAY", weekdays="54321")
    act(services.calendar_rule_set, planner, pattern_code="24H", weekdays="1234567", class_code="P2")
    act(services.calendar_rule_set, planner, pattern_code="24H", weekdays="12345", keeps_closure=False)
    with actor_wall(planner):
        rules = {rule.machine_class_id: rule for rule in CalendarRule.objects.select_related("pattern")}
    assert len(rules) == 2
    assert (rules[None].pattern.code, rules[None].weekdays, rules[None].keeps_closure) == ("24H", "12345", False)


@pytest.mark.parametrize("weekdays", ["", "11", "8", "0", "Mon", "12345678"])
def test_weekdays_are_iso_digits_each_once(planner: Actor, weekdays: str) -> None:
    a_pattern("24H")
    refusal = refused(services.calendar_rule_set, planner, pattern_code="24H", weekdays=weekdays)
    assert refusal.pointer == "/weekdays"
    assert refused(services.calendar_rule_set, planner, pattern_code="?", weekdays="1").pointer == "/pattern_code"


DATED = (services.overtime_add, services.downtime_add, services.frozen_booking_add)


@pytest.mark.parametrize("service", DATED)
def test_dated_exceptions_are_told_and_end_after_they_start(
    planner: Actor, press: Machine, service: Callable[..., Any]
) -> None:
    row = act(service, planner, machine_id=press.pk, starts_at=at(), ends_at=at(hours=8), note="检修")
    assert (row.machine_id, row.starts_at, row.ends_at) == (press.pk, at(), at(hours=8))
    assert topics() == ["calendar.changed"]
    naive = datetime(2026, 3, 2)  # noqa: DTZ001 - a naive instant is the point
    for period in ((at(), at()), (at(hours=1), at()), (naive, at())):
        fields = {"machine_id": press.pk, "starts_at": period[0], "ends_at": period[1]}
        assert refused(service, planner, **fields).pointer == "/ends_at"


def test_overtime_without_a_machine_is_the_whole_firms(planner: Actor) -> None:
    assert act(services.overtime_add, planner, starts_at=at(), ends_at=at(days=35)).machine_id is None


def test_two_bookings_of_a_machine_do_not_overlap(planner: Actor, press: Machine) -> None:
    act(services.frozen_booking_add, planner, machine_id=press.pk, starts_at=at(), ends_at=at(hours=8))
    touching = {"machine_id": press.pk, "starts_at": at(hours=8), "ends_at": at(hours=9)}
    act(services.frozen_booking_add, planner, **touching)
    overlapping = {"machine_id": press.pk, "starts_at": at(hours=7), "ends_at": at(hours=9)}
    assert isinstance(refused(services.frozen_booking_add, planner, **overlapping), InvalidValue)


@pytest.mark.parametrize("service", DATED)
def test_a_rivals_machine_is_not_found(rival: Actor, press: Machine, service: Callable[..., Any]) -> None:
    refusal = refused(service, rival, machine_id=press.pk, starts_at=at(), ends_at=at(hours=8))
    assert isinstance(refusal, NotFound)
    assert isinstance(refused(services.machine_status_change, rival, machine_id=press.pk, status="retired"), NotFound)


def an_offer(*machines: Machine, **fields: Any) -> OfferDraft:
    usual = {"starts_at": at(), "ends_at": at(days=20), "fee_cny_per_t": Decimal("2800.00")}
    return OfferDraft(machine_ids=frozenset(machine.pk for machine in machines), **(usual | fields))


def test_an_offer_is_published_with_machines_and_fee_apart_and_withdrawn_once(planner: Actor, press: Machine) -> None:
    offer = act(services.capacity_offer_publish, planner, draft=an_offer(press), now=MONDAY)
    assert (offer.code, offer.status) == ("C0001", OfferStatus.PUBLISHED)
    with actor_wall(planner):
        assert CapacityOfferTerms.objects.get(offer=offer).fee_cny_per_t == Decimal(2800)
        assert OfferedMachine.objects.get(offer=offer).machine_id == press.pk
    assert act(services.capacity_offer_withdraw, planner, offer_id=offer.pk, now=MONDAY).status == OfferStatus.WITHDRAWN
    assert isinstance(
        refused(services.capacity_offer_withdraw, planner, offer_id=offer.pk, now=MONDAY), NotAllowedInState
    )
    assert topics() == ["capacity_offer.published", "capacity_offer.withdrawn"]
    assert set(OFFER_NEXT) == set(OfferStatus.values)


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"ends_at": at()}, "/ends_at"),
        ({"starts_at": at(days=-9), "ends_at": at(days=-1)}, "/ends_at"),
        ({"share_pct": 0}, "/share_pct"),
        ({"share_pct": 101}, "/share_pct"),
        ({"least_lot_kg": -1}, "/least_lot_kg"),
        ({"accept": "maybe"}, "/accept"),
        ({"material_from": "heaven"}, "/material_from"),
        ({"fee_cny_per_t": Decimal("-0.01")}, "/fee_cny_per_t"),
        ({"fee_cny_per_t": Decimal("0.001")}, "/fee_cny_per_t"),
        ({"fee_cny_per_t": Decimal("Infinity")}, "/fee_cny_per_t"),
        ({"machine_ids": frozenset()}, "/machine_ids"),
    ],
)
def test_an_offer_that_makes_no_sense_is_refused(
    planner: Actor, press: Machine, fields: dict[str, Any], pointer: str
) -> None:
    draft = replace(an_offer(press), **fields)
    assert refused(services.capacity_offer_publish, planner, draft=draft, now=MONDAY).pointer == pointer


def test_only_own_installed_forming_machines_are_offered(planner: Actor, rival: Actor, press: Machine) -> None:
    firm = a_firm("F01")
    saw = a_machine(firm, "S-1", machine_class=a_machine_class("SAW1", "saw"))
    stored = a_machine(firm, "P-9", status=MachineStatus.OWNED_NOT_INSTALLED)
    for machine in (saw, stored):
        draft = an_offer(press, machine)
        assert refused(services.capacity_offer_publish, planner, draft=draft, now=MONDAY).pointer == "/machine_ids"
    foreign = refused(services.capacity_offer_publish, rival, draft=an_offer(press), now=MONDAY)
    assert isinstance(foreign, NotFound)


def test_a_rival_does_not_withdraw_an_offer(planner: Actor, rival: Actor, press: Machine) -> None:
    offer = act(services.capacity_offer_publish, planner, draft=an_offer(press), now=MONDAY, code="A-1")
    assert isinstance(refused(services.capacity_offer_withdraw, rival, offer_id=offer.pk, now=MONDAY), NotFound)
    taken = refused(services.capacity_offer_publish, planner, draft=an_offer(press), now=MONDAY, code="A-1")
    assert taken.pointer == "/code"


def test_material_comes_positive_and_goes_negative(planner: Actor) -> None:
    booked = {"material_code": "R1", "available_at": MONDAY}
    lot = act(lot_register, planner, material_code="R1")
    for reason, mass_g in (("opening", 5), ("arrival", 5), ("consumption", -5), ("correction", -5)):
        row = act(services.stock_movement_add, planner, mass_g=mass_g, reason=reason, lot_id=lot.pk, **booked)
        assert (row.mass_g, row.lot_id) == (mass_g, lot.pk)
        wrong = 0 if reason == "correction" else -mass_g
        refusal = refused(services.stock_movement_add, planner, mass_g=wrong, reason=reason, **booked)
        assert refusal.pointer == "/mass_g"
    for reason, mass_g, pointer in (("gift", 5, "/reason"), ("opening", 10**12, "/mass_g")):
        assert refused(services.stock_movement_add, planner, mass_g=mass_g, reason=reason, **booked).pointer == pointer


def test_stock_is_booked_on_known_materials_and_own_lots_of_them(planner: Actor, rival: Actor) -> None:
    lot = act(lot_register, planner, material_code="R1")
    made = act(lot_register, planner, product_id=a_product().pk)
    movement = {"mass_g": 5, "reason": "opening", "available_at": MONDAY}
    for actor, fields in (
        (planner, {"material_code": "?"}),
        (planner, {"material_code": "R1", "lot_id": made.pk}),
        (planner, {"material_code": "R1", "lot_id": uuid4()}),
        (rival, {"material_code": "R1", "lot_id": lot.pk}),
    ):
        assert isinstance(refused(services.stock_movement_add, actor, **movement, **fields), NotFound)
    with actor_wall(planner):
        assert not StockMovement.objects.exists()


def test_an_operator_plans_nothing_but_books_stock_and_the_association_does_neither(
    planner: Actor, press: Machine
) -> None:
    operator = an_operator(a_firm("F01"))
    a_pattern("24H")
    period = {"starts_at": at(), "ends_at": at(hours=1)}
    attempts: list[tuple[Callable[..., Any], dict[str, Any]]] = [
        (services.machine_create, {"code": "P-1", "class_code": "P2"}),
        (services.machine_status_change, {"machine_id": press.pk, "status": "retired"}),
        (services.calendar_rule_set, {"pattern_code": "24H", "weekdays": "1"}),
        *((service, {"machine_id": press.pk} | period) for service in DATED),
        (services.capacity_offer_publish, {"draft": an_offer(press), "now": MONDAY}),
        (services.capacity_offer_withdraw, {"offer_id": uuid4(), "now": MONDAY}),
    ]
    for service, fields in attempts:
        for actor in (operator, a_dispatcher()):
            assert isinstance(refused(service, actor, **fields), NotPermitted)
    movement = {"material_code": "R1", "mass_g": 5, "reason": "opening", "available_at": MONDAY}
    assert act(services.stock_movement_add, operator, **movement).mass_g == 5
    assert isinstance(refused(services.stock_movement_add, a_dispatcher(), **movement), NotPermitted)
