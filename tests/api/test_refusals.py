"""Each refusal below /api/ is a problem of one shape, whoever refuses; and each request has an id that is told."""

from __future__ import annotations

import json
import logging
import re

import pytest
from django.http import HttpResponse
from django.test import Client
from jsonschema import Draft202012Validator

from mes.core.api.codes import FRAME
from mes.core.correlation import RequestIdFilter, request_id, request_named
from tests.api.conftest import Program, order_body
from tests.api.test_schema import SCHEMAS, strict
from tests.architecture import error_codes
from tests.architecture.source import CHECKOUT
from tests.core.people import make_party

pytestmark = pytest.mark.django_db
PROBLEM = Draft202012Validator({"components": {"schemas": strict(SCHEMAS)}} | strict(SCHEMAS["Problem"]))


def assert_problem(answer: HttpResponse, status: int, code: str) -> None:
    body = json.loads(answer.content)
    assert (answer.status_code, body["code"]) == (status, code)
    assert answer["Content-Type"] == "application/problem+json"
    PROBLEM.validate(body)
    assert body["request_id"] == answer["X-Request-Id"]
    assert code in error_codes.codes()
    of_values = {error["code"] for error in body.get("errors", []) if "code" in error}
    assert of_values <= error_codes.codes_of_values().keys()


def test_what_django_refuses(program: Program) -> None:
    client = program.client
    assert_problem(client.get("/api/v1/nowhere"), 404, "not_found")
    assert_problem(client.get("/api/nowhere"), 404, "not_found")
    assert_problem(client.get("/api/v1/machines/no-uuid"), 404, "not_found")
    assert_problem(client.get("/api/v1/me", headers={"Host": "evil.example"}), 400, "bad_request")
    assert_problem(Client(enforce_csrf_checks=True).post("/api/v1/schema"), 403, "not_permitted")
    assert_problem(client.post("/api/v1/schema"), 405, "method_not_allowed")
    assert_problem(client.post("/api/v1/docs"), 405, "method_not_allowed")
    assert_problem(client.get("/api/v1/docs", headers={"Accept": "text/csv"}), 406, "not_acceptable")


def test_what_the_doors_frame_refuses(program: Program) -> None:
    form = program.client.post("/api/v1/sales-orders", "a=1", content_type="application/x-www-form-urlencoded")
    assert_problem(form, 415, "unsupported_media_type")
    assert_problem(program.client.delete("/api/v1/sales-orders"), 405, "method_not_allowed")
    assert_problem(program.client.get("/api/v1/me", headers={"Accept": "text/csv"}), 406, "not_acceptable")
    assert_problem(program.post("sales-orders", "{"), 400, "parse_error")
    assert_problem(program.post("sales-orders", {}), 400, "invalid")
    assert_problem(program.post("sales-orders", order_body(customer_name="x" * 10**6)), 413, "body_too_large")
    assert_problem(Client().get("/api/v1/me"), 401, "not_authenticated")
    assert_problem(Client(headers={"Authorization": "Bearer mes_x"}).get("/api/v1/me"), 401, "not_authenticated")
    assert Client().get("/api/v1/me")["WWW-Authenticate"] == 'Bearer realm="api"'


def test_a_browsers_change_without_its_token() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_party("A").user)
    assert_problem(client.post("/api/v1/sales-orders", "{}", content_type="application/json"), 403, "csrf_failed")


@pytest.mark.urls("tests.core.doors")
def test_an_error_of_ours_tells_nothing() -> None:
    client = Client(raise_request_exception=False, headers=make_party("B").headers)
    answer = client.post("/api/raise")
    assert_problem(answer, 500, "internal_error")
    assert b"deliberate" not in answer.content
    assert b"Traceback" not in answer.content


@pytest.mark.parametrize("given", ["a-1.b_C", "0" * 64])
def test_a_plain_id_is_taken_over(given: str) -> None:
    assert Client().get("/livez", headers={"X-Request-Id": given})["X-Request-Id"] == given


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, "a\tb", "é", "a;b"])
def test_any_other_id_is_replaced(given: str) -> None:
    first, second = (Client().get("/livez", headers={"X-Request-Id": given})["X-Request-Id"] for _time in range(2))
    assert re.fullmatch("[0-9a-f]{32}", first)
    assert first != second


def test_log_lines_carry_it(caplog: pytest.LogCaptureFixture) -> None:
    answer = Client().get("/api/v1/nowhere")
    (told,) = (record for record in caplog.records if record.name == "django.request")
    assert RequestIdFilter().filter(told)
    assert told.request_id == answer["X-Request-Id"]  # type: ignore[attr-defined]
    record = logging.LogRecord("x", logging.INFO, "x", 1, "x", (), None)
    with request_named("r-1"):
        assert RequestIdFilter().filter(record)
        assert record.request_id == "r-1"  # type: ignore[attr-defined]
    assert request_id() == ""
    RequestIdFilter().filter(record)
    assert record.request_id == "-"  # type: ignore[attr-defined]


def test_a_refused_move_is_told_in_words(program: Program) -> None:
    order = program.post("sales-orders", order_body()).json()
    program.post(f"sales-orders/{order['id']}/cancel")
    for language, told in (
        ("zh-hans", "不允许从 已取消 变更为 已确认。"),
        ("en", "A move from cancelled to confirmed"),
    ):
        refused = program.post(f"sales-orders/{order['id']}/confirm", **{"Accept-Language": language})
        assert told in refused.json()["detail"]


def test_the_page_of_codes_is_complete() -> None:
    assert set(FRAME) < set(error_codes.codes())
    assert (CHECKOUT / "docs" / "errors.md").read_text(encoding="utf-8") == error_codes.page()
