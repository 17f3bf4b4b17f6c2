"""The same POST under one Idempotency-Key has its effect once; a key's scopes limit it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http import HTTPStatus
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from mes.core import idempotency
from mes.core.actors import DatabaseRole
from mes.core.errors import InvalidValue
from mes.core.models import KeptAnswer
from mes.core.wall import wall
from mes.firms import services
from mes.firms.choices import Role
from mes.firms.models import ApiKey, Membership
from tests.api.conftest import Program, order_body
from tests.core.people import firm_actor, make_party
from tests.database import as_owner
from tests.factories import a_firm, a_machine, a_product, an_api_key

pytestmark = pytest.mark.django_db
ORDERS = "sales-orders"
KEY = {"Idempotency-Key": "k-1"}


def test_the_second_call_gets_the_first_answer_byte_for_byte(program: Program) -> None:
    first = program.post(ORDERS, order_body(), **KEY)
    second = program.post(ORDERS, order_body(), **KEY)
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.content == first.content
    assert second["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first
    assert first["Location"] == second["Location"] == f"/api/v1/{ORDERS}/{first.json()['id']}"
    assert len(program.get(ORDERS).json()["results"]) == 1


def test_another_body_or_address_under_the_same_key_is_refused(program: Program) -> None:
    order = program.post(ORDERS, order_body(), **KEY).json()
    for answer in (
        program.post(ORDERS, order_body(customer_name="客户乙"), **KEY),
        program.post(f"{ORDERS}/{order['id']}/confirm", **KEY),
    ):
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert program.get(f"{ORDERS}/{order['id']}").json()["status"] == "draft"


def test_a_refused_call_is_not_kept_and_may_be_mended(program: Program) -> None:
    assert program.post(ORDERS, order_body(line={"pieces": 0}), **KEY).status_code == 400
    assert program.post(ORDERS, order_body(), **KEY).status_code == 201


def test_keys_of_two_firms_do_not_meet(program: Program, rival: Program) -> None:
    mine = program.post(ORDERS, order_body(), **KEY)
    theirs = rival.post(ORDERS, order_body(), **KEY)
    assert theirs.status_code == 201
    assert theirs.json()["id"] != mine.json()["id"]


def test_programs_of_one_firm_have_keys_of_their_own(program: Program) -> None:
    """What one of them got is not handed out to another, which may act in other roles or scopes."""
    mine = program.post(ORDERS, order_body(), **KEY)
    theirs = Program("F01").post(ORDERS, order_body(), **KEY)
    assert theirs.status_code == 201
    assert "Idempotent-Replayed" not in theirs
    assert theirs.json()["id"] != mine.json()["id"]
    operator = Client(headers=an_api_key(a_firm("F01"), Role.OPERATOR) | KEY)
    refused = operator.post(f"/api/v1/{ORDERS}", order_body(), content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")


def test_who_lost_the_role_gets_the_answer_no_more(program: Program) -> None:
    program.post(ORDERS, order_body(), **KEY)
    firm = a_firm("F01")
    with as_owner():
        Membership.objects.filter(firm=firm).update(role=Role.OPERATOR)
    refused = program.post(ORDERS, order_body(), **KEY)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")


def test_changes_and_removals_are_repeated_too(program: Program) -> None:
    a_machine(a_firm("F01"), code="P-9")
    window = {"starts_at": "2036-03-01T00:00:00+08:00", "ends_at": "2036-04-01T00:00:00+08:00"}
    made = program.post("downtimes", window | {"machine": "P-9"})
    address = f"downtimes/{made.json()['id']}"
    told = {"If-Match": made["ETag"], "Idempotency-Key": "change"}
    first, again = (program.patch(address, {"note": "已修好"}, **told) for _time in range(2))
    assert (first.status_code, first.content, first["ETag"]) == (200, again.content, again["ETag"])
    assert again["Idempotent-Replayed"] == "true"
    gone, again = (program.delete(address, **{"Idempotency-Key": "gone"}) for _time in range(2))
    assert (gone.status_code, gone.content) == (200, again.content)
    assert again["Idempotent-Replayed"] == "true"
    assert program.delete(address).status_code == 404


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 256, "键"])
def test_a_key_that_is_none_is_refused(program: Program, key: str) -> None:
    headers = {"Idempotency-Key": key.encode().decode("latin-1")}
    answer = program.post(ORDERS, order_body(), **headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_invalid")


def test_answers_are_forgotten_after_a_day(program: Program) -> None:
    program.post(ORDERS, order_body(), **KEY)
    program.post(ORDERS, order_body(), **{"Idempotency-Key": "k-2"})
    with as_owner():
        with connection.cursor() as cursor:
            cursor.execute("UPDATE core_keptanswer SET created_at = created_at - interval '25 h' WHERE key = 'k-1'")
        assert idempotency.purge() == 1
        assert list(KeptAnswer.objects.values_list("key", flat=True)) == ["k-2"]


@pytest.mark.django_db(transaction=True)
def test_fifty_repeats_at_once_have_one_effect_and_one_answer(as_web: Any) -> None:
    a_product()
    program = Program("F01")

    def repeat(_number: int) -> bytes:
        answer = program.post(ORDERS, order_body(), **KEY)
        while answer.status_code == HTTPStatus.CONFLICT:
            assert answer.json()["code"] == "idempotency_key_in_flight"
            answer = program.post(ORDERS, order_body(), **KEY)
        assert answer.status_code == HTTPStatus.CREATED
        connection.close()
        return answer.content

    with as_web():
        with ThreadPoolExecutor(6) as pool:
            answers = set(pool.map(repeat, range(50)))
        assert len(answers) == 1
        assert len(program.get(ORDERS).json()["results"]) == 1


@pytest.mark.django_db(transaction=True)
def test_a_call_in_flight_is_told_to_wait() -> None:
    a_product()
    program = Program("F01")
    firm_id = program.actor.firm_id
    assert firm_id is not None
    actor = program.actor
    with wall(DatabaseRole.FIRM, firm_id):
        actor = replace(actor, program_id=ApiKey.objects.get().pk)
    holds, done = threading.Event(), threading.Event()

    def first() -> None:
        with wall(DatabaseRole.FIRM, firm_id):
            call = idempotency.call_of(actor=actor, key="k-1", method="POST", address="/", body={})
            idempotency.kept_answer(call)
            holds.set()
            done.wait(20)
        connection.close()

    thread = threading.Thread(target=first)
    thread.start()
    assert holds.wait(20)
    answer = program.post(ORDERS, order_body(), **KEY)
    done.set()
    thread.join(20)
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_key_in_flight")
    assert answer["Retry-After"] == "1"


def test_a_key_does_what_its_scopes_say() -> None:
    a_product()
    party = make_party("A")
    actor = firm_actor(party.firm_id, "owner", user_id=party.user.pk)  # type: ignore[arg-type]
    with wall(DatabaseRole.FIRM, party.firm_id):
        key = services.api_key_issue(actor=actor, user=party.user, label="reader", scopes=["orders:read"])
        with pytest.raises(InvalidValue):
            services.api_key_issue(actor=actor, user=party.user, label="reader", scopes=["orders:burn"])
    client = Client(headers={"Authorization": f"Bearer {key}"})
    assert client.get("/api/v1/sales-orders").status_code == 200
    refused = client.post("/api/v1/sales-orders", "{}", content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
    me = client.get("/api/v1/me").json()
    assert (me["scopes"], me["key"]["label"]) == (["orders:read"], "reader")


def test_an_answer_with_a_secret_is_given_again_and_stored_in_no_readable_form(settings: Any) -> None:
    owner = Client(headers=make_party("A").headers | KEY)
    first, second = (owner.post("/api/v1/api-keys", {"label": "x"}, content_type="application/json") for _ in range(2))
    assert (first.status_code, second.content) == (201, first.content)
    assert second["Idempotent-Replayed"] == "true"
    with as_owner():
        assert ApiKey.objects.filter(label="x").count() == 1
        assert first.json()["key"] not in KeptAnswer.objects.get().body
    settings.API_KEY_PEPPER = f"{settings.API_KEY_PEPPER}, renewed"
    settings.API_KEY_PEPPER_OLD = settings.API_KEY_PEPPER.removesuffix(", renewed")
    third = owner.post("/api/v1/api-keys", {"label": "x"}, content_type="application/json")
    assert (third.status_code, third.json()["code"]) == (422, "idempotency_key_reused")
