"""Prices made comparable, and the quartiles of those that count: by hand and by property."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procurement.benchmarks.choices import EvidenceGrade
from procurement.benchmarks.selectors import SaidPrice, Weighted, normalised_fen_per_t, weighted_quartiles

SAID = SaidPrice(
    price_fen_per_t=1_130_000,
    with_vat=True,
    vat_permille=130,
    delivered=True,
    freight_fen_per_t=0,
    payment_days=0,
    interest_permille=0,
)


@pytest.mark.parametrize(
    ("changes", "fen_per_t"),
    [
        ({}, 1_000_000),
        ({"with_vat": False}, 1_130_000),
        ({"delivered": False, "freight_fen_per_t": 12_000}, 1_012_000),
        # 4 % a year for 73 days, a fifth of it, are 0.8 % of the price.
        ({"payment_days": 73, "interest_permille": 40}, 992_000),
        ({"delivered": False, "freight_fen_per_t": 12_000, "payment_days": 365, "interest_permille": 100}, 910_800),
        # 1 000 001 / 1.13 = 884 956.637…
        ({"price_fen_per_t": 1_000_001}, 884_957),
    ],
)
def test_a_price_is_made_without_vat_delivered_cash(changes: dict[str, object], fen_per_t: int) -> None:
    assert normalised_fen_per_t(replace(SAID, **changes)) == fen_per_t  # type: ignore[arg-type]


def weighted(*pairs: tuple[int, int]) -> list[Weighted]:
    return [Weighted(fen, weight, EvidenceGrade.A) for fen, weight in pairs]


@pytest.mark.parametrize(
    ("prices", "quartiles"),
    [
        ([(7, 1)], (7, 7, 7)),
        ([(1, 1), (2, 1), (3, 1), (4, 1)], (1, 2, 3)),
        ([(4, 1), (2, 1), (3, 1), (1, 1), (5, 1)], (2, 3, 4)),
        ([(1, 1), (2, 1), (9, 8)], (9, 9, 9)),
        ([(1, 5), (9, 4)], (1, 1, 9)),
    ],
)
def test_a_quartile_is_the_lowest_price_that_reaches_its_part_of_the_weight(
    prices: list[tuple[int, int]], quartiles: tuple[int, int, int]
) -> None:
    assert weighted_quartiles(weighted(*prices)) == quartiles


@given(st.lists(st.tuples(st.integers(1, 10**8), st.integers(1, 100)), min_size=1, max_size=30))
def test_quartiles_halve_the_weight_and_stand_in_order(prices: list[tuple[int, int]]) -> None:
    found = weighted_quartiles(weighted(*prices))
    assert list(found) == sorted(found)
    whole = sum(weight for _fen, weight in prices)
    for part, quartile in enumerate(found, start=1):
        assert 4 * sum(weight for fen, weight in prices if fen < quartile) < part * whole
        assert 4 * sum(weight for fen, weight in prices if fen <= quartile) >= part * whole


def test_nothing_has_no_quartile() -> None:
    with pytest.raises(ValueError, match="counts"):
        weighted_quartiles([])
