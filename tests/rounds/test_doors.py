"""The doors of rounds: what members' and suppliers' programs read and write."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from mes.core.actors import DatabaseRole
from mes.core.wall import wall
from mes.firms.choices import Role
from mes.firms.models import Firm
from procurement.rounds.models import Commitment, Round
from tests.factories import an_api_key
from tests.rounds.work import CLOSES_AT, a_draft_round, a_supplier, commit, the_time_is

TRUCK = {"least_kg": 0, "wanted_kg": 32_000, "most_kg": 64_000}
NEW = {"If-None-Match": "*"}


def address_of(row: Round, number: int = 1) -> str:
    return f"/api/v1/rounds/{row.pk}/lines/{number}/commitment"


class Buyer:
    """A firm's program."""

    def __init__(self, firm: Firm, role: Role = Role.BUYER) -> None:
        self.client = Client(headers=an_api_key(firm, role))

    def get(self, address: str, **query: Any) -> HttpResponse:
        return self.client.get(address, query)

    def put(self, address: str, body: dict[str, Any], **headers: str) -> HttpResponse:
        return self.client.put(address, json.dumps(body), content_type="application/json", headers=headers)

    def delete(self, address: str, **headers: str) -> HttpResponse:
        return self.client.delete(address, headers=headers)


@pytest.fixture
def buyer(firms: list[Firm]) -> Buyer:
    return Buyer(firms[0])


def test_announced_rounds_are_read_with_their_lines_and_drafts_are_not(opened: Round, buyer: Buyer) -> None:
    draft = a_draft_round("2026-R2")
    (row,) = buyer.get("/api/v1/rounds").json()["results"]
    assert row == buyer.get(f"/api/v1/rounds/{opened.pk}").json()
    assert (row["code"], row["status"], row["lines"][0]["material_code"]) == ("2026-R1", "collecting", "R1")
    assert row["lines"][0]["progress"] is None
    assert "spot_fen_per_t" not in row["lines"][0]
    assert buyer.get(f"/api/v1/rounds/{draft.pk}").status_code == 404
    assert buyer.get("/api/v1/rounds", status="frozen").json()["results"] == []


def test_a_commitment_is_put_read_changed_and_withdrawn(opened: Round, buyer: Buyer) -> None:
    address = address_of(opened)
    assert buyer.get(address).status_code == 404
    made = buyer.put(address, TRUCK | {"reserve_fen_per_t": 790_000}, **NEW)
    assert made.status_code == 201
    shown = buyer.get(address)
    assert (shown.json(), shown["ETag"]) == (made.json(), made["ETag"])
    assert shown.json() == buyer.get(f"/api/v1/commitments/{made.json()['id']}").json()
    changed = buyer.put(address, TRUCK | {"most_kg": 96_000}, **{"If-Match": made["ETag"]})
    assert (changed.status_code, changed.json()["reserve_fen_per_t"], changed.json()["revision"]) == (200, None, 2)
    withdrawn = buyer.delete(address, **{"If-Match": changed["ETag"]})
    assert (withdrawn.status_code, withdrawn.json()["status"]) == (200, "withdrawn")
    (listed,) = buyer.get("/api/v1/commitments", round_id=str(opened.pk)).json()["results"]
    assert listed == withdrawn.json()


def test_who_does_not_say_what_he_has_read_changes_nothing(opened: Round, buyer: Buyer) -> None:
    address = address_of(opened)
    assert buyer.put(address, TRUCK).status_code == 428
    first = buyer.put(address, TRUCK, **NEW)
    assert buyer.put(address, TRUCK, **NEW).status_code == 412
    assert buyer.put(address, TRUCK | {"priority": 1}, **{"If-Match": first["ETag"]}).status_code == 200
    assert buyer.put(address, TRUCK, **{"If-Match": first["ETag"]}).status_code == 412
    assert buyer.delete(address, **{"If-Match": first["ETag"]}).status_code == 412


def test_the_same_call_again_has_its_effect_once(opened: Round, buyer: Buyer) -> None:
    once = NEW | {"Idempotency-Key": "k1"}
    first, again = (buyer.put(address_of(opened), TRUCK, **once) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert (again.json(), again["Idempotent-Replayed"]) == (first.json(), "true")


def test_a_rehearsal_leaves_nothing(opened: Round, buyer: Buyer, firms: list[Firm]) -> None:
    answer = buyer.put(f"{address_of(opened)}?dry_run=true", TRUCK, **NEW)
    assert (answer.status_code, answer["Dry-Run"]) == (200, "true")
    with wall(DatabaseRole.FIRM, firms[0].pk):
        assert not Commitment.objects.exists()


@pytest.mark.parametrize(
    ("body", "status", "code", "pointer"),
    [
        ({"wanted_kg": 32_000, "most_kg": 64_000}, 400, "invalid", "/least_kg"),
        (TRUCK | {"wanted_kg": "32000"}, 400, "invalid", "/wanted_kg"),
        (TRUCK | {"price": 1}, 400, "invalid", "/price"),
        (TRUCK | {"wanted_kg": 32_001}, 422, "invalid_value", "/wanted_kg"),
        (TRUCK | {"approved_suppliers": ["F02"]}, 422, "invalid_value", "/approved_suppliers/0"),
        (TRUCK | {"most_kg": 1_300_000}, 409, "use_exceeded", "/most_kg"),
        (TRUCK | {"silence": "maybe"}, 400, "invalid", "/silence"),
    ],
)
def test_what_cannot_be_is_refused_with_field_and_rule(
    opened: Round, buyer: Buyer, body: dict[str, Any], status: int, code: str, pointer: str
) -> None:
    answer = buyer.put(address_of(opened), body, **NEW)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.content
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


def test_after_the_close_the_refusal_says_so(opened: Round, buyer: Buyer) -> None:
    the_time_is(CLOSES_AT)
    answer = buyer.put(address_of(opened), TRUCK, **NEW)
    assert (answer.status_code, answer.json()["code"]) == (409, "round_closed")


def test_a_line_that_is_not_there_is_not_found(opened: Round, buyer: Buyer) -> None:
    for number in (2, 10**12):
        assert buyer.put(address_of(opened, number), TRUCK, **NEW).status_code == 404
        assert buyer.get(address_of(opened, number)).status_code == 404


def test_a_rival_finds_nothing_of_it(opened: Round, buyer: Buyer, firms: list[Firm]) -> None:
    row, rival = commit(firms[0], opened, 32_000), Buyer(firms[1])
    assert rival.get(f"/api/v1/commitments/{row.pk}").status_code == 404
    assert rival.get(address_of(opened)).status_code == 404
    assert rival.get("/api/v1/commitments").json()["results"] == []


def test_who_does_not_buy_commits_to_nothing(opened: Round, firms: list[Firm]) -> None:
    assert Buyer(firms[0], Role.OPERATOR).put(address_of(opened), TRUCK, **NEW).status_code == 403


def test_a_suppliers_program_meets_no_round_and_no_member(opened: Round, firms: list[Firm]) -> None:
    commit(firms[0], opened, 32_000)
    seller = Buyer(a_supplier(), Role.SUPPLIER)
    assert seller.get(f"/api/v1/rounds/{opened.pk}").status_code == 404
    assert seller.put(address_of(opened), TRUCK, **NEW).status_code == 403
    for address in ("rounds", "commitments", "sales-orders", "capacity-offers", "promises", "machines", "proposals"):
        assert seller.get(f"/api/v1/{address}").json()["results"] == [], address
    told = seller.get("/api/v1/changes", start="beginning").json()["results"]
    assert {row["kind"] for row in told} <= {"product", "qualification"}
    for address in ("sales-orders", "promises", "capacity-offers"):
        answer = seller.client.post(f"/api/v1/{address}", "{}", content_type="application/json")
        assert answer.status_code in {400, 403}, address


def test_a_supplier_asks_to_be_qualified_and_reads_what_became_of_it(opened: Round, firms: list[Firm]) -> None:
    newcomer = Buyer(a_supplier("S02", material="R1"), Role.SELLER)
    (row,) = newcomer.get("/api/v1/qualifications").json()["results"]
    assert (row["supplier_code"], row["status"]) == ("S02", "qualified")
    assert Buyer(firms[0]).get(f"/api/v1/qualifications/{row['id']}").json() == row
    again = newcomer.client.post(
        "/api/v1/qualifications", json.dumps({"material_code": "R1"}), content_type="application/json"
    )
    assert (again.status_code, again.json()["code"]) == (409, "not_allowed_in_state")
