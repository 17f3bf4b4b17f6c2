"""Variables and rules.

A piece of a cost curve has a quantity and a yes-or-no of its own, which is as tight as such a curve can be.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ortools.math_opt.python import mathopt

from procurement.award.milp.columns import Column, Side
from procurement.award.pricing import tiers
from procurement.award.settle import Book

KG_PER_T = 1000
MFEN = 10**8
"""Of a thousand CNY."""
FEN_PER_T = 10**5
"""Of a thousand CNY for a tonne."""

NOTHING = 0.0
"""What a group gets that no supplier can serve."""

Key = tuple[str, str, int, int]


@dataclass(frozen=True, slots=True)
class Choice:
    """The yes-and-no of a solution: columns bought from, tiers reached, levels that are in."""

    columns: frozenset[Key]
    tiers: frozenset[tuple[str, int]]
    levels: frozenset[tuple[str, int]]


@dataclass(slots=True)
class Programme:
    """The model and its variables by key.

    fixed: nothing else is chosen but quantities, and pieces of the lines that are loose. in_lots: quantities are whole
    lots. is_apart: without what ties lines to each other. least_costs: of a line, no solution of it costs less. whole:
    lines that are served in full or not at all.
    """

    book: Book
    sides: list[Side]
    fixed: Choice | None = None
    loose: frozenset[str] = frozenset()
    in_lots: bool = False
    is_apart: bool = False
    least_costs: Mapping[str, float] = field(default_factory=dict)
    whole: frozenset[str] = frozenset()
    model: Any = field(default_factory=lambda: mathopt.Model(name="award"))
    tonnes: dict[Key, Any] = field(default_factory=dict)
    taken: dict[Key, Any] = field(default_factory=dict)
    tier: dict[tuple[str, int], Any] = field(default_factory=dict)
    level: dict[tuple[str, int], Any] = field(default_factory=dict)
    lots: dict[Key, Any] = field(default_factory=dict)
    served: dict[str, Any] = field(default_factory=dict)
    costs: list[Any] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.columns = [column for side in self.sides for column in side.columns]
        if not self.is_apart:
            self._add_tiers()
        for side in self.sides:
            before = len(self.costs)
            self._add_columns(side)
            self._add_line_rules(side)
            self._add_firms(side)
            if side.line.key in self.least_costs:
                self._rule(mathopt.fast_sum(self.costs[before:]) >= self.least_costs[side.line.key])
        if not self.is_apart:
            self._add_suppliers()
        self.model.minimize(mathopt.fast_sum(self.costs))

    def _yes_or_no(self, key: object, chosen: Mapping[object, Any] | frozenset[Any] | None) -> Any:
        if chosen is None:
            return self.model.add_binary_variable()
        value = float(key in chosen)
        return self.model.add_variable(lb=value, ub=value)

    def _add_tiers(self) -> None:
        """A yes-or-no for a supplier that costs something by itself or has discounts."""
        quoting = {column.supplier for column in self.columns}
        for key in sorted(quoting):
            supplier = self.book.suppliers[key]
            if not supplier.fixed_fen and not supplier.discounts:
                continue
            numbers = range(len(tiers(supplier)))
            for number in numbers:
                chosen = None if self.fixed is None else self.fixed.tiers
                self.tier[key, number] = self._yes_or_no((key, number), chosen)
                self.costs.append(supplier.fixed_fen * 1000 / MFEN * self.tier[key, number])
            if len(numbers) > 1:
                self._rule(sum(self.tier[key, number] for number in numbers) <= 1)

    def _rule(self, rule: Any) -> None:
        self.model.add_linear_constraint(rule)

    def _add_columns(self, side: Side) -> None:
        curves: dict[tuple[str, int], list[Column]] = {}
        for column in side.columns:
            curves.setdefault((column.supplier, column.tier), []).append(column)
        for (supplier, tier), curve in curves.items():
            is_plain = len(curve) == 1 and curve[0].piece.low_kg <= curve[0].lot_kg and not side.counts_suppliers
            reached = self.tier.get((supplier, tier))
            for column in curve:
                self._add_column(column, reached if is_plain else None, is_plain=is_plain)
            if not is_plain:
                self._rule(sum(self.taken[column.key] for column in curve) <= (1 if reached is None else reached))

    def _add_column(self, column: Column, reached: Any, *, is_plain: bool) -> None:
        """is_plain: any quantity at one price, so that no yes-or-no is needed but the supplier's."""
        key, piece = column.key, column.piece
        low, high = piece.low_kg / KG_PER_T, piece.high_kg / KG_PER_T
        quantity = self.tonnes[key] = self.model.add_variable(lb=0.0, ub=high)
        self.costs.append(piece.price_fen_per_t / FEN_PER_T * quantity)
        if self.in_lots:
            lots = self.lots[key] = self.model.add_integer_variable(lb=0, ub=piece.high_kg // column.lot_kg)
            self._rule(quantity == column.lot_kg / KG_PER_T * lots)
        if is_plain:
            if reached is not None:
                self._rule(quantity <= high * reached)
            return
        is_free = self.fixed is None or column.line in self.loose
        yes = self.taken[key] = self._yes_or_no(key, None if is_free or self.fixed is None else self.fixed.columns)
        self._rule(quantity <= high * yes)
        self._rule(quantity >= low * yes)
        if piece.base_mfen:
            self.costs.append(piece.base_mfen / MFEN * yes)

    def _of_supplier(self, side: Side) -> dict[str, list[Column]]:
        made: dict[str, list[Column]] = {}
        for column in side.columns:
            made.setdefault(column.supplier, []).append(column)
        return made

    def _add_line_rules(self, side: Side) -> None:
        line = side.line
        of_supplier = self._of_supplier(side)
        if not of_supplier:
            return
        total = mathopt.fast_sum(self.tonnes[column.key] for column in side.columns)
        delivers = {
            key: mathopt.fast_sum(self.taken[column.key] for column in columns)
            for key, columns in of_supplier.items()
            if side.counts_suppliers
        }
        if line.most_suppliers is not None:
            self._rule(mathopt.fast_sum(delivers.values()) <= line.most_suppliers)
        if line.least_suppliers > 1:
            some = self.model.add_variable(lb=0.0, ub=1.0)
            self._rule(mathopt.fast_sum(delivers.values()) >= line.least_suppliers * some)
            for delivered in delivers.values():
                self._rule(delivered <= some)
        for key, columns in of_supplier.items():
            quantity = mathopt.fast_sum(self.tonnes[column.key] for column in columns)
            if line.greatest_share_permille < 1000:
                self._rule(quantity <= line.greatest_share_permille / 1000 * total)
            if line.least_share_permille:
                least = line.least_share_permille / 1000
                self._rule(quantity >= least * total - least * side.most_kg / KG_PER_T * (1 - delivers[key]))

    def _add_firms(self, side: Side) -> None:
        """What is bought goes to the groups; who is in by price; what is missed and what is surplus."""
        self.costs.append(side.lost_mfen / MFEN)
        for number, level in enumerate(side.levels):
            chosen = None if self.fixed is None else self.fixed.levels
            inside = self.level[side.line.key, number] = self._yes_or_no((side.line.key, number), chosen)
            self.costs.append(side.line.spot_fen_per_t * level.wanted_kg / MFEN * (1 - inside))
            self._add_reserve(side, level.reserve_fen_per_t, inside)
            if number:
                self._rule(self.level[side.line.key, number - 1] <= inside)
        reaching = self._flows(side)
        for number, group in enumerate(side.groups):
            takers = [
                (self.level[side.line.key, at], wanted, most)
                for at, level in enumerate(side.levels)
                for index, wanted, most in level.takers
                if index == number
            ]
            self._add_group(side, group.wanted_kg, group.most_kg, takers, reaching[number])

    def _add_group(
        self, side: Side, wanted_kg: int, most_kg: int, takers: list[tuple[Any, int, int]], got: Any
    ) -> None:
        wanted = wanted_kg / KG_PER_T + mathopt.fast_sum(part / KG_PER_T * inside for inside, part, _ in takers)
        room = (most_kg - wanted_kg) / KG_PER_T + mathopt.fast_sum(
            (most - part) / KG_PER_T * inside for inside, part, most in takers
        )
        missed = self.model.add_variable(lb=0.0)
        surplus = self.model.add_variable(lb=0.0)
        self._rule(got + missed - surplus == wanted)
        self._rule(missed <= wanted)
        self._rule(surplus <= room)
        self.costs.append(side.line.spot_fen_per_t / FEN_PER_T * missed)
        if side.line.key in self.whole and got is not NOTHING:
            greatest = (wanted_kg + sum(part for _, part, _ in takers)) / KG_PER_T
            self._rule(missed <= greatest * (1 - self._served(side)))
        if side.line.surplus_fen_per_t:
            self.costs.append(-side.line.surplus_fen_per_t / FEN_PER_T * surplus)

    def _add_reserve(self, side: Side, reserve_fen_per_t: int, inside: Any) -> None:
        """Whoever is in pays no more than its reserve: the line's cost less reserve times quantity is not above 0.

        When lots are chosen the price stays a fen below, so that tolerances put nobody out.
        """
        limit = reserve_fen_per_t - (1 if self.in_lots else 0)
        over = [(column.piece.price_fen_per_t - limit) / FEN_PER_T * self.tonnes[column.key] for column in side.columns]
        over += [
            column.piece.base_mfen / MFEN * self.taken[column.key] for column in side.columns if column.piece.base_mfen
        ]
        greatest = (side.dearest_fen_per_t - limit) / FEN_PER_T * side.most_kg / KG_PER_T
        self._rule(mathopt.fast_sum(over) <= greatest * (1 - inside))

    def _flows(self, side: Side) -> list[Any]:
        """What each group gets, from suppliers that it takes."""
        if len(side.groups) == 1:
            return [mathopt.fast_sum(self.tonnes[column.key] for column in side.columns)]
        got: list[list[Any]] = [[] for _ in side.groups]
        for supplier, columns in self._of_supplier(side).items():
            given = []
            for number, group in enumerate(side.groups):
                if supplier in group.suppliers:
                    most = group.most_kg + sum(
                        kg for level in side.levels for index, _, kg in level.takers if index == number
                    )
                    flow = self.model.add_variable(lb=0.0, ub=most / KG_PER_T)
                    if side.counts_suppliers:
                        self._rule(flow <= most / KG_PER_T * mathopt.fast_sum(self.taken[item.key] for item in columns))
                    given.append(flow)
                    got[number].append(flow)
            self._rule(mathopt.fast_sum(given) == mathopt.fast_sum(self.tonnes[column.key] for column in columns))
        return [mathopt.fast_sum(flows) if flows else NOTHING for flows in got]

    def _served(self, side: Side) -> Any:
        """Whether anything is bought of a line."""
        key = side.line.key
        if key not in self.served:
            self.served[key] = self.model.add_binary_variable()
            total = mathopt.fast_sum(self.tonnes[column.key] for column in side.columns)
            self._rule(total <= side.most_kg / KG_PER_T * self.served[key])
        return self.served[key]

    def _add_suppliers(self) -> None:
        """Capacities, tiers, shares of the round."""
        share = self.book.problem.greatest_supplier_share_permille
        total = mathopt.fast_sum(self.tonnes.values())
        for key in sorted({column.supplier for column in self.columns}):
            supplier = self.book.suppliers[key]
            quantities: dict[int, list[Any]] = {}
            for column in self.columns:
                if column.supplier == key:
                    quantities.setdefault(column.tier, []).append(self.tonnes[column.key])
            everything = mathopt.fast_sum(item for items in quantities.values() for item in items)
            offered = sum(
                {
                    (item.line, item.supplier): item.piece.high_kg for item in self.columns if item.supplier == key
                }.values()
            )
            capacity = min(offered, supplier.capacity_kg or offered)
            if share < 1000:
                self._rule(everything <= share / 1000 * total)
            steps = tiers(supplier)
            for number, items in quantities.items():
                high = capacity if number + 1 == len(steps) else min(capacity, steps[number + 1].from_kg - 1)
                reached = self.tier.get((key, number))
                if reached is None:
                    self._rule(mathopt.fast_sum(items) <= high / KG_PER_T)
                else:
                    self._rule(mathopt.fast_sum(items) <= high / KG_PER_T * reached)
                    self._rule(mathopt.fast_sum(items) >= steps[number].from_kg / KG_PER_T * reached)
