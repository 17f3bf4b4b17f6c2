"""Which lots stand in the way of a line that has become late."""

from collections.abc import Iterable

from production.planning.objective import line_finishes
from production.planning.problem import Line, Problem
from production.planning.repair.keep import Kept
from production.planning.schedule import Lot, Run, Schedule


def late_lines(problem: Problem, before: Iterable[Lot], plan: Schedule | None) -> dict[str, int]:
    """Lines that are late in the plan, and later than they were, with their finish; all that were to be planned anew
    without a plan. The horizon stands for a line that is not wholly placed.
    """
    if plan is None:
        return {line.key: problem.horizon_min for line in problem.lines}
    was = line_finishes(problem, list(before), [])
    now = line_finishes(problem, list(plan.lots), list(plan.unplaced))
    late = {}
    for line in problem.lines:
        if line.key not in now:
            continue
        finish_min = now[line.key]
        finish = problem.horizon_min if finish_min is None else finish_min
        if finish > max(line.due_min, was.get(line.key) or 0):
            late[line.key] = finish
    return late


class Neighbourhood:
    """Lots that stay at first, by what giving them up would cost: runs of the near future (`moved_window_min`) on
    machines that were not hit. most_percent: of all such runs of the plan, what did not stay at first included; but
    no fewer than `least`.
    """

    def __init__(self, problem: Problem, kept: Kept, runs: Iterable[Run], *, most_percent: int, least: int = 0) -> None:
        self.soon_min = problem.options.moved_window_min
        self.lines = {line.key: line for line in problem.lines}
        self.kept = kept
        self.firm_class = {machine.key: (machine.firm, machine.machine_class) for machine in problem.machines}
        self.runs_of: dict[str, list[Run]] = {lot.key: [] for lot in kept.lots}
        for run in kept.runs:
            for part in run.parts:
                self.runs_of[part.lot].append(run)
        self.on_hit = {part.lot for run in kept.runs if run.machine in kept.hit for part in run.parts}
        before, stay = (sum(map(self._costs, some)) for some in (runs, kept.runs))
        self.most = max(least, before * most_percent // 100 - (before - stay))

    def lots(self, late: dict[str, int], share_percent: int) -> set[str]:
        """Lots on the machines that were hit, and of those on machines that the late lines could use at home, before
        they are finished, the ones with the most time in hand, up to a share of the runs that may move.
        """
        given_up: set[str] = set()
        moved = 0
        for cost, lot in self._candidates(late):
            if moved + cost > self.most * (100 if lot.key in self.on_hit else share_percent) // 100:
                continue
            moved += cost
            given_up.add(lot.key)
        return given_up

    def _costs(self, run: Run) -> bool:
        return run.machine not in self.kept.hit and run.start_min < self.soon_min

    def _candidates(self, late: dict[str, int]) -> list[tuple[int, Lot]]:
        """(runs on machines not hit, lot): those on hit machines first, then by time in hand."""
        until: dict[tuple[str, str], int] = {}
        for key, finish_min in late.items():
            for place in _places(self.lines[key]):
                until[place] = max(finish_min, until.get(place, 0))
        found = []
        for lot in self.kept.lots:
            runs = self.runs_of[lot.key]
            is_near = any(run.start_min < until.get(self.firm_class[run.machine], 0) for run in runs)
            if lot.key in self.on_hit or is_near:
                cost = sum(map(self._costs, runs))
                slack = self.lines[lot.line].due_min - lot.finish_min
                found.append((lot.key not in self.on_hit, -slack, lot.key, cost, lot))
        return [(cost, lot) for *_order, cost, lot in sorted(found, key=lambda row: row[:3])]


def _places(line: Line) -> set[tuple[str, str]]:
    """Firm and class of the machines that the line can use at home."""
    return {(line.firm, mode.machine_class) for route in line.routes for step in route.steps for mode in step.modes}
