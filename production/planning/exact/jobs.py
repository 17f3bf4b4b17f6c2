"""A plan's runs as jobs that may go elsewhere: which machines may work each, how long, and where a lot may be made."""

from collections import defaultdict
from dataclasses import dataclass
from itertools import accumulate

from production.planning.bounds.ways import Ways
from production.planning.holding import are_there, run_needs
from production.planning.objective import fee_fen, transport_fen
from production.planning.problem import Line, Machine, Mode, Offer, Problem, Step
from production.planning.schedule import Lot, Part, Schedule
from production.planning.search.hours import Law


@dataclass(frozen=True, slots=True)
class Place:
    """Where a lot may be made: at home (offer None) or on an offer, for so much money."""

    firm: str
    offer: Offer | None
    trip_min: int
    fen: int


@dataclass(frozen=True, slots=True)
class Option:
    """A machine that may work a job. begins, ends: minutes of work before each batch begins and until it ends."""

    machine: Machine
    mode: Mode
    minutes: int
    first_cycle_min: int
    begins: tuple[int, ...]
    ends: tuple[int, ...]
    places: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Job:
    """A run of one lot's step, with the batches that it has in the plan."""

    number: int
    lot: int
    part: Part
    step: Step
    pieces: int
    options: tuple[Option, ...]
    present: int


@dataclass(frozen=True, slots=True)
class Bundle:
    """A lot with its jobs by step, and the places that it may go to; `present`: where the plan has it."""

    lot: Lot
    line: Line
    steps: tuple[Step, ...]
    jobs: tuple[tuple[Job, ...], ...]
    places: tuple[Place, ...]
    present: int

    def all_jobs(self) -> list[Job]:
        """Along the route."""
        return [job for jobs in self.jobs for job in jobs]


@dataclass(frozen=True, slots=True)
class Shop:
    """All bundles of a plan. is_every_place: no place was left out because there are so many."""

    problem: Problem
    bundles: tuple[Bundle, ...]
    is_every_place: bool

    def jobs(self) -> list[Job]:
        """In the order of their numbers."""
        return [job for bundle in self.bundles for job in bundle.all_jobs()]


MOST_OPTIONS = 2500
"""With more machines to choose from, lots stay at the firms where the plan has them."""


def shop_of(problem: Problem, plan: Schedule) -> Shop | None:
    """The plan's lots and runs as they may be moved; None when some run carries several lots."""
    if any(len(run.parts) != 1 for run in plan.runs):
        return None
    whole = _Reader(problem, plan, is_every_place=True).shop()
    if whole is not None and sum(len(job.options) for job in whole.jobs()) > MOST_OPTIONS:
        return _Reader(problem, plan, is_every_place=False).shop()
    return whole


class _Reader:
    """Reads one plan."""

    def __init__(self, problem: Problem, plan: Schedule, *, is_every_place: bool) -> None:
        self.problem, self.plan, self.is_every_place = problem, plan, is_every_place
        self.ways = Ways(problem)
        self.lines = {line.key: line for line in problem.lines}
        self.machines = {machine.key: machine for machine in problem.machines}
        self.trips = {(trip.from_firm, trip.to_firm): trip for trip in problem.transports}
        self.runs = defaultdict(list)
        for run in plan.runs:
            self.runs[run.parts[0].lot].append((run.parts[0], run.machine))
        self.number = 0

    def shop(self) -> Shop | None:
        """None when a run has no machine of its own among those that may work it."""
        bundles = [self._bundle(number, lot) for number, lot in enumerate(self.plan.lots)]
        known = tuple(bundle for bundle in bundles if bundle is not None)
        return Shop(self.problem, known, self.is_every_place) if len(known) == len(bundles) else None

    def _bundle(self, number: int, lot: Lot) -> Bundle | None:
        line = self.lines[lot.line]
        steps = next(route.steps for route in line.routes if route.key == lot.route)
        places = self._places(line, lot, steps)
        present = next((at for at, place in enumerate(places) if (place.offer and place.offer.key) == lot.offer), -1)
        by_step: list[list[Job]] = [[] for _ in steps]
        for part, machine in sorted(self.runs[lot.key], key=lambda item: (item[0].step, item[0].first_batch)):
            job = self._job(number, lot, line, (part, steps[part.step], machine), places)
            if job is None:
                return None
            by_step[part.step].append(job)
        jobs = tuple(tuple(some) for some in by_step)
        return None if present < 0 else Bundle(lot, line, steps, jobs, places, present)

    def _places(self, line: Line, lot: Lot, steps: tuple[Step, ...]) -> tuple[Place, ...]:
        found = [Place(line.firm, None, 0, 0)] if self.is_every_place or lot.offer is None else []
        mass_g = lot.pieces * line.unit_mass_g
        is_formed = any(step.forming for step in steps)
        for offer in self.problem.offers if is_formed else ():
            is_wanted = self.is_every_place or offer.key == lot.offer
            if is_wanted and mass_g >= offer.least_lot_g and self.ways.may_take(line, offer):
                trip = self.trips[offer.firm, line.firm]
                fen = fee_fen(offer, mass_g) + transport_fen(trip, mass_g)
                found.append(Place(offer.firm, offer, trip.minutes, fen))
        return tuple(found)

    def _job(
        self, number: int, lot: Lot, line: Line, work: tuple[Part, Step, str], places: tuple[Place, ...]
    ) -> Job | None:
        part, step, machine = work
        sizes = lot.batches[part.first_batch : part.first_batch + part.batches]
        options = tuple(self._options(line, step, sizes, places))
        present = next((at for at, option in enumerate(options) if option.machine.key == machine), -1)
        self.number += 1
        return None if present < 0 else Job(self.number - 1, number, part, step, sum(sizes), options, present)

    def _options(self, line: Line, step: Step, sizes: tuple[int, ...], places: tuple[Place, ...]) -> list[Option]:
        found = []
        for firm in dict.fromkeys(place.firm for place in places):
            for mode in step.modes:
                for machine in self.ways.machines.get((firm, mode.machine_class), ()):
                    at = tuple(
                        number
                        for number, place in enumerate(places)
                        if place.firm == firm
                        and (place.offer is None or not step.forming or machine.key in place.offer.machines)
                    )
                    if at and self._may_work(line, step, machine):
                        found.append(_option(machine, mode, sizes, at))
        return found

    def _may_work(self, line: Line, step: Step, machine: Machine) -> bool:
        """Whether the planner's hand and the pools allow it at all."""
        pins = self.ways.pins.get((line.key, step.process), ())
        return (
            machine.key not in line.forbidden_machines
            and all(pin.machine in (None, machine.key) for pin in pins)
            and are_there(run_needs(step, machine, self.ways.pools), self.ways.pools)
        )


def _option(machine: Machine, mode: Mode, sizes: tuple[int, ...], places: tuple[int, ...]) -> Option:
    law = Law(mode, machine)
    sums = [0, *accumulate(sizes)]
    return Option(
        machine,
        mode,
        law.minutes(law.units(sums[-1])),
        law.minutes(1) if law.is_cycle else 1,
        tuple(law.minutes(before // law.per) for before in sums[:-1]),
        tuple(law.minutes(law.units(through)) for through in sums[1:]),
        places,
    )
