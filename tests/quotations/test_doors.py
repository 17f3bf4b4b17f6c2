"""Requests and quotations by the API, as JSON and as tables; and that no other caller finds anything."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from openpyxl import Workbook, load_workbook

from mes.core.actors import DatabaseRole
from mes.core.models import Change
from mes.core.tables.templates import template
from mes.core.wall import wall
from mes.firms.choices import Role
from mes.firms.models import Firm
from procurement.quotations.api.imports import DECLARATION
from procurement.quotations.models import PriceBreak, Quotation, Tender
from tests.database import as_owner
from tests.factories import an_api_key
from tests.quotations.work import OPENS_AT, VALID_UNTIL, change, consent, officer_named, open_it
from tests.rounds.work import the_time_is

pytestmark = pytest.mark.django_db
ROW = {
    "行号": 1, "可供量(kg)": 400_000, "起订量(kg)": 25_000, "倍数(kg)": 25, "计价方式": "全部数量", "起算量(kg)": 0,
    "单价(元/吨)": 9_000, "有效期至": VALID_UNTIL.isoformat(), "账期(天)": 30, "含税": "含税", "税率(‰)": 130,
    "交货": "到厂", "运费(元/吨)": 0,
}  # fmt: skip


def body(**changes: Any) -> dict[str, Any]:
    line = {
        "line": 1, "capacity_kg": 400_000, "least_kg": 25_000, "multiple_kg": 25, "kind": "all_units",
        "breaks": [{"from_kg": 0, "price_fen_per_t": 900_000}, {"from_kg": 100_000, "price_fen_per_t": 880_000}],
    }  # fmt: skip
    plain = {
        "valid_until": VALID_UNTIL.isoformat(), "payment_days": 30, "with_vat": True, "vat_permille": 130,
        "basis": "delivered", "freight_fen_per_t": 0, "capacity_kg": None, "lines": [line],
    }  # fmt: skip
    return plain | changes


class Seller:
    """A supplier's program."""

    def __init__(self, firm: Firm, tender: Tender, role: Role = Role.SELLER) -> None:
        self.client = Client(headers=an_api_key(firm, role))
        self.path = f"/api/v1/tenders/{tender.pk}"

    def get(self, path: str = "/quotation") -> HttpResponse:
        return self.client.get(f"{self.path}{path}")

    def put(self, asked: Any, **headers: str) -> HttpResponse:
        seen = headers or self.seen()
        return self.client.put(
            f"{self.path}/quotation", json.dumps(asked), content_type="application/json", headers=seen
        )

    def post(self, verb: str, asked: Any = None, **headers: str) -> HttpResponse:
        return self.client.post(
            f"{self.path}/quotation/{verb}",
            json.dumps(asked) if asked is not None else "",
            content_type="application/json",
            headers=headers or self.seen(),
        )

    def table(self, rows: list[dict[str, Any]] | bytes) -> HttpResponse:
        sent = rows if isinstance(rows, bytes) else xlsx(rows)
        return self.client.put(
            f"{self.path}/quotation/table", sent, content_type="application/octet-stream", headers=self.seen()
        )

    def seen(self) -> dict[str, str]:
        tag = self.get().headers.get("ETag")
        return {"If-Match": tag} if tag else {"If-None-Match": "*"}


def xlsx(rows: list[dict[str, Any]]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    head = list(dict.fromkeys(name for row in rows for name in row))
    sheet.append(head)
    for row in rows:
        sheet.append([row.get(name) for name in head])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def cells(answer: HttpResponse) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.content
    return [(error["cell"], error["code"]) for error in answer.json()["errors"]]


def nothing_is_stored() -> bool:
    with as_owner():
        return not Quotation.objects.exists() and not PriceBreak.objects.exists()


def test_a_supplier_reads_the_request_writes_seals_and_takes_back(tender: Tender, suppliers: list[Firm]) -> None:
    seller = Seller(suppliers[0], tender)
    shown = seller.get("").json()
    assert (shown["code"], shown["revision"], shown["lines"][0]["wanted_kg"]) == ("2026-R1", 1, 320_000)
    assert [row["id"] for row in seller.client.get("/api/v1/tenders").json()["results"]] == [str(tender.pk)]
    assert seller.get().status_code == 404
    made = seller.put(body())
    assert (made.status_code, made.json()["status"]) == (201, "draft"), made.content
    assert made.headers["ETag"] == seller.get().headers["ETag"]
    assert seller.put(body(), **{"If-None-Match": "*"}).status_code == 412
    assert seller.put(body(payment_days=10)).json()["payment_days"] == 10
    assert seller.post("seal", {"tender_revision": 2}).json()["code"] == "tender_conditions_changed"
    sealed = seller.post("seal", {"tender_revision": 1})
    assert (sealed.status_code, sealed.json()["status"]) == (200, "sealed"), sealed.content
    assert seller.post("unseal").json()["sealed_sha256"] == ""
    assert seller.post("withdraw").json()["status"] == "withdrawn"


def test_a_repeated_call_has_one_effect(tender: Tender, suppliers: list[Firm]) -> None:
    seller = Seller(suppliers[0], tender)
    once = {"If-None-Match": "*", "Idempotency-Key": "q-1"}
    first, again = seller.put(body(), **once), seller.put(body(), **once)
    assert (first.status_code, again.status_code, first.content) == (201, 201, again.content)
    assert again.headers["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"valid_until": None}, "/valid_until"),
        ({"with_vat": "yes"}, "/with_vat"),
        ({"capacity_kg": 1.5}, "/capacity_kg"),
        ({"lines": []}, "/lines"),
        ({"lines": [body()["lines"][0] | {"kind": "x"}]}, "/lines/0/kind"),
        ({"lines": [body()["lines"][0] | {"breaks": [{"from_kg": 0, "price_fen_per_t": -1}]}]}, ""),
        ({"surprise": 1}, "/surprise"),
    ],
)
def test_bad_bodies_are_refused_at_their_place(
    tender: Tender, suppliers: list[Firm], changes: dict[str, Any], pointer: str
) -> None:
    refused = Seller(suppliers[0], tender).put(body(**changes))
    assert refused.status_code in {400, 422}, refused.content
    assert any(error["pointer"].startswith(pointer) for error in refused.json()["errors"])
    assert nothing_is_stored()


def test_a_table_is_a_quotation(tender: Tender, suppliers: list[Firm]) -> None:
    seller = Seller(suppliers[0], tender)
    second = ROW | {"起算量(kg)": 100_000, "单价(元/吨)": 8_800.5, "总量起算(kg)": 200_000, "折扣(‰)": 10}
    made = seller.table([ROW, second])
    assert made.status_code == 201, made.content
    told = made.json()
    assert told["lines"][0]["breaks"] == [
        {"from_kg": 0, "price_fen_per_t": 900_000},
        {"from_kg": 100_000, "price_fen_per_t": 880_050},
    ]
    assert (told["discounts"], told["basis"], told["with_vat"]) == (
        [{"from_kg": 200_000, "permille": 10}], "delivered", True,
    )  # fmt: skip
    assert seller.table([ROW]).status_code == 200
    empty = seller.get("/quotation/template")
    assert load_workbook(io.BytesIO(empty.content)).sheetnames[0] == "报价"
    assert template(DECLARATION)


HOSTILE: list[tuple[list[dict[str, Any]], list[tuple[str, str]]]] = [
    ([{("可供量(吨)" if name == "可供量(kg)" else name): cell for name, cell in ROW.items()}], [("B1", "unit_wrong")]),
    ([ROW | {"可供量(kg)": "400吨"}], [("B2", "unit_wrong")]),
    ([ROW, ROW], [("F3", "quotation_invalid")]),
    ([ROW, ROW | {"起算量(kg)": 100_000, "单价(元/吨)": 9_001}], [("G3", "quotation_invalid")]),
    ([ROW | {"可供量(kg)": 20_000}], [("B2", "quotation_invalid")]),
    ([ROW, ROW | {"起算量(kg)": 100_000, "账期(天)": 31}], [("I3", "rows_differ")]),
    ([ROW | {"行号": 7}], [("A2", "quotation_invalid")]),
    ([ROW | {"倍数(kg)": 30}], [("D2", "quotation_invalid")]),
    ([ROW | {"折扣(‰)": 10, "总量起算(kg)": None}], [("", "cell_empty")]),
    ([ROW | {"有效期至": "2026-03-18"}], [("H2", "quotation_invalid")]),
    ([ROW | {"运费(元/吨)": 5}], [("M2", "quotation_invalid")]),
]


@pytest.mark.parametrize(("rows", "wanted"), HOSTILE)
def test_a_hostile_table_is_refused_by_its_cells(
    tender: Tender, suppliers: list[Firm], rows: list[dict[str, Any]], wanted: list[tuple[str, str]]
) -> None:
    found = cells(Seller(suppliers[0], tender).table(rows))
    assert [code for _cell, code in found] == [code for _cell, code in wanted], found
    assert all(cell.startswith(place) for (cell, _), (place, _code) in zip(found, wanted, strict=True)), found
    assert nothing_is_stored()


def test_four_thousand_lines_of_rubbish_are_refused_and_nothing_is_kept(tender: Tender, suppliers: list[Firm]) -> None:
    seller = Seller(suppliers[0], tender)
    rubbish = [dict.fromkeys(ROW, "垃圾") for _row in range(4_000)]
    told = cells(seller.table(rubbish))
    assert 1 <= len(told) <= 100
    many = [ROW | {"起算量(kg)": number} for number in range(4_000)]
    assert [code for _cell, code in cells(seller.table(many))] == ["table_too_large"]
    assert nothing_is_stored()


def test_no_other_caller_finds_a_request_or_a_quotation(
    tender: Tender, suppliers: list[Firm], members: list[Firm]
) -> None:
    owner, rival = Seller(suppliers[0], tender), Seller(suppliers[1], tender)
    owner.put(body())
    owner.post("seal", {"tender_revision": 1})
    assert rival.get("").status_code == 200
    assert rival.get().status_code == 404
    assert rival.post("unseal", **{"If-Match": owner.seen()["If-Match"]}).status_code == 404
    member = Seller(members[0], tender, Role.OWNER)
    for path in ("", "/quotation", "/quotation/template"):
        assert member.get(path).status_code == 404
    assert member.put(body(), **{"If-None-Match": "*"}).status_code in {403, 404}
    assert member.client.get("/api/v1/tenders").json()["results"] == []


def test_a_rivals_answers_are_the_same_whoever_else_quotes(tender: Tender, suppliers: list[Firm]) -> None:
    """Not a byte, a tag or a row of the feed of another supplier's changes with what one writes and seals."""
    owner, rival = Seller(suppliers[0], tender), Seller(suppliers[1], tender)

    def heard() -> list[object]:
        answers = [rival.get(""), rival.get(), rival.client.get("/api/v1/tenders")]
        with wall(DatabaseRole.FIRM, suppliers[1].pk):
            feed = Change.objects.count()
        said = []
        for answer in answers:
            told = answer.json()
            told.pop("request_id", None)
            said.append((answer.status_code, told, answer.headers.get("ETag")))
        return [*said, feed]

    before = heard()
    owner.put(body())
    assert heard() == before
    owner.post("seal", {"tender_revision": 1})
    assert heard() == before
    owner.post("withdraw")
    assert heard() == before


def test_suppliers_are_told_of_the_request_by_the_feed_and_of_nothing_else(
    tender: Tender, suppliers: list[Firm], members: list[Firm]
) -> None:
    def told(firm: Firm) -> int:
        with wall(DatabaseRole.FIRM, firm.pk):
            return Change.objects.filter(kind="tender", object_id=tender.pk).count()

    everybody = [told(firm) for firm in suppliers]
    assert everybody == [1, 1, 1]
    assert told(members[0]) == 0
    change(tender, payment_days=5)
    the_time_is(OPENS_AT)
    for name in ("a", "b"):
        consent(officer_named(name), tender)
    open_it(officer_named("a"), tender)
    with as_owner():
        assert set(Change.objects.filter(kind="tender").values_list("firm_id", flat=True)) == {
            firm.pk for firm in suppliers
        }
