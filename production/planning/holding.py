"""What a run holds of pools: what its step and its machine ask for, of the machine's own firm."""

from collections.abc import Iterable, Iterator, Mapping

from production.planning.problem import Machine, Pool, Problem, Step
from production.planning.schedule import Run, Schedule

Needs = tuple[tuple[str, int], ...]
"""(pool, units) that a run holds."""


def needs_at(step: Step, firm: str, pools: Mapping[str, Pool]) -> Needs:
    """What a step holds at a firm: other firms' pools do not bind it there."""
    return tuple((key, units) for key, units in step.pool_needs if pools[key].firm == firm)


def run_needs(step: Step, machine: Machine, pools: Mapping[str, Pool]) -> Needs:
    """What a run of a step on a machine holds."""
    return (*needs_at(step, machine.firm, pools), *machine.pool_needs)


def are_there(needs: Needs, pools: Mapping[str, Pool]) -> bool:
    """Whether the pools have so many units at all."""
    return all(units <= pools[key].capacity for key, units in needs)


def short_of(step: Step, machines: Iterable[Machine], pools: Mapping[str, Pool]) -> str | None:
    """The pool of which there is too little for the step, whichever of the machines is taken. None: it can be done."""
    short: list[str | None] = []
    for machine in machines:
        needs = run_needs(step, machine, pools)
        short.append(next((key for key, units in needs if units > pools[key].capacity), None))
    return None if None in short else next(iter(short), None)


class Holding:
    """What the runs of a schedule of `problem` hold."""

    def __init__(self, problem: Problem, schedule: Schedule) -> None:
        self.pools = {pool.key: pool for pool in problem.pools}
        self._machines = {machine.key: machine for machine in problem.machines}
        self._routes = {(line.key, route.key): route for line in problem.lines for route in line.routes}
        self._lots = {lot.key: lot for lot in schedule.lots}

    def needs(self, run: Run) -> Needs:
        """(pool, units) of a run. All that it carries is of one step."""
        part = run.parts[0]
        lot = self._lots[part.lot]
        step = self._routes[lot.line, lot.route].steps[part.step]
        return run_needs(step, self._machines[run.machine], self.pools)

    def lines(self, run: Run) -> set[str]:
        """Keys of the lines that a run carries."""
        return {self._lots[part.lot].line for part in run.parts}

    def holds(self, run: Run) -> Iterator[tuple[str, int, int, int]]:
        """(pool, from, to, units) of a run: power with its work, the rest with its set-up."""
        for key, units in self.needs(run):
            start_min = run.work_start_min if self.pools[key].kind == "power" else run.start_min
            yield key, start_min, run.end_min, units
