"""The ways in which a line can be made, home first, each as the machines that may work its steps and what lies between.

What binds a plan and is left out, so that a way is never slower here than in any plan: other lines' work, changeovers
between families, how many runs share a pool at a time, and sequences.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate

from production.planning.bounds.bench import Bench
from production.planning.holding import needs_at
from production.planning.problem import Line, Machine, Mode, Offer, Period, Pin, Problem, Route, Step, Wait
from production.planning.search.hours import FAR, Hours, Law, compile_hours
from production.planning.verify.hours import open_periods


@dataclass(frozen=True, slots=True)
class Stock:
    """Grams of a material that have come to a firm by a minute; `shift_min` later at the machine."""

    at_min: list[int]
    total_g: list[int]
    shift_min: int
    grams: int

    def first_min(self) -> int:
        """When there is enough for a piece; FAR: never."""
        for at, total in zip(self.at_min, self.total_g, strict=True):
            if total >= self.grams:
                return at + self.shift_min
        return FAR

    def pieces(self, until_min: int) -> int:
        """For how many pieces there is enough by a minute."""
        number = bisect_right(self.at_min, until_min - self.shift_min)
        return self.total_g[number - 1] // self.grams if number else 0


@dataclass(frozen=True, slots=True)
class Station:
    """One step: who may work it and how it is handed on. not_before_min: a pinned start."""

    benches: list[Bench]
    stocks: list[Stock]
    waits: tuple[Wait, ...]
    is_forming: bool
    hands_over_whole: bool
    not_before_min: int

    def at_least(self, least_lot: int) -> int:
        """Pieces that are all done before any is handed over."""
        return least_lot if self.hands_over_whole else 1

    def on_one(self, pieces: int) -> int:
        """Of so many pieces of one lot, how many some machine has at the least: a lot is formed in one run."""
        return pieces if self.is_forming else -(-pieces // max(1, len(self.benches)))

    def earliest_end(self, from_min: int, pieces: int) -> int:
        """No sooner are so many pieces of one lot done."""
        wanted = self.on_one(pieces)
        return min((bench.earliest_end(from_min, wanted) for bench in self.benches), default=FAR)

    def latest_start(self, until_min: int, pieces: int) -> int:
        """No later does the first of so many pieces of one lot begin."""
        wanted = self.on_one(pieces)
        return max((bench.latest_start(until_min, wanted) for bench in self.benches), default=-FAR)


@dataclass(slots=True)
class Way:
    """A line made along one route by one firm. least_lot: pieces of its smallest lot."""

    is_home: bool
    stations: list[Station]
    firm_hours: Hours
    trip_min: int
    least_lot: int
    heads: list[int] = field(default_factory=list)

    def begin(self, release_min: int) -> bool:
        """Fills in when a piece can come to each step at the soonest; False when it can never."""
        at = release_min
        for station in self.stations:
            at = max(at, station.not_before_min, *(stock.first_min() for stock in station.stocks))
            self.heads.append(at)
            at = self._after(station, station.earliest_end(at, station.at_least(self.least_lot)))
            if at >= FAR:
                return False
        return True

    def ends(self, finish_min: int) -> list[int] | None:
        """When each step must have ended a piece's work, if it is to be finished then; None when it cannot."""
        found = [0] * len(self.stations)
        at = finish_min - self.trip_min
        for number in range(len(self.stations) - 1, -1, -1):
            station = self.stations[number]
            at = self._before(station, at)
            if at < self.heads[number]:
                return None
            found[number] = at
            if number:
                at = station.latest_start(at, self.stations[number - 1].at_least(self.least_lot))
        return found

    def formed(self, finish_min: int) -> list[int]:
        """Pieces finished by a minute at the most, by forming machine; all in one where nothing is formed."""
        ends = self.ends(finish_min)
        if ends is None:
            return []
        most = FAR
        forming: list[int] | None = None
        for station, head, end in zip(self.stations, self.heads, ends, strict=True):
            counts = [bench.pieces(head, end) for bench in station.benches]
            if station.is_forming:
                forming = counts
            else:
                most = min(most, sum(counts))
            if station.stocks:
                start = station.latest_start(end, 1)
                most = min(most, *(stock.pieces(start) for stock in station.stocks))
        counts = [most] if forming is None else [min(count, most) for count in forming]
        return [count for count in counts if count >= self.least_lot]

    def _after(self, station: Station, at_min: int) -> int:
        for wait in station.waits:
            minutes = wait.fixed_min + -(-wait.piece_s // 60)
            at_min = at_min + minutes if wait.clock == "elapsed" else self.firm_hours.after(at_min, minutes)
        return at_min

    def _before(self, station: Station, at_min: int) -> int:
        for wait in reversed(station.waits):
            minutes = wait.fixed_min + -(-wait.piece_s // 60)
            at_min = at_min - minutes if wait.clock == "elapsed" else self.firm_hours.latest(at_min, minutes)
        return at_min


class Ways:
    """Lays out the ways of a problem's lines."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.calendars = {calendar.key: calendar for calendar in problem.calendars}
        kept = {firm.calendar for firm in problem.firms}
        by_calendar = {key: Hours(open_periods(its)) for key, its in self.calendars.items() if key in kept}
        self.firm_hours = {firm.key: by_calendar[firm.calendar] for firm in problem.firms}
        self.pools = {pool.key: pool for pool in problem.pools}
        self.trips = {(trip.from_firm, trip.to_firm): trip.minutes for trip in problem.transports}
        self.pins: dict[tuple[str, str], list[Pin]] = defaultdict(list)
        for pin in problem.pins:
            self.pins[pin.line, pin.process].append(pin)
        self.machines: dict[tuple[str, str], list[Machine]] = defaultdict(list)
        for machine in problem.machines:
            self.machines[machine.firm, machine.machine_class].append(machine)
        self.taken: dict[str, list[Period]] = defaultdict(list)
        for lot in problem.fixed_lots:
            for run in lot.runs:
                self.taken[run.machine].append((run.start_min, run.end_min))
        self._hours: dict[tuple[str, tuple[Period, ...], tuple[str, ...]], Hours] = {}
        self._benches: dict[tuple[object, ...], Bench] = {}
        self._stocks = self._arrived()

    def of(self, line: Line) -> Iterator[Way]:
        """At home first, then on each offer that it may take; ways that no piece can go are left out."""
        for offer in (None, *(offer for offer in self.problem.offers if self.may_take(line, offer))):
            for route in line.routes:
                way = self.way(line, route, offer)
                if way is not None:
                    yield way

    def may_take(self, line: Line, offer: Offer) -> bool:
        """Whether a lot of the line may be placed on the offer."""
        barred = (line.firm, *line.excluded_firms, *line.barred_firms, *line.unable_firms)
        ceiling = line.fee_ceiling_fen_per_t
        return (
            line.consent != "never"
            and offer.firm not in barred
            and (ceiling is None or offer.fee_fen_per_t <= ceiling)
            and (offer.firm, line.firm) in self.trips
            and (offer.material_from == "doer" or (line.firm, offer.firm) in self.trips)
        )

    def way(self, line: Line, route: Route, offer: Offer | None) -> Way | None:
        """The line along one route at home or on an offer; None when no piece can go it."""
        if not route.steps or (offer is not None and not any(step.forming for step in route.steps)):
            return None
        least = min(line.least_lot_pieces, line.pieces)
        if offer is not None:
            least = max(least, -(-offer.least_lot_g // line.unit_mass_g))
        if least > line.pieces:
            return None
        firm = line.firm if offer is None else offer.firm
        trip = 0 if firm == line.firm else self.trips[firm, line.firm]
        stations = [self._station(line, step, offer) for step in route.steps]
        way = Way(offer is None, stations, self.firm_hours[firm], trip, max(1, least))
        return way if way.begin(line.release_min) else None

    def hours(self, machine: Machine, pools: tuple[str, ...] = ()) -> Hours:
        """Open hours without what is taken, and only while the pools are there."""
        key = machine.calendar, (*machine.closed, *self.taken[machine.key]), pools
        if key not in self._hours:
            closed = list(key[1])
            for pool in pools:
                closed += _gaps(open_periods(self.calendars[self.pools[pool].calendar]), self.problem.horizon_min)
            self._hours[key] = compile_hours(self.calendars[machine.calendar], tuple(closed), self.problem.horizon_min)
        return self._hours[key]

    def _station(self, line: Line, step: Step, offer: Offer | None) -> Station:
        pins = self.pins.get((line.key, step.process), ())
        firm = line.firm if offer is None else offer.firm
        benches = [
            bench
            for mode in step.modes
            for machine in self.machines.get((firm, mode.machine_class), ())
            if machine.key not in line.forbidden_machines
            and all(pin.machine in (None, machine.key) for pin in pins)
            and (offer is None or not step.forming or machine.key in offer.machines)
            and (bench := self._bench(machine, mode, step, offer if step.forming else None)) is not None
        ]
        return Station(
            benches,
            [self._stock(line, offer, material, grams) for material, grams in step.materials if grams],
            step.waits,
            is_forming=step.forming,
            hands_over_whole=step.transfer_pieces is None,
            not_before_min=max((pin.start_min for pin in pins if pin.start_min is not None), default=line.release_min),
        )

    def _bench(self, machine: Machine, mode: Mode, step: Step, offer: Offer | None) -> Bench | None:
        """None when a pool has less than the run would hold."""
        needs = (*needs_at(step, machine.firm, self.pools), *machine.pool_needs)
        if any(units > self.pools[key].capacity for key, units in needs):
            return None
        held = tuple(sorted({key for key, _ in needs}))
        key = (machine.key, mode, held, offer and offer.key)
        if key not in self._benches:
            start, end = (0, self.problem.horizon_min) if offer is None else offer.window
            self._benches[key] = Bench(
                machine.key,
                self.hours(machine, held),
                Law(mode, machine),
                window=(max(0, start), min(self.problem.horizon_min, end)),
                most_min=None if offer is None else offer.machine_minutes,
            )
        return self._benches[key]

    def _stock(self, line: Line, offer: Offer | None, material: str, grams: int) -> Stock:
        firm, shift = line.firm, 0
        if offer is not None:
            is_givers = offer.material_from == "giver"
            firm, shift = (line.firm, self.trips[line.firm, offer.firm]) if is_givers else (offer.firm, 0)
        at_min, total_g = self._stocks.get((firm, material), ([], []))
        return Stock(at_min, total_g, shift, grams)

    def _arrived(self) -> dict[tuple[str, str], tuple[list[int], list[int]]]:
        """Minutes and running totals of each firm's materials."""
        arrivals: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
        for item in self.problem.arrivals:
            arrivals[item.firm, item.material].append((item.at_min, item.grams))
        return {
            key: ([at for at, _ in rows], list(accumulate(grams for _, grams in rows)))
            for key, rows in ((key, sorted(rows)) for key, rows in arrivals.items())
        }


def _gaps(periods: list[Period], horizon_min: int) -> list[Period]:
    """What lies between the periods, up to the horizon."""
    edges = [0, *(edge for period in periods for edge in period), horizon_min]
    return [(start, end) for start, end in zip(edges[::2], edges[1::2], strict=True) if start < end]
