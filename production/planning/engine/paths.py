"""The ways that order lines may go: firms, offers and routes."""

from collections.abc import Iterable
from dataclasses import dataclass

from production.planning.engine.kernel import columns as c
from production.planning.engine.reader import Compiler, Rows
from production.planning.engine.stock import Claims, Stairs, Use
from production.planning.problem import Line, Route


class LineReader:
    """Order lines and the paths that each may take, the preferred first: at home, then cheaper offers."""

    def __init__(self, reader: Compiler, uses: Iterable[Use]) -> None:
        self.reader = reader
        self.claims = Claims(reader.problem, uses)
        self.problem = reader.problem
        self.trips = {(trip.from_firm, trip.to_firm): trip for trip in self.problem.transports}
        self.fixed: dict[str, int] = {}
        for lot in self.problem.fixed_lots:
            self.fixed[lot.line] = max(self.fixed.get(lot.line, -c.FAR), lot.finish_min)
        self.paths: Rows = []
        self.stairs: Rows = []
        self.offers: dict[tuple[str, tuple[str, ...], tuple[str, ...], int | None], list[Terms]] = {}

    def read(self) -> tuple[Rows, Rows]:
        """(paths, lines)."""
        lines: Rows = []
        products: dict[str, int] = {}
        for number, line in enumerate(self.problem.lines):
            first = len(self.paths)
            self._home(number, line)
            if line.consent != "never":
                self._placed(number, line)
            lines.append(
                (
                    self.reader.firm_of[line.firm],
                    line.pieces,
                    line.unit_mass_g,
                    line.due_min,
                    line.priority,
                    line.late_fixed_min,
                    -1 if line.lateness_worth_fen_per_h is None else line.lateness_worth_fen_per_h,
                    first,
                    len(self.paths),
                    line.split_cost_fen,
                    line.refusal_cost_fen if line.optional else -1,
                    self.fixed.get(line.key, -c.FAR),
                    products.setdefault(line.product, len(products)),
                )
            )
        return self.paths, lines

    def _home(self, number: int, line: Line) -> None:
        firm = self.reader.firm_of[line.firm]
        least = min(line.least_lot_pieces, line.pieces)
        for chosen, route in enumerate(line.routes):
            row = self.reader.route(route, line)
            if self.reader.can(firm, firm, row):
                limits = (firm, 0, self.problem.horizon_min, least)
                way = (number, firm, -1, row.first, row.steps, row.forming, row.batch)
                stairs = self.claims.stairs(line, route, line.firm)
                self._path((*way, 0, 0, 0, 1, *limits), chosen, line, stairs, firm)

    def _placed(self, number: int, line: Line) -> None:
        """Paths at other firms, cheaper offers first; standing terms before those that must be asked."""
        own_least = min(line.least_lot_pieces, line.pieces)
        routes = [(chosen, self.reader.route(route, line)) for chosen, route in enumerate(line.routes)]
        for terms in self._eligible(line):
            least = max(own_least, -(-terms.least_lot_g // line.unit_mass_g))
            if least > line.pieces:
                continue
            for chosen, row in routes:
                if row.forming < 0 or not self.reader.can(terms.firm, terms.row, row):
                    continue
                way = (number, terms.firm, terms.offer, row.first, row.steps, row.forming, row.batch)
                stock = self.reader.firm_of[line.firm] if terms.is_givers else terms.firm
                stairs = self._supplied(line, row.route, terms) if row.has_materials else [(0, line.pieces)]
                self._path((*way, *terms.cost, *terms.limits, least), chosen, line, stairs, stock)

    def _path(self, head: tuple[int, ...], route: int, line: Line, stairs: Stairs, stock: int) -> None:
        """One more path, unless it could begin with nothing."""
        release = max(line.release_min, 0)
        steps = [(max(minute, release), pieces) for minute, pieces in stairs if minute < self.problem.horizon_min]
        if not steps or release >= self.problem.horizon_min:
            return
        first = len(self.stairs)
        if len(steps) > 1:
            self.stairs.extend(steps)
        self.paths.append((*head, steps[0][0], route, steps[-1][1], stock, first, len(self.stairs)))

    def _supplied(self, line: Line, route: Route, terms: "Terms") -> Stairs:
        """When material can be at the doer's, and for how many pieces."""
        if terms.is_givers:
            there = self.claims.stairs(line, route, line.firm)
            return [(minute + terms.supply_min, pieces) for minute, pieces in there]
        return self.claims.stairs(line, route, self.problem.firms[terms.firm].key)

    def _eligible(self, line: Line) -> list["Terms"]:
        """Offers that the line's terms allow, each with what it costs to bring the goods home."""
        barred = (*line.barred_firms, *line.unable_firms)
        key = (line.firm, line.excluded_firms, barred, line.fee_ceiling_fen_per_t)
        if key not in self.offers:
            ceiling = line.fee_ceiling_fen_per_t
            shut = {line.firm, *line.excluded_firms, *barred}
            allowed = [
                (offer.fee_fen_per_t, offer.accept != "at_once", offer.key, number)
                for number, offer in enumerate(self.problem.offers)
                if offer.firm not in shut and (ceiling is None or offer.fee_fen_per_t <= ceiling)
            ]
            found = [self._terms(line.firm, number) for _, _, _, number in sorted(allowed)]
            self.offers[key] = [terms for terms in found if terms is not None]
        return self.offers[key]

    def _terms(self, giver: str, number: int) -> "Terms | None":
        """None when there is no way between the two firms."""
        offer = self.problem.offers[number]
        trip = self.trips.get((offer.firm, giver))
        supply = self.trips.get((giver, offer.firm))
        if trip is None or (offer.material_from == "giver" and supply is None):
            return None
        row = len(self.problem.firms) + number
        return Terms(
            offer=number,
            firm=self.reader.firm_of[offer.firm],
            row=row,
            least_lot_g=offer.least_lot_g,
            is_givers=offer.material_from == "giver",
            supply_min=supply.minutes if supply is not None else 0,
            cost=(trip.minutes, offer.fee_fen_per_t, trip.truck_fen, trip.truck_g),
            limits=(row, *offer.window),
        )


@dataclass(frozen=True, slots=True)
class Terms:
    """An offer as it stands for one giver. is_givers: the giver's material is used; it takes supply_min to come."""

    offer: int
    firm: int
    row: int
    least_lot_g: int
    is_givers: bool
    supply_min: int
    cost: tuple[int, int, int, int]
    limits: tuple[int, int, int]
