"""Calls are counted per key, person or address; what is left is told, and without the broker nobody is counted."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from mes.core import rate_limit
from mes.core.ids import new_id
from tests.core.people import make_party

pytestmark = pytest.mark.django_db
ME = "/api/v1/me"


@pytest.fixture
def few(settings: Any) -> None:
    settings.API_CALLS_PER_MINUTE = 3


def test_a_key_has_so_many_calls_and_another_its_own(few: None) -> None:
    client, other = (Client(headers=make_party(code).headers) for code in ("A", "B"))
    answers = [client.get(ME) for _call in range(3)]
    assert [answer.status_code for answer in answers] == [200] * 3
    assert [(answer["RateLimit-Limit"], answer["RateLimit-Remaining"]) for answer in answers] == [
        ("3", "2"), ("3", "1"), ("3", "0")
    ]  # fmt: skip
    assert 0 < int(answers[-1]["RateLimit-Reset"]) <= 60
    refused = client.get(ME)
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
    assert refused["Content-Type"] == "application/problem+json"
    assert 0 < int(refused["Retry-After"]) <= 20
    assert other.get(ME).status_code == 200
    assert client.get("/livez").status_code == 200


def test_who_is_not_known_shares_the_calls_of_his_address(few: None) -> None:
    number = int(new_id().hex[-6:], 16)
    address = f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"
    tries = [Client(headers={"Authorization": f"Bearer mes_{n}"}, REMOTE_ADDR=address).get(ME) for n in range(4)]
    assert [answer.status_code for answer in tries] == [401, 401, 401, 429]
    assert Client(headers=make_party("A").headers, REMOTE_ADDR=address).get(ME).status_code == 200


def test_calls_come_back_with_time(settings: Any) -> None:
    settings.API_CALLS_PER_MINUTE = 60_000  # one each millisecond
    name = new_id().hex
    first = rate_limit.take(name)
    assert first is not None
    assert first.remaining == 59_999
    for _call in range(50):
        rate_limit.take(name)
    later = rate_limit.take(name)
    assert later is not None
    assert 59_999 - 51 <= later.remaining <= 59_999


def test_without_the_broker_calls_go_on(few: None, settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    client = Client(headers=make_party("A").headers)
    answers = [client.get(ME) for _call in range(5)]
    assert [answer.status_code for answer in answers] == [200] * 5
    assert "RateLimit-Limit" not in answers[0]
