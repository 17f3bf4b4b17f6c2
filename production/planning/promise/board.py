"""A plan laid out on its machines, on which one line at a time is tried."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from production.planning.codec import sorted_problem
from production.planning.holding import run_needs
from production.planning.problem import Line, Problem, Step
from production.planning.promise.answer import Answer, Displaced, place_of
from production.planning.promise.stock import Take, free_arrivals
from production.planning.schedule import Lot, Part, Run, Schedule
from production.planning.screen import screen
from production.planning.search.board import Board
from production.planning.search.hours import Law
from production.planning.search.line import Habit, LinePlacer, Placement
from production.planning.search.placement import PlacedLot
from production.planning.search.plan import lot_of, run_of
from production.planning.search.plant import Plant
from production.planning.search.track import Slot

HABIT = Habit()

LotSlots = list[tuple[int, Slot]]
"""The runs of a lot: number of the machine, and the slot there."""


class PlanBoard:
    """The plan on its machines, with the material and the offered minutes that it uses. All that is tried is undone.

    `slots`: the runs of each lot; `shared`: lots with a run that carries another lot too. `takes`: of material.
    """

    def __init__(self, problem: Problem, schedule: Schedule) -> None:
        """Raises ValueError when the schedule is of another problem."""
        self.problem = screen(sorted_problem(problem)).problem
        self.plant = Plant(self.problem)
        self.board = Board(self.plant)
        self.lines = {line.key: line for line in self.problem.lines}
        self.lots = {lot.key: lot for lot in schedule.lots}
        self.slots: dict[str, LotSlots] = {key: [] for key in self.lots}
        self.shared: set[str] = set()
        self.takes: list[Take] = []
        self._keys: dict[int, str] = {}
        self._numbers: dict[str, int] = {}
        self._told: dict[tuple[str, int], Run] = {}
        self._laws: dict[tuple[int, int], Law] = {}
        for key in self.lots:
            number = self.board.new_lot(self.lots[key].line)
            self._keys[number], self._numbers[key] = key, number
        for run in sorted(schedule.runs, key=place_of):
            self._lay(run)
        self.board.restock(free_arrivals(self.problem.arrivals, self.takes))
        self.start = self.board.mark()

    def _lay(self, run: Run) -> None:
        if run.machine not in self.plant.index or any(part.lot not in self.lots for part in run.parts):
            raise ValueError(f"run {run.key} is not of this problem")
        number = self.plant.index[run.machine]
        steps = [self._step(part) for part in run.parts]
        law = self._law(steps[0], number)
        offer = self.lots[run.parts[0].lot].offer
        bound = steps[0].forming and offer is not None
        lowest = self.plant.offers[offer].window[0] if bound and offer is not None else 0
        slot = Slot(run.start_min, run.work_start_min, run.end_min, run.family, law=law, lowest=lowest)
        lines = [self.lines[self.lots[part.lot].line] for part in run.parts]
        limits = [self.plant.hand.limits(line, step.process) for line, step in zip(lines, steps, strict=True)]
        slot.is_pinned = any(limit.start_min == run.start_min for limit in limits)
        slot.needs = run_needs(steps[0], self.plant.machines[number], self.plant.pools)
        slot.pieces = run.pieces
        batches = [
            (part, step, batch)
            for part, step in zip(run.parts, steps, strict=True)
            for batch in range(part.first_batch, part.first_batch + part.batches)
        ]
        slot.parts = [(self._numbers[part.lot], part.step, batch) for part, _step, batch in batches]
        self.board.insert(number, slot)
        self._told[place_of(run)] = run
        lots = {part.lot for part in run.parts}
        self.shared |= lots if len(lots) > 1 else set()
        for key in lots:
            self.slots[key].append((number, slot))
        if bound and offer is not None:
            self.board.use_offer(offer, law.minutes(law.units(run.pieces)))
        if any(step.materials for step in steps):
            sizes = [self.lots[part.lot].batches[batch] for part, _step, batch in batches]
            begins = law.spans(self.plant.hours[number], slot.work, sizes)[0]
            for (part, step, _batch), size, at_min in zip(batches, sizes, begins, strict=True):
                self.takes.extend(self._takes(self.lots[part.lot], step, size, at_min))

    def _step(self, part: Part) -> Step:
        lot = self.lots[part.lot]
        line = self.lines.get(lot.line)
        route = next((route for route in line.routes if route.key == lot.route), None) if line is not None else None
        if route is None or part.step >= len(route.steps):
            raise ValueError(f"lot {lot.key} is not of this problem")
        return route.steps[part.step]

    def _law(self, step: Step, number: int) -> Law:
        place = (id(step), number)
        if place not in self._laws:
            machine = self.plant.machines[number]
            mode = next((mode for mode in step.modes if mode.machine_class == machine.machine_class), None)
            if mode is None:
                raise ValueError(f"{machine.key} does not do {step.process}")
            self._laws[place] = Law(mode, machine)
        return self._laws[place]

    def _takes(self, lot: Lot, step: Step, pieces: int, at_min: int) -> Iterable[Take]:
        firm = lot.firm
        if lot.offer is not None and self.plant.offers[lot.offer].material_from == "giver":
            firm = self.lines[lot.line].firm
            at_min -= self.plant.trips[firm, lot.firm].minutes
        for material, grams in step.materials:
            yield Take(lot.key, firm, material, at_min, grams * pieces)

    def place(self, line: Line, way: Callable[[LinePlacer], Placement]) -> Placement:
        """Puts a line on the board, in one of LinePlacer's ways."""
        return way(LinePlacer(self.board, line, HABIT))

    def told(self, line: Line, lots: Sequence[PlacedLot]) -> list[Lot]:
        """The lots of one line that have been placed, and now bear their keys."""
        found = []
        for number, lot in enumerate(lots, start=1):
            self._keys[lot.number] = f"{line.key}/{number}"
            found.append(lot_of(self.board, line, lot, self._keys[lot.number]))
        return found

    def takes_of(self, line: Line, lots: Sequence[PlacedLot]) -> list[Take]:
        """The material that placed lots take."""
        found: list[Take] = []
        for lot, told in zip(lots, self.told(line, lots), strict=True):
            steps = next(route.steps for route in line.routes if route.key == lot.resource.path.route)
            for number, slot in lot.slots:
                if slot.law is None or not steps[slot.parts[0][1]].materials:
                    continue
                sizes = [lot.batches[batch] for _lot, _step, batch in slot.parts]
                begins = slot.law.spans(self.plant.hours[number], slot.work, sizes)[0]
                for (_lot, step, _batch), size, at_min in zip(slot.parts, sizes, begins, strict=True):
                    found.extend(_shifted(told, steps[step], size, at_min, lot.resource.path.supply))
        return found

    def answer(
        self,
        line: Line,
        lots: Sequence[PlacedLot],
        *,
        displaced: Sequence[Displaced] = (),
        removed: frozenset[str] = frozenset(),
        replaced: Sequence[tuple[Line, Sequence[PlacedLot]]] = (),
    ) -> Answer:
        """What stands on the board, told. Tracks of lots in `removed` are told again too."""
        own = self.told(line, lots)
        others = [told for its, placed in replaced for told in self.told(its, placed)]
        touched = {number for lot in lots for number, _slot in lot.slots}
        touched |= {number for _line, placed in replaced for lot in placed for number, _slot in lot.slots}
        touched |= {number for key in removed for number, _slot in self.slots[key]}
        return Answer(
            line=line,
            lots=tuple(own),
            finish_min=max(lot.finish_min for lot in own),
            runs=tuple(run for number in sorted(touched) for run in self._changed(number, removed)),
            fee_fen=sum(lot.fee_fen for lot in own),
            transport_fen=sum(lot.transport_fen for lot in own),
            displaced=tuple(displaced),
            removed=removed,
            replaced=tuple(others),
        )

    def _changed(self, number: int, removed: frozenset[str]) -> Iterable[Run]:
        """Runs of a machine that the plan, without the lots removed, does not have so."""
        machine = self.plant.machines[number].key
        for slot in self.board.tracks[number].slots:
            if slot.fixed:
                continue
            before = self._told.get((machine, slot.work))
            if before is not None and removed.isdisjoint(part.lot for part in before.parts):
                if (before.start_min, before.setup_min) != (slot.start, slot.setup):
                    yield replace(before, start_min=slot.start, setup_min=slot.setup)
                continue
            yield run_of(self.board, number, slot, self._keys)


def _shifted(lot: Lot, step: Step, pieces: int, at_min: int, supply: tuple[str, int]) -> Iterable[Take]:
    firm, trip_min = supply
    for material, grams in step.materials:
        yield Take(lot.key, firm, material, at_min - trip_min, grams * pieces)
