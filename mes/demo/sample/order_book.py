"""The order book: a seeded generator of the open orders at the sample's date.

Deterministic: one `random.Random(seed)`, drawn in a fixed order. Each factory day of the last 60 calendar
days brings 42 orders. Lead days are factory days: an order is due at the end of the n-th factory day after
its own. What is due on the sample's date or before is delivered and not in the book.
"""

import random
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from math import floor

from mes.demo.sample.calendars import day_kinds, works_on
from mes.demo.sample.capability import kg_per_day
from mes.demo.sample.park import load_park
from mes.demo.sample.shapes import (
    CalendarRule,
    Consent,
    Firm,
    Park,
    PrivateTerms,
    Product,
    SampleOrder,
)

DAY_MIN = 1440
HISTORY_DAYS = 60
AHEAD_DAYS = 90
ORDERS_PER_FACTORY_DAY = 42
TONNAGE_SIGMA = 1.482
LEAST_ORDER_T = 0.02
LEAST_LEAD_DAYS = 5
LEAD_BASE_DAYS, LEAD_DAYS_PER_T, LEAD_SIGMA_DAYS = 18, 0.05, 5
WORK_LEFT_FACTOR = 1.25
NICHE_WEIGHT = 3
# A firm seldom takes an order that would fill more than this share of its capacity until the due date.
COMFORTABLE_SHARE = 0.35
PRIORITIES, PRIORITY_WEIGHTS = (1, 3, 9), (88, 10, 2)
CONSENTS, CONSENT_WEIGHTS = ("allowed", "ask", "never"), (55, 30, 15)
FEE_CEILING_PCT = (20, 32)
FEN_PER_CNY = 100
OFFICE_RULE = CalendarRule(pattern="2x8", weekdays=(1, 2, 3, 4, 5, 6), keeps_holidays=True, keeps_closure=True)


def lead_days(*, tonnes: float, deviation: float, addition_days: int) -> int:
    """max(5, round(18 + 0.05 t + deviation)) and the route's addition; half days are rounded up."""
    base = floor(LEAD_BASE_DAYS + LEAD_DAYS_PER_T * tonnes + deviation + 0.5)
    return max(LEAST_LEAD_DAYS, base) + addition_days


def work_left(*, days_left: int, lead: int) -> float:
    """The share of an order that is still to be made: min(1, 1.25 x days left / lead days)."""
    return min(1.0, max(0.0, WORK_LEFT_FACTOR * days_left / lead))


def build_order_book(*, seed: int, without_firms: Sequence[str] = ()) -> tuple[SampleOrder, ...]:
    """The open orders at zero, in the order of their arrival. `without_firms` take no orders."""
    park = load_park()
    rng = random.Random(seed)
    firms = [firm for firm in park.firms if firm.code not in without_firms]
    counters = dict.fromkeys((firm.code for firm in park.firms), 0)
    orders: list[SampleOrder] = []
    past, coming = _factory_days(park)
    for age, day in zip(range(len(past), 0, -1), past, strict=True):
        for _ in range(ORDERS_PER_FACTORY_DAY):
            order = _draw(rng=rng, park=park, firms=firms, day=day, age_days=age, coming=coming, counters=counters)
            if order is not None:
                orders.append(order)
    return tuple(orders)


def _factory_days(park: Park) -> tuple[list[date], list[date]]:
    """(factory days of the last 60 calendar days, those from the sample's date on)."""
    kinds = day_kinds(park)
    spans = (range(-HISTORY_DAYS, 0), range(AHEAD_DAYS))
    past, coming = (
        [
            day
            for day in (park.sample_date + timedelta(days=offset) for offset in span)
            if works_on(rule=OFFICE_RULE, day=day, kinds=kinds.get(day, frozenset()))
        ]
        for span in spans
    )
    return past, coming


def _draw(
    *,
    rng: random.Random,
    park: Park,
    firms: Sequence[Firm],
    day: date,
    age_days: int,
    coming: Sequence[date],
    counters: dict[str, int],
) -> SampleOrder | None:
    """One arriving order; None when it is delivered by zero. Every draw is made either way.

    `age_days`: factory days from `day` to the sample's date, which is `coming[0]`.
    """
    product = _draw_product(rng=rng, park=park, day=day)
    tonnes = min(float(product.largest_order_t), max(LEAST_ORDER_T, rng.lognormvariate(0.0, TONNAGE_SIGMA)))
    pieces = max(1, round(tonnes * 1000 / float(product.unit_mass_kg)))
    deviation = rng.gauss(0.0, LEAD_SIGMA_DAYS)
    lead = lead_days(
        tonnes=pieces * float(product.unit_mass_kg) / 1000,
        deviation=deviation,
        addition_days=product.lead_addition_days,
    )
    firm = _draw_firm(rng=rng, firms=firms, product=product, tonnes=tonnes, lead=lead)
    priority = rng.choices(PRIORITIES, PRIORITY_WEIGHTS)[0]
    consent = _draw_consent(rng=rng, product=product, firms=firms, home=firm)
    terms = _draw_terms(rng=rng, park=park, product=product)
    counters[firm.code] += 1
    days_left = lead - age_days
    left = work_left(days_left=days_left, lead=lead)
    if left <= 0:
        return None
    return SampleOrder(
        number=f"SO-{firm.code}-{counters[firm.code]:04d}",
        firm_code=firm.code,
        product_code=product.code,
        pieces=pieces,
        reported_pieces=min(pieces - 1, floor(pieces * (1 - left))),
        ordered_on=day,
        lead_days=lead,
        due_min=((coming[days_left] - park.sample_date).days + 1) * DAY_MIN,
        priority=priority,
        terms=terms,
        consent=consent,
    )


def _draw_product(*, rng: random.Random, park: Park, day: date) -> Product:
    season = {name: values[day.month - 1] for name, values in park.season_index}
    weights = [float(product.tonnage_share * season[product.season]) for product in park.products]
    return rng.choices(park.products, weights)[0]


def _draw_firm(*, rng: random.Random, firms: Sequence[Firm], product: Product, tonnes: float, lead: int) -> Firm:
    weights = []
    for firm in firms:
        capacity_t = float(kg_per_day(firm.code, product.code)) / 1000
        comfortable_t = capacity_t * lead * COMFORTABLE_SHARE
        fit = min(1.0, (comfortable_t / tonnes) ** 2)
        weights.append(capacity_t * fit * (NICHE_WEIGHT if firm.niche == product.niche else 1))
    return rng.choices(firms, weights)[0]


def _draw_consent(*, rng: random.Random, product: Product, firms: Sequence[Firm], home: Firm) -> Consent:
    choice = rng.choices(CONSENTS, CONSENT_WEIGHTS)[0]
    percent = rng.randint(*FEE_CEILING_PCT)
    rivals = [firm.code for firm in firms if firm.niche == home.niche and firm.code != home.code]
    excluded = rng.choice(rivals) if rivals and rng.random() < 0.12 else None
    if choice == "never":
        return Consent(outsourcing=choice, fee_ceiling_fen_per_t=None, excluded_firm_codes=())
    ceiling_cny = product.price_fen_per_t * percent // 100 // FEN_PER_CNY // 100 * 100
    return Consent(
        outsourcing=choice,
        fee_ceiling_fen_per_t=ceiling_cny * FEN_PER_CNY,
        excluded_firm_codes=() if excluded is None else (excluded,),
    )


def _draw_terms(*, rng: random.Random, park: Park, product: Product) -> PrivateTerms:
    customer = rng.choice(park.customers)
    factor = Decimal(rng.randint(950, 1060)) / 1000
    price_cny = (product.price_fen_per_t * factor / FEN_PER_CNY).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    return PrivateTerms(customer_name=customer, price_fen_per_t=int(price_cny) * FEN_PER_CNY)
