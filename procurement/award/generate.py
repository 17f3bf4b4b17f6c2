"""Seeded rounds: a park of firms of very different sizes, grades that many or few buy, suppliers near one another."""

import random
from typing import Literal

from procurement.award.problem import (
    Break,
    Commitment,
    Discount,
    Line,
    Problem,
    Quotation,
    Supplier,
)

Kind = Literal["all_units", "incremental", "supplier_wide", "per_firm"]
KINDS: tuple[Kind, ...] = ("all_units", "incremental", "supplier_wide", "per_firm")
"""`per_firm`: all-units breaks, and firms with approved suppliers and reserve prices."""

BAG_KG = 25


def generate(*, firms: int, grades: int, suppliers: int, breaks: int, kind: Kind, seed: int) -> Problem:
    """The same for the same arguments, whatever the machine."""
    luck = random.Random(f"{firms}/{grades}/{suppliers}/{breaks}/{kind}/{seed}")  # noqa: S311 - a drawing, no secret
    names = [f"S{number:02}" for number in range(1, suppliers + 1)]
    levels = {f"G{number:02}": luck.randint(9_500, 13_500) * 100 for number in range(1, grades + 1)}
    quoted = _quoted(luck, list(levels), names)
    commitments = _commitments(luck, firms, levels, quoted, is_choosy=kind == "per_firm")
    wanted = {grade: sum(item.wanted_kg for item in commitments if item.line == grade) for grade in levels}
    quotations = []
    for name in names:
        edge = luck.uniform(0.97, 1.03)
        quotations += [
            _quotation(luck, name, grade, int(levels[grade] * edge), max(wanted[grade], 20_000), breaks, kind)
            for grade in levels
            if name in quoted[grade]
        ]
    lines = tuple(_line(luck, grade, levels[grade], quotations) for grade in levels)
    return Problem(lines, tuple(commitments), _suppliers(luck, names, quotations, breaks, kind), tuple(quotations))


def _quoted(luck: random.Random, grades: list[str], names: list[str]) -> dict[str, list[str]]:
    """Who quotes for a grade: half of them, each supplier for one at least."""
    quoted: dict[str, list[str]] = {grade: [] for grade in grades}
    for name in names:
        for grade in [grade for grade in grades if luck.random() < 0.5] or [luck.choice(grades)]:
            quoted[grade].append(name)
    return quoted


def _commitments(
    luck: random.Random, firms: int, levels: dict[str, int], quoted: dict[str, list[str]], *, is_choosy: bool
) -> list[Commitment]:
    """is_choosy: two firms in five take some of the suppliers only, and two in five have a reserve price."""
    grades = list(levels)
    weights = [1 / (number + 2) for number in range(len(grades))]
    made = []
    for number in range(1, firms + 1):
        size_kg = luck.lognormvariate(9.4, 1.1)
        chosen = sorted(set(luck.choices(grades, weights, k=luck.choice((1, 2, 3, 3, 4)))))
        for grade in chosen:
            bags = max(4, int(size_kg * luck.uniform(0.3, 1.2) / BAG_KG))
            approved, reserve = None, None
            names = quoted[grade]
            if is_choosy and luck.random() < 0.4 and names:
                approved = tuple(sorted(luck.sample(names, max(1, len(names) * luck.randint(4, 7) // 10))))
            if is_choosy and luck.random() < 0.4:
                reserve = int(levels[grade] * luck.uniform(0.93, 1.10))
            least = bags * luck.choice((0, 0, 50, 80)) // 100
            most = bags * luck.choice((100, 105, 110, 120)) // 100
            tie = f"{luck.randrange(10**9):09}-{number:04}"
            made.append(
                Commitment(
                    f"F{number:03}",
                    grade,
                    least * BAG_KG,
                    bags * BAG_KG,
                    most * BAG_KG,
                    tie,
                    luck.choice((1, 2, 2, 2)),
                    approved,
                    reserve,
                )
            )
    return made


def _quotation(
    luck: random.Random, supplier: str, grade: str, level: int, wanted_kg: int, breaks: int, kind: Kind
) -> Quotation:
    """Capacity for a fifth to nine tenths of what is wanted; a least quantity; breaks some per cent apart."""
    lot = luck.choice((25, 25, 500, 1000))
    capacity = max(lot, int(wanted_kg * luck.uniform(0.2, 0.9)) // lot * lot)
    least = int(capacity * luck.uniform(0.1, 0.4)) // lot * lot
    price = int(level * luck.uniform(0.98, 1.02))
    count = 1 if kind == "supplier_wide" else breaks
    starts = sorted({0, *(int(capacity * luck.uniform(0.15, 0.95)) for _ in range(count - 1))})
    made = []
    for start in starts:
        made.append(Break(start, price))
        price = int(price * luck.uniform(0.975, 0.995))
    return Quotation(
        supplier, grade, capacity, tuple(made), least, lot, "incremental" if kind == "incremental" else "all_units"
    )


def _line(luck: random.Random, grade: str, level: int, quotations: list[Quotation]) -> Line:
    """Some have two suppliers at least; all have a limit to their number. Spot: a tenth above the level."""
    quoting = sum(quotation.line == grade for quotation in quotations)
    is_dual = luck.random() < 0.3 and quoting >= 3
    return Line(
        grade,
        grade,
        spot_fen_per_t=level * 115 // 100,
        bag_kg=BAG_KG,
        least_suppliers=2 if is_dual else 1,
        most_suppliers=luck.choice((3, 4, 5)),
        greatest_share_permille=700 if is_dual else 1000,
    )


def _suppliers(
    luck: random.Random, names: list[str], quotations: list[Quotation], breaks: int, kind: Kind
) -> tuple[Supplier, ...]:
    made = []
    for name in names:
        quoted = sum(quotation.capacity_kg for quotation in quotations if quotation.supplier == name)
        discounts: tuple[Discount, ...] = ()
        if kind == "supplier_wide":
            starts = sorted({max(1, int(quoted * luck.uniform(0.1, 0.7))) for _ in range(breaks - 1)})
            permille = 0
            cut = []
            for start in starts:
                permille += luck.randint(5, 20)
                cut.append(Discount(start, permille))
            discounts = tuple(cut)
        greatest = max((item.least_kg for item in quotations if item.supplier == name), default=0)
        capacity = max(greatest, int(quoted * luck.uniform(0.6, 1.0)), *(item.from_kg for item in discounts), 1)
        made.append(Supplier(name, capacity, luck.randint(5, 30) * 100_000, discounts))
    return tuple(made)
