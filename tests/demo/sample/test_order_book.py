"""The order book: size, determinism, lead days, progress, consent."""

import pickle
from decimal import Decimal

import pytest

from mes.demo.sample.capability import kg_per_day
from mes.demo.sample.order_book import build_order_book, lead_days, work_left
from mes.demo.sample.park import load_park
from mes.demo.sample.sample import build_sample
from mes.demo.sample.stock import needed_kg


def test_the_same_seed_gives_the_same_sample_byte_for_byte() -> None:
    assert pickle.dumps(build_sample(seed=3)) == pickle.dumps(build_sample(seed=3))
    assert repr(build_sample(seed=3)) == repr(build_sample(seed=3))


def test_another_seed_gives_another_order_book() -> None:
    assert build_order_book(seed=1) != build_order_book(seed=2)


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
def test_740_to_940_orders_are_open(seed: int) -> None:
    orders = build_sample(seed=seed).orders
    assert 740 <= len(orders) <= 940
    assert len({order.number for order in orders}) == len(orders)


@pytest.mark.parametrize(
    ("tonnes", "deviation", "addition", "expected"),
    [(1.0, 0.0, 0, 18), (200.0, 0.0, 0, 28), (1.0, -14.0, 0, 5), (3.0, 2.0, 5, 25), (1.0, 0.0, 15, 33)],
)
def test_lead_days_follow_the_formula(tonnes: float, deviation: float, addition: int, expected: int) -> None:
    assert lead_days(tonnes=tonnes, deviation=deviation, addition_days=addition) == expected


def test_work_left_is_one_and_a_quarter_times_the_share_of_days_left() -> None:
    assert work_left(days_left=8, lead=20) == 0.5
    assert work_left(days_left=19, lead=20) == 1.0
    assert work_left(days_left=0, lead=20) == 0.0


def test_machined_and_shield_or_medical_products_take_longer() -> None:
    additions = {product.code: product.lead_addition_days for product in load_park().products}
    assert additions["PAVE-30"] == 0
    assert additions["SHT-30"] == 5
    assert additions["BPE-50"] == additions["MED-60"] == 15


def test_open_orders_have_work_left_and_are_due_at_the_end_of_a_later_day() -> None:
    for order in build_order_book(seed=1):
        assert 0 < order.open_pieces <= order.pieces
        assert order.due_min >= 2 * 1440
        assert order.due_min % 1440 == 0


def test_orders_arrive_in_the_60_days_before_the_sample_date() -> None:
    park = load_park()
    ages = {(park.sample_date - order.ordered_on).days for order in build_order_book(seed=1)}
    assert min(ages) >= 1
    assert max(ages) <= 60


def test_an_order_stands_at_a_firm_that_can_make_it() -> None:
    for order in build_order_book(seed=1):
        assert kg_per_day(order.firm_code, order.product_code) > 0


def test_priorities_and_consents_are_ordinary() -> None:
    orders = build_order_book(seed=1)
    shares = {p: sum(o.priority == p for o in orders) / len(orders) for p in (1, 3, 9)}
    assert shares[1] > 0.8
    assert 0 < shares[9] < 0.05
    consents = {c: sum(o.consent.outsourcing == c for o in orders) / len(orders) for c in ("allowed", "ask")}
    assert consents["allowed"] + consents["ask"] > 0.75


def test_a_line_that_may_not_go_out_has_neither_ceiling_nor_exclusions() -> None:
    for order in build_order_book(seed=1):
        if order.consent.outsourcing == "never":
            assert order.consent.fee_ceiling_fen_per_t is None
            assert order.consent.excluded_firm_codes == ()
        else:
            assert order.consent.fee_ceiling_fen_per_t is not None


@pytest.mark.parametrize("seed", [1, 2])
def test_opening_stock_and_arrivals_cover_every_open_order(seed: int) -> None:
    sample = build_sample(seed=seed)
    have: dict[tuple[str, str], int] = {}
    for stock in sample.stocks:
        have[stock.firm_code, stock.item_code] = have.get((stock.firm_code, stock.item_code), 0) + stock.kg
    for key, kg in needed_kg(park=sample.park, orders=sample.orders).items():
        assert have[key] >= kg
    assert any(stock.available_min > 0 for stock in sample.stocks)
    assert all(kg >= Decimal(0) for kg in have.values())
