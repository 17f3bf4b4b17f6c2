"""A firm's owner keeps its endpoints by API; nobody else sees them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client, override_settings

from mes.core.actors import DatabaseRole
from mes.core.wall import wall
from mes.firms.choices import Role
from mes.hooks.services.endpoints import MOST_ENDPOINTS
from tests.factories import a_firm, an_api_key

pytestmark = pytest.mark.django_db
URL = "https://erp.example.com/hooks"


class Owner:
    """The program of a firm's owner."""

    def __init__(self, code: str = "F01", **key: Any) -> None:
        self._client = Client(headers=an_api_key(a_firm(code), key.pop("role", Role.OWNER), **key))

    def call(self, method: str, address: str, body: Any = None) -> HttpResponse:
        text, place = "" if body is None else json.dumps(body), f"/api/v1/{address}"
        stated = {"If-Match": self._client.get(place).get("ETag", "*")} if method == "PATCH" else {}
        return self._client.generic(method, place, text, content_type="application/json", headers=stated)

    def endpoint(self, **fields: Any) -> dict[str, Any]:
        answer = self.call("POST", "webhook-endpoints", {"url": URL} | fields)
        assert answer.status_code == 201, answer.content
        found: dict[str, Any] = answer.json()
        return found


def test_the_secret_is_shown_when_it_begins_and_never_again() -> None:
    owner = Owner()
    made = owner.endpoint(kinds=["sales_order"])
    address = f"webhook-endpoints/{made['id']}"
    assert made["secret"].startswith("whsec_")
    assert len(made["secret"]) > 40
    rotated = owner.call("POST", f"{address}/rotate").json()
    assert rotated["secret"] not in {made["secret"], None}
    assert rotated["previous_secret_until"] is not None
    for answer in (owner.call("GET", address), owner.call("GET", "webhook-endpoints")):
        assert b"whsec" not in answer.content
    with wall(DatabaseRole.FIRM, a_firm().pk), connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(t::text, '') FROM core_auditrow AS t")
        assert "whsec" not in cursor.fetchone()[0]


def test_an_answer_with_a_secret_is_not_kept_for_a_repeat() -> None:
    client = Client(headers={**an_api_key(a_firm(), Role.OWNER), "Idempotency-Key": "hook-1"})
    answer = client.post("/api/v1/webhook-endpoints", {"url": URL}, content_type="application/json")
    assert answer.status_code == 201
    with wall(DatabaseRole.FIRM, a_firm().pk), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM core_keptanswer WHERE body LIKE '%whsec%'")
        assert cursor.fetchone() == (0,)


def test_it_is_changed_switched_off_and_on_and_removed() -> None:
    owner = Owner()
    address = f"webhook-endpoints/{owner.endpoint()['id']}"
    changed = owner.call("PATCH", address, {"url": URL + "/2", "kinds": ["machine"], "status": "disabled"}).json()
    assert (changed["url"], changed["kinds"], changed["disabled_because"]) == (URL + "/2", ["machine"], "by_firm")
    assert owner.call("POST", f"{address}/test").json()["code"] == "endpoint_disabled"
    on = owner.call("PATCH", address, {"status": "active", "kinds": None}).json()
    assert (on["status"], on["disabled_because"], on["kinds"]) == ("active", None, None)
    assert owner.call("DELETE", address).json()["id"] == on["id"]
    assert owner.call("GET", address).status_code == 404


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"url": "https://10.0.0.1/"}, "/url"),
        ({"url": "http://erp.example.com/"}, "/url"),
        ({"url": URL, "kinds": ["nothing"]}, "/kinds"),
        ({"url": URL, "kinds": []}, "/kinds"),
        ({"url": URL, "secret": "mine"}, "/secret"),
        ({}, "/url"),
    ],
)
def test_bad_values_have_their_pointer(body: dict[str, Any], pointer: str) -> None:
    with override_settings(WEBHOOKS_TO_LOOPBACK=False):
        answer = Owner().call("POST", "webhook-endpoints", body)
    assert answer.status_code in {400, 422}
    assert answer.json()["errors"][0]["pointer"].startswith(pointer)


def test_one_address_once_and_ten_in_all() -> None:
    owner = Owner()
    owner.endpoint()
    assert owner.call("POST", "webhook-endpoints", {"url": URL}).json()["errors"][0]["pointer"] == "/url"
    for number in range(MOST_ENDPOINTS - 1):
        owner.endpoint(url=f"{URL}/{number}")
    answer = owner.call("POST", "webhook-endpoints", {"url": f"{URL}/more"})
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_endpoints")


def test_a_test_and_a_replay_are_deliveries_of_their_own() -> None:
    owner = Owner()
    made = owner.endpoint()
    sent = owner.call("POST", f"webhook-endpoints/{made['id']}/test")
    assert sent.status_code == 202
    assert owner.call("GET", sent["Location"].removeprefix("/api/v1/")).json() == sent.json()
    again = owner.call("POST", f"webhook-deliveries/{sent.json()['id']}/replay").json()
    assert again["message_id"] != sent.json()["message_id"]
    listed = owner.call("GET", f"webhook-endpoints/{made['id']}/deliveries?state=waiting").json()["results"]
    assert [row["id"] for row in listed] == [sent.json()["id"], again["id"]]


def test_a_rival_finds_nothing_and_a_planner_may_not() -> None:
    owner, rival = Owner(), Owner("F02")
    made = owner.endpoint()
    sent = owner.call("POST", f"webhook-endpoints/{made['id']}/test").json()
    assert rival.call("GET", "webhook-endpoints").json()["results"] == []
    for method, address in (
        ("GET", f"webhook-endpoints/{made['id']}"),
        ("PATCH", f"webhook-endpoints/{made['id']}"),
        ("DELETE", f"webhook-endpoints/{made['id']}"),
        ("POST", f"webhook-endpoints/{made['id']}/rotate"),
        ("POST", f"webhook-endpoints/{made['id']}/test"),
        ("GET", f"webhook-endpoints/{made['id']}/deliveries"),
        ("GET", f"webhook-deliveries/{sent['id']}"),
        ("POST", f"webhook-deliveries/{sent['id']}/replay"),
    ):
        body = {"status": "disabled"} if method == "PATCH" else None
        assert rival.call(method, address, body).status_code == 404, address
    planner = Owner(role=Role.PLANNER)
    assert planner.call("GET", "webhook-endpoints").status_code == 403
    assert planner.call("POST", "webhook-endpoints", {"url": URL + "/3"}).status_code == 403


def test_a_limited_key_lets_nothing_be_sent_that_it_may_not_read() -> None:
    limited = Owner(scopes=["webhooks:write", "webhooks:read", "orders:read"])
    assert limited.endpoint()["kinds"] == ["sales_order"]
    answer = limited.call("POST", "webhook-endpoints", {"url": URL + "/2", "kinds": ["machine"]})
    assert answer.status_code == 403


def test_a_limited_key_touches_no_endpoint_that_is_sent_more_than_it_may_read() -> None:
    whole = Owner().endpoint()["id"]
    limited = Owner(scopes=["webhooks:write", "webhooks:read", "orders:read"])
    for method, address, body in (
        ("PATCH", whole, {"url": URL + "/elsewhere"}),
        ("PATCH", whole, {"kinds": ["sales_order"]}),
        ("POST", f"{whole}/rotate", {}),
        ("POST", f"{whole}/test", {}),
        ("DELETE", whole, None),
    ):
        refused = limited.call(method, f"webhook-endpoints/{address}", body)
        assert refused.status_code == 403, (method, address)


def test_the_association_reads_none_of_it() -> None:
    with connection.cursor() as cursor:
        for table in ("hooks_webhookendpoint", "hooks_webhookdelivery"):
            cursor.execute("SELECT has_any_column_privilege('mes_staff', %s, 'SELECT')", [table])
            assert cursor.fetchone() == (False,)
