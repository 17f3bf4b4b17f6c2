"""Market quotes and benchmark policies on the round officer's desk."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from mes.core.actors import DatabaseRole
from mes.core.clock import business_now
from mes.core.errors import NotFound, NotPermitted
from mes.core.wall import actor_wall, wall
from mes.firms.choices import Role
from mes.firms.models import User
from procurement.benchmarks.models import Benchmark, BenchmarkPolicy, MarketQuote
from procurement.benchmarks.services import benchmarks_freeze, market_quote_record, market_quote_void
from procurement.rounds.models import RoundLine
from tests.factories import a_firm, user_of
from tests.procurement.test_benchmarks import a_line, benchmark_policy_set, draft, officer, record
from tests.quotations.work import PolicyDraft, officer_named

pytestmark = pytest.mark.django_db

QUOTE: dict[str, Any] = {
    "source": "trader_quote", "source_name": "甲商", "lot_kg": 20_000, "price_fen_per_t": 1_130_000, "with_vat": "on",
    "vat_permille": 130, "delivered": "on", "freight_fen_per_t": 0, "payment_days": 0, "interest_permille": 0,
}  # fmt: skip
POLICY = {"window_days": 30, "least_quotes": 3, "least_lot_kg": 1, "most_lot_kg": 100_000}


@pytest.fixture
def line() -> RoundLine:
    with wall(DatabaseRole.STAFF):
        return a_line()


def desk(username: str = "officer") -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=user_of(None, Role.ROUND_OFFICER, username=username).pk))
    return client


def recorded(client: Client, line: RoundLine, **values: Any) -> int:
    day = timezone.localdate(business_now()).isoformat()
    asked = QUOTE | {"material": str(line.material_id), "quoted_on": day} | values
    return client.post(reverse("admin:benchmarks_marketquote_act_on_list", args=["record"]), asked).status_code


def test_an_officer_records_a_quote_with_its_file_and_voids_it(line: RoundLine) -> None:
    client = desk()
    assert recorded(client, line, price_fen_per_t=0) == 422
    assert recorded(client, line, delivered="on", freight_fen_per_t=5) == 422
    assert recorded(client, line, evidence=SimpleUploadedFile("quote.pdf", b"said")) == 302
    with wall(DatabaseRole.STAFF):
        quote = MarketQuote.objects.get()
    told = (quote.grade, quote.normalised_fen_per_t, quote.evidence_sha256)
    assert told == ("A", 1_000_000, hashlib.sha256(b"said").hexdigest())
    void = reverse("admin:benchmarks_marketquote_act_on_row", args=[quote.pk, "void"])
    assert [client.post(void, {"reason": reason}).status_code for reason in ("", "另一牌号", "再次")] == [422, 302, 409]


def test_an_officer_sets_the_policy_of_a_round_and_finds_it_in_the_form(line: RoundLine) -> None:
    client, address = desk(), reverse("admin:rounds_round_act_on_row", args=[line.round_id, "benchmark-policy"])
    assert client.post(address, POLICY).status_code == 422  # no kind of source counts
    assert client.post(address, POLICY | {"weight_trader_quote": 2, "weight_indexed": ""}).status_code == 302
    with wall(DatabaseRole.STAFF):
        assert BenchmarkPolicy.objects.get().weights == {"trader_quote": 2}
    form = client.get(address).context["form"]
    assert (form["weight_trader_quote"].value(), form["most_lot_kg"].value()) == (2, 100_000)


def test_members_invoices_are_kept_from_an_officer_with_an_interest_and_count_all_the_same(line: RoundLine) -> None:
    with wall(DatabaseRole.STAFF):
        for number in range(5):
            invoice = record(line, 900_000, source="member_invoice", source_name=f"F{number}")
        benchmark_policy_set(actor=officer(), round_id=line.round_id, draft=PolicyDraft({"member_invoice": 1}))
    barred = officer_named("barred", a_firm("F77"))
    listed = {name: _listed(desk(name)) for name in ("officer", "barred")}
    assert listed == {"officer": 5, "barred": 0}
    with actor_wall(barred):
        with pytest.raises(NotPermitted):
            market_quote_record(actor=barred, draft=draft(line, 1, source="member_invoice"), now=business_now())
        with pytest.raises(NotFound):
            market_quote_void(actor=barred, market_quote_id=invoice.pk, reason="错", now=business_now())
        benchmarks_freeze(actor=barred, round_id=line.round_id, now=business_now())
        assert Benchmark.objects.get(line=line).median_fen_per_t == 900_000


def _listed(client: Client) -> int:
    return len(client.get(reverse("admin:benchmarks_marketquote_changelist")).context["cl"].result_list)
