"""Savings of many lots as one figure with its band and its coverage, and the sentence that may be quoted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from procurement.benchmarks.choices import EvidenceGrade
from procurement.savings.selectors.landed import NO_BAND, Band
from procurement.settlement.selectors.amounts import half_up

EVIDENCED = frozenset({EvidenceGrade.A, EvidenceGrade.B})
_TENTHS = 1000


@dataclass(frozen=True, slots=True)
class Counted:
    """A lot that was received and invoiced. Without a benchmark its band is empty; its spend counts."""

    grade: EvidenceGrade
    landed_fen: int
    market: Band


@dataclass(frozen=True, slots=True)
class Headline:
    """Of the lots with evidence (grade A or B): what they cost, and what they would have cost outside the round.

    `spend_fen`: of all lots. Nothing is left out for being dearer than the market.
    """

    spend_fen: int
    evidenced_fen: int
    market: Band

    @property
    def saving(self) -> Band:
        return Band(
            *(fen - self.evidenced_fen for fen in (self.market.low_fen, self.market.mid_fen, self.market.high_fen))
        )

    @property
    def rates(self) -> tuple[str, str, str] | None:
        """Low, mid and high saving in per cent of the market price, one place. None without evidence."""
        pairs = list(zip(_fen(self.saving), _fen(self.market), strict=True))
        if any(market <= 0 for _saving, market in pairs):
            return None
        low, mid, high = (_per_cent(half_up(saving * _TENTHS, market)) for saving, market in pairs)
        return low, mid, high

    @property
    def coverage(self) -> int:
        """Share of the spend with evidence, whole per cent, rounded down: never more than there is."""
        return 100 * self.evidenced_fen // self.spend_fen if self.spend_fen > 0 else 0


def headline_of(lots: Iterable[Counted]) -> Headline:
    """Sums what counts. Lots of grade C (too few quotes, or derived ones) are spend without evidence."""
    spend = evidenced = 0
    market = NO_BAND
    for lot in lots:
        spend += lot.landed_fen
        if lot.grade in EVIDENCED:
            evidenced += lot.landed_fen
            market += lot.market
    return Headline(spend, evidenced, market)


def sentence(headline: Headline) -> str:
    """What may be quoted, in the reader's language: never without its band and its coverage."""
    if headline.rates is None:
        return _("No saving can be told: no spend is evidenced")
    low, mid, high = headline.rates
    words = _("%(mid)s %% (%(low)s to %(high)s), %(coverage)s %% of spend evidenced")
    return words % {"low": low, "mid": mid, "high": high, "coverage": headline.coverage}


def _fen(band: Band) -> tuple[int, int, int]:
    return band.low_fen, band.mid_fen, band.high_fen


def _per_cent(tenths: int) -> str:
    sign = "-" if tenths < 0 else ""
    return f"{sign}{abs(tenths) // 10}.{abs(tenths) % 10}"
