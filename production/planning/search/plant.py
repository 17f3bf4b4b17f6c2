"""The problem compiled once for all rules: hours, laws, who can do which step, what an offer is good for."""

from production.planning.hand import FREE, Hand, Limits
from production.planning.holding import Needs, are_there, needs_at, run_needs, short_of
from production.planning.problem import Line, Machine, Offer, Period, Problem, Step, Transport, Wait
from production.planning.search.hours import Hours, Law, compile_hours
from production.planning.search.track import FORBIDDEN, Slot, Track

Worker = tuple[int, Law]
"""Number of a machine that can do a step, and its law there."""


class PathStep:
    """A step at one firm. needs: of its pools. start_min: the first of its runs is pinned to start then."""

    __slots__ = ("family", "materials", "needs", "number", "process", "start_min", "waits", "whole", "workers")

    def __init__(self, number: int, step: Step, needs: Needs, workers: list[Worker], start_min: int | None) -> None:
        self.number = number
        self.process = step.process
        self.family = step.family
        self.waits = step.waits
        self.materials = step.materials
        self.needs = needs
        self.whole = step.transfer_pieces is None
        self.workers = workers
        self.start_min = start_min


class Path:
    """A route at one firm for one line: steps before, at and after the forming one."""

    __slots__ = ("after", "before", "firm", "forming", "is_home", "route", "supply", "transfer", "trip")

    def __init__(self, route: str, firm: str, steps: list[PathStep], forming: int | None) -> None:
        self.route = route
        self.firm = firm
        self.before = steps[:forming] if forming is not None else []
        self.forming = steps[forming] if forming is not None else None
        self.after = steps[forming + 1 :] if forming is not None else steps
        self.transfer: int | None = None
        self.is_home = True
        self.trip: Transport | None = None
        self.supply: tuple[str, int] = (firm, 0)

    def steps(self) -> list[PathStep]:
        """All of them, in order."""
        return [*self.before, *([self.forming] if self.forming else []), *self.after]

    @property
    def trip_min(self) -> int:
        """Minutes to the giver's gate."""
        return self.trip.minutes if self.trip is not None else 0


class Plant:
    """Everything that does not change while rules are tried. Lists are in the order of business keys."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.machines = problem.machines
        self.index = {machine.key: number for number, machine in enumerate(problem.machines)}
        calendars = {calendar.key: calendar for calendar in problem.calendars}
        cache: dict[tuple[str, tuple[Period, ...]], Hours] = {}

        def hours(calendar: str, closed: tuple[Period, ...]) -> Hours:
            if (calendar, closed) not in cache:
                cache[calendar, closed] = compile_hours(calendars[calendar], closed, problem.horizon_min)
            return cache[calendar, closed]

        self.hours = [hours(machine.calendar, machine.closed) for machine in problem.machines]
        self.pools = {pool.key: pool for pool in problem.pools}
        self.pool_hours = {pool.key: hours(pool.calendar, ()) for pool in problem.pools}
        self.firm_hours = {firm.key: hours(firm.calendar, ()) for firm in problem.firms}
        self.trips = {(trip.from_firm, trip.to_firm): trip for trip in problem.transports}
        self.offers = {offer.key: offer for offer in problem.offers}
        self._by_class: dict[tuple[str, str], list[tuple[int, Machine]]] = {}
        for number, machine in enumerate(problem.machines):
            self._by_class.setdefault((machine.firm, machine.machine_class), []).append((number, machine))
        self._changes = {
            matrix.key: {(before, after): minutes for before, after, minutes in matrix.minutes}
            | dict.fromkeys(matrix.forbidden, FORBIDDEN)
            for matrix in problem.changeovers
        }
        self._default_change = {matrix.key: matrix.default_min for matrix in problem.changeovers}
        self._workers: dict[tuple[str, int, Limits], list[Worker]] = {}
        self.hand = Hand(problem)
        self.ranks: dict[int, list[dict[str, int]]] = {}
        for sequence in problem.sequences:
            rank = {key: place for place, key in enumerate(sequence.lines)}
            self.ranks.setdefault(self.index[sequence.machine], []).append(rank)
        self._paths: dict[tuple[str, str, bool], list[Path]] = {}
        self.fixed = self._fixed_slots()

    def tracks(self) -> list[Track]:
        """Fresh machines with their fixed runs."""
        tracks = []
        for number, machine in enumerate(self.machines):
            matrix = machine.changeover
            track = Track(
                self.hours[number],
                machine.family_at_zero,
                self._changes[matrix] if matrix is not None else None,
                self._default_change[matrix] if matrix is not None else 0,
            )
            for slot in self.fixed[number]:
                track.starts.append(slot.start)
                track.ends.append(slot.end)
                track.slots.append(slot)
            tracks.append(track)
        return tracks

    def _fixed_slots(self) -> list[list[Slot]]:
        """Fixed runs by machine; those that overlap each other are taken as one."""
        found: list[list[Slot]] = [[] for _ in self.machines]
        for lot in self.problem.fixed_lots:
            for run in lot.runs:
                slot = Slot(run.start_min, run.start_min, run.end_min, run.family, law=None, lowest=0)
                slot.setup = run.setup_min
                found[self.index[run.machine]].append(slot)
        for number, slots in enumerate(found):
            slots.sort(key=lambda slot: (slot.start, slot.end))
            merged: list[Slot] = []
            for slot in slots:
                if merged and slot.start < merged[-1].end:
                    if slot.end >= merged[-1].end:
                        merged[-1].end, merged[-1].family = slot.end, slot.family
                elif slot.end > slot.start:
                    merged.append(slot)
            found[number] = merged
        return found

    def workers(self, firm: str, step: Step, limits: Limits = FREE) -> list[Worker]:
        """Machines of a firm that can, and may, do a step."""
        key = (firm, id(step), limits)
        if key not in self._workers:
            self._workers[key] = [
                (number, Law(mode, machine))
                for mode in step.modes
                for number, machine in self._by_class.get((firm, mode.machine_class), ())
                if self.hours[number].starts
                and limits.allow(machine.key)
                and are_there(run_needs(step, machine, self.pools), self.pools)
            ]
        return self._workers[key]

    def short_of(self, firm: str, step: Step) -> str | None:
        """The pool of which a firm has too little for a step, whichever of its machines is taken."""
        classes = {mode.machine_class for mode in step.modes}
        able = (machine for machine in self.machines if machine.firm == firm and machine.machine_class in classes)
        return short_of(step, able, self.pools)

    def needs_on(self, number: int, step: PathStep) -> Needs:
        """What a run of the step holds on a machine of its firm."""
        more = self.machines[number].pool_needs
        return (*step.needs, *more) if more else step.needs

    def forget(self, line: Line) -> None:
        """Drops what is kept of a line that is not the problem's: another may have its key, or its steps' place."""
        steps = {id(step) for route in line.routes for step in route.steps}
        self._paths = {key: paths for key, paths in self._paths.items() if key[0] != line.key}
        self._workers = {key: workers for key, workers in self._workers.items() if key[1] not in steps}

    def home_paths(self, line: Line) -> list[Path]:
        """The line's routes that its own firm can do, the preferred first."""
        return self._routes_at(line, line.firm, supplied=False)

    def paths_at(self, line: Line, offer: Offer) -> list[Path]:
        """The line's routes at an offer's firm. Empty when the firm lacks a machine or there is no way."""
        return self._routes_at(line, offer.firm, supplied=offer.material_from == "giver")

    def _routes_at(self, line: Line, firm: str, *, supplied: bool) -> list[Path]:
        key = (line.key, firm, supplied)
        if key not in self._paths:
            self._paths[key] = self._compile(line, firm, supplied=supplied)
        return self._paths[key]

    def _compile(self, line: Line, firm: str, *, supplied: bool) -> list[Path]:
        is_home = firm == line.firm
        trip = self.trips.get((firm, line.firm))
        supply = self.trips.get((line.firm, firm))
        if not is_home and (trip is None or (supplied and supply is None)):
            return []
        paths = []
        for route in line.routes:
            limits = [self.hand.limits(line, step.process) for step in route.steps]
            steps = [
                PathStep(n, step, needs_at(step, firm, self.pools), self.workers(firm, step, limit), limit.start_min)
                for n, (step, limit) in enumerate(zip(route.steps, limits, strict=True))
            ]
            forming = next((n for n, step in enumerate(route.steps) if step.forming), None)
            if not steps or not all(step.workers for step in steps) or (forming is None and not is_home):
                continue
            path = Path(route.key, firm, steps, forming)
            path.transfer = min((s.transfer_pieces for s in route.steps if s.transfer_pieces is not None), default=None)
            path.is_home = is_home
            path.trip = None if is_home else trip
            if supplied and supply is not None:
                path.supply = (line.firm, supply.minutes)
            paths.append(path)
        return paths

    def after_waits(self, firm: str, waits: tuple[Wait, ...], pieces: int, at_min: int) -> int:
        """When a transfer batch is through its waits."""
        for wait in waits:
            minutes = wait.fixed_min + -(-pieces * wait.piece_s // 60)
            if wait.clock == "elapsed":
                at_min += minutes
            else:
                at_min = self.firm_hours[firm].after(at_min, minutes)
        return at_min
