"""The award's problem: frozen plain data in, no database behind it.

Units everywhere: quantities are whole kg, prices whole fen per tonne (delivered, without VAT, cash), so that kg times
price is exact in thousandths of a fen (`_mfen`); shares and discounts are per mille. Keys are opaque strings made of
business numbers; everything is ordered by them, so the same business data gives the same award.
"""

from dataclasses import dataclass
from typing import Literal

FORMAT = "award/1"

BreakKind = Literal["all_units", "incremental"]


@dataclass(frozen=True, slots=True)
class Line:
    """One grade, delivered to one zone in one window. All firms pay one price on it.

    bag_kg: quantities of the line are whole bags.
    spot_fen_per_t: what a wanted tonne costs that the round does not serve.
    surplus_fen_per_t: what a tonne beyond the wanted is worth; at 0 it is bought only where the bill falls.
    least_suppliers, most_suppliers: how many deliver, if anything is awarded (2 = dual sourcing). None = no limit.
    greatest_share_permille, least_share_permille: of the line's awarded kg, for each supplier that delivers.
    """

    key: str
    grade: str
    spot_fen_per_t: int
    zone: str = ""
    window: str = ""
    bag_kg: int = 25
    surplus_fen_per_t: int = 0
    least_suppliers: int = 1
    most_suppliers: int | None = None
    greatest_share_permille: int = 1000
    least_share_permille: int = 0


@dataclass(frozen=True, slots=True)
class Commitment:
    """What a firm has locked on a line: it gets from least_kg to most_kg, or nothing.

    priority: class; a lower number is served before a higher one when there is too little.
    approved: suppliers whose resin the firm takes; None = any.
    reserve_fen_per_t: above this price of the line the firm is out; None = it takes the price as it comes.
    tie: decides between equals; fixed when the round is frozen, and different for each firm of a line.
    """

    firm: str
    line: str
    least_kg: int
    wanted_kg: int
    most_kg: int
    tie: str
    priority: int = 1
    approved: tuple[str, ...] | None = None
    reserve_fen_per_t: int | None = None


@dataclass(frozen=True, slots=True)
class Discount:
    """From so many kg of all its lines on, a supplier takes so much off each of its prices.

    The price with the discount is rounded half up to a whole fen per tonne.
    """

    from_kg: int
    permille: int


@dataclass(frozen=True, slots=True)
class Supplier:
    """capacity_kg: over all lines; None = no limit but its quotations'. fixed_fen: paid once if it gets anything."""

    key: str
    capacity_kg: int | None = None
    fixed_fen: int = 0
    discounts: tuple[Discount, ...] = ()


@dataclass(frozen=True, slots=True)
class Break:
    """The price from so many kg on. Below the first break there is no offer."""

    from_kg: int
    price_fen_per_t: int


@dataclass(frozen=True, slots=True)
class Quotation:
    """A supplier's offer for a line: nothing, or a multiple of lot_kg from least_kg to capacity_kg.

    kind `all_units`: the break that is reached prices each kg. `incremental`: a break's price holds for the kg above
    its from_kg only; the first one's from the first kg on.
    """

    supplier: str
    line: str
    capacity_kg: int
    breaks: tuple[Break, ...]
    least_kg: int = 0
    lot_kg: int = 25
    kind: BreakKind = "all_units"


@dataclass(frozen=True, slots=True)
class Problem:
    """All that an award depends on. greatest_supplier_share_permille: of the whole round's kg, for each supplier."""

    lines: tuple[Line, ...]
    commitments: tuple[Commitment, ...]
    suppliers: tuple[Supplier, ...]
    quotations: tuple[Quotation, ...]
    greatest_supplier_share_permille: int = 1000
