"""Opening stock and arrivals: resin and pigment for every open order, blanks for some machined parts."""

import random
from collections.abc import Iterable, Mapping
from decimal import Decimal
from math import ceil
from typing import Any

from mes.demo.sample.park import read_data
from mes.demo.sample.shapes import BlankStock, Park, Product, SampleOrder, Stock, Supplier

DAY_MIN = 1440


def needed_kg(*, park: Park, orders: Iterable[SampleOrder]) -> Mapping[tuple[str, str], Decimal]:
    """Gross kg by (firm, material) for all open pieces, by the routing that needs most of it."""
    products = {product.code: product for product in park.products}
    need: dict[tuple[str, str], Decimal] = {}
    for order in orders:
        for item, kg_per_piece in _materials(products[order.product_code]).items():
            key = (order.firm_code, item)
            need[key] = need.get(key, Decimal(0)) + kg_per_piece * order.open_pieces
    return dict(sorted(need.items()))


def _materials(product: Product) -> Mapping[str, Decimal]:
    most: dict[str, Decimal] = {}
    for routing in product.routings:
        for line in routing.bom:
            if line.kind != "blank":
                most[line.item_code] = max(most.get(line.item_code, Decimal(0)), line.kg_per_piece)
    return most


def build_stocks(
    *, park: Park, orders: Iterable[SampleOrder], seed: int, all_on_hand: Iterable[str] = ()
) -> tuple[Stock, ...]:
    """Need plus a margin, in whole bags: 70 to 100 % on hand, the rest on its way and there in 2 to 5 days.

    Firms in `all_on_hand` wait for nothing.
    """
    facts: Mapping[str, Any] = read_data("resin")["stock"]
    rng = random.Random(f"stock-{seed}")
    waits_for_nothing = frozenset(all_on_hand)
    stocks: list[Stock] = []
    for (firm_code, item), need in needed_kg(park=park, orders=orders).items():
        total = _bags(need * (100 + facts["margin_pct"]) / 100, bag_kg=facts["bag_kg"])
        percent = rng.randint(facts["on_hand_pct_from"], facts["on_hand_pct_to"])
        arrival_day = rng.randint(*facts["arrival_days"])
        if firm_code in waits_for_nothing or total <= facts["floor_kg"]:
            percent = 100
        on_hand = _bags(Decimal(total) * percent / 100, bag_kg=facts["bag_kg"])
        supplier = _supplier(park.suppliers, item)
        stocks.append(Stock(firm_code, item, on_hand, 0, supplier))
        if total > on_hand:
            stocks.append(Stock(firm_code, item, total - on_hand, arrival_day * DAY_MIN + 600, supplier))
    return tuple(stocks)


def _bags(kg: Decimal, *, bag_kg: int) -> int:
    return ceil(kg / bag_kg) * bag_kg


def _supplier(suppliers: Iterable[Supplier], item: str) -> str:
    """The first supplier of the grade; compounded grades and pigments are bought elsewhere ("")."""
    return next((row.code for row in suppliers if item in row.grade_codes), "")


def build_blank_stocks(*, park: Park, orders: Iterable[SampleOrder], seed: int) -> tuple[BlankStock, ...]:
    """Blanks on hand for 30 to 70 % of each firm's open machined parts."""
    rng = random.Random(f"blanks-{seed}")
    per_blank = {
        product.code: (line.item_code, line.pieces_per_blank)
        for product in park.products
        for routing in product.routings
        for line in routing.bom
        if line.kind == "blank"
    }
    pieces: dict[tuple[str, str], int] = {}
    for order in orders:
        if order.product_code in per_blank:
            item, count = per_blank[order.product_code]
            key = (order.firm_code, item)
            pieces[key] = pieces.get(key, 0) + ceil(order.open_pieces / (count or 1))
    return tuple(
        BlankStock(firm, item, max(1, blanks * rng.randint(30, 70) // 100))
        for (firm, item), blanks in sorted(pieces.items())
    )
