"""What can be bought, cut to what can matter: pieces of cost curves, groups of firms, levels of reserve prices."""

from dataclasses import dataclass

from procurement.award.pricing import Piece, pieces, tiers
from procurement.award.problem import Commitment, Line, Quotation, Supplier
from procurement.award.settle import Book


@dataclass(frozen=True, slots=True)
class Column:
    """A piece of a quotation's curve at a discount of its supplier. tier: the discount's number."""

    line: str
    supplier: str
    tier: int
    number: int
    lot_kg: int
    piece: Piece

    @property
    def key(self) -> tuple[str, str, int, int]:
        """Tells it from all others."""
        return (self.line, self.supplier, self.tier, self.number)


@dataclass(frozen=True, slots=True)
class Level:
    """Firms of a line with one reserve price that the line's price may pass. index of the group, kg wanted and most."""

    reserve_fen_per_t: int
    wanted_kg: int
    takers: tuple[tuple[int, int, int], ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Firms of a line that take the same suppliers, those of levels apart."""

    suppliers: tuple[str, ...]
    wanted_kg: int
    most_kg: int


@dataclass(frozen=True, slots=True)
class Side:
    """A line as the programme sees it. lost_mfen: of those whose reserve no price can reach.

    dearest_fen_per_t: the greatest price of the line. most_kg: what all together take. Levels: the lowest first.
    """

    line: Line
    groups: tuple[Group, ...]
    levels: tuple[Level, ...]
    most_kg: int
    lost_mfen: int
    dearest_fen_per_t: float
    columns: tuple[Column, ...]

    @property
    def counts_suppliers(self) -> bool:
        """Whether it matters who delivers anything at all."""
        line = self.line
        return line.least_suppliers > 1 or line.most_suppliers is not None or line.least_share_permille > 0

    @property
    def has_shares(self) -> bool:
        """Whether suppliers' shares are limited."""
        return self.line.greatest_share_permille < 1000 or self.line.least_share_permille > 0

    @property
    def is_knotty(self) -> bool:
        """Whether firms differ in what they take."""
        return len(self.groups) > 1 or bool(self.levels)


def sides(book: Book, excluded: frozenset[tuple[str, str]]) -> list[Side]:
    """Lines that somebody wants, sorted. excluded: (line, firm) that are not counted upon."""
    made = []
    for key in sorted(book.lines):
        claims = [item for item in book.commitments[key] if (key, item.firm) not in excluded]
        left_out = [item for item in book.commitments[key] if (key, item.firm) in excluded]
        if book.commitments[key]:
            made.append(_side(book, book.lines[key], claims, left_out))
    return made


def _side(book: Book, line: Line, claims: list[Commitment], left_out: list[Commitment]) -> Side:
    columns = _columns(book, line, claims)
    cheapest = min((column.piece.cheapest_fen_per_t for column in columns), default=float("inf"))
    dearest = max((column.piece.dearest_fen_per_t for column in columns), default=0.0)
    lost = [item for item in claims if item.reserve_fen_per_t is not None and item.reserve_fen_per_t < cheapest]
    inside = [item for item in claims if item not in lost]
    names = sorted({column.supplier for column in columns})
    approved = {
        item.firm: tuple(name for name in names if item.approved is None or name in item.approved) for item in inside
    }
    keys = sorted(set(approved.values()))
    loose = [item for item in inside if item.reserve_fen_per_t is not None and item.reserve_fen_per_t < dearest]
    firm = [item for item in inside if item not in loose]
    groups = tuple(
        Group(
            key,
            sum(item.wanted_kg for item in firm if approved[item.firm] == key),
            sum(item.most_kg for item in firm if approved[item.firm] == key),
        )
        for key in keys
    )
    levels = tuple(
        _level(reserve, [item for item in loose if item.reserve_fen_per_t == reserve], approved, keys)
        for reserve in sorted({item.reserve_fen_per_t or 0 for item in loose})
    )
    missed = line.spot_fen_per_t * sum(item.wanted_kg for item in (*lost, *left_out))
    most = sum(item.most_kg for item in inside)
    return Side(line, groups, levels, most, missed, dearest, columns)


def _level(
    reserve: int, members: list[Commitment], approved: dict[str, tuple[str, ...]], keys: list[tuple[str, ...]]
) -> Level:
    takers = [(keys.index(approved[item.firm]), item.wanted_kg, item.most_kg) for item in members]
    return Level(reserve, sum(item.wanted_kg for item in members), tuple(takers))


def _columns(book: Book, line: Line, claims: list[Commitment]) -> tuple[Column, ...]:
    most = sum(item.most_kg for item in claims)
    made = []
    for quotation in book.of_line[line.key]:
        supplier = book.suppliers[quotation.supplier]
        reach = sum(item.most_kg for item in claims if item.approved is None or supplier.key in item.approved)
        limit = min(reach, most * line.greatest_share_permille // 1000, supplier.capacity_kg or reach)
        made += _of_quotation(quotation, supplier, limit)
    return tuple(made)


def _of_quotation(quotation: Quotation, supplier: Supplier, limit_kg: int) -> list[Column]:
    return [
        Column(quotation.line, supplier.key, tier, number, quotation.lot_kg, piece)
        for tier, discount in enumerate(tiers(supplier))
        for number, piece in enumerate(pieces(quotation, discount.permille, limit_kg))
    ]
