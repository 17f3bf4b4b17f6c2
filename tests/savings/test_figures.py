"""What lots saved: landed cost, band, coverage, and the sentence; a negative lot is never lost."""

from __future__ import annotations

import pytest
from django.utils.translation import override
from hypothesis import given, settings
from hypothesis import strategies as st

from procurement.benchmarks.choices import EvidenceGrade
from procurement.savings.selectors.headline import Counted, headline_of, sentence
from procurement.savings.selectors.landed import NO_BAND, Band, Landed, Prices, financing_fen, market_band, saving_band

A, B, C = EvidenceGrade
PRICES = Prices(1_000_000, 1_010_000, 1_020_000)


def lot(grade: EvidenceGrade, landed_fen: int, *market: int) -> Counted:
    return Counted(grade, landed_fen, Band(*market) if market else NO_BAND)


def test_a_lot_saves_the_benchmark_less_all_that_it_cost() -> None:
    landed = Landed(
        kg=10_000, net_fen=9_700_000, freight_fen=50_000, fee_fen=20_000, financing_fen=5_000, claims_fen=30_000,
        rebates_fen=25_000,
    )  # fmt: skip
    assert landed.fen == 9_780_000
    assert saving_band(landed, PRICES) == Band(220_000, 320_000, 420_000)


def test_a_lot_dearer_than_the_market_saves_a_negative_amount() -> None:
    assert saving_band(Landed(kg=1_000, net_fen=1_030_000), PRICES) == Band(-30_000, -20_000, -10_000)


def test_a_deposit_costs_simple_interest() -> None:
    assert financing_fen(deposit_fen=1_000_000, days=73, interest_permille=40) == 8_000


def test_the_sentence_holds_rate_band_and_coverage_in_both_languages() -> None:
    lots = [lot(A, 6_000_000, 6_116_208, 6_160_164, 6_198_347), lot(C, 1_400_000, 9_000_000, 9_000_000, 9_000_000)]
    with override("en"):
        assert sentence(headline_of(lots)) == "2.6 % (1.9 to 3.2), 81 % of spend evidenced"
    with override("zh-hans"):
        assert sentence(headline_of(lots)) == "2.6%（1.9 至 3.2），81% 的采购额有证据"


def test_few_quotes_and_no_benchmark_are_spend_without_evidence() -> None:
    found = headline_of([lot(C, 5_000_000, 9_000_000, 9_000_000, 9_000_000), lot(C, 1_000_000)])
    assert (found.coverage, found.rates, found.saving) == (0, None, NO_BAND)
    with override("en"):
        assert sentence(found) == "No saving can be told: no spend is evidenced"


def test_no_lot_is_no_coverage() -> None:
    assert headline_of([]).coverage == 0


def test_a_loss_is_told_as_one() -> None:
    found = headline_of([lot(B, 1_030_000, 1_000_000, 1_010_000, 1_020_000)])
    assert found.rates == ("-3.0", "-2.0", "-1.0")


def test_coverage_is_never_rounded_up() -> None:
    assert headline_of([lot(A, 999, 1, 1, 1), lot(C, 1)]).coverage == 99


_grades = st.sampled_from(EvidenceGrade)
_lots = st.lists(
    st.builds(
        lambda grade, kg, fen: Counted(grade, fen, market_band(kg=kg, prices=PRICES)),
        _grades, st.integers(1, 50_000), st.integers(1, 10**8),
    ),
    max_size=8,
)  # fmt: skip


@given(lots=_lots, order=st.randoms())
@settings(max_examples=40)
def test_the_sum_keeps_every_lot_in_whatever_order(lots: list[Counted], order: object) -> None:
    found = headline_of(lots)
    shuffled = list(lots)
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    assert headline_of(shuffled) == found
    assert found.spend_fen == sum(each.landed_fen for each in lots)
    assert found.saving.mid_fen == sum(each.market.mid_fen - each.landed_fen for each in lots if each.grade != C)
    assert found.saving.low_fen <= found.saving.mid_fen <= found.saving.high_fen
    assert 0 <= found.coverage <= 100


@pytest.mark.parametrize("grade", [A, B])
def test_taking_a_bad_lot_away_would_flatter(grade: EvidenceGrade) -> None:
    good, bad = lot(grade, 970, 1_000, 1_000, 1_000), lot(grade, 1_050, 1_000, 1_000, 1_000)
    assert headline_of([good, bad]).saving.mid_fen == -20 < headline_of([good]).saving.mid_fen
