"""What resin costs outside the round: prices made comparable, and the quartiles of those that count."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from procurement.benchmarks.choices import EvidenceGrade, SourceKind
from procurement.benchmarks.models import BenchmarkPolicy, MarketQuote
from procurement.rounds.models import RoundLine

LEAST_INVOICES = 5
"""Members' invoices are confidential: fewer sources than this do not count, and more count as one, their median."""

_DAYS_A_YEAR = 365
_PERMILLE = 1000


@dataclass(frozen=True, slots=True)
class SaidPrice:
    """A price as it was said. Freight is without VAT and asked only where the price is not a delivered one."""

    price_fen_per_t: int
    with_vat: bool
    vat_permille: int
    delivered: bool
    freight_fen_per_t: int
    payment_days: int
    interest_permille: int


@dataclass(frozen=True, slots=True)
class Weighted:
    """One price that counts, and how much."""

    fen_per_t: int
    weight: int
    grade: EvidenceGrade


@dataclass(frozen=True, slots=True)
class Figures:
    """A benchmark: of how many quotes, how well evidenced, and its quartiles in fen per t."""

    quotes: int
    grade: EvidenceGrade
    q1_fen_per_t: int
    median_fen_per_t: int
    q3_fen_per_t: int


def normalised_fen_per_t(said: SaidPrice) -> int:
    """Without VAT, delivered, cash; rounded half up to the fen once, at the end.

    Paying later is worth simple interest on the price for the days of credit.
    """
    price = Decimal(said.price_fen_per_t)
    if said.with_vat:
        price = price * _PERMILLE / (_PERMILLE + said.vat_permille)
    if not said.delivered:
        price += said.freight_fen_per_t
    price -= price * said.interest_permille * said.payment_days / (_PERMILLE * _DAYS_A_YEAR)
    return int(price.to_integral_value(rounding=ROUND_HALF_UP))


def weighted_quartiles(prices: Sequence[Weighted]) -> tuple[int, int, int]:
    """First quartile, median and third quartile: the lowest price at which so much of the weight is reached.

    Raises ValueError when nothing counts.
    """
    if not prices:
        raise ValueError("No price counts.")
    ordered = sorted(prices, key=lambda price: price.fen_per_t)
    whole = sum(price.weight for price in ordered)
    found: list[int] = []
    reached = 0
    for price in ordered:
        reached += price.weight
        while len(found) < 3 and 4 * reached >= (len(found) + 1) * whole:
            found.append(price.fen_per_t)
    first, median, third = found
    return first, median, third


def benchmark_figures(*, line: RoundLine, policy: BenchmarkPolicy, day: date) -> Figures | None:
    """The benchmark of a round's line on a day, by the round's policy. None when no quote counts."""
    weights = {SourceKind(kind): int(weight) for kind, weight in policy.weights.items()}
    quotes = MarketQuote.objects.filter(
        material_id=line.material_id,
        source__in=weights,
        quoted_on__gt=day - timedelta(days=policy.window_days),
        quoted_on__lte=day,
        lot_kg__gte=policy.least_lot_kg,
        lot_kg__lte=policy.most_lot_kg,
        voided_at=None,
    )
    prices = list(_counted(quotes, weights))
    if not prices:
        return None
    first, median, third = weighted_quartiles(prices)
    return Figures(len(prices), _grade(prices, policy.least_quotes), first, median, third)


def _counted(quotes: Iterable[MarketQuote], weights: dict[SourceKind, int]) -> Iterable[Weighted]:
    invoices: list[MarketQuote] = []
    for quote in quotes:
        source = SourceKind(quote.source)
        if source is SourceKind.MEMBER_INVOICE:
            invoices.append(quote)
        else:
            yield Weighted(quote.normalised_fen_per_t, weights[source], EvidenceGrade(quote.grade))
    if len({invoice.source_name for invoice in invoices}) >= LEAST_INVOICES:
        equal = [Weighted(invoice.normalised_fen_per_t, 1, EvidenceGrade.B) for invoice in invoices]
        yield Weighted(weighted_quartiles(equal)[1], weights[SourceKind.MEMBER_INVOICE], EvidenceGrade.B)


def _grade(prices: Sequence[Weighted], least: int) -> EvidenceGrade:
    """A or B when that many quotes are so good or better, else C."""
    for grade in (EvidenceGrade.A, EvidenceGrade.B):
        if sum(price.grade <= grade for price in prices) >= least:
            return grade
    return EvidenceGrade.C
