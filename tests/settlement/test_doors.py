"""The doors of settlement and savings: what a supplier sends, what a firm reads, on paper too."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from mes.firms.choices import Role
from procurement.savings.services import savings_recognise
from procurement.settlement.services import fee_book, round_close
from tests.factories import an_api_key
from tests.factories.rounds import an_officer
from tests.settlement.work import Settling, a_settling_round, act, settled

pytestmark = pytest.mark.django_db


@pytest.fixture
def found(db: None) -> Settling:
    return a_settling_round()


def program(found: Settling, code: str) -> Client:
    firm = found.opened.firms[code]
    role = Role.SUPPLIER if code.startswith("S") else Role.OWNER
    return Client(headers=an_api_key(firm, role))


def send(client: Client, body: dict[str, Any]) -> Any:
    return client.post("/api/v1/resin-invoices", body, content_type="application/json")


def body_of(found: Settling, firm: str, supplier: str, **said: Any) -> dict[str, Any]:
    draft = found.draft(firm, supplier)
    line = draft.lines[0]
    values = {"part_id": str(line.part_id), "kg": line.kg, "net_fen": line.net_fen, "vat_fen": line.vat_fen}
    return {
        "number": draft.number, "issued_on": draft.issued_on.isoformat(),
        "lines": [{**values, "vat_permille": 130, **said}],
    }  # fmt: skip


def test_a_supplier_sends_an_invoice_which_its_firm_reads_and_no_other(found: Settling) -> None:
    seller, buyer, rival = program(found, "S1"), program(found, "F01"), program(found, "F02")
    sent = send(seller, body_of(found, "F01", "S1"))
    assert sent.status_code == 201, sent.content
    assert sent.json()["status"] == "matched"
    address = sent["Location"]
    assert buyer.get(address).json()["lines"][0]["lot_number"] == "L-S1"
    assert rival.get(address).status_code == 404
    assert program(found, "S2").get(address).status_code == 404
    assert [row["number"] for row in buyer.get("/api/v1/resin-invoices").json()["results"]] == ["S1-F01"]
    assert rival.get("/api/v1/resin-invoices").json()["results"] == []
    tag = seller.get(address)["ETag"]
    taken = {"content_type": "application/json", "headers": {"If-Match": tag}}
    assert buyer.post(f"{address}/void", {"reason": "退回"}, **taken).status_code == 403
    voided = seller.post(f"{address}/void", {"reason": "开票有误"}, **taken)
    assert voided.json()["status"] == "void", voided.content


@pytest.mark.parametrize(
    ("said", "status", "pointer"),
    [
        ({"kg": "吨"}, 400, "/lines/0/kg"),
        ({"net_fen": 1.5}, 400, "/lines/0/net_fen"),
        ({"part_id": "01990000-0000-7000-8000-000000000001"}, 422, "/lines/0/part_id"),
        ({"bonus": 1}, 400, "/lines/0/bonus"),
    ],
)
def test_bad_input_is_named_by_its_field(found: Settling, said: dict[str, Any], status: int, pointer: str) -> None:
    answer = send(program(found, "S1"), body_of(found, "F01", "S1", **said))
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (status, pointer)


def test_a_firm_reads_its_statement_as_json_table_and_paper_and_what_it_saved(found: Settling) -> None:
    settled(found)
    act(an_officer(), fee_book, round_id=found.pk, kind="inspection", fen=43_025, reference="SGS-1")
    act(an_officer(), round_close, round_id=found.pk)
    act(an_officer(), savings_recognise, round_id=found.pk)
    buyer, address = program(found, "F01"), f"/api/v1/rounds/{found.pk}/statement"
    said = buyer.get(address).json()
    assert (said["status"], said["kg"], len(said["lots"])) == ("closed", 15_025, 2)
    assert said["fees"] == [{"kind": "inspection", "fen": 15_025}]
    assert said["association_fen"] == said["balancing_fen"] + 15_025
    assert sum(lot["net_fen"] for lot in said["lots"]) + said["balancing_fen"] == said["goods_fen"]
    paid = sum(lot["net_fen"] + lot["vat_fen"] for lot in said["lots"])
    assert sum(owed["fen"] for owed in said["suppliers"]) == paid
    table = buyer.get(f"{address}/table")
    sheet = load_workbook(io.BytesIO(table.content)).worksheets[0]
    assert [cell.value for cell in sheet["E"]][1:] == [10_000, 5_025]
    printed = buyer.get(f"{address}/pdf", headers={"Accept-Language": "zh-hans"})
    assert printed.content.startswith(b"%PDF")
    assert b"NotoSansSC" in printed.content
    assert program(found, "S1").get(address).status_code == 404
    summary = buyer.get(f"/api/v1/rounds/{found.pk}/saving").json()
    assert (summary["lots"], summary["headline"]["coverage"], summary["told"]) == (2, 0, None)
    lines = buyer.get("/api/v1/resin-savings").json()["results"]
    assert [line["saving_fen"] + line["landed_fen"] for line in lines] == [0, 0]
    assert buyer.get(f"/api/v1/resin-savings/{lines[0]['id']}").json() == lines[0]
    assert program(found, "F02").get(f"/api/v1/resin-savings/{lines[0]['id']}").status_code == 404
