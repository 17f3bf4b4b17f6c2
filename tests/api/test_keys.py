"""Keys of a firm's programs, made and ended by its owner; and the two questions of whoever runs the web."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from tests.core.people import Party, make_party

pytestmark = pytest.mark.django_db
KEYS = "/api/v1/api-keys"


@pytest.fixture
def party(db: None) -> Party:
    return make_party("A")


@pytest.fixture
def owner_client(party: Party) -> Client:
    return Client(headers=party.headers)


def post(client: Client, body: dict[str, object], **headers: str) -> object:
    return client.post(KEYS, json.dumps(body), content_type="application/json", headers=headers)


def test_a_key_is_shown_once_works_and_is_ended(owner_client: Client) -> None:
    made = post(owner_client, {"label": "ERP-2", "scopes": ["orders:read"]}).json()  # type: ignore[attr-defined]
    key = made.pop("key")
    assert made["prefix"] == key[: len(made["prefix"])]
    listed = owner_client.get(KEYS)
    assert any(made.items() <= row.items() for row in listed.json()["results"])
    assert key not in listed.content.decode()
    program = Client(headers={"Authorization": f"Bearer {key}"})
    assert program.get("/api/v1/sales-orders").status_code == 200
    assert program.get(KEYS).json()["code"] == "scope_missing"
    assert owner_client.delete(f"{KEYS}/{made['id']}").json()["revoked_at"] is not None
    assert program.get("/api/v1/sales-orders").status_code == 401


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/label"),
        ({"label": ""}, "/label"),
        ({"label": "x", "scopes": []}, "/scopes"),
        ({"label": "x", "scopes": ["orders:burn"]}, "/scopes/0"),
        ({"label": "x", "expires_at": "tomorrow"}, "/expires_at"),
        ({"label": "x", "expires_at": "2001-01-01T00:00:00Z"}, "/expires_at"),
        ({"label": "x", "user": "somebody"}, "/user"),
    ],
)
def test_a_key_that_cannot_be_is_refused(owner_client: Client, body: dict[str, object], pointer: str) -> None:
    refused = post(owner_client, body)
    assert refused.status_code in {400, 422}  # type: ignore[attr-defined]
    assert refused.json()["errors"][0]["pointer"] == pointer  # type: ignore[attr-defined]


@pytest.mark.parametrize(("scopes", "status"), [(None, 403), (["orders:read"], 403), (["keys:read"], 201)])
def test_a_limited_key_makes_none_that_may_do_more(owner_client: Client, scopes: list[str] | None, status: int) -> None:
    own = ["keys:read", "keys:write"]
    key = post(owner_client, {"label": "keeper", "scopes": own}).json()["key"]  # type: ignore[attr-defined]
    keeper = Client(headers={"Authorization": f"Bearer {key}"})
    body: dict[str, object] = {"label": "x"} | ({} if scopes is None else {"scopes": scopes})
    assert post(keeper, body).status_code == status  # type: ignore[attr-defined]


def test_a_limited_key_does_not_lift_the_limits_of_one_that_may_do_more(owner_client: Client) -> None:
    full = post(owner_client, {"label": "ERP", "networks": ["192.0.2.0/24"]}).json()  # type: ignore[attr-defined]
    key = post(owner_client, {"label": "x", "scopes": ["keys:read", "keys:write"]}).json()["key"]  # type: ignore[attr-defined]
    keeper = Client(headers={"Authorization": f"Bearer {key}"})
    address = f"{KEYS}/{full['id']}"
    headers = {"If-Match": keeper.get(address).headers.get("ETag", "*")}
    refused = keeper.patch(address, '{"networks": []}', content_type="application/json", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")


def test_another_firms_key_is_not_found(owner_client: Client, party: Party) -> None:
    made = post(owner_client, {"label": "ERP-2"}).json()  # type: ignore[attr-defined]
    rival = Client(headers=make_party("B").headers)
    assert rival.delete(f"{KEYS}/{made['id']}").status_code == 404
    assert all(row["id"] != made["id"] for row in rival.get(KEYS).json()["results"])


def test_the_process_lives_and_is_ready() -> None:
    assert Client().get("/livez").json() == {"alive": True}
    assert Client().get("/readyz").json() == {"ready": True, "broker": True}


def test_without_the_broker_the_web_is_ready_all_the_same(settings: object) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"  # type: ignore[attr-defined]
    assert Client().get("/readyz").json() == {"ready": True, "broker": False}
