"""What a planner's word would change: a plan is repaired with and without it, and the two are compared."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from production.planning.moves import Move, moves
from production.planning.objective import line_finishes
from production.planning.problem import PreviousRun, Problem
from production.planning.repair import repair
from production.planning.schedule import Lot, Run, Schedule


@dataclass(frozen=True, slots=True)
class LineChange:
    """A line that is finished at another minute, or without a place. None: without a place, or not there before."""

    line: str
    due_min: int
    finish_before_min: int | None
    finish_min: int | None
    is_new: bool


@dataclass(frozen=True, slots=True)
class Tried:
    """lines: those that change, by key. moves: runs that are on another machine, or start much earlier or later."""

    lines: tuple[LineChange, ...]
    moves: tuple[Move, ...]
    setup_before_min: int
    setup_min: int


def tried(
    before: Problem,
    after: Problem,
    lots: Sequence[Lot],
    runs: Sequence[Run],
    *,
    elsewhere: Mapping[str, int],
    seed: int = 1,
    alive: Callable[[], None] = lambda: None,
) -> Tried:
    """Repairs the plan of `lots` and `runs` for both problems; all runs of it may move where that makes less late.

    elsewhere: by line, when its pieces that others make are finished. alive: called now and then.
    Raises ProblemError on a malformed problem.
    """

    def go_on() -> bool:
        alive()
        return False

    plans = []
    for problem in (before, after):
        alive()
        plans.append(repair(problem, lots, runs, seed=seed, least_moved=len(runs), should_stop=go_on).schedule)
    usual, changed = plans
    was, now = _finishes(before, usual, elsewhere), _finishes(after, changed, elsewhere)
    lines = tuple(
        LineChange(line.key, line.due_min, was.get(line.key), now[line.key], is_new=line.key not in was)
        for line in after.lines
        if line.key in now and (line.key not in was or was[line.key] != now[line.key])
    )
    compared = replace(after, previous=_previous(before, usual))
    return Tried(
        lines=tuple(sorted(lines, key=lambda change: change.line)),
        moves=tuple(moves(compared, changed.lots, changed.runs)),
        setup_before_min=usual.tiers.changeover_min,
        setup_min=changed.tiers.changeover_min,
    )


def _finishes(problem: Problem, plan: Schedule, elsewhere: Mapping[str, int]) -> dict[str, int | None]:
    found = line_finishes(problem, list(plan.lots), list(plan.unplaced))
    return {
        key: None if finish_min is None else max(finish_min, elsewhere.get(key, finish_min))
        for key, finish_min in found.items()
    }


def _previous(problem: Problem, plan: Schedule) -> tuple[PreviousRun, ...]:
    routes = {(line.key, route.key): route for line in problem.lines for route in line.routes}
    lots = {lot.key: lot for lot in plan.lots}
    found = set()
    for run in plan.runs:
        for part in run.parts:
            lot = lots[part.lot]
            process = routes[lot.line, lot.route].steps[part.step].process
            found.add(PreviousRun(lot.line, process, run.machine, run.start_min))
    return tuple(sorted(found, key=lambda run: (run.line, run.start_min, run.process, run.machine)))
