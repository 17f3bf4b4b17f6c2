"""What programs are told and refused of what follows an award; what an officer does on the desk."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from mes.firms.choices import Role
from procurement.supply import services
from procurement.supply.models import Concession, DeliveryLot, FirmOrder
from tests.database import as_owner
from tests.factories import an_api_key
from tests.factories.awarded import an_awarded_round, seller_of
from tests.factories.park import user_of
from tests.factories.rounds import OpenedRound
from tests.rounds.work import the_time_is
from tests.supply.work import (
    BAD,
    act,
    again,
    agreement_of,
    announced,
    certified,
    delivering,
    got,
    lots_of,
    shared,
    timed,
)

pytestmark = pytest.mark.django_db(transaction=True)

BODY: dict[str, Any] = {
    "number": "D1", "expected_on": "2026-03-20", "ticket_kg": 1000, "lots": [{"lot_number": "P1", "bags": 40}],
}  # fmt: skip


def program(found: OpenedRound, code: str, role: Role) -> Client:
    return Client(headers=an_api_key(found.firms[code], role))


def send(client: Client, address: str, body: Any, **headers: str) -> Any:
    return client.post(f"/api/v1/{address}", body, content_type="application/json", headers=headers)


def refused(answer: Any) -> tuple[int, str, list[str]]:
    told = answer.json()
    return answer.status_code, told["code"], [error["pointer"] for error in told.get("errors", ())]


def test_bad_announcements_and_certificates_are_refused_by_field_and_leave_nothing() -> None:
    found = delivering(an_awarded_round(), signed=False)
    seller = program(found, "S1", Role.SELLER)
    address = f"resin-agreements/{agreement_of(found).pk}/deliveries"
    twice = {**BODY, "lots": [{"lot_number": "P1", "bags": 1}, {"lot_number": "P1", "bags": 2}]}
    assert refused(send(seller, address, twice)) == (422, "invalid_value", ["/lots/1/lot_number"])
    assert refused(send(seller, address, {**BODY, "ticket_kg": "32吨"}))[::2] == (400, ["/ticket_kg"])
    assert refused(send(seller, address, {**BODY, "lots": []}))[::2] == (422, ["/lots"])
    assert refused(send(program(found, "S2", Role.SELLER), address, BODY))[0] == 404
    assert refused(send(program(found, "F01", Role.BUYER), address, BODY))[0] == 403
    made = send(seller, address, BODY)
    assert made.status_code == 201
    assert refused(send(seller, address, BODY)) == (422, "invalid_value", ["/number"])
    with as_owner():
        assert DeliveryLot.objects.count() == 1
    lot_address = f"resin-delivery-lots/{made.json()['lots'][0]['id']}"
    state = {"If-Match": seller.get(f"/api/v1/{lot_address}")["ETag"]}
    value = {"property": "viscosity_number", "value": "2300", "unit": "g/l", "method": "ISO 1628-3"}
    wrong_unit = send(seller, f"{lot_address}/certify", {"values": [value]}, **state)
    assert refused(wrong_unit) == (422, "invalid_value", ["/values/0/unit"])
    with as_owner():
        foreign = {"values": [{**value, "unit": "ml/g"}], "certificate_id": str(found.firms["S2"].pk)}
    assert refused(send(seller, f"{lot_address}/certify", foreign, **state))[0] == 404
    assert send(seller, f"{lot_address}/certify", {"values": [{**value, "unit": "ml/g"}]}, **state).status_code == 200


def test_a_firm_is_told_its_own_part_and_no_total() -> None:
    found = delivering(an_awarded_round())
    delivery = shared(found, (1800,))
    mine = program(found, "F03", Role.BUYER).get("/api/v1/resin-lots").json()["results"]
    assert [(part["bags"], part["kg"], part["lot_number"]) for part in mine] == [(200, 5000, "D1-1")]
    assert {value["property"] for value in mine[0]["values"]} == {"viscosity_number", "ash"}
    for address in ("resin-deliveries", "resin-delivery-lots"):
        key = delivery.pk if address == "resin-deliveries" else lots_of(delivery)[0].pk
        assert program(found, "F03", Role.BUYER).get(f"/api/v1/{address}/{key}").status_code == 404
    theirs = program(found, "S1", Role.SELLER).get("/api/v1/resin-lots").json()["results"]
    assert {part["firm"]: part["bags"] for part in theirs} == got(delivery)
    assert program(found, "S2", Role.SELLER).get("/api/v1/resin-lots").json()["results"] == []
    other = lots_of(delivery)[0].pk
    with as_owner():
        order = FirmOrder.objects.get(firm=found.firms["F03"])
    body = {"order_id": str(order.pk), "lot_id": str(other), "kind": "late", "kg": 1, "amount_fen": 0, "reason": "x"}
    assert refused(send(program(found, "F03", Role.BUYER), "resin-claims", body))[::2] == (422, ["/lot_id"])


def desk(name: str = "officer") -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(user_of(None, Role.ROUND_OFFICER, username=name))
    return client


def on_desk(client: Client, page: str, row: Any, name: str, /, **values: Any) -> int:
    answer = client.post(reverse(f"admin:{page}_act_on_row", args=[row.pk, name]), values)
    return int(answer.status_code)


def test_an_officer_leads_a_delivery_from_the_award_to_the_end() -> None:
    found, officer = an_awarded_round(), desk()
    assert on_desk(officer, "rounds_round", found.row, "make-orders") == 302
    for code in ("F01", "F02", "F03"):
        with as_owner():
            order = FirmOrder.objects.get(firm=found.firms[code], supplier=found.firms["S1"])
        timed(found.buyer(code), services.order_sign, order_id=order.pk, contract_number="HT-1")
    set_limit = reverse("admin:supply_resinlimit_act_on_list", args=["set"])
    limit = {"material": found.lines["PE1"].material_id, "property": "viscosity_number", "least": "2000"}
    assert officer.post(set_limit, limit).status_code == 302
    delivery = announced(found, (1600, 200))
    first, second = lots_of(delivery)
    certified(found, delivery)
    act(seller_of(found, "S1"), services.certificate_put, lot_id=second.pk, values=BAD)
    weight = {"gross_kg": 59_000, "tare_kg": 14_000, "ticket_number": "W-1"}
    assert on_desk(officer, "supply_delivery", delivery, "weigh", **weight) == 302
    assert on_desk(officer, "supply_delivery", delivery, "settle") == 302
    assert on_desk(officer, "supply_deliverylot", first, "release") == 302
    assert on_desk(officer, "supply_deliverylot", second, "release") == 409
    assert on_desk(officer, "supply_deliverylot", second, "ask", reason="wear strips") == 302
    with as_owner():
        asked = Concession.objects.get(firm=found.firms["F03"])
    timed(found.buyer("F03"), services.concession_agree, concession_id=asked.pk)
    assert on_desk(officer, "supply_deliverylot", second, "concede", reason="F03 takes it") == 302
    page = officer.get(reverse("admin:supply_delivery_change", args=[delivery.pk])).content.decode()
    assert "Preview of the sharing" in page
    form = officer.get(reverse("admin:supply_delivery_act_on_row", args=[delivery.pk, "share"]))
    digest = form.context["form"].initial["digest"]
    assert on_desk(officer, "supply_delivery", delivery, "share", digest="0") == 409
    assert on_desk(officer, "supply_delivery", delivery, "share", digest=digest) == 302
    assert got(again(delivery)) == {"F02": 400, "F01": 1200, "F03": 200}
    the_time_is(found.opened_at)
    claim = {"kind": "late", "kg": 5000, "amount_fen": 1000, "reason": "too late"}
    assert on_desk(officer, "supply_delivery", delivery, "claim", **claim) == 302
    assert on_desk(officer, "rounds_round", found.row, "end-deliveries") == 302
    assert found.again().status == "settling"
