"""What a lot saved: the frozen benchmark less what it cost in the end. Whole fen, negative ones too."""

from __future__ import annotations

from dataclasses import dataclass

from procurement.settlement.selectors.amounts import MFEN_PER_FEN, PERMILLE, half_up, net_fen

_DAYS_A_YEAR = 365


@dataclass(frozen=True, slots=True)
class Landed:
    """What an accepted part of a lot cost a firm, without VAT.

    `balancing_fen`: what the firm paid or got so that all pay one price. `claims_fen`: what bad quality cost the firm;
    `rebates_fen`: what the supplier gave back, for that too.
    """

    kg: int
    net_fen: int
    balancing_fen: int = 0
    freight_fen: int = 0
    fee_fen: int = 0
    financing_fen: int = 0
    claims_fen: int = 0
    rebates_fen: int = 0

    @property
    def fen(self) -> int:
        paid = self.net_fen + self.balancing_fen + self.freight_fen + self.fee_fen + self.financing_fen
        return paid + self.claims_fen - self.rebates_fen


@dataclass(frozen=True, slots=True)
class Prices:
    """A benchmark's quartiles, fen per t without VAT, delivered, cash."""

    q1_fen_per_t: int
    median_fen_per_t: int
    q3_fen_per_t: int


@dataclass(frozen=True, slots=True)
class Band:
    """An amount by the first quartile, the median and the third quartile of a benchmark; low to high."""

    low_fen: int
    mid_fen: int
    high_fen: int

    def __add__(self, other: Band) -> Band:
        return Band(self.low_fen + other.low_fen, self.mid_fen + other.mid_fen, self.high_fen + other.high_fen)


NO_BAND = Band(0, 0, 0)


def financing_fen(*, deposit_fen: int, days: int, interest_permille: int) -> int:
    """What a deposit cost while it was held: simple interest, rounded half up."""
    return half_up(deposit_fen * days * interest_permille, PERMILLE * _DAYS_A_YEAR)


def market_band(*, kg: int, prices: Prices) -> Band:
    """What the same kg would have cost outside the round."""
    low, mid, high = (
        net_fen(kg=kg, price_mfen_per_t=price * MFEN_PER_FEN)
        for price in (prices.q1_fen_per_t, prices.median_fen_per_t, prices.q3_fen_per_t)
    )
    return Band(low, mid, high)


def saving_band(landed: Landed, prices: Prices) -> Band:
    """The benchmark less the landed cost. A lot that was dearer than the market saves a negative amount, and counts."""
    market = market_band(kg=landed.kg, prices=prices)
    return Band(market.low_fen - landed.fen, market.mid_fen - landed.fen, market.high_fen - landed.fen)
