"""Moulds, crews and power through the API."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import Program
from tests.factories import a_firm, a_machine, a_machine_class, a_pattern

pytestmark = pytest.mark.django_db
WINDOW = {"starts_at": "2036-03-01T00:00:00+08:00", "ends_at": "2036-04-01T00:00:00+08:00"}
MOULD = {"code": "M-1", "kind": "mould", "size": 2}


@pytest.fixture
def mould(program: Program) -> str:
    created = program.post("pools", MOULD)
    assert created.status_code == 201, created.content
    address = f"pools/{created.json()['id']}"
    assert created["Location"] == f"/api/v1/{address}"
    return address


def test_a_pool_is_entered_changed_and_retired(program: Program, rival: Program, mould: str) -> None:
    pattern = a_pattern()
    changed = program.patch(mould, {"size": 3, "name": "模", "pattern_code": pattern.code, "weekdays": "54321"}).json()
    assert (changed["size"], changed["pattern_code"], changed["weekdays"]) == (3, pattern.code, "12345")
    assert program.patch(mould, {"pattern_code": None}).json()["pattern_code"] is None
    assert program.patch(mould, {"status": "retired"}).json()["status"] == "retired"
    assert program.patch(mould, {"status": "in_service"}).status_code == 409
    assert program.get("pools", status="in_service").json()["results"] == []
    assert [row["code"] for row in program.get("pools", status="retired").json()["results"]] == ["M-1"]
    assert rival.get("pools").json()["results"] == []
    unknown = rival.get("pools/00000000-0000-7000-8000-000000000000")
    for answer in (rival.get(mould), rival.patch(mould, {"size": 1}), rival.post(f"{mould}/needs", {"process": "SAW"})):
        assert answer.status_code == 404
        assert answer.json()["code"] == unknown.json()["code"]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"code": ""}, "/code"),
        ({"kind": "truck"}, "/kind"),
        ({"size": 0}, "/size"),
        ({"size": "2"}, "/size"),
        ({"size": 1.5}, "/size"),
        ({"weekdays": "8"}, "/weekdays"),
        ({"pattern_code": "NONE"}, "/pattern_code"),
        ({"keeps_holidays": 1}, "/keeps_holidays"),
        ({"firm": "F02"}, "/firm"),
    ],
)
def test_a_pool_that_cannot_be_is_refused(program: Program, change: dict[str, Any], pointer: str) -> None:
    refused = program.post("pools", MOULD | change)
    assert refused.status_code in {400, 422}, refused.content
    assert refused.json()["errors"][0]["pointer"] == pointer


def test_what_needs_it_is_said_shown_and_taken_back(program: Program, rival: Program, mould: str) -> None:
    (product,) = program.get("products", code="PANEL-30").json()["results"]
    need = program.post(f"{mould}/needs", {"process": "PRESS", "product_code": product["code"]})
    assert need.status_code == 201, need.content
    assert program.get(mould).json()["needs"] == [need.json()]
    assert (need.json()["pool"], need.json()["product_code"], need.json()["units"]) == ("M-1", "PANEL-30", 1)
    address = f"pool-needs/{need.json()['id']}"
    assert rival.get(address).status_code == rival.client.delete(f"/api/v1/{address}").status_code == 404
    assert program.client.delete(f"/api/v1/{address}").json()["process"] == "PRESS"
    assert program.get(address).status_code == 404


@pytest.mark.parametrize(
    ("need", "pointer"),
    [
        ({}, "/process"),
        ({"process": "REST"}, "/process"),
        ({"process": "FLY"}, "/process"),
        ({"process": "PRESS", "units": 3}, "/units"),
        ({"process": "PRESS", "product_code": "NONE"}, "/product_code"),
        ({"process": "PRESS", "product_code": "PANEL-30", "thickness_mm": 30}, "/thickness_mm"),
        ({"class_code": "NONE"}, "/class_code"),
        ({"machine": "R-1"}, "/machine"),
        ({"machine": "P-1", "class_code": "P2"}, "/process"),
        ({"machine": "P-1", "thickness_mm": 30}, "/process"),
    ],
)
def test_a_need_that_cannot_be_is_refused(program: Program, mould: str, need: dict[str, Any], pointer: str) -> None:
    a_machine(a_firm("F02"), "R-1")
    a_machine(a_firm("F01"), "P-1", machine_class=a_machine_class())
    refused = program.post(f"{mould}/needs", need)
    assert refused.status_code in {400, 422}, refused.content
    assert refused.json()["errors"][0]["pointer"] == pointer


def test_it_is_missing_for_a_time(program: Program, rival: Program, mould: str) -> None:
    created = program.post("pool-downtimes", WINDOW | {"pool": "M-1", "units": 1, "note": "修模"})
    assert created.status_code == 201, created.content
    address = f"pool-downtimes/{created.json()['id']}"
    assert created["Location"] == f"/api/v1/{address}"
    assert program.get(address).json() == program.get("pool-downtimes").json()["results"][0]
    assert rival.get("pool-downtimes").json()["results"] == []
    for change, pointer in (
        ({"units": 3}, "/units"),
        ({"ends_at": WINDOW["starts_at"]}, "/ends_at"),
        ({"pool": "M-1"}, "/pool"),
    ):
        refused = program.patch(address, change)
        assert refused.status_code in {400, 422}
        assert refused.json()["errors"][0]["pointer"] == pointer
    assert program.patch(address, {"units": None}).json()["units"] is None
    assert rival.patch(address, {"units": 1}).status_code == 404
    assert program.client.delete(f"/api/v1/{address}").json()["pool"] == "M-1"
    assert program.get(address).status_code == 404
    assert rival.post("pool-downtimes", WINDOW | {"pool": "M-1"}).json()["errors"][0]["pointer"] == "/pool"
