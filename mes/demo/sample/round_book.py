"""A month's round of pooled buying, drawn: what each firm uses and wants, what suppliers and the market ask."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from mes.demo.sample.park import FEN_PER_CNY, read_data
from mes.demo.sample.shapes import Park, Sample, Supplier
from mes.demo.sample.stock import needed_kg

PERMILLE = 1000
PERCENT = 100
MONTHS_A_YEAR = 12
KG_PER_KT = 1_000_000
QUARTER_MONTHS = 3


@dataclass(frozen=True, slots=True)
class Want:
    """What a firm wants of a grade. `reserve_fen_per_t`: without VAT. `is_silent`: it answers to no price."""

    firm_code: str
    grade_code: str
    least_kg: int
    wanted_kg: int
    most_kg: int
    priority: int
    approved: tuple[str, ...]
    reserve_fen_per_t: int | None
    is_silent: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """A supplier's price of a grade, with VAT, delivered: from so many kg on, fen per t."""

    grade_code: str
    capacity_kg: int
    least_kg: int
    breaks: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """A supplier's quotation. `discounts`: from so many kg of all grades, per mille."""

    supplier: Supplier
    kind: str
    capacity_kg: int
    asked: tuple[Asked, ...]
    discounts: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class MarketPrice:
    """What a trader asked a single firm for a lot, with VAT, delivered, cash; fen per t."""

    grade_code: str
    source_name: str
    lot_kg: int
    fen_per_t: int


@dataclass(frozen=True, slots=True)
class RoundBook:
    """All of a round that people say. `used_kg`: by firm and grade, in the last three months. `least_viscosity`: number
    of a grade's resin, ml/g. `fees`: kind and fen, what the association pays for the round.
    """

    code: str
    title: str
    window: tuple[date, date]
    vat_permille: int
    payment_days: int
    interest_permille: int
    spot_fen_per_t: Mapping[str, int]
    used_kg: Mapping[tuple[str, str], int]
    least_viscosity: Mapping[str, int]
    fees: tuple[tuple[str, int], ...]
    wants: tuple[Want, ...]
    offers: tuple[Offer, ...]
    market: tuple[MarketPrice, ...]


def build_round(sample: Sample) -> RoundBook:
    """The round of a sample; equal samples give equal rounds."""
    facts = read_data("round")
    rng = random.Random(f"round-{sample.seed}")
    spot = {row.code: _spot(row.price_fen_per_t, facts) for row in sample.park.grades}
    needs = _needs(sample, facts)
    offers = tuple(_offers(sample.park, facts, rng))
    first, last = (date.fromisoformat(day) for day in facts["window"])
    return RoundBook(
        code=facts["code"],
        title=facts["title"],
        window=(first, last),
        vat_permille=facts["vat_permille"],
        payment_days=facts["payment_days"],
        interest_permille=facts["interest_permille"],
        spot_fen_per_t=spot,
        used_kg={place: kg * QUARTER_MONTHS for place, kg in needs.items()},
        least_viscosity=facts["least_viscosity_ml_per_g"],
        fees=tuple((kind, cny * FEN_PER_CNY) for kind, cny in facts["fees_cny"]),
        wants=tuple(_wants(needs, offers, spot, facts, rng)),
        offers=offers,
        market=tuple(_market(sample.park, facts, rng)),
    )


def _spot(price_fen_per_t: int, facts: Mapping[str, Any]) -> int:
    """What a tonne costs, without VAT, that is bought in a hurry."""
    without_vat = price_fen_per_t * PERMILLE // (PERMILLE + facts["vat_permille"])
    return int(without_vat * facts["spot_pct"] // PERCENT)


def _needs(sample: Sample, facts: Mapping[str, Any]) -> dict[tuple[str, str], int]:
    """kg a month by firm and grade: what open orders still need, times their share of a month. The case is its own."""
    grades = {row.code for row in sample.park.grades}
    usual = [order for order in sample.orders if order.number != sample.case_order_number]
    case = [order for order in sample.orders if order.number == sample.case_order_number]
    month = Decimal(facts["month_of_open_orders"])
    needs = {place: kg * month for place, kg in needed_kg(park=sample.park, orders=usual).items()}
    for place, kg in needed_kg(park=sample.park, orders=case).items():
        needs[place] = needs.get(place, Decimal(0)) + kg
    return {
        (firm, item): int(kg)
        for (firm, item), kg in sorted(needs.items())
        if item in grades and kg >= facts["least_need_kg"]
    }


def _wants(
    needs: Mapping[tuple[str, str], int],
    offers: tuple[Offer, ...],
    spot: Mapping[str, int],
    facts: Mapping[str, Any],
    rng: random.Random,
) -> Iterator[Want]:
    silent = {firm for firm in sorted({firm for firm, _grade in needs}) if rng.random() < float(facts["silent_share"])}
    for (firm, grade), kg in needs.items():
        wanted = _bags(kg)
        qualified = [offer.supplier.code for offer in offers if grade in {row.grade_code for row in offer.asked}]
        chooses = rng.random() < float(facts["approved_share"]) and len(qualified) > 2
        has_reserve = rng.random() < float(facts["reserve_share"])
        reserve = spot[grade] * rng.randint(*facts["reserve_pct"]) // PERCENT
        yield Want(
            firm_code=firm,
            grade_code=grade,
            least_kg=_bags(wanted * rng.randint(*facts["least_pct"]) // PERCENT),
            wanted_kg=wanted,
            most_kg=_bags(wanted * rng.randint(*facts["most_pct"]) // PERCENT),
            priority=1 if rng.random() < float(facts["first_class_share"]) else 2,
            approved=tuple(sorted(rng.sample(qualified, len(qualified) - 1))) if chooses else (),
            reserve_fen_per_t=reserve if has_reserve else None,
            is_silent=firm in silent,
        )


def _offers(park: Park, facts: Mapping[str, Any], rng: random.Random) -> Iterator[Offer]:
    suppliers = {row.code: row for row in park.suppliers}
    prices = {row.code: row.price_fen_per_t for row in park.grades}
    for row in facts["suppliers"]:
        supplier = suppliers[row["code"]]
        capacity = _bags(int(row["year_kt"] * KG_PER_KT * Decimal(facts["offered_share"]) / MONTHS_A_YEAR))
        asked = tuple(
            _asked(grade, prices[grade], capacity, facts, rng) for grade in (*supplier.grade_codes, *row["compounds"])
        )
        discounts = tuple((kg, permille) for kg, permille in row["discounts"])
        yield Offer(supplier, row["kind"], capacity, asked, discounts)


def _asked(grade: str, price: int, capacity: int, facts: Mapping[str, Any], rng: random.Random) -> Asked:
    """The usual tiers below a price of the supplier's own."""
    base = _around(price, float(facts["asking_sigma"]), rng)
    breaks = tuple((kg, base * (PERMILLE - permille) // PERMILLE) for kg, permille in facts["breaks"] if kg <= capacity)
    small = grade in facts["small_grades"]
    return Asked(grade, capacity, facts["least_lot_of_small_kg" if small else "least_lot_kg"], breaks)


def _market(park: Park, facts: Mapping[str, Any], rng: random.Random) -> Iterator[MarketPrice]:
    for grade in park.grades:
        for number in range(1, facts["market_quotes"] + 1):
            lot = _bags(rng.randint(*facts["market_lot_kg"]))
            price = _around(grade.price_fen_per_t, float(facts["market_sigma"]), rng)
            yield MarketPrice(grade.code, f"贸易商 {number}", lot, price)


def _around(price: int, sigma: float, rng: random.Random) -> int:
    """A price that differs by some per cent, in whole CNY."""
    return round(price * (1 + rng.gauss(0, sigma)) / PERCENT) * PERCENT


def _bags(kg: int) -> int:
    """In whole bags, one at least."""
    bag_kg: int = read_data("resin")["stock"]["bag_kg"]
    return max(1, round(kg / bag_kg)) * bag_kg
