"""Market quotes and the benchmark of a round: what counts, how it is graded, and that nothing changes afterwards."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from mes.catalog.models import Material
from mes.core.actors import Actor, DatabaseRole
from mes.core.clock import business_now
from mes.core.errors import InvalidValue, NotAllowedInState, NotFound, NotPermitted
from mes.core.ids import new_id
from mes.core.wall import wall
from mes.firms.choices import Role
from procurement.benchmarks.models import Benchmark, BenchmarkPolicy, MarketQuote
from procurement.benchmarks.selectors import SaidPrice
from procurement.benchmarks.services import (
    MarketQuoteDraft,
    PolicyDraft,
    benchmark_policy_set,
    benchmarks_freeze,
    market_quote_record,
    market_quote_void,
)
from procurement.rounds.models import Round, RoundLine
from tests.core.people import firm_actor, staff_actor

pytestmark = pytest.mark.django_db

WEIGHTS = {"supplier_quote": 2, "trader_quote": 1, "member_invoice": 2}
DELIVERED = SaidPrice(
    price_fen_per_t=1_000_000,
    with_vat=False,
    vat_permille=130,
    delivered=True,
    freight_fen_per_t=0,
    payment_days=0,
    interest_permille=0,
)


def officer() -> Actor:
    return staff_actor(Role.ROUND_OFFICER, user_id=new_id())


def a_line() -> RoundLine:
    now = business_now()
    material = Material.objects.create(code="PE-5M", kind="resin")
    a_round = Round.objects.create(
        code="R1",
        title="一月",
        firming_at=now + timedelta(days=1),
        demand_closes_at=now + timedelta(days=2),
        quotations_close_at=now + timedelta(days=3),
    )
    today = timezone.localdate(now)
    return RoundLine.objects.create(
        round=a_round, number=1, material=material, window_from=today, window_to=today, spot_fen_per_t=1_050_000
    )


def draft(line: RoundLine, fen_per_t: int, **changes: object) -> MarketQuoteDraft:
    said = replace(DELIVERED, price_fen_per_t=fen_per_t)
    today = timezone.localdate(business_now())
    plain = MarketQuoteDraft(line.material_id, "supplier_quote", "甲供应商", today, 20_000, said, b"quote")
    return replace(plain, **changes)  # type: ignore[arg-type]


def record(line: RoundLine, fen_per_t: int, **changes: object) -> MarketQuote:
    return market_quote_record(actor=officer(), draft=draft(line, fen_per_t, **changes), now=business_now())


def frozen(line: RoundLine, **policy: object) -> Benchmark | None:
    benchmark_policy_set(actor=officer(), round_id=line.round_id, draft=PolicyDraft(WEIGHTS, **policy))  # type: ignore[arg-type]
    benchmarks_freeze(actor=officer(), round_id=line.round_id, now=business_now())
    return Benchmark.objects.filter(line=line).first()


def test_three_dated_quotes_with_their_files_make_a_benchmark_of_grade_a() -> None:
    with wall(DatabaseRole.STAFF):
        line = a_line()
        for fen in (1_000_000, 1_020_000, 1_010_000):
            record(line, fen)
        found = frozen(line)
        assert found is not None
        told = (found.quotes, found.grade, found.q1_fen_per_t, found.median_fen_per_t, found.q3_fen_per_t)
        assert told == (3, "A", 1_000_000, 1_010_000, 1_020_000)
        policy = BenchmarkPolicy.objects.get(round=line.round_id)
        assert found.policy_sha256 == policy.sha256
        assert len(policy.sha256) == 64


@pytest.mark.parametrize(
    ("quotes", "grade"),
    [
        ([{}, {}, {"evidence": None}], "B"),
        ([{}, {}], "C"),
        ([{"evidence": None}] * 3, "B"),
    ],
)
def test_evidence_grades_the_benchmark(quotes: list[dict[str, object]], grade: str) -> None:
    with wall(DatabaseRole.STAFF):
        line = a_line()
        for changes in quotes:
            record(line, 1_000_000, **changes)
        found = frozen(line)
        assert found is not None
        assert found.grade == grade


def test_what_the_policy_leaves_out_does_not_count() -> None:
    with wall(DatabaseRole.STAFF):
        line = a_line()
        today = timezone.localdate(business_now())
        record(line, 1_000_000)
        record(line, 1, quoted_on=today - timedelta(days=30))
        record(line, 2, lot_kg=10)
        record(line, 3, lot_kg=10_000_000)
        record(line, 4, source="assessment")
        voided = record(line, 5)
        market_quote_void(actor=officer(), market_quote_id=voided.pk, reason="另一牌号", now=business_now())
        found = frozen(line, least_lot_kg=1000, most_lot_kg=100_000)
        assert found is not None
        assert (found.quotes, found.median_fen_per_t) == (1, 1_000_000)


def test_invoices_of_members_count_as_one_and_only_from_five_sources() -> None:
    with wall(DatabaseRole.STAFF):
        line = a_line()
        record(line, 1_000_000)
        for number in range(4):
            record(line, 900_000, source="member_invoice", source_name=f"F{number}")
        record(line, 900_000, source="member_invoice", source_name="F3")
        assert BenchmarkPolicy.objects.count() == 0
        with transaction.atomic():
            found = frozen(line)
            assert found is not None
            assert (found.quotes, found.median_fen_per_t) == (1, 1_000_000)
            transaction.set_rollback(True)
    with wall(DatabaseRole.STAFF):
        line = RoundLine.objects.get()
        record(line, 990_000, source="member_invoice", source_name="F9")
        found = frozen(line)
        assert found is not None
        assert (found.quotes, found.q1_fen_per_t, found.q3_fen_per_t) == (2, 900_000, 1_000_000)


def test_a_line_without_quotes_has_no_benchmark() -> None:
    with wall(DatabaseRole.STAFF):
        assert frozen(a_line()) is None


def test_what_is_frozen_stays() -> None:
    with wall(DatabaseRole.STAFF):
        line = a_line()
        quote = record(line, 1_000_000)
        frozen(line)
        policy = BenchmarkPolicy.objects.get()
        for change in (
            lambda: BenchmarkPolicy.objects.update(window_days=99),
            lambda: MarketQuote.objects.filter(pk=quote.pk).update(normalised_fen_per_t=1),
        ):
            with pytest.raises(IntegrityError), transaction.atomic():
                change()
        with pytest.raises(NotAllowedInState):
            benchmarks_freeze(actor=officer(), round_id=policy.round_id, now=business_now())


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"source": "list_price"}, "/source"),
        ({"source_name": " "}, "/source_name"),
        ({"lot_kg": 0}, "/lot_kg"),
        ({"quoted_on": date(2099, 1, 1)}, "/quoted_on"),
        ({"quoted_on": date(1999, 1, 1)}, "/quoted_on"),
        ({"said": replace(DELIVERED, price_fen_per_t=0)}, "/price_fen_per_t"),
        ({"said": replace(DELIVERED, freight_fen_per_t=5)}, "/freight_fen_per_t"),
        ({"said": replace(DELIVERED, vat_permille=501)}, "/vat_permille"),
    ],
)
def test_a_quote_that_cannot_be_is_refused_by_its_field(changes: dict[str, object], pointer: str) -> None:
    with wall(DatabaseRole.STAFF):
        line = a_line()
        with pytest.raises(InvalidValue) as refused:
            record(line, 1_000_000, **changes)
        assert refused.value.pointer == pointer
        assert not MarketQuote.objects.exists()


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"weights": {}}, "/weights"),
        ({"weights": {"list_price": 1}}, "/weights/list_price"),
        ({"weights": {"trader_quote": 0}}, "/weights/trader_quote"),
        ({"window_days": 0}, "/window_days"),
        ({"least_lot_kg": 10, "most_lot_kg": 9}, "/most_lot_kg"),
    ],
)
def test_a_policy_that_cannot_be_is_refused_by_its_field(changes: dict[str, object], pointer: str) -> None:
    with wall(DatabaseRole.STAFF):
        line = a_line()
        with pytest.raises(InvalidValue) as refused:
            benchmark_policy_set(
                actor=officer(), round_id=line.round_id, draft=replace(PolicyDraft(WEIGHTS), **changes)  # type: ignore[arg-type]
            )  # fmt: skip
        assert refused.value.pointer == pointer


def test_only_a_round_officer_records_and_no_firm_reads() -> None:
    with wall(DatabaseRole.STAFF):
        line = a_line()
        quote = record(line, 1_000_000)
        with pytest.raises(NotPermitted):
            market_quote_record(
                actor=staff_actor(Role.DISPATCHER), draft=draft(line, 1), now=business_now()
            )  # fmt: skip
        with pytest.raises(NotFound):
            market_quote_void(actor=officer(), market_quote_id=new_id(), reason="x", now=business_now())
        market_quote_void(actor=officer(), market_quote_id=quote.pk, reason="x", now=business_now())
        with pytest.raises(NotAllowedInState):
            market_quote_void(actor=officer(), market_quote_id=quote.pk, reason="x", now=business_now())
    firm_id = new_id()
    with wall(DatabaseRole.FIRM, firm_id), pytest.raises(NotPermitted):
        market_quote_record(
            actor=firm_actor(firm_id, Role.OWNER), draft=draft(line, 1), now=business_now()
        )  # fmt: skip
