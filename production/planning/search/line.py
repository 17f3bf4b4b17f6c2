"""One line onto the board: at home in time, else at home and elsewhere, else as soon as it can be."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from production.planning.objective import GRAMS_PER_TONNE, fee_fen, line_tiers, transport_fen
from production.planning.problem import Line, Offer
from production.planning.search.batches import plain_batches, ramped_batches
from production.planning.search.board import Board
from production.planning.search.hours import FAR
from production.planning.search.placement import (
    LotPlacer,
    PlacedLot,
    Resource,
    feeding_min,
    finishing_min,
)
from production.planning.search.plant import Path, Worker
from production.planning.search.sizing import fill_on_time, fill_soonest, least_lot

TRIES = 2
"""Machines on which a lot that just misses its date is really tried, in the order of the estimate."""

SPLIT_MACHINES = 16
"""Machines over which one late line is spread at most, besides those of its own firm."""


@dataclass(frozen=True, slots=True)
class Placement:
    """What became of a line: its lots, and pieces without a place (`refused`: left out on purpose)."""

    lots: tuple[PlacedLot, ...]
    missing: int
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Habit:
    """How a rule chooses among machines that are in time: least set-up first, or earliest finish."""

    spare_setups: bool = True


Attempt = Callable[[], list[PlacedLot]]


class LinePlacer:
    """Places one line; the board holds the result."""

    def __init__(self, board: Board, line: Line, habit: Habit) -> None:
        self.board = board
        self.line = line
        self.habit = habit
        horizon = board.plant.problem.horizon_min
        self.home: list[Resource] = []
        self.bare: list[Resource] = []
        for path in board.plant.home_paths(line):
            if path.forming is None:
                self.bare.append(Resource(path, None, None, (0, horizon), 0))
                continue
            self.home.extend(self._resource(path, worker, None, (0, horizon), 0) for worker in path.forming.workers)

    def _resource(self, path: Path, worker: Worker, offer: str | None, window: tuple[int, int], rank: int) -> Resource:
        """A forming machine, within the hours that the planner's hand leaves there."""
        low, high = window
        floor, ceiling = self.board.between(worker[0], self.line.key)
        start_min = path.forming.start_min if path.forming is not None else None
        return Resource(path, worker, offer, (max(low, floor, start_min or 0), min(high, ceiling)), rank)

    def _holds(self, lots: list[PlacedLot]) -> bool:
        """Whether the first run of each process that is pinned to a minute starts then."""
        starts: dict[int, int] = {}
        for lot in lots:
            path = lot.resource.path
            pinned = {step.number: step.start_min for step in path.steps() if step.start_min is not None}
            for _, slot in lot.slots:
                start_min = pinned.get(slot.parts[0][1])
                if start_min is not None:
                    starts[start_min] = min(slot.start, starts.get(start_min, slot.start))
        return all(start_min == start for start_min, start in starts.items())

    def place(self) -> Placement:
        """Tries the ways in the order of preference; the first that is in time and free of cost is taken."""
        mark = self.board.mark()
        lots = self._home_in_time()
        if lots and self._holds(lots):
            return Placement(tuple(lots), 0)
        self.board.undo(mark)
        elsewhere = self._elsewhere()
        best_key: tuple[int, int, int, int] | None = None
        best: Attempt | None = None
        for attempt in self._attempts(elsewhere):
            lots = attempt()
            if not self._holds(lots):
                self.board.undo(mark)
                continue
            key = self._key(lots)
            if key[0] == 0 and self.line.lateness_worth_fen_per_h is None and not self._refuses(key):
                return Placement(tuple(lots), 0)
            self.board.undo(mark)
            if best_key is None or key < best_key:
                best_key, best = key, attempt
        if best is None or best_key is None or self._refuses(best_key):
            return Placement((), self.line.pieces, refused=self.line.optional)
        lots = best()
        missing = self.line.pieces - sum(lot.pieces for lot in lots)
        return Placement(tuple(lots), missing)

    def place_soonest(self) -> Placement:
        """The line at home where it is finished first: in one lot, or spread over machines when that is sooner."""
        mark = self.board.mark()
        attempts: list[Attempt] = [self._bare_soonest] if self.bare else []
        for _, _, _, resource in self._ranked(self.home)[:TRIES]:
            attempts.extend(partial(self._one, resource, ramped=ramped) for ramped in (False, True))
        if len(self.home) > 1 and self.line.pieces > 1:
            attempts.append(lambda: self._soonest(self.home))
        best_key: tuple[int, ...] | None = None
        best: Attempt | None = None
        for attempt in attempts:
            lots = attempt()
            finish = max((lot.finish_min for lot in lots), default=FAR)
            key = (self.line.pieces - sum(lot.pieces for lot in lots), finish, len(lots))
            self.board.undo(mark)
            if best_key is None or key < best_key:
                best_key, best = key, attempt
        lots = best() if best is not None else []
        return Placement(tuple(lots), self.line.pieces - sum(lot.pieces for lot in lots))

    def _one(self, resource: Resource, *, ramped: bool) -> list[PlacedLot]:
        lot = self._lot(resource, ramped=ramped)
        return [lot] if lot is not None else []

    def _attempts(self, elsewhere: list[Resource]) -> list[Attempt]:
        """Ways to place a line that its firm cannot finish in time in one lot."""
        line, board = self.line, self.board
        attempts: list[Attempt] = []
        if self.bare:
            attempts.append(self._bare_soonest)
        if len(self.home) > 1 and line.pieces > 1:
            attempts.append(lambda: self._whole(lambda: fill_on_time(board, line, self.home, line.pieces, whole=True)))
        if elsewhere:
            attempts.append(lambda: self._whole(lambda: self._shared_in_time(elsewhere)))
        if self.home:
            attempts.append(lambda: self._soonest(self.home))
        if elsewhere:
            attempts.append(lambda: self._soonest(self.home + elsewhere))
        return attempts

    def _whole(self, attempt: Attempt) -> list[PlacedLot]:
        """The attempt's lots when they carry the whole line, else none, and none on the board."""
        mark = self.board.mark()
        lots = attempt()
        if sum(lot.pieces for lot in lots) == self.line.pieces:
            return lots
        self.board.undo(mark)
        return []

    def _key(self, lots: list[PlacedLot]) -> tuple[int, int, int, int]:
        """(tardiness, fen, set-up minutes, finish) of the line placed so; the board still holds it."""
        line, plant = self.line, self.board.plant
        complete = sum(lot.pieces for lot in lots) == line.pieces
        finish = max((lot.finish_min for lot in lots), default=FAR)
        tardiness, fen = line_tiers(plant.problem, line, finish if complete else None)
        fen += line.split_cost_fen * max(0, len(lots) - 1)
        for lot in lots:
            if lot.resource.offer is not None and lot.resource.path.trip is not None:
                mass_g = lot.pieces * line.unit_mass_g
                fen += fee_fen(plant.offers[lot.resource.offer], mass_g)
                fen += transport_fen(lot.resource.path.trip, mass_g)
        setup = sum(slot.setup for lot in lots for _, slot in lot.slots)
        missing = line.pieces - sum(lot.pieces for lot in lots)
        return (tardiness, fen + missing, setup, finish)

    def _refuses(self, key: tuple[int, int, int, int]) -> bool:
        line = self.line
        late = key[0] > 0 or key[3] > line.due_min
        return line.optional and (late or key[1] > line.refusal_cost_fen)

    def _home_in_time(self) -> list[PlacedLot]:
        """The whole line in one lot at home, if it is in time."""
        lots = self._in_time(self.bare, ramped=False)
        if lots:
            return lots
        in_time = [item for item in self._ranked(self.home) if item[0] <= self.line.due_min]
        if self.habit.spare_setups:
            in_time.sort(key=lambda item: item[1:])
        tries = [resource for _, _, _, resource in in_time[:TRIES]]
        return self._in_time(tries, ramped=False) or self._in_time(tries[:1], ramped=True)

    def _in_time(self, resources: list[Resource], *, ramped: bool) -> list[PlacedLot]:
        """The line in one lot at the first of the resources that finishes it in time."""
        mark = self.board.mark()
        for resource in resources:
            lot = self._lot(resource, ramped=ramped)
            if lot is not None and lot.finish_min <= self.line.due_min:
                return [lot]
            self.board.undo(mark)
        return []

    def _lot(self, resource: Resource, *, ramped: bool) -> PlacedLot | None:
        per = resource.worker[1].per if resource.worker is not None else 1
        cut = ramped_batches if ramped else plain_batches
        return LotPlacer(self.board, self.line, resource, cut(self.line.pieces, resource.path, per)).place()

    def _ranked(self, resources: list[Resource]) -> list[tuple[int, int, int, Resource]]:
        """(estimated finish, minutes set up, number, resource) of those with a place, earliest first."""
        line, tracks = self.line, self.board.tracks
        ranked = []
        for number, resource in enumerate(resources):
            if resource.worker is None or resource.path.forming is None:
                continue
            machine, law = resource.worker
            batches = plain_batches(line.pieces, resource.path, law.per)
            ready = max(line.release_min, 0) + feeding_min(resource.path, batches)
            family = resource.path.forming.family
            found = tracks[machine].fit(law, law.units(line.pieces), family, ready, *resource.window)
            if found is not None:
                finish = found[0] + finishing_min(resource.path, batches[-1])
                ranked.append((finish, found[2] - found[1], number, resource))
        ranked.sort(key=lambda item: item[:3])
        return ranked

    def _bare_soonest(self) -> list[PlacedLot]:
        """The line in one lot on a route without a forming step, where it is finished first."""
        mark = self.board.mark()
        finishes = []
        for number, resource in enumerate(self.bare):
            lot = self._lot(resource, ramped=False)
            if lot is not None:
                finishes.append((lot.finish_min, number))
            self.board.undo(mark)
        if not finishes:
            return []
        lot = self._lot(self.bare[min(finishes)[1]], ramped=False)
        return [lot] if lot is not None else []

    def _shared_in_time(self, elsewhere: list[Resource]) -> list[PlacedLot]:
        """As much at home as is in time there, the rest at the cheapest offers that are in time."""
        board, line = self.board, self.line
        mark = board.mark()
        lots = fill_on_time(board, line, self.home, line.pieces)
        left = line.pieces - sum(lot.pieces for lot in lots)
        least = min(least_lot(board, line, resource) for resource in elsewhere)
        if 0 < left < least:
            board.undo(mark)
            lots = fill_on_time(board, line, self.home, line.pieces - least) if line.pieces > least else []
            left = line.pieces - sum(lot.pieces for lot in lots)
        return lots + fill_on_time(board, line, elsewhere, left)

    def _soonest(self, resources: list[Resource]) -> list[PlacedLot]:
        """The line spread over machines so that it is finished as early as can be."""
        home = [resource for resource in resources if resource.offer is None]
        if len(resources) > len(home):
            away = [item[3] for item in self._ranked(resources) if item[3].offer is not None]
            home += away[:SPLIT_MACHINES]
        return fill_soonest(self.board, self.line, home, self.line.pieces)

    def _elsewhere(self) -> list[Resource]:
        """Machines on offer that may take work of this line, the cheapest first."""
        plant, line = self.board.plant, self.line
        mass_g = max(1, line.pieces * line.unit_mass_g)
        found: list[Resource] = []
        for offer in eligible_offers(line, plant.problem.offers):
            offered = {plant.index[key] for key in offer.machines}
            for path in plant.paths_at(line, offer):
                if path.forming is None or path.trip is None:
                    continue
                price = offer.fee_fen_per_t + transport_fen(path.trip, mass_g) * GRAMS_PER_TONNE // mass_g
                rank = 2 * price + (offer.accept != "at_once")
                found.extend(
                    self._resource(path, worker, offer.key, offer.window, rank)
                    for worker in path.forming.workers
                    if worker[0] in offered
                )
        return found


def eligible_offers(line: Line, offers: tuple[Offer, ...]) -> list[Offer]:
    """Offers that the line's terms allow, cheapest first; standing terms before those that must be asked."""
    if line.consent == "never":
        return []
    ceiling = line.fee_ceiling_fen_per_t
    allowed = [
        offer
        for offer in offers
        if offer.firm != line.firm
        and offer.firm not in line.excluded_firms
        and offer.firm not in line.barred_firms
        and offer.firm not in line.unable_firms
        and (ceiling is None or offer.fee_fen_per_t <= ceiling)
        and line.pieces * line.unit_mass_g >= offer.least_lot_g
    ]
    return sorted(allowed, key=lambda offer: (offer.fee_fen_per_t, offer.accept != "at_once", offer.key))
