"""Fifty programs repeat one POST at the same time: one effect, and the same answer for all, byte for byte."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from http.client import HTTPConnection
from threading import Barrier
from time import sleep
from urllib.parse import urlsplit

import pytest

from mes.core.actors import DatabaseRole
from mes.core.models import AuditRow, KeptAnswer
from mes.core.wall import wall
from orders.sales.models import SalesOrder
from tests.api.conftest import order_body
from tests.api.server import served
from tests.factories import a_firm, a_product, an_api_key

pytestmark = pytest.mark.django_db(transaction=True)
REPEATS = 50
MOST_TRIES = 60
PATH = "/api/v1/sales-orders"


def repeated(address: str, headers: dict[str, str], together: Barrier) -> tuple[int, bytes, str | None, int]:
    """Status, body, place and how often it was told to wait. As docs/api.md tells programs to: wait, then repeat."""
    together.wait()
    for waited in range(MOST_TRIES):
        connection = HTTPConnection(urlsplit(address).netloc, timeout=60)
        connection.request("POST", PATH, json.dumps(order_body()), headers)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        if answer.status not in {HTTPStatus.CONFLICT, HTTPStatus.SERVICE_UNAVAILABLE}:
            return answer.status, body, answer.getheader("Location"), waited
        if answer.status == HTTPStatus.CONFLICT:
            assert json.loads(body)["code"] == "idempotency_key_in_flight"
        assert answer.getheader("Retry-After")
        sleep(0.1)
    raise AssertionError("it was never answered")


def test_fifty_repeats_have_one_effect(web_url: str) -> None:
    a_product()
    firm = a_firm()
    headers = an_api_key(firm) | {"Idempotency-Key": "once", "Content-Type": "application/json"}
    together = Barrier(REPEATS)
    with served(web_url) as address, ThreadPoolExecutor(REPEATS) as pool:
        calls = [pool.submit(repeated, address, headers, together) for _ in range(REPEATS)]
        answers = [call.result() for call in calls]
    assert {status for status, _body, _place, _waited in answers} == {HTTPStatus.CREATED}
    assert len({(body, place) for _status, body, place, _waited in answers}) == 1
    with wall(DatabaseRole.FIRM, firm.pk):
        (order,) = SalesOrder.objects.all()
        assert AuditRow.objects.filter(verb="sales_order.create").count() == 1
        assert KeptAnswer.objects.count() == 1
    assert json.loads(answers[0][1])["id"] == str(order.pk)
