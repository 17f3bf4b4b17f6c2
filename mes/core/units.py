"""Units of panels: pieces, square metres, kilograms. A piece is the unit that is planned; the others are derived."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal

GRAMS_PER_KG = 1000
_KG_PLACES = 3
MM2_PER_M2 = 1_000_000


def weight_kg(*, pieces: int, unit_mass_g: int) -> Decimal:
    """Weight of `pieces`, exact to the gram, with three places."""
    return kg_of(pieces * unit_mass_g)


def kg_of(mass_g: int) -> Decimal:
    """A mass in grams as kilograms with three places."""
    return Decimal(mass_g).scaleb(-_KG_PLACES)


def area_m2(*, pieces: int, length_mm: int, width_mm: int) -> Decimal:
    """Face area of `pieces`, exact."""
    return Decimal(pieces * length_mm * width_mm) / MM2_PER_M2


def pieces_for_weight(*, wanted_kg: Decimal, unit_mass_g: int) -> int:
    """The least whole number of pieces that weigh at least `wanted_kg`. Raises ValueError below zero."""
    return _ceiling(wanted_kg * GRAMS_PER_KG / unit_mass_g)


def pieces_for_area(*, wanted_m2: Decimal, length_mm: int, width_mm: int) -> int:
    """The least whole number of pieces whose faces cover at least `wanted_m2`. Raises ValueError below zero."""
    return _ceiling(wanted_m2 * MM2_PER_M2 / (length_mm * width_mm))


def _ceiling(value: Decimal) -> int:
    if value < 0:
        raise ValueError("A quantity below zero.")
    return int(value.to_integral_value(rounding=ROUND_CEILING))
