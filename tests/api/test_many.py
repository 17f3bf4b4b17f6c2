"""Many items in one call, jobs, and calls that only try."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from mes.core.clock import DatabaseNow
from mes.core.models import AuditRow, BackgroundJob, NumberSeries, OutboxEvent
from mes.firms.models import ApiKey
from orders.sales.models import SalesOrder
from tests.api.conftest import Program, order_body
from tests.database import as_owner
from tests.factories import a_firm, an_api_key
from tests.factories.logins import as_worker
from tests.plans.work import work_off

pytestmark = pytest.mark.django_db(transaction=True)
BULK = "sales-orders/bulk"
BAD = order_body(line={"pieces": 0})


def counts() -> dict[str, int]:
    with as_owner():
        rows = {model.__name__: model.objects.count() for model in (SalesOrder, AuditRow, OutboxEvent, BackgroundJob)}
        return rows | {"numbers": sum(NumberSeries.objects.values_list("last", flat=True))}


def worked_off() -> list[str]:
    with as_worker():
        return work_off("batches.work")


def bodies(count: int, **fields: Any) -> list[dict[str, Any]]:
    return [order_body(external_ref=f"ERP-{number}", **fields) for number in range(count)]


def test_each_item_gets_its_own_answer(program: Program) -> None:
    late = order_body(line={"due_at": "2020-01-01T00:00:00Z"})
    answer = program.post(BULK, {"items": [order_body(external_ref="A"), BAD, late, order_body(external_ref="A")]})
    assert answer.status_code == 200, answer.json()
    items = answer.json()["items"]
    assert [(item["number"], item["status"]) for item in items] == [(0, 201), (1, 400), (2, 422), (3, 422)]
    assert items[0]["answer"] == program.get(f"sales-orders/{items[0]['answer']['id']}").json()
    assert [item["answer"]["errors"][0]["pointer"] for item in items[1:]] == [
        "/lines/0/pieces",
        "/lines/0/due_at",
        "/external_ref",
    ]
    assert counts()["SalesOrder"] == 1


def test_all_or_nothing(program: Program) -> None:
    before = counts()
    answer = program.post(BULK, {"atomic": True, "items": [order_body(), BAD, order_body(number=" ")]})
    assert (answer.status_code, answer.json()["code"]) == (422, "items_refused")
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/items/1/lines/0/pieces", "/items/2/number"]
    assert counts() == before
    assert program.post(BULK, {"atomic": True, "items": [order_body(), order_body()]}).status_code == 200
    assert counts()["SalesOrder"] == 2


@pytest.mark.parametrize(
    "body", [{}, {"items": []}, {"items": {}}, {"items": [1]}, {"items": [{}], "more": 1}, {"items": [{}] * 5001}, []]
)
def test_what_is_no_list_of_items_is_refused(program: Program, body: Any) -> None:
    assert program.post(BULK, body).status_code == 400


def test_more_than_500_are_a_job(program: Program, rival: Program) -> None:
    items = [*bodies(500), BAD, order_body(external_ref="ERP-7")]
    answer = program.post(BULK, {"items": items})
    assert answer.status_code == 202, answer.json()
    address = answer["Location"].removeprefix("/api/v1/")
    assert program.get(address).json() == answer.json()
    with as_owner():
        (payload,) = BackgroundJob.objects.filter(kind="batches.work").values_list("payload", flat=True)
    assert set(payload) == {"batch_id", "firm_id"}  # what the firm sent stands in rows of its own
    assert worked_off() == ["batches.work"]
    job = program.get(address).json()
    assert (job["state"], job["total"], job["done"], job["refused"]) == ("done", 502, 502, 2)
    told = program.get(f"{address}/items", limit="200").json()["results"]
    assert [item["number"] for item in told] == list(range(200))
    assert {item["status"] for item in told} == {201}
    assert told[3]["answer"]["external_ref"] == "ERP-3"
    assert counts()["SalesOrder"] == 500
    assert rival.get(address).status_code == rival.get(f"{address}/items").status_code == 404
    assert rival.get("jobs").json()["results"] == []


def test_a_job_takes_all_or_nothing(program: Program) -> None:
    before = counts()
    answer = program.post(BULK, {"items": [*bodies(501), BAD], "atomic": True})
    worked_off()
    address = answer["Location"].removeprefix("/api/v1/")
    job = program.get(address).json()
    assert (job["state"], job["done"], job["refused"]) == ("refused", 1, 1)
    assert counts()["SalesOrder"] == before["SalesOrder"]


def test_a_job_ends_with_its_key(program: Program) -> None:
    answer = program.post(BULK, {"items": bodies(501)})
    other = Program("F01")
    with as_owner():
        ApiKey.objects.exclude(pk=ApiKey.objects.latest("created_at").pk).update(revoked_at=DatabaseNow())
    worked_off()
    assert other.get(answer["Location"].removeprefix("/api/v1/")).json()["state"] == "failed"
    assert counts()["SalesOrder"] == 0


@pytest.mark.parametrize("text", ["a\0b", "\ud800"])
def test_signs_that_the_database_does_not_keep_are_refused(program: Program, text: str) -> None:
    answer = program.post(BULK, {"items": [*bodies(500), order_body(customer_name=text)]})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/items/500")


def test_a_try_changes_nothing(program: Program) -> None:
    program.post("sales-orders", order_body())
    before = counts()
    tried = program.post("sales-orders?dry_run=true", order_body(external_ref="ERP-1"))
    assert (tried.status_code, tried["Dry-Run"], "Location" in tried) == (200, "true", False)
    assert tried.json()["external_ref"] == "ERP-1"
    assert counts() == before
    assert program.post("sales-orders?dry_run=true", BAD).status_code == 400
    assert program.post("sales-orders?dry_run=yes", order_body()).status_code == 400
    assert program.post("sales-orders?dry_run=false", order_body()).status_code == 201
    many = program.post(f"{BULK}?dry_run=true", {"items": bodies(2)})
    assert [item["status"] for item in many.json()["items"]] == [201, 201]
    assert counts()["SalesOrder"] == before["SalesOrder"] + 1


def test_a_job_may_only_try(program: Program) -> None:
    answer = program.post(f"{BULK}?dry_run=true", {"items": bodies(501)})
    assert (answer.status_code, answer.json()["dry_run"]) == (202, True)
    worked_off()
    job = program.get(answer["Location"].removeprefix("/api/v1/")).json()
    assert (job["state"], job["done"], job["refused"]) == ("done", 501, 0)
    assert counts()["SalesOrder"] == 0


@pytest.mark.parametrize(("scopes", "status"), [([], 403), (["orders:read"], 200), (["orders:write"], 200)])
def test_a_key_reads_of_a_jobs_items_only_what_it_may_read_at_their_own_door(
    program: Program, scopes: list[str], status: int
) -> None:
    job = program.post(BULK, {"items": bodies(501)}).json()
    limited = Client(headers=an_api_key(a_firm(program.code), scopes=["jobs:read", *scopes]))
    assert limited.get(f"/api/v1/jobs/{job['id']}").status_code == 200
    assert limited.get(f"/api/v1/jobs/{job['id']}/items").status_code == status
