"""Money: Decimal CNY at the edges, integer fen inside. 1 CNY = 100 fen."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

FEN = Decimal("0.01")
GRAMS_PER_T = 1_000_000


def to_fen(amount_cny: Decimal) -> int:
    """CNY to fen. Raises ValueError when the amount has a fraction of a fen."""
    fen = amount_cny * 100
    if fen != fen.to_integral_value():
        raise ValueError("The amount has a fraction of a fen.")
    return int(fen)


def to_cny(amount_fen: int) -> Decimal:
    """Fen to CNY with two places."""
    return (Decimal(amount_fen) / 100).quantize(FEN)


def fee_cny(*, price_cny_per_t: Decimal, weight_g: int) -> Decimal:
    """What `weight_g` costs at a price per tonne, rounded half up to the fen (the usual commercial rounding)."""
    return (price_cny_per_t * weight_g / GRAMS_PER_T).quantize(FEN, rounding=ROUND_HALF_UP)
