"""The award: who delivers how much of which line, what it costs, and which firm gets what of it."""

from dataclasses import dataclass
from typing import Literal

FORMAT = "award-result/1"

Reason = Literal["price", "least", "short", "no_award"]


@dataclass(frozen=True, slots=True)
class Part:
    """What a supplier delivers of a line. cost_mfen: thousandths of a fen, by the break and discount reached."""

    line: str
    supplier: str
    kg: int
    cost_mfen: int


@dataclass(frozen=True, slots=True)
class Share:
    """What a firm gets from a supplier of a line, in whole bags."""

    line: str
    firm: str
    supplier: str
    kg: int


@dataclass(frozen=True, slots=True)
class Out:
    """A firm that gets nothing of a line.

    `price`: the line's price is above its reserve. `least`: its share would be below what it can use.
    `short`: others come first, or none of its suppliers delivers. `no_award`: nothing of the line is bought.
    """

    line: str
    firm: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Tally:
    """What the award costs, in thousandths of a fen. total: what was made as small as possible.

    unserved: wanted kg that nobody gets, at the line's spot price: what is sealed in a reserve shows in no sum.
    surplus: worth of the kg beyond the wanted.
    """

    purchase_mfen: int
    fixed_mfen: int
    unserved_mfen: int
    surplus_mfen: int
    total_mfen: int


@dataclass(frozen=True, slots=True)
class Award:
    """Sorted by line, then firm, then supplier."""

    parts: tuple[Part, ...]
    shares: tuple[Share, ...]
    outs: tuple[Out, ...]
    tally: Tally
