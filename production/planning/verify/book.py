"""What all checks look up, and where they write what they find."""

from typing import NamedTuple

from production.planning.problem import Mode, Problem, Route, Step
from production.planning.schedule import Lot, Run, Schedule
from production.planning.verify.hours import machine_hours, open_periods


class Violation(NamedTuple):
    """A broken rule: its code, the key of the lot, run or line, and a sentence."""

    code: str
    where: str
    message: str


class Book:
    """Problem and schedule by key. `spans`: for each (lot, step, batch) when its machine work starts and
    ends."""

    def __init__(self, problem: Problem, schedule: Schedule) -> None:
        self.problem = problem
        self.schedule = schedule
        self.violations: list[Violation] = []
        self.lines = {line.key: line for line in problem.lines}
        self.firms = {firm.key: firm for firm in problem.firms}
        self.machines = {machine.key: machine for machine in problem.machines}
        self.offers = {offer.key: offer for offer in problem.offers}
        self.changeovers = {matrix.key: matrix for matrix in problem.changeovers}
        self.trips = {(trip.from_firm, trip.to_firm): trip for trip in problem.transports}
        self.lots = {lot.key: lot for lot in schedule.lots}
        self.runs_of: dict[tuple[str, int], list[Run]] = {}
        for run in schedule.runs:
            for place in {(part.lot, part.step) for part in run.parts}:
                self.runs_of.setdefault(place, []).append(run)
        self.hours = machine_hours(problem)
        calendars = {calendar.key: calendar for calendar in problem.calendars}
        self.firm_hours = {firm.key: open_periods(calendars[firm.calendar]) for firm in problem.firms}
        self.spans: dict[tuple[str, int, int], tuple[int, int]] = {}

    def say(self, code: str, where: str, message: str) -> None:
        """Writes a violation down."""
        self.violations.append(Violation(code, where, message))

    def route(self, lot: Lot) -> Route:
        """The route of a lot (it exists: check_known came first)."""
        return next(route for route in self.lines[lot.line].routes if route.key == lot.route)

    def step(self, lot_key: str, number: int) -> Step:
        """A step of a lot's route."""
        return self.route(self.lots[lot_key]).steps[number]

    def mode(self, run: Run) -> Mode | None:
        """The mode in which a run works its first part; None when its machine's class is not in the step."""
        part = run.parts[0]
        machine_class = self.machines[run.machine].machine_class
        modes = self.step(part.lot, part.step).modes
        return next((mode for mode in modes if mode.machine_class == machine_class), None)
