"""What is read from a Problem more than once: numbers for its things, calendars, steps and who can do them."""

from dataclasses import dataclass

import numpy as np

from production.planning.engine.arrays import Block, table
from production.planning.engine.kernel import columns as c
from production.planning.hand import Hand, Limits
from production.planning.holding import Needs, are_there, run_needs
from production.planning.problem import Line, Period, Problem, Route, Step

Rows = list[tuple[int, ...]]

Choice = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...] | None]
"""Of a step: its machine classes, the machines that are forbidden there, and those that remain (None: all)."""

Shape = tuple[tuple[Choice, bool], ...]
"""Of each step the choice of machines, and whether it is the forming one."""


@dataclass(frozen=True, slots=True)
class RouteRow:
    """A route as it is compiled. first: number of its first step. forming: number of that step in the route, or -1.

    batch: the largest transfer batch that all steps allow, 0 = the whole lot.
    """

    route: Route
    first: int
    steps: int
    forming: int
    batch: int
    has_materials: bool
    shape: Shape


class Compiler:
    """Reads a sorted problem once. The numbers of firms, machines, lines and offers are their places in it."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.firm_of = {firm.key: number for number, firm in enumerate(problem.firms)}
        self.machine_of = {machine.key: number for number, machine in enumerate(problem.machines)}
        self.matrix_of = {matrix.key: number for number, matrix in enumerate(problem.changeovers)}
        self.families: dict[str, int] = {"": 0}
        self.calendars: dict[tuple[Period, ...], int] = {}
        self.steps: Rows = []
        self.waits: Rows = []
        self.modes: Rows = []
        self.classes: dict[Choice, int] = {}
        self.pins: Rows = []
        self.needs: Rows = []
        self.pool_of = {pool.key: number for number, pool in enumerate(problem.pools)}
        self._pools = {pool.key: pool for pool in problem.pools}
        self._short = any(not are_there(machine.pool_needs, self._pools) for machine in problem.machines)
        self.hand = Hand(problem)
        self._pinned: dict[tuple[str, str], int] = {}
        self._line_of = {line.key: number for number, line in enumerate(problem.lines)}
        self._routes: dict[tuple[int, str], RouteRow] = {}
        self._can: dict[tuple[int, int, Shape], bool] = {}
        self._members: dict[tuple[int, Choice], tuple[tuple[int, int], ...]] = {}
        self._by_class: dict[tuple[int, str], list[int]] = {}
        calendars = {calendar.key: calendar for calendar in problem.calendars}
        for number, machine in enumerate(problem.machines):
            if any(end > 0 for _, end in calendars[machine.calendar].open):
                self._by_class.setdefault((self.firm_of[machine.firm], machine.machine_class), []).append(number)

    def hours(self, periods: tuple[Period, ...]) -> int:
        """Number of a calendar with these open periods."""
        return self.calendars.setdefault(periods, len(self.calendars))

    def family(self, name: str) -> int:
        return self.families.setdefault(name, len(self.families))

    def members(self, row: int, choice: Choice) -> tuple[tuple[int, int], ...]:
        """(machine, mode) of those of a row (a firm, or behind the firms an offer) that work in one of the classes."""
        place = (row, choice)
        if place not in self._members:
            firms = len(self.problem.firms)
            if row < firms:
                names, never, only = choice
                found = tuple(
                    (machine, mode)
                    for mode, name in enumerate(names)
                    for machine in self._by_class.get((row, name), ())
                    if (key := self.problem.machines[machine].key) not in never and (only is None or key in only)
                )
            else:
                offer = self.problem.offers[row - firms]
                offered = {self.machine_of[key] for key in offer.machines}
                everybody = self.members(self.firm_of[offer.firm], choice)
                found = tuple(item for item in everybody if item[0] in offered)
            self._members[place] = found
        return self._members[place]

    def can(self, firm: int, row: int, route: "RouteRow") -> bool:
        """Whether a firm has machines with hours for each step of a route; `row`: those of the forming step."""
        place = (firm, row, route.shape)
        known = self._can.get(place)
        if known is None:
            known = bool(route.shape) and all(
                self.members(row if is_forming else firm, choice) for choice, is_forming in route.shape
            )
            self._can[place] = known
        return known

    def workers(self) -> tuple[Block, Block]:
        """Ranges by row and classes, and the machines and modes in them."""
        rows = len(self.problem.firms) + len(self.problem.offers)
        ranges = np.zeros((rows, len(self.classes), c.WS_COLUMNS), np.int64)
        found: Rows = []
        for row, choice in sorted(self._members, key=lambda place: (place[0], self.classes.get(place[1], -1))):
            if choice in self.classes:
                first = len(found)
                found.extend(self._members[row, choice])
                ranges[row, self.classes[choice]] = first, len(found)
        return ranges, table(found, c.WK_COLUMNS)

    def route(self, route: Route, line: Line) -> "RouteRow":
        """A route's row; one that many lines share is written once, unless the planner's hand is on the line."""
        place = (id(route), line.key if self.hand.is_on(line) else "")
        known = self._routes.get(place)
        if known is None:
            first = len(self.steps)
            choices = [self._step(step, line) for step in route.steps]
            known = RouteRow(
                route=route,
                first=first,
                steps=len(route.steps),
                forming=next((number for number, step in enumerate(route.steps) if step.forming), -1),
                batch=min(
                    (step.transfer_pieces for step in route.steps if step.transfer_pieces is not None), default=0
                ),
                has_materials=any(step.materials for step in route.steps),
                shape=tuple((choice, step.forming) for choice, step in zip(choices, route.steps, strict=True)),
            )
            self._routes[place] = known
        return known

    def _step(self, step: Step, line: Line) -> Choice:
        limits = self.hand.limits(line, step.process)
        pin = 0
        if limits.start_min is not None:
            pin = self._pinned.setdefault((line.key, step.process), len(self.pins) + 1)
            if pin > len(self.pins):
                self.pins.append((self._line_of[line.key], limits.start_min))
        wait = len(self.waits)
        for item in step.waits:
            self.waits.append((item.fixed_min, item.piece_s, int(item.clock == "firm")))
        mode = len(self.modes)
        is_cycle = bool(step.modes) and step.modes[0].kind == "cycle"
        for way in step.modes:
            if is_cycle:
                self.modes.append((way.cycle_s * 1000, way.pieces_per_cycle, way.setup_min))
            else:
                self.modes.append((way.piece_s * 1000, 1, way.setup_min))
        names = tuple(way.machine_class for way in step.modes)
        need = self.needed(step.pool_needs)
        only = self._remaining(step, limits)
        choice = (names, tuple(sorted(limits.never)), only)
        classes = self.classes.setdefault(choice, len(self.classes))
        self.steps.append(
            (
                self.family(step.family),
                step.transfer_pieces or 0,
                wait,
                len(self.waits),
                mode,
                classes,
                int(is_cycle),
                pin,
                need,
                len(self.needs),
            )
        )
        return choice

    def _remaining(self, step: Step, limits: Limits) -> tuple[str, ...] | None:
        """The machines that pins and pools leave; None: all."""
        if limits.only is None and not step.pool_needs and not self._short:
            return None
        return tuple(
            machine.key
            for machine in self.problem.machines
            if (limits.only is None or machine.key in limits.only)
            and are_there(run_needs(step, machine, self._pools), self._pools)
        )

    def needed(self, needs: Needs) -> int:
        """Writes down what is needed of pools; returns the first row."""
        first = len(self.needs)
        self.needs.extend((self.pool_of[key], units) for key, units in needs)
        return first
