"""Set-ups of runs that stay while others before them come and go: the work keeps its time, its set-up is new."""

from collections.abc import Iterable
from dataclasses import replace

from production.planning.holding import Needs, run_needs
from production.planning.problem import FixedRun, Machine, Mode, Problem, Step
from production.planning.schedule import Lot, Run
from production.planning.search.hours import compile_hours


class Setups:
    """Looks up what a run needs on its machine. Lots' lines, routes and machines must be in the problem."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.machines = {machine.key: machine for machine in problem.machines}
        self.lines = {line.key: line for line in problem.lines}
        self._pools = {pool.key: pool for pool in problem.pools}
        self._matrices = {matrix.key: matrix for matrix in problem.changeovers}
        self._minutes = {key: {(a, b): minutes for a, b, minutes in one.minutes} for key, one in self._matrices.items()}
        self._calendars = {calendar.key: calendar for calendar in problem.calendars}
        self._fixed: dict[str, list[FixedRun]] = {}
        for lot in problem.fixed_lots:
            for run in lot.runs:
                if run.start_min < run.end_min:
                    self._fixed.setdefault(run.machine, []).append(run)

    def step(self, lot: Lot, number: int) -> Step:
        """A step of the lot's route."""
        (route,) = (route for route in self.lines[lot.line].routes if route.key == lot.route)
        return route.steps[number]

    def mode(self, lots: dict[str, Lot], run: Run) -> Mode | None:
        """How the run is worked; None when its machine's class does no such step."""
        part, machine = run.parts[0], self.machines[run.machine]
        modes = self.step(lots[part.lot], part.step).modes
        return next((mode for mode in modes if mode.machine_class == machine.machine_class), None)

    def pool_needs(self, step: Step, machine: str) -> Needs:
        """What a run of the step holds on a machine."""
        return run_needs(step, self.machines[machine], self._pools)

    def renewed(self, lots: dict[str, Lot], runs: Iterable[Run]) -> tuple[list[Run], set[str]]:
        """The runs with the set-ups that their order on the machines asks for, each begun as late as can be; and the
        lots of those that have no room for it.
        """
        on_machine: dict[str, list[Run]] = {}
        for run in runs:
            on_machine.setdefault(run.machine, []).append(run)
        renewed: list[Run] = []
        without: set[str] = set()
        for key in sorted(on_machine):
            machine = self.machines[key]
            both: list[Run | FixedRun] = [*on_machine[key], *self._fixed.get(key, ())]
            family, busy_until = machine.family_at_zero, 0
            for item in sorted(both, key=lambda item: (item.start_min, item.end_min)):
                if isinstance(item, Run):
                    found = self._renewed(lots, machine, item, family, busy_until)
                    if found is None:
                        without |= {part.lot for part in item.parts}
                        continue
                    renewed.append(found)
                family, busy_until = item.family, max(busy_until, item.end_min)
        return renewed, without

    def _renewed(self, lots: dict[str, Lot], machine: Machine, run: Run, family: str, busy_until: int) -> Run | None:
        mode, change_min = self.mode(lots, run), self.change_min(machine, family, run.family)
        if mode is None or change_min is None:
            return None
        setup_min = change_min + mode.setup_min
        if setup_min == run.setup_min:
            return run if run.start_min >= busy_until else None
        hours = compile_hours(self._calendars[machine.calendar], machine.closed, self.problem.horizon_min)
        start_min = hours.latest(run.work_start_min, setup_min) if setup_min else run.work_start_min
        return replace(run, start_min=start_min, setup_min=setup_min) if start_min >= busy_until else None

    def change_min(self, machine: Machine, before: str, after: str) -> int | None:
        """Minutes from one family to another; None when one may not follow the other."""
        if machine.changeover is None or before == after:
            return 0
        matrix = self._matrices[machine.changeover]
        if (before, after) in matrix.forbidden:
            return None
        return self._minutes[matrix.key].get((before, after), matrix.default_min)
