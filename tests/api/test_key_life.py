"""The life of a key: replaced while both live, limited to networks, its use noted, its digest under a new pepper."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from mes.core.addresses import client_address
from mes.core.clock import database_now
from mes.firms import authentication
from mes.firms.keys import digest_of
from mes.firms.models import ApiKey
from tests.api.conftest import order_body
from tests.core.people import Party, make_party
from tests.database import as_owner
from tests.factories import a_product

pytestmark = pytest.mark.django_db
KEYS = "/api/v1/api-keys"
ME = "/api/v1/me"


@pytest.fixture
def party(db: None) -> Party:
    return make_party("A")


@pytest.fixture
def owner_client(party: Party) -> Client:
    return Client(headers=party.headers)


def post(client: Client, address: str, body: dict[str, Any]) -> Any:
    return client.post(address, json.dumps(body), content_type="application/json")


def with_key(key: str, **fields: Any) -> Client:
    return Client(headers={"Authorization": f"Bearer {key}"}, **fields)


def stored(key: str) -> ApiKey:
    with as_owner():
        return ApiKey.objects.get(digest=digest_of(key))


def test_a_key_is_replaced_while_both_live(owner_client: Client) -> None:
    old = post(owner_client, KEYS, {"label": "ERP", "scopes": ["orders:read", "orders:write"]}).json()
    made = post(owner_client, f"{KEYS}/{old['id']}/rotate", {})
    new = made.json()
    assert (made.status_code, made["Location"]) == (201, f"{KEYS}/{new['id']}")
    assert {name: new[name] for name in ("label", "scopes", "program_id")} == {
        name: old[name] for name in ("label", "scopes", "program_id")
    }
    assert new["expires_at"] is None
    ends = datetime.fromisoformat(owner_client.get(f"{KEYS}/{old['id']}").json()["expires_at"])
    assert timedelta(days=6, hours=23) < ends - database_now() < timedelta(days=7, minutes=1)
    assert [with_key(key).get(ME).status_code for key in (old["key"], new["key"])] == [200, 200]
    a_product()
    first, again = (
        with_key(key).post(
            "/api/v1/sales-orders", order_body(), content_type="application/json", headers={"Idempotency-Key": "k"}
        )
        for key in (old["key"], new["key"])
    )
    assert (first.status_code, again.content) == (201, first.content)
    owner_client.delete(f"{KEYS}/{old['id']}")
    refused = post(owner_client, f"{KEYS}/{old['id']}/rotate", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "not_allowed_in_state")


def test_a_rotation_lets_no_key_live_longer_or_do_more(owner_client: Client, party: Party) -> None:
    soon = (database_now() + timedelta(days=1)).isoformat()
    late = (database_now() + timedelta(days=2)).isoformat()
    limited = post(owner_client, KEYS, {"label": "x", "scopes": ["keys:write"], "expires_at": soon}).json()
    for end in (late, "2001-01-01T00:00:00Z"):
        refused = post(owner_client, f"{KEYS}/{limited['id']}/rotate", {"old_ends_at": end})
        assert refused.status_code in {400, 422}
        assert refused.json()["errors"][0]["pointer"] == "/old_ends_at"
    new = post(owner_client, f"{KEYS}/{limited['id']}/rotate", {}).json()
    assert new["expires_at"] == limited["expires_at"]
    whole = str(stored(party.key).pk)
    assert post(with_key(new["key"]), f"{KEYS}/{whole}/rotate", {}).status_code == 403
    assert post(with_key(make_party("B").key), f"{KEYS}/{whole}/rotate", {}).status_code == 404


def test_a_key_is_known_from_its_networks_alone(owner_client: Client, settings: Any) -> None:
    networks = ["192.0.2.0/24", "2001:db8::/48"]
    made = post(owner_client, KEYS, {"label": "x", "networks": networks}).json()
    assert made["networks"] == networks
    for address, status in (
        ("192.0.2.7", 200), ("::ffff:192.0.2.7", 200), ("2001:db8::1", 200),
        ("192.0.3.7", 401), ("2001:db9::1", 401), ("", 401), ("unix:", 401),
    ):  # fmt: skip
        assert with_key(made["key"], REMOTE_ADDR=address).get(ME).status_code == status, address
    told = {"X-Forwarded-For": "192.0.2.7"}
    assert with_key(made["key"], REMOTE_ADDR="198.51.100.1").get(ME, headers=told).status_code == 401
    settings.BEHIND_TLS_PROXY = True
    for forwarded, status in (("192.0.2.7", 200), ("198.51.100.1, 192.0.2.7", 200), ("192.0.2.7, 198.51.100.1", 401)):
        answer = with_key(made["key"], REMOTE_ADDR="10.0.0.1").get(ME, headers={"X-Forwarded-For": forwarded})
        assert answer.status_code == status, forwarded
    assert with_key(made["key"], REMOTE_ADDR="192.0.2.7").get(ME).status_code == 401


def test_networks_and_label_are_changed(owner_client: Client) -> None:
    made = post(owner_client, KEYS, {"label": "x"}).json()
    address = f"{KEYS}/{made['id']}"

    def change(**body: Any) -> Any:
        tag = owner_client.get(address)["ETag"]
        return owner_client.patch(address, json.dumps(body), content_type="application/json", headers={"If-Match": tag})

    assert change(label="y", networks=["198.51.100.7"]).json()["networks"] == ["198.51.100.7/32"]
    assert with_key(made["key"]).get(ME).status_code == 401
    assert change(networks=[]).json()["networks"] is None
    assert with_key(made["key"]).get(ME).status_code == 200
    for wrong in ("192.0.2.1/24", "192.0.2.0/33", "here", "", "１.2.3.4"):
        refused = change(networks=["192.0.2.0/24", wrong])
        assert refused.status_code in {400, 422}, wrong
        assert refused.json()["errors"][0]["pointer"] == "/networks/1"


def test_the_last_use_is_noted_also_of_a_refused_call(owner_client: Client) -> None:
    made = post(owner_client, KEYS, {"label": "x", "scopes": ["orders:read"]}).json()
    assert stored(made["key"]).last_used_at is None
    assert with_key(made["key"], REMOTE_ADDR="192.0.2.7").get("/api/v1/machines").status_code == 403
    used = stored(made["key"])
    assert used.last_used_from == "192.0.2.7"
    with_key(made["key"], REMOTE_ADDR="192.0.2.8").get(ME)
    authentication._noted_s.clear()  # as another process would
    with_key(made["key"], REMOTE_ADDR="192.0.2.8").get(ME)
    assert stored(made["key"]).last_used_from == "192.0.2.7"  # within the minute
    with as_owner():
        ApiKey.objects.update(last_used_at=used.last_used_at - timedelta(minutes=2))  # type: ignore[operator]
    authentication._noted_s.clear()
    with_key(made["key"], REMOTE_ADDR="192.0.2.8").get(ME)
    (listed,) = [row for row in owner_client.get(KEYS).json()["results"] if row["id"] == made["id"]]
    assert listed["last_used_from"] == "192.0.2.8"


def test_the_pepper_is_changed_while_keys_go_on(party: Party, settings: Any) -> None:
    before = stored(party.key).digest
    settings.API_KEY_PEPPER, settings.API_KEY_PEPPER_OLD = "another pepper of thirty-two bytes", settings.API_KEY_PEPPER
    client = Client(headers=party.headers)
    assert client.get(ME).status_code == 200
    assert stored(party.key).digest != before
    settings.API_KEY_PEPPER_OLD = ""
    assert client.get(ME).status_code == 200
    settings.API_KEY_PEPPER = "a third pepper of thirty-two bytes or so"
    assert client.get(ME).status_code == 401


def test_the_address_of_a_request(rf: Any) -> None:
    assert client_address(rf.get("/", REMOTE_ADDR="127.0.0.1")) == "127.0.0.1"
    assert client_address(rf.get("/", REMOTE_ADDR="")) is None
