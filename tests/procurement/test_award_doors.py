"""What programs of firms and suppliers read and write of an award."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from mes.firms.choices import Role
from procurement.awards import services
from tests.api.test_changes import settle
from tests.factories import an_api_key
from tests.factories.rounds import OpenedRound, an_opened_round
from tests.procurement.work import act, closed, proposed, searched, share_of, signed
from tests.rounds.work import the_time_is

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def seconds(settings: Any) -> None:
    settings.AWARD_SECONDS = 10


@pytest.fixture
def found() -> OpenedRound:
    return searched(an_opened_round())


def program(found: OpenedRound, code: str, role: Role = Role.BUYER) -> Client:
    return Client(headers=an_api_key(found.firms[code], role))


def shares(client: Client, found: OpenedRound) -> list[dict[str, Any]]:
    answer = client.get(f"/api/v1/rounds/{found.pk}/shares")
    assert answer.status_code == 200, answer.content
    results: list[dict[str, Any]] = answer.json()["results"]
    return results


def say(client: Client, share_id: str, verb: str) -> Any:
    tag = client.get(f"/api/v1/resin-shares/{share_id}")["ETag"]
    return send(client, share_id, verb, **{"If-Match": tag, "Idempotency-Key": verb})


def send(client: Client, share_id: object, verb: str, **headers: str) -> Any:
    address = f"/api/v1/resin-shares/{share_id}/{verb}"
    return client.post(address, content_type="application/json", headers=headers)


def test_a_firm_reads_its_shares_from_the_proposal_on_and_its_suppliers_when_signed(found: OpenedRound) -> None:
    client = program(found, "F01")
    assert shares(client, found) == []
    proposed(found)
    told = shares(client, found)
    assert [(share["line"], share["material_code"], share["status"]) for share in told] == [
        (1, "PE1", "proposed"),
        (2, "PE2", "proposed"),
    ]
    assert told[0]["kg"] >= 30_000
    assert told[0]["price_fen_per_t"] > 0
    assert told[0]["alone_fen_per_t"] == 980_000  # it reaches the break alone
    assert (told[0]["answer"], told[0]["suppliers"]) == (None, [])
    assert told[0]["answer_until"].startswith("2026-03-04T00:00:00")
    act(found.buyer("F06"), services.share_confirm, share_id=share_of(found, "F06").pk)
    closed()
    signed(found)
    done = shares(client, found)[0]
    assert (done["status"], done["answer"], done["by_silence"]) == ("awarded", "confirmed", True)
    assert sum(part["kg"] for part in done["suppliers"]) == done["kg"]


def test_all_firms_of_a_line_read_one_price(found: OpenedRound) -> None:
    proposed(found)
    prices = {
        share["price_fen_per_t"]
        for code in ("F01", "F02", "F04")
        for share in shares(program(found, code), found)
        if share["line"] == 1
    }
    assert len(prices) == 1


def test_a_firm_confirms_and_opts_out_with_the_state_that_it_has_read(found: OpenedRound) -> None:
    proposed(found)
    client = program(found, "F02")
    share_id = shares(client, found)[0]["id"]
    bare = send(client, share_id, "confirm", **{"Idempotency-Key": "1"})
    assert (bare.status_code, bare.json()["code"]) == (428, "precondition_required")
    stale = send(client, share_id, "confirm", **{"Idempotency-Key": "2", "If-Match": '"x"'})
    assert stale.status_code == 412
    assert say(client, share_id, "confirm").json()["answer"] == "confirmed"
    assert say(client, share_id, "opt-out").json()["answer"] == "opted_out"


def test_too_late_is_said_with_its_code(found: OpenedRound) -> None:
    proposed(found)
    client = program(found, "F02")
    share_id = shares(client, found)[0]["id"]
    the_time_is(found.again().confirm_closes_at)  # type: ignore[arg-type]
    answer = say(client, share_id, "confirm")
    assert (answer.status_code, answer.json()["code"]) == (409, "confirmation_closed")


def test_a_rival_a_supplier_and_an_operator_change_nothing(found: OpenedRound) -> None:
    proposed(found)
    share_id = share_of(found, "F02").pk
    for client in (program(found, "F01"), program(found, "S1", Role.SELLER)):
        for verb in ("confirm", "opt-out"):
            assert send(client, share_id, verb).status_code == 404
        assert client.get(f"/api/v1/resin-shares/{share_id}").status_code == 404
    assert say(program(found, "F02", Role.OPERATOR), str(share_id), "confirm").status_code == 403
    assert program(found, "S1", Role.SELLER).get(f"/api/v1/rounds/{found.pk}/shares").status_code == 404


def test_a_supplier_reads_what_it_delivers_once_it_is_signed(found: OpenedRound) -> None:
    proposed(found)
    client = program(found, "S1", Role.SELLER)
    none_yet = client.get("/api/v1/resin-awards")
    assert (none_yet.status_code, none_yet.json().get("results")) == (200, []), none_yet.content
    act(found.buyer("F06"), services.share_confirm, share_id=share_of(found, "F06").pk)
    closed()
    signed(found)
    rows = client.get("/api/v1/resin-awards").json()["results"]
    assert rows
    assert {row["material_code"] for row in rows} <= {"PE1", "PE2"}
    assert all(row["kg"] > 0 and row["price_fen_per_t"] > 0 for row in rows)
    assert client.get(f"/api/v1/resin-awards/{rows[0]['id']}").json() == rows[0]
    rival = program(found, "S2", Role.SELLER)
    assert rival.get(f"/api/v1/resin-awards/{rows[0]['id']}").status_code == 404
    assert program(found, "F01").get("/api/v1/resin-awards").json()["results"] == []


def test_the_feed_tells_a_firm_of_its_share_when_it_is_put_to_it_and_not_before(found: OpenedRound) -> None:
    def told(client: Client) -> list[str]:
        settle()
        rows = client.get("/api/v1/changes?start=beginning").json()["results"]
        return [row["id"] for row in rows if row["kind"] == "resin_share"]

    client = program(found, "F02")
    assert told(client) == []
    proposed(found)
    assert told(client) == [str(share_of(found, "F02").pk)]
