"""Machines, hours and offers through the API."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from mes.core.clock import business_now
from mes.core.wall import actor_wall
from production.machines.services import OfferDraft, capacity_offer_publish
from tests.api.conftest import Program
from tests.database import as_owner
from tests.factories import MONDAY, a_firm, a_machine, a_machine_class, a_pattern, at, planner_of

pytestmark = pytest.mark.django_db
WINDOW = {"starts_at": "2036-03-01T00:00:00+08:00", "ends_at": "2036-04-01T00:00:00+08:00"}


@pytest.fixture
def press(program: Program) -> Any:
    return a_machine(a_firm("F01"), "P-1")


def test_a_machine_is_entered_and_retired(program: Program, rival: Program) -> None:
    machine_class = a_machine_class()
    created = program.post("machines", {"code": "P-9", "class_code": machine_class.code})
    assert created.status_code == 201, created.content
    address = f"machines/{created.json()['id']}"
    assert program.get(address).json()["class_code"] == machine_class.code
    assert program.patch(address, {"status": "retired"}).json()["status"] == "retired"
    assert program.patch(address, {"status": "installed"}).status_code == 409
    assert [row["code"] for row in program.get("machines", status="retired").json()["results"]] == ["P-9"]
    assert rival.get(address).status_code == rival.patch(address, {"status": "retired"}).status_code == 404
    assert rival.get("machines").json()["results"] == []


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"code": "", "class_code": "X"}, "/code"),
        ({"code": "P", "class_code": "NONE"}, "/class_code"),
        ({"code": "P", "class_code": "CLASS", "efficiency_permille": 99}, "/efficiency_permille"),
        ({"code": "P", "class_code": "CLASS", "efficiency_permille": "1000"}, "/efficiency_permille"),
        ({"code": "P", "class_code": "CLASS", "family_code": "NONE"}, "/family_code"),
        ({"code": "P", "class_code": "CLASS", "status": "sold"}, "/status"),
        ({"code": "P", "class_code": "CLASS", "firm": "F02"}, "/firm"),
    ],
)
def test_a_machine_that_cannot_be_is_refused(program: Program, body: dict[str, Any], pointer: str) -> None:
    if body["class_code"] == "CLASS":
        body = body | {"class_code": a_machine_class().code}
    refused = program.post("machines", body)
    assert refused.status_code in {400, 422}, refused.content
    assert refused.json()["errors"][0]["pointer"] == pointer


def test_working_days_are_set_and_replaced(program: Program) -> None:
    pattern = a_pattern()
    for weekdays in ("12345", "123456"):
        assert program.put("calendar-rules", {"pattern_code": pattern.code, "weekdays": weekdays}).status_code == 200
    (rule,) = program.get("calendar-rules").json()["results"]
    assert (rule["weekdays"], rule["class_code"]) == ("123456", None)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"weekdays": ""}, "/weekdays"),
        ({"weekdays": "8"}, "/weekdays"),
        ({"weekdays": "11"}, "/weekdays"),
        ({"weekdays": "１"}, "/weekdays"),
        ({"pattern_code": "NONE"}, "/pattern_code"),
        ({"class_code": "NONE"}, "/class_code"),
        ({"hours": 0}, "/hours"),
    ],
)
def test_a_calendar_without_hours_is_refused(program: Program, change: dict[str, Any], pointer: str) -> None:
    refused = program.put("calendar-rules", {"pattern_code": a_pattern().code, "weekdays": "1"} | change)
    assert refused.status_code in {400, 422}, refused.content
    assert refused.json()["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize("address", ["downtimes", "overtime"])
def test_a_period_is_entered_and_listed(program: Program, rival: Program, press: Any, address: str) -> None:
    assert program.post(address, WINDOW | {"machine": "P-1", "note": "大修"}).status_code == 201
    (row,) = program.get(address).json()["results"]
    assert (row["machine"], row["starts_at"]) == ("P-1", WINDOW["starts_at"])
    assert rival.get(address).json()["results"] == []


@pytest.mark.parametrize("address", ["downtimes", "overtime"])
@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"ends_at": "2036-02-01T00:00:00Z"}, "/ends_at"),
        ({"ends_at": WINDOW["starts_at"]}, "/ends_at"),
        ({"starts_at": "0001-01-01T00:00:00Z"}, "/starts_at"),
        ({"machine": "R-1"}, "/machine"),
        ({"machine": None}, "/machine"),
        ({"note": "x" * 201}, "/note"),
        ({"firm_id": "x"}, "/firm_id"),
    ],
)
def test_a_period_that_cannot_be_is_refused(
    program: Program, press: Any, address: str, change: dict[str, Any], pointer: str
) -> None:
    a_machine(a_firm("F02"), "R-1")
    refused = program.post(address, WINDOW | {"machine": "P-1"} | change)
    assert refused.status_code in {400, 422}, refused.content
    assert refused.json()["errors"][0]["pointer"] == pointer


def test_capacity_is_offered_and_withdrawn(program: Program, rival: Program, press: Any) -> None:
    body = WINDOW | {"machines": ["P-1"], "fee_cny_per_t": "2500.50", "share_pct": 50}
    created = program.post("capacity-offers", body)
    assert created.status_code == 201, created.content
    offer = created.json()
    assert (offer["machines"], offer["fee_cny_per_t"], offer["status"]) == (["P-1"], "2500.50", "published")
    assert rival.post(f"capacity-offers/{offer['id']}/withdraw").status_code == 404
    assert rival.get("capacity-offers").json()["results"] == []
    assert program.post(f"capacity-offers/{offer['id']}/withdraw").json()["status"] == "withdrawn"
    assert program.post(f"capacity-offers/{offer['id']}/withdraw").status_code == 409


def test_what_all_offer_is_told_in_bands_to_each_alike(program: Program, rival: Program, press: Any) -> None:
    for number in range(6):
        firm = a_firm(f"M{number}")
        key = a_machine(firm, "M-1").pk
        planner = planner_of(firm)
        draft = OfferDraft(frozenset({key}), at(days=-7), at(days=7000), Decimal(2500), share_pct=25)
        with actor_wall(planner):
            capacity_offer_publish(actor=planner, draft=draft, now=MONDAY)
    answer = program.get("capacity-bands")
    assert answer.status_code == 200, answer.content
    rows = answer.json()["results"]
    assert [(row["class_code"], row["band"]) for row in rows] == [("P2", "up_to_500")] * 4
    first = date.fromisoformat(rows[0]["starts_on"])
    assert [row["starts_on"] for row in rows] == [str(first + timedelta(days=7 * week)) for week in range(4)]
    assert first.isoweekday() == 1
    assert first <= timezone.localdate(business_now())
    assert rival.get("capacity-bands").content == answer.content
    assert program.get("capacity-bands", class_code="P2").status_code == 400


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"machines": []}, "/machines"),
        ({"machines": ["R-1"]}, "/machines/0"),
        ({"machines": "P-1"}, "/machines"),
        ({"fee_cny_per_t": "-1"}, "/fee_cny_per_t"),
        ({"fee_cny_per_t": "NaN"}, "/fee_cny_per_t"),
        ({"share_pct": 101}, "/share_pct"),
        ({"share_pct": 0}, "/share_pct"),
        ({"least_lot_kg": -1}, "/least_lot_kg"),
        ({"ends_at": "2036-02-01T00:00:00Z"}, "/ends_at"),
        ({"accept": "never"}, "/accept"),
    ],
)
def test_an_offer_that_cannot_be_is_refused(program: Program, press: Any, change: dict[str, Any], pointer: str) -> None:
    a_machine(a_firm("F02"), "R-1")
    refused = program.post("capacity-offers", WINDOW | {"machines": ["P-1"], "fee_cny_per_t": "2500"} | change)
    assert refused.status_code in {400, 422}, refused.content
    assert refused.json()["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize("table", ["machines_downtime", "machines_overtime", "machines_capacityoffer"])
def test_the_database_refuses_an_end_before_the_start(program: Program, press: Any, table: str) -> None:
    program.post("downtimes", WINDOW | {"machine": "P-1"})
    program.post("overtime", WINDOW)
    program.post("capacity-offers", WINDOW | {"machines": ["P-1"], "fee_cny_per_t": "2500"})
    with as_owner(), pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET ends_at = starts_at")


def test_products_and_classes_are_listed(program: Program) -> None:
    (product,) = program.get("products", code="PANEL-30").json()["results"]
    assert (product["code"], product["is_own"]) == ("PANEL-30", False)
    assert program.get(f"products/{product['id']}").json()["code"] == "PANEL-30"
    machine_class = a_machine_class()
    assert machine_class.code in [row["code"] for row in program.get("machine-classes").json()["results"]]


def test_an_own_product_is_made_and_nobody_else_sees_it(program: Program, rival: Program) -> None:
    machine_class = a_machine_class()
    standard = program.get("products").json()["results"][0]
    body = {
        "code": "OWN-1", "name_zh": "自有板", "form": "panel", "length_mm": 1000, "width_mm": 1000, "thickness_mm": 20,
        "unit_mass_g": 18800, "grade_code": standard["grade_code"], "colour": "white",
        "routings": [{"variant": "press", "steps": [
            {"process": "PRESS", "options": [
                {"class_code": machine_class.code, "pieces_per_cycle": 4, "cycle_s": 3600}]}]}],
    }  # fmt: skip
    created = program.post("products", body)
    assert created.status_code == 201, created.content
    assert created.json()["is_own"] is True
    assert rival.get(f"products/{created.json()['id']}").status_code == 404
    assert rival.get("products", code="OWN-1").json()["results"] == []
    for change, pointer in (
        ({"code": "OWN-1"}, "/code"),
        ({"code": "OWN-2", "thickness_mm": 0}, "/thickness_mm"),
        ({"code": "OWN-2", "thickness_mm": "２０"}, "/thickness_mm"),
        ({"code": "OWN-2", "thickness_mm": 90_000}, "/routings/0/steps/0/options/0/class_code"),
        ({"code": "OWN-2", "routings": []}, "/routings"),
        ({"code": "OWN-2", "price": 1}, "/price"),
        ({"code": "OWN-2", "routings": [mixed_routing(body)]}, "/routings/0/steps/0/options"),
    ):
        refused = program.post("products", body | change)
        assert refused.status_code in {400, 422}, refused.content
        assert refused.json()["errors"][0]["pointer"] == pointer


def mixed_routing(body: dict[str, Any]) -> dict[str, Any]:
    """A step that works by cycles on one class and by seconds per piece on another: no plan can take both."""
    (routing,) = body["routings"]
    (step,) = routing["steps"]
    other = {"class_code": a_machine_class("P4").code, "seconds_per_piece": 60}
    return routing | {"steps": [step | {"options": [*step["options"], other]}]}


def test_a_downtime_is_moved_ended_and_removed(program: Program, rival: Program, press: Any) -> None:
    created = program.post("downtimes", WINDOW | {"machine": "P-1"})
    address = f"downtimes/{created.json()['id']}"
    assert created["Location"] == f"/api/v1/{address}"
    for change, pointer in (
        ({"ends_at": WINDOW["starts_at"]}, "/ends_at"),
        ({"starts_at": "0001-01-01T00:00:00Z"}, "/starts_at"),
        ({"machine": "P-1"}, "/machine"),
    ):
        refused = program.patch(address, change)
        assert refused.status_code in {400, 422}
        assert refused.json()["errors"][0]["pointer"] == pointer
    assert program.get(address).json() == created.json()
    ended = program.patch(address, {"ends_at": "2036-03-02T00:00:00+08:00", "note": "已修好"}).json()
    assert (ended["ends_at"], ended["note"], ended["machine"]) == ("2036-03-02T00:00:00+08:00", "已修好", "P-1")
    assert rival.get(address).status_code == rival.patch(address, {"note": "x"}).status_code == 404
    assert rival.client.delete(f"/api/v1/{address}").status_code == 404
    assert program.client.delete(f"/api/v1/{address}").json()["id"] == ended["id"]
    assert program.get(address).status_code == 404
