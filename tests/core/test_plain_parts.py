"""Money, units, states and what an audit row keeps: plain functions."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mes.core.audit import plain
from mes.core.ids import new_id
from mes.core.money import fee_cny, to_cny, to_fen
from mes.core.states import diagram, table
from mes.core.units import area_m2, pieces_for_area, pieces_for_weight, weight_kg

PIECES = st.integers(0, 10_000_000)
MASS_G = st.integers(1, 5_000_000)
LENGTH_MM = st.integers(1, 20_000)


@given(st.integers(-(10**13), 10**13))
def test_fen_to_cny_and_back_is_the_same(fen: int) -> None:
    assert to_fen(to_cny(fen)) == fen
    assert to_cny(fen).as_tuple().exponent == -2


@pytest.mark.parametrize("amount", ["0.001", "12.345", "-0.005"])
def test_a_fraction_of_a_fen_is_refused(amount: str) -> None:
    with pytest.raises(ValueError, match="fen"):
        to_fen(Decimal(amount))


@pytest.mark.parametrize(
    ("price", "weight_g", "fee"),
    [("2500", 67_000_000, "167500.00"), ("2800.50", 1_000_001, "2800.50"), ("1", 5_000, "0.01"), ("1", 4_999, "0.00")],
)
def test_a_fee_is_rounded_half_up_to_the_fen(price: str, weight_g: int, fee: str) -> None:
    assert fee_cny(price_cny_per_t=Decimal(price), weight_g=weight_g) == Decimal(fee)


@given(st.integers(0, 10_000_000), st.integers(0, 10**10))
def test_a_fee_is_never_more_than_half_a_fen_off(price_fen: int, weight_g: int) -> None:
    fee = fee_cny(price_cny_per_t=to_cny(price_fen), weight_g=weight_g)
    assert abs(to_fen(fee) * 1_000_000 - price_fen * weight_g) * 2 <= 1_000_000


@given(PIECES, MASS_G)
def test_pieces_to_weight_and_back_is_the_same(pieces: int, unit_mass_g: int) -> None:
    weight = weight_kg(pieces=pieces, unit_mass_g=unit_mass_g)
    assert weight * 1000 == pieces * unit_mass_g
    assert pieces_for_weight(wanted_kg=weight, unit_mass_g=unit_mass_g) == pieces


@given(PIECES, LENGTH_MM, LENGTH_MM)
def test_pieces_to_area_and_back_is_the_same(pieces: int, length_mm: int, width_mm: int) -> None:
    area = area_m2(pieces=pieces, length_mm=length_mm, width_mm=width_mm)
    assert pieces_for_area(wanted_m2=area, length_mm=length_mm, width_mm=width_mm) == pieces


@given(st.decimals(0, 1_000_000, places=3), MASS_G)
def test_the_pieces_for_a_weight_are_the_least_that_suffice(wanted_kg: Decimal, unit_mass_g: int) -> None:
    pieces = pieces_for_weight(wanted_kg=wanted_kg, unit_mass_g=unit_mass_g)
    assert weight_kg(pieces=pieces, unit_mass_g=unit_mass_g) >= wanted_kg
    assert pieces == 0 or weight_kg(pieces=pieces - 1, unit_mass_g=unit_mass_g) < wanted_kg


def test_a_quantity_below_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="zero"):
        pieces_for_weight(wanted_kg=Decimal(-1), unit_mass_g=10)
    with pytest.raises(ValueError, match="zero"):
        pieces_for_area(wanted_m2=Decimal(-1), length_mm=10, width_mm=10)


def test_keys_sort_by_time_and_are_version_seven() -> None:
    keys = [new_id() for _turn in range(1000)]
    assert keys == sorted(keys)
    assert {key.version for key in keys} == {7}
    assert len(set(keys)) == 1000


def test_a_goal_that_leads_nowhere_is_a_final_state() -> None:
    moves = table(draft=("confirmed", "cancelled"), confirmed=("closed",))
    assert moves["closed"] == moves["cancelled"] == frozenset()
    assert diagram(moves).splitlines()[0] == "stateDiagram-v2"
    assert "    draft --> confirmed" in diagram(moves).splitlines()


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (Decimal("2500.00"), "2500.00"),
        (UUID(int=7), "00000000-0000-0000-0000-000000000007"),
        (date(2026, 3, 2), "2026-03-02"),
        (datetime(2026, 3, 2, tzinfo=UTC), "2026-03-02T00:00:00+00:00"),
        (3, 3),
        (None, None),
        (["owner"], ["owner"]),
    ],
)
def test_an_audit_row_keeps_values_as_json_can_hold_them(value: object, kept: object) -> None:
    assert plain(value) == kept
