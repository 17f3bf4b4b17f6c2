"""The round officer's desk: asks, changes, waits without a number, consents, opens and compares."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from mes.core.actors import DatabaseRole
from mes.core.wall import wall
from mes.firms.choices import Role
from mes.firms.models import Firm, User
from procurement.quotations.models import Tender
from procurement.quotations.selectors import comparison
from procurement.quotations.services import BreakDraft
from procurement.rounds.models import Round
from tests.factories import user_of
from tests.quotations.work import OPENS_AT, a_draft, a_line, put, seal
from tests.rounds.work import the_time_is

pytestmark = pytest.mark.django_db
CANARY = 765_432


def signed_in(name: str) -> Client:
    user = User.objects.get(pk=user_of(None, Role.ROUND_OFFICER, username=name).pk)
    client = Client()
    client.force_login(user)
    return client


def act(client: Client, row: Round | Tender, name: str, values: dict[str, Any] | None = None) -> HttpResponse:
    address = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_act_on_row", args=[row.pk, name])
    return client.post(address, values or {})


def page(client: Client, tender: Tender) -> str:
    answer = client.get(reverse("admin:quotations_tender_change", args=[tender.pk]), headers={"Accept-Language": "en"})
    assert answer.status_code == 200
    return answer.content.decode()


def test_an_officer_asks_suppliers_and_changes_the_conditions(frozen: Round, suppliers: list[Firm]) -> None:
    client = signed_in("asks")
    asked = {"suppliers": [str(firm.pk) for firm in suppliers], "payment_days": 30, "interest_permille": 40}
    few = act(client, frozen, "ask-suppliers", asked | {"suppliers": asked["suppliers"][:1]})
    assert few.status_code == 422
    assert act(client, frozen, "ask-suppliers", asked).status_code == 302
    with wall(DatabaseRole.STAFF):
        tender = Tender.objects.get()
    assert tender.interest_permille == 40
    sent = {"conditions": "含托盘", "payment_days": 30, "closes_at": "2026-03-20T00:00:00"}
    assert act(client, tender, "change", sent).status_code == 302
    with wall(DatabaseRole.STAFF):
        assert Tender.objects.get().revision == 2


def test_before_the_opening_the_desk_is_the_same_whoever_has_quoted(tender: Tender, suppliers: list[Firm]) -> None:
    client = signed_in("waits")

    def shown() -> list[int]:
        lists = [client.get(reverse(f"admin:quotations_{name}_changelist")) for name in ("tender", "quotation")]
        return [page(client, tender).count("<tr"), *(answer.context["cl"].result_count for answer in lists)]

    before = shown()
    row = put(suppliers[0], tender, a_draft(lines=(a_line(breaks=(BreakDraft(0, CANARY),)),)))
    assert shown() == before
    seal(suppliers[0], tender)
    assert shown() == before
    the_time_is(OPENS_AT)
    assert "waits for two officers" in page(client, tender)
    assert client.get(reverse("admin:quotations_quotation_change", args=[row.pk])).status_code in {302, 404}
    for name in ("quotation", "quotationline", "pricebreak", "supplierdiscount"):
        listed = client.get(reverse(f"admin:quotations_{name}_changelist"))
        assert listed.context["cl"].result_count == 0
    assert str(CANARY) not in page(client, tender)


def test_two_officers_open_and_compare_by_line_and_price(tender: Tender, suppliers: list[Firm]) -> None:
    dear, cheap, small = suppliers
    put(dear, tender, a_draft(payment_days=0))
    put(cheap, tender, a_draft(payment_days=0, with_vat=False, lines=(a_line(breaks=(BreakDraft(0, 700_000),)),)))
    less = a_line(
        capacity_kg=200_000, kind="incremental", breaks=(BreakDraft(0, 800_000), BreakDraft(100_000, 700_000))
    )
    put(small, tender, a_draft(payment_days=0, with_vat=False, lines=(less,)))
    for firm in suppliers:
        seal(firm, tender)
    the_time_is(OPENS_AT)
    first, second = signed_in("first"), signed_in("second")
    assert act(first, tender, "open").status_code == 409
    assert act(first, tender, "consent").status_code == 302
    assert act(second, tender, "consent").status_code == 302
    assert act(second, tender, "open").status_code == 302
    with wall(DatabaseRole.STAFF):
        told = [
            (item.quotation.supplier.code, item.offered_kg, item.normalised_fen_per_t)
            for item in comparison(tender_id=tender.pk)
        ]
    assert told == [("S02", 320_000, 700_000), ("S03", 200_000, 750_000), ("S01", 320_000, 778_761)]
    text = page(first, tender)
    assert "7,787.61" in text
    assert text.index("7,000.00") < text.index("7,500.00") < text.index("7,787.61")
