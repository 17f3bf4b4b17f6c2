"""Amounts of a settlement in whole fen: what a quantity costs, its VAT, and one amount over several firms."""

from __future__ import annotations

from collections.abc import Sequence

from procurement.award.allocation import in_proportion

PERMILLE = 1000
MFEN_PER_FEN = 1000
_MFEN_KG_PER_FEN_T = 1_000_000


def half_up(numerator: int, denominator: int) -> int:
    """The quotient as a whole number; a half goes away from zero, so that a correction mirrors what it corrects.

    `denominator` is positive.
    """
    rounded = (2 * abs(numerator) + denominator) // (2 * denominator)
    return rounded if numerator >= 0 else -rounded


def net_fen(*, kg: int, price_mfen_per_t: int) -> int:
    """What a line costs without VAT, rounded half up to the fen once. The price is in thousandths of a fen."""
    return half_up(kg * price_mfen_per_t, _MFEN_KG_PER_FEN_T)


def vat_fen(*, net_fen: int, vat_permille: int) -> int:
    """The VAT on a line's net amount, rounded half up to the fen."""
    return half_up(net_fen * vat_permille, PERMILLE)


def split_fen(fen: int, kg: Sequence[int]) -> list[int]:
    """An amount over firms in proportion to their kg, by largest remainder: the parts sum to it exactly.

    Of equal remainders the first come first, so the caller orders by a key that nobody chooses. A negative amount is
    split as its mirror image. Raises ValueError where nobody has a kg.
    """
    if not sum(kg) or min(kg) < 0:
        raise ValueError("Nothing to split by.")
    parts = in_proportion(abs(fen), list(kg))
    return parts if fen >= 0 else [-part for part in parts]
