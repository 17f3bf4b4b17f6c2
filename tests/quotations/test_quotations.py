"""What a supplier quotes until the close, and the rules that a quotation keeps."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from mes.core.actors import DatabaseRole
from mes.core.errors import NotAllowedInState, NotFound, NotPermitted
from mes.core.models import AuditRow, BackgroundJob, OutboxEvent
from mes.core.wall import actor_wall, wall
from mes.firms.models import Firm
from procurement.quotations.errors import QuotationInvalid, TenderClosed
from procurement.quotations.models import PriceBreak, Quotation, Tender
from procurement.quotations.services import BreakDraft, DiscountDraft, QuotationDraft, quotation_put
from procurement.quotations.services.drafts import least_validity
from procurement.suppliers.models import SupplierQualification
from tests.factories import planner_of
from tests.quotations.work import (
    ASKED_AT,
    OPENS_AT,
    VALID_UNTIL,
    a_draft,
    a_line,
    change,
    put,
    seal,
    take_back,
    unseal,
)
from tests.rounds.work import a_supplier, the_time_is


def test_a_quotation_is_written_sealed_unsealed_and_withdrawn(tender: Tender, suppliers: list[Firm]) -> None:
    firm = suppliers[0]
    assert put(firm, tender).status == "draft"
    row = seal(firm, tender)
    assert (row.status, row.tender_revision, len(row.sealed_sha256), row.sealed_at) == ("sealed", 1, 64, ASKED_AT)
    with pytest.raises(NotAllowedInState):
        put(firm, tender)
    with pytest.raises(NotAllowedInState):
        seal(firm, tender)
    row = unseal(firm, tender)
    assert (row.status, row.sealed_at, row.sealed_sha256) == ("draft", None, "")
    assert take_back(firm, tender).status == "withdrawn"
    assert put(firm, tender, a_draft(lines=(a_line(breaks=(BreakDraft(0, 700_000),)),))).status == "draft"
    with wall(DatabaseRole.FIRM, firm.pk):
        assert list(PriceBreak.objects.values_list("from_kg", "price_fen_per_t")) == [(0, 700_000)]
        verbs = AuditRow.objects.filter(verb__startswith="quotation").order_by("at").values_list("verb", flat=True)
        assert [verb.partition(".")[2] for verb in verbs] == ["put", "seal", "unseal", "withdraw", "put"]


def test_the_seal_holds_what_was_written_and_for_which_conditions(tender: Tender, suppliers: list[Firm]) -> None:
    firm = suppliers[0]
    put(firm, tender)
    first = seal(firm, tender).sealed_sha256
    unseal(firm, tender)
    assert seal(firm, tender).sealed_sha256 == first
    change(tender, payment_days=45)
    assert seal(firm, tender, revision=2).sealed_sha256 != first
    unseal(firm, tender)
    put(firm, tender, a_draft(payment_days=31))
    assert seal(firm, tender, revision=2).sealed_sha256 != first


def test_nothing_is_written_from_the_close_on(tender: Tender, suppliers: list[Firm]) -> None:
    firm = suppliers[0]
    put(firm, tender)
    the_time_is(OPENS_AT - timedelta(seconds=1))
    seal(firm, tender)
    the_time_is(OPENS_AT)
    for late in (put, seal, unseal, take_back):
        with pytest.raises(TenderClosed):
            late(firm, tender)
    with pytest.raises(TenderClosed):
        put(suppliers[1], tender)


def test_who_is_not_invited_finds_no_request(tender: Tender, members: list[Firm]) -> None:
    with pytest.raises(NotFound):
        put(a_supplier("S09"), tender)
    planner = planner_of(members[0])
    with actor_wall(planner), pytest.raises(NotPermitted):
        quotation_put(actor=planner, tender_id=tender.pk, draft=a_draft(), now=ASKED_AT)


def test_a_supplier_that_is_no_longer_qualified_quotes_nothing(tender: Tender, suppliers: list[Firm]) -> None:
    with wall(DatabaseRole.STAFF):
        SupplierQualification.objects.filter(supplier=suppliers[0]).update(valid_until=ASKED_AT.date())
    with pytest.raises(QuotationInvalid) as refused:
        put(suppliers[0], tender)
    assert [fault.pointer for fault in refused.value.faults] == ["/lines/0/line"]


def breaks(*pairs: tuple[int, int]) -> tuple[BreakDraft, ...]:
    return tuple(BreakDraft(from_kg, price) for from_kg, price in pairs)


BAD: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({"valid_until": VALID_UNTIL - timedelta(days=28)}, {}, "/valid_until"),
    ({"basis": "fob"}, {}, "/basis"),
    ({"freight_fen_per_t": 1}, {}, "/freight_fen_per_t"),
    ({"payment_days": 366}, {}, "/payment_days"),
    ({"vat_permille": 501}, {}, "/vat_permille"),
    ({"capacity_kg": 0}, {}, "/capacity_kg"),
    ({"lines": ()}, {}, "/lines"),
    ({"discounts": (DiscountDraft(0, 5),)}, {}, "/discounts/0/from_kg"),
    ({"discounts": (DiscountDraft(1, 1000),)}, {}, "/discounts/0/permille"),
    ({"discounts": (DiscountDraft(5, 5), DiscountDraft(5, 6))}, {}, "/discounts/1/from_kg"),
    ({"discounts": (DiscountDraft(5, 5), DiscountDraft(6, 4))}, {}, "/discounts/1/permille"),
    ({"discounts": tuple(DiscountDraft(kg, 5) for kg in range(1, 22))}, {}, "/discounts"),
    ({}, {"line": 2}, "/lines/0/line"),
    ({}, {"capacity_kg": 20_000, "breaks": breaks((0, 1))}, "/lines/0/capacity_kg"),
    ({}, {"capacity_kg": 100_000_001}, "/lines/0/capacity_kg"),
    ({}, {"multiple_kg": 30}, "/lines/0/multiple_kg"),
    ({}, {"multiple_kg": 0}, "/lines/0/multiple_kg"),
    ({}, {"multiple_kg": 400_025}, "/lines/0/multiple_kg"),
    ({}, {"kind": "some_units"}, "/lines/0/kind"),
    ({}, {"breaks": ()}, "/lines/0/breaks"),
    ({}, {"breaks": breaks(*((kg, 5) for kg in range(21)))}, "/lines/0/breaks"),
    ({}, {"breaks": breaks((24_999, 5))}, "/lines/0/breaks/0/from_kg"),
    ({}, {"breaks": breaks((0, 5), (0, 4))}, "/lines/0/breaks/1/from_kg"),
    ({}, {"breaks": breaks((0, 5), (50_000, 4), (40_000, 3))}, "/lines/0/breaks/2/from_kg"),
    ({}, {"breaks": breaks((0, 5), (50_000, 6))}, "/lines/0/breaks/1/price_fen_per_t"),
    ({}, {"breaks": breaks((0, 0))}, "/lines/0/breaks/0/price_fen_per_t"),
    ({}, {"breaks": breaks((0, 100_000_001))}, "/lines/0/breaks/0/price_fen_per_t"),
    ({}, {"breaks": breaks((0, 5), (400_001, 4))}, "/lines/0/breaks/1/from_kg"),
]


def test_each_rule_refuses_by_the_place_of_its_value(tender: Tender, suppliers: list[Firm]) -> None:
    firm = suppliers[0]
    for terms, of_line, pointer in BAD:
        draft: QuotationDraft = a_draft(lines=(a_line(**of_line),))
        with pytest.raises(QuotationInvalid) as refused:
            put(firm, tender, replace(draft, **terms))
        assert [fault.pointer for fault in refused.value.faults] == [pointer], (terms, of_line)
    with wall(DatabaseRole.FIRM, firm.pk):
        assert not Quotation.objects.exists()


@pytest.mark.parametrize(
    "draft",
    [
        a_draft(lines=(a_line(breaks=breaks((25_000, 9), (25_001, 9))),)),
        a_draft(lines=(a_line(kind="incremental", least_kg=0),), discounts=(DiscountDraft(1, 999),)),
        a_draft(basis="ex_works", freight_fen_per_t=20_000, capacity_kg=1, with_vat=False, vat_permille=0),
    ],
)
def test_what_keeps_the_rules_is_taken(tender: Tender, suppliers: list[Firm], draft: QuotationDraft) -> None:
    assert put(suppliers[0], tender, draft).status == "draft"


def test_a_line_quoted_twice_and_all_faults_at_once(tender: Tender, suppliers: list[Firm]) -> None:
    bad = a_line(breaks=breaks((0, 5), (0, 6)))
    with pytest.raises(QuotationInvalid) as refused:
        put(suppliers[0], tender, a_draft(lines=(bad, bad)))
    assert [fault.pointer for fault in refused.value.faults] == [
        "/lines/0/breaks/1/from_kg", "/lines/0/breaks/1/price_fen_per_t", "/lines/1/line",
        "/lines/1/breaks/1/from_kg", "/lines/1/breaks/1/price_fen_per_t",
    ]  # fmt: skip


def test_a_quotation_holds_beyond_the_confirmations_also_when_it_is_sealed_later(
    tender: Tender, suppliers: list[Firm]
) -> None:
    short = a_draft(valid_until=least_validity(tender) + timedelta(days=1))
    put(suppliers[0], tender, short)
    change(tender, closes_at=OPENS_AT + timedelta(days=1))
    with pytest.raises(QuotationInvalid):
        seal(suppliers[0], tender, revision=2)


def test_sealed_means_sealed(tender: Tender, suppliers: list[Firm], members: list[Firm]) -> None:
    """In each state before the opening: no row, count, audit row, event or job tells anybody but the supplier."""
    firm, canary = suppliers[0], a_draft(lines=(a_line(breaks=breaks((0, 7_654_321))),))

    def only_its_own() -> None:
        for other in (suppliers[1], members[0]):
            with wall(DatabaseRole.FIRM, other.pk):
                assert not Quotation.objects.exists()
                assert not PriceBreak.objects.exists()
                assert not AuditRow.objects.filter(verb__startswith="quotation").exists()
        with wall(DatabaseRole.STAFF):
            assert not Quotation.objects.exists()
            assert not PriceBreak.objects.exists()
            assert not AuditRow.objects.filter(verb__startswith="quotation").exists()
            assert not OutboxEvent.objects.filter(topic__startswith="quotation").only("id", "topic").exists()
            assert not BackgroundJob.objects.filter(firm_id=firm.pk).exists()

    for act in (lambda: put(firm, tender, canary), lambda: seal(firm, tender), lambda: change(tender, conditions="二")):
        act()
        only_its_own()
    seal(firm, tender, revision=2)
    the_time_is(OPENS_AT)
    only_its_own()
