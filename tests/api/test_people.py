"""A firm's owner keeps the firm's people, and cannot lock the firm out."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from mes.core.models import AuditRow, KeptAnswer
from mes.firms.choices import Role
from mes.firms.keys import digest_of_code
from mes.firms.models import AccountCode, User
from tests.api.conftest import Program
from tests.core.people import give_password
from tests.database import as_owner
from tests.factories import a_firm, an_api_key, user_of

pytestmark = pytest.mark.django_db
CHEN = {"username": "chen", "full_name": "陈工", "roles": ["operator"]}


class Owner(Program):
    """The program of a firm's owner, under no limit unless scopes are given."""

    def __init__(self, code: str, role: Role = Role.OWNER, scopes: list[str] | None = None) -> None:
        self.code = code
        self.client = Client(headers=an_api_key(a_firm(code), role, scopes=scopes) | {"X-Request-Id": "test"})
        self.address = f"people/{user_of(a_firm(code), role).pk}"

    def chen(self) -> str:
        """The address of a new person."""
        return f"people/{self.post('people', CHEN).json()['id']}"


@pytest.fixture
def owner(db: None) -> Owner:
    return Owner("F01")


def refused(answer: HttpResponse) -> tuple[int, str, list[str]]:
    said = json.loads(answer.content)
    return answer.status_code, said["code"], [error["pointer"] for error in said.get("errors", [])]


def stored(address: str) -> User:
    with as_owner():
        return User.objects.get(pk=address.partition("/")[2])


def test_a_person_is_added_read_and_listed(owner: Owner) -> None:
    made = owner.post("people", CHEN)
    person = made.json()
    assert (made.status_code, made["Location"]) == (201, f"/api/v1/people/{person['id']}")
    assert person.keys() == {"id", "username", "full_name", "is_active", "roles", "created_at"}
    assert (person["username"], person["is_active"], person["roles"]) == ("chen@F01", True, ["operator"])
    assert owner.get(f"people/{person['id']}").json() == person
    assert [row["username"] for row in owner.get("people").json()["results"]] == ["owner@F01", "chen@F01"]
    assert len(owner.get("people", limit=1).json()["results"]) == 1
    assert not stored(f"people/{person['id']}").has_usable_password()


def test_a_person_gets_other_roles_a_name_and_an_end(owner: Owner) -> None:
    address = owner.chen()
    said = {"full_name": "陈师傅", "roles": ["planner", "buyer"], "is_active": False}
    changed = owner.patch(address, said)
    assert changed.json().items() >= {**said, "roles": ["buyer", "planner"]}.items()
    assert changed["ETag"] == owner.get(address)["ETag"]
    assert owner.patch(address, {"is_active": True}).json()["is_active"] is True
    with as_owner():
        told = AuditRow.objects.filter(verb="user.change").order_by("at")[0]
    assert told.changes == {
        "renamed": [None, True],
        "is_active": [True, False],
        "roles": [["operator"], ["buyer", "planner"]],
    }


def test_a_change_says_which_state_it_means(owner: Owner) -> None:
    address = owner.chen()
    seen = owner.seen(address)
    assert owner.client.patch(f"/api/v1/{address}", {}, content_type="application/json").status_code == 428
    assert owner.patch(address, {"full_name": "B"}, **seen).status_code == 200
    assert owner.patch(address, {"full_name": "C"}, **seen).status_code == 412
    assert stored(address).full_name == "B"


def test_a_code_is_shown_once_and_ends_the_password(owner: Owner) -> None:
    address = owner.chen()
    with as_owner():
        give_password(stored(address))
    codes = [owner.post(f"{address}/code", **{"Idempotency-Key": "k"}).json() for _ in range(2)]
    assert all(said.keys() == {"code", "valid_until"} for said in codes)
    assert not stored(address).has_usable_password()
    with as_owner():
        (live,) = AccountCode.objects.filter(ended_at=None)
        assert live.digest == digest_of_code(codes[1]["code"])
        assert live.expires_at == datetime.fromisoformat(codes[1]["valid_until"])
        assert not KeptAnswer.objects.filter(body__contains=codes[1]["code"]).exists()
    assert codes[1]["code"] not in owner.get(address).content.decode()
    owner.patch(address, {"is_active": False})
    assert refused(owner.post(f"{address}/code")) == (409, "cannot_enter", [])


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({}, 400, "/username"),
        ({**CHEN, "username": ""}, 400, "/username"),
        ({**CHEN, "username": "x" * 61}, 400, "/username"),
        ({**CHEN, "username": "x" * 58}, 422, "/username"),
        ({**CHEN, "username": "chen\u202e"}, 400, "/username"),
        ({**CHEN, "username": "chen li"}, 422, "/username"),
        ({**CHEN, "username": "chen@F02"}, 422, "/username"),
        ({**CHEN, "username": "owner"}, 422, "/username"),
        ({**CHEN, "full_name": "x" * 121}, 400, "/full_name"),
        ({**CHEN, "full_name": None}, 400, "/full_name"),
        ({**CHEN, "roles": []}, 400, "/roles"),
        ({**CHEN, "roles": "operator"}, 400, "/roles"),
        ({**CHEN, "roles": ["operator", "administrator"]}, 400, "/roles/1"),
        ({**CHEN, "password": "x"}, 400, "/password"),
    ],
)
def test_a_bad_person_is_refused_with_its_pointer(
    owner: Owner, body: dict[str, Any], status: int, pointer: str
) -> None:
    answer = owner.post("people", body)
    assert (answer.status_code, pointer in refused(answer)[2]) == (status, True), answer.content
    assert len(owner.get("people").json()["results"]) == 1


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"roles": []}, "/roles"),
        ({"roles": ["auditor"]}, "/roles/0"),
        ({"is_active": "no"}, "/is_active"),
        ({"full_name": 7}, "/full_name"),
        ({"username": "li"}, "/username"),
    ],
)
def test_a_bad_change_is_refused_with_its_pointer(owner: Owner, body: dict[str, Any], pointer: str) -> None:
    assert refused(owner.patch(owner.chen(), body))[::2] == (400, [pointer])


def test_the_last_owner_stays(owner: Owner) -> None:
    for body, pointer in (({"is_active": False}, "/is_active"), ({"roles": ["planner"]}, "/roles")):
        assert refused(owner.patch(owner.address, body)) == (409, "last_head", [pointer])
    give_password(stored(owner.address))
    chen = owner.chen()
    owner.patch(chen, {"roles": ["owner"]})
    for body, pointer in (({"is_active": False}, "/is_active"), ({"roles": ["planner"]}, "/roles")):
        assert refused(owner.patch(owner.address, body)) == (409, "last_head", [pointer])  # Chen cannot sign in
    assert owner.patch(chen, {"roles": ["operator"]}).status_code == 200
    owner.patch(chen, {"roles": ["owner"]})
    give_password(stored(chen))
    assert owner.patch(owner.address, {"roles": ["planner"]}).status_code == 200
    assert refused(owner.get("people")) == (403, "not_permitted", [])


def test_a_rival_finds_nobody(owner: Owner) -> None:
    address, rival = owner.chen(), Owner("F02")
    missing = "people/0198f000-0000-7000-8000-000000000001"
    for call in (
        rival.get,
        lambda place: rival.patch(place, {"is_active": False}, **{"If-Match": "*"}),
        lambda place: rival.post(f"{place}/code"),
    ):
        found, none = call(address), call(missing)
        assert (found.status_code, found.content) == (404, none.content)
    assert stored(address).is_active
    assert [row["username"] for row in rival.get("people").json()["results"]] == ["owner@F02"]


@pytest.mark.parametrize("role", [Role.PLANNER, Role.OPERATOR, Role.BUYER])
def test_nobody_but_the_owner_keeps_people(owner: Owner, role: Role) -> None:
    address, other = owner.chen(), Owner("F01", role)
    for answer in (
        other.get("people"),
        other.get(address),
        other.post("people", {**CHEN, "username": "li"}),
        other.patch(address, {"roles": ["owner"]}, **{"If-Match": "*"}),
        other.post(f"{address}/code"),
    ):
        assert refused(answer) == (403, "not_permitted", [])


def test_a_limited_key_lets_nobody_do_more(owner: Owner) -> None:
    limited = Owner("F01", scopes=["people:read", "people:write"])
    address = limited.chen()
    assert refused(limited.post("people", {"username": "li", "roles": ["owner"]})) == (403, "not_permitted", [])
    assert limited.patch(address, {"full_name": "B", "is_active": False}).status_code == 200
    for body in ({"is_active": True}, {"roles": ["operator", "owner"]}):
        assert refused(limited.patch(address, body)) == (403, "not_permitted", [])
    owner.patch(address, {"is_active": True, "roles": ["operator", "planner"]})
    assert limited.patch(address, {"roles": ["operator"]}).json()["roles"] == ["operator"]
    assert refused(limited.post(f"{address}/code")) == (403, "not_permitted", [])
    assert refused(Owner("F01", scopes=["keys:write"]).get("people")) == (403, "scope_missing", [])
