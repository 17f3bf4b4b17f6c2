"""Small rounds with every rule, drawn by hypothesis; and one that is written out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from procurement.award.problem import (
    Break,
    Commitment,
    Discount,
    Line,
    Problem,
    Quotation,
    Supplier,
)

BAG = 25
T = 1000


def commitment(firm: str, line: str = "PE1", wanted_kg: int = 10 * T, **changes: Any) -> Commitment:
    """Takes exactly what it wants, from anybody, at any price, unless changed."""
    base = Commitment(firm, line, 0, wanted_kg, wanted_kg, tie=f"{firm}-tie")
    return replace(base, **changes)


def quotation(supplier: str, line: str = "PE1", *breaks: tuple[int, int], **changes: Any) -> Quotation:
    """100 t at 10,000 CNY, unless changed."""
    made = tuple(Break(kg, fen) for kg, fen in breaks) or (Break(0, 1_000_000),)
    return replace(Quotation(supplier, line, 100 * T, made), **changes)


def problem(**changes: Any) -> Problem:
    """Two grades, three firms, two suppliers: with a break, a fixed cost, a class, an approval and a reserve price."""
    base = Problem(
        lines=(Line("PE1", "PE1", 1_200_000), Line("PE2", "PE2", 1_500_000, least_suppliers=2)),
        commitments=(
            commitment("A", wanted_kg=30 * T, most_kg=36 * T),
            commitment("B", wanted_kg=20 * T, priority=2, approved=("S2",)),
            commitment("C", wanted_kg=5 * T, least_kg=4 * T, reserve_fen_per_t=1_100_000),
            commitment("A", "PE2", 12 * T),
            commitment("C", "PE2", 8 * T, reserve_fen_per_t=1_200_000),
        ),
        suppliers=(Supplier("S1", 90 * T, 100_000), Supplier("S2", None, 50_000, (Discount(40 * T, 10),))),
        quotations=(
            quotation("S1", "PE1", (0, 1_010_000), (30 * T, 980_000), capacity_kg=60 * T, least_kg=5 * T),
            quotation("S2", "PE1", (0, 1_000_000), (20 * T, 990_000), kind="incremental", capacity_kg=50 * T),
            quotation("S1", "PE2", (0, 1_300_000), lot_kg=500, capacity_kg=20 * T),
            quotation("S2", "PE2", (0, 1_310_000), lot_kg=1000, capacity_kg=20 * T),
        ),
    )
    return replace(base, **changes)


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    """Whatever `check_problem` lets pass."""
    suppliers = [f"S{number}" for number in range(draw(st.integers(1, 4)))]
    lines, commitments, quotations = [], [], []
    for number in range(draw(st.integers(1, 3))):
        key = f"L{number}"
        quoting = draw(st.lists(st.sampled_from(suppliers), unique=True, max_size=4))
        lines.append(draw(_lines(key, len(quoting))))
        quotations += [draw(_quotations(supplier, key)) for supplier in quoting]
        commitments += [draw(_commitments(f"F{firm}", key, suppliers)) for firm in range(draw(st.integers(0, 5)))]
    made = [draw(_suppliers(key, [item for item in quotations if item.supplier == key])) for key in suppliers]
    quoted = len({item.supplier for item in quotations})
    share = draw(st.sampled_from((1000, 1000, 700))) if quoted > 1 else 1000
    return Problem(tuple(lines), tuple(commitments), tuple(made), tuple(quotations), share)


@st.composite
def _lines(draw: st.DrawFn, key: str, quoting: int) -> Line:
    least = draw(st.sampled_from((1, 1, 2))) if quoting > 1 else 1
    most = draw(st.one_of(st.none(), st.integers(max(least, 2), 4)))
    greatest = draw(st.sampled_from((1000, 700, 600))) if quoting > 1 else 1000
    return Line(
        key,
        f"G{key}",
        draw(st.integers(90, 160)) * 10_000,
        bag_kg=BAG,
        surplus_fen_per_t=draw(st.sampled_from((0, 0, 300_000))),
        least_suppliers=least,
        most_suppliers=most,
        greatest_share_permille=greatest,
        least_share_permille=draw(st.sampled_from((0, 0, 150, 300))),
    )


@st.composite
def _quotations(draw: st.DrawFn, supplier: str, line: str) -> Quotation:
    lot = draw(st.sampled_from((25, 25, 500, 1000)))
    capacity = draw(st.integers(1, 60)) * 1000
    starts = sorted(draw(st.sets(st.integers(0, capacity // 100).map(lambda part: part * 100), min_size=1, max_size=3)))
    price = draw(st.integers(900_000, 1_100_000))
    breaks = []
    for start in starts:
        breaks.append(Break(start, price))
        price -= draw(st.integers(0, 60_000))
    if -(-max(starts[0], 1) // lot) * lot > capacity:
        breaks[0] = Break(0, breaks[0].price_fen_per_t)
    least = draw(st.integers(0, capacity // 1000)) * 1000 // lot * lot
    kind = draw(st.sampled_from(("all_units", "incremental")))
    return Quotation(supplier, line, capacity, tuple(breaks), least, lot, kind)  # type: ignore[arg-type]


@st.composite
def _commitments(draw: st.DrawFn, firm: str, line: str, suppliers: list[str]) -> Commitment:
    wanted = draw(st.integers(1, 800))
    least = draw(st.sampled_from((0, 0, wanted // 2, wanted)))
    approved = draw(st.one_of(st.none(), st.lists(st.sampled_from(suppliers), min_size=1, unique=True)))
    return Commitment(
        firm,
        line,
        least * BAG,
        wanted * BAG,
        (wanted + draw(st.sampled_from((0, 0, 40, 200)))) * BAG,
        tie=f"{draw(st.integers(0, 99)):02}-{firm}",
        priority=draw(st.integers(1, 2)),
        approved=None if approved is None else tuple(sorted(approved)),
        reserve_fen_per_t=draw(st.one_of(st.none(), st.integers(850_000, 1_150_000))),
    )


@st.composite
def _suppliers(draw: st.DrawFn, key: str, quotations: list[Quotation]) -> Supplier:
    quoted = sum(item.capacity_kg for item in quotations)
    if not quoted:
        return Supplier(key)
    needed = max(item.capacity_kg for item in quotations)
    capacity = draw(st.one_of(st.none(), st.integers(needed, quoted)))
    starts = sorted(draw(st.sets(st.integers(1, capacity or quoted), max_size=2)))
    discounts = tuple(Discount(start, 15 * number) for number, start in enumerate(starts, start=1))
    return Supplier(key, capacity, draw(st.sampled_from((0, 50_000, 3_000_000))), discounts)
