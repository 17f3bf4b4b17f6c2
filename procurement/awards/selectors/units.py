"""Money as officers read it."""

from __future__ import annotations

from decimal import Decimal

MFEN_PER_CNY = 100_000
HUNDREDTH = Decimal("0.01")


def cny(mfen: int) -> Decimal:
    return (Decimal(mfen) / MFEN_PER_CNY).quantize(HUNDREDTH)
