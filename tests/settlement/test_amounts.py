"""Fen of a settlement: rounding, VAT, splitting without a fen lost, and the three-way match."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procurement.settlement.choices import Finding
from procurement.settlement.selectors.amounts import half_up, net_fen, split_fen, vat_fen
from procurement.settlement.selectors.matching import Agreed, Invoiced, match_line

AGREED = Agreed(price_mfen_per_t=1_033_333_000, vat_permille=130)
RIGHT = Invoiced(kg=1_025, net_fen=1_059_166, vat_permille=130, vat_fen=137_692)


@pytest.mark.parametrize(
    ("kg", "price", "fen"), [(1, 500, 1), (1, 499, 0), (-1, 500, -1), (1_025, 1_033_333, 1_059_166)]
)
def test_a_half_fen_goes_up_and_a_correction_mirrors_it(kg: int, price: int, fen: int) -> None:
    assert net_fen(kg=kg, price_mfen_per_t=price * 1000) == fen


@given(numerator=st.integers(-(10**15), 10**15), denominator=st.integers(1, 10**6))
@settings(max_examples=50)
def test_rounding_is_half_a_unit_off_at_most_and_symmetric(numerator: int, denominator: int) -> None:
    rounded = half_up(numerator, denominator)
    assert abs(Fraction(numerator, denominator) - rounded) <= Fraction(1, 2)
    assert half_up(-numerator, denominator) == -rounded


@given(fen=st.integers(-(10**9), 10**9), kg=st.lists(st.integers(0, 10**6), min_size=1, max_size=12).filter(any))
@settings(max_examples=50)
def test_the_parts_of_an_amount_sum_to_it_and_none_is_a_fen_off_its_proportion(fen: int, kg: list[int]) -> None:
    parts = split_fen(fen, kg)
    assert sum(parts) == fen
    assert all(abs(part - Fraction(fen * weight, sum(kg))) < 1 for part, weight in zip(parts, kg, strict=True))
    assert [-part for part in parts] == split_fen(-fen, kg)


def test_nothing_is_split_over_nobody() -> None:
    with pytest.raises(ValueError, match="Nothing"):
        split_fen(1, [0, 0])


def test_an_invoice_as_agreed_has_nothing_to_find() -> None:
    found = match_line(agreed=AGREED, settled_kg=1_025, invoiced=RIGHT)
    assert (found.net_difference_fen, found.vat_difference_fen, found.findings) == (0, 0, ())


@pytest.mark.parametrize(
    ("settled_kg", "changes", "findings"),
    [
        (1_025, {"net_fen": 1_059_172}, ()),
        (1_025, {"net_fen": 1_059_173}, (Finding.PRICE,)),
        (1_025, {"vat_fen": 137_686}, ()),
        (1_025, {"vat_fen": 137_685}, (Finding.VAT,)),
        (1_025, {"vat_permille": 90, "vat_fen": 95_325}, (Finding.VAT_RATE,)),
        (1_000, {}, (Finding.KG,)),
        (1_000, {"net_fen": 1_100_000, "vat_fen": 143_000}, (Finding.KG, Finding.PRICE)),
    ],
)
def test_what_differs_is_named_and_rounding_alone_is_not(
    settled_kg: int, changes: dict[str, int], findings: tuple[Finding, ...]
) -> None:
    said = {name: getattr(RIGHT, name) for name in ("kg", "net_fen", "vat_permille", "vat_fen")} | changes
    found = match_line(agreed=AGREED, settled_kg=settled_kg, invoiced=Invoiced(**said))
    assert found.findings == findings
    assert found.wanted_net_fen + found.net_difference_fen == said["net_fen"]
    assert found.wanted_vat_fen + found.vat_difference_fen == said["vat_fen"]


@given(kg=st.integers(1, 10**6), price=st.integers(1, 10**8), off=st.integers(-6, 6))
@settings(max_examples=30)
def test_whoever_rounds_otherwise_is_not_disputed(kg: int, price: int, off: int) -> None:
    net = net_fen(kg=kg, price_mfen_per_t=price * 1000) + off
    invoiced = Invoiced(kg, net, 130, vat_fen(net_fen=net, vat_permille=130) + off)
    found = match_line(agreed=Agreed(price * 1000, 130), settled_kg=kg, invoiced=invoiced)
    assert (found.findings, found.net_difference_fen, found.vat_difference_fen) == ((), off, off)
