"""The ways that order lines may go: firms, offers and routes."""

from dataclasses import dataclass

from production.planning.engine.reader import Compiler, Rows
from production.planning.problem import Line


class LineReader:
    """Order lines and the paths that each may take, the preferred first: at home, then cheaper offers."""

    def __init__(self, reader: Compiler) -> None:
        self.reader = reader
        self.problem = reader.problem
        self.trips = {(trip.from_firm, trip.to_firm): trip for trip in self.problem.transports}
        self.fixed: dict[str, int] = {}
        for lot in self.problem.fixed_lots:
            self.fixed[lot.line] = max(self.fixed.get(lot.line, -1), lot.finish_min)
        self.paths: Rows = []
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
                    self.fixed.get(line.key, -1),
                    products.setdefault(line.product, len(products)),
                )
            )
        return self.paths, lines

    def _home(self, number: int, line: Line) -> None:
        firm = self.reader.firm_of[line.firm]
        least = min(line.least_lot_pieces, line.pieces)
        limits = (firm, 0, self.problem.horizon_min, least, max(line.release_min, 0))
        for chosen, route in enumerate(line.routes):
            row = self.reader.route(route)
            if self.reader.can(firm, firm, row):
                way = (number, firm, -1, row.first, row.steps, row.forming, row.batch)
                self.paths.append((*way, 0, 0, 0, 1, *limits, chosen))

    def _placed(self, number: int, line: Line) -> None:
        """Paths at other firms, cheaper offers first; standing terms before those that must be asked."""
        own_least = min(line.least_lot_pieces, line.pieces)
        release = max(line.release_min, 0)
        routes = [(chosen, self.reader.route(route)) for chosen, route in enumerate(line.routes)]
        for terms in self._eligible(line):
            least = max(own_least, -(-terms.least_lot_g // line.unit_mass_g))
            if least > line.pieces:
                continue
            for chosen, row in routes:
                if row.forming < 0 or not self.reader.can(terms.firm, terms.row, row):
                    continue
                begin = max(release, terms.supply_min) if row.has_materials else release
                way = (number, terms.firm, terms.offer, row.first, row.steps, row.forming, row.batch)
                self.paths.append((*way, *terms.cost, *terms.limits, least, begin, chosen))

    def _eligible(self, line: Line) -> list["Terms"]:
        """Offers that the line's terms allow, each with what it costs to bring the goods home."""
        key = (line.firm, line.excluded_firms, line.barred_firms, line.fee_ceiling_fen_per_t)
        if key not in self.offers:
            ceiling = line.fee_ceiling_fen_per_t
            shut = {line.firm, *line.excluded_firms, *line.barred_firms}
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
            supply_min=supply.minutes if supply is not None and offer.material_from == "giver" else 0,
            cost=(trip.minutes, offer.fee_fen_per_t, trip.truck_fen, trip.truck_g),
            limits=(row, *offer.window),
        )


@dataclass(frozen=True, slots=True)
class Terms:
    """An offer as it stands for one giver. supply_min: the trip of the giver's material, 0 when the doer has it."""

    offer: int
    firm: int
    row: int
    least_lot_g: int
    supply_min: int
    cost: tuple[int, int, int, int]
    limits: tuple[int, int, int]
