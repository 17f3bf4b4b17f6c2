"""What a plan moves against the plan before it."""

from collections.abc import Sequence
from typing import NamedTuple

from production.planning.problem import PreviousRun, Problem
from production.planning.schedule import Lot, Run


class Move(NamedTuple):
    """A run of the plan before that is not where it was.

    machine, start_min: of the run that does the same work now: the nearest in time, on the same machine if there is
    one; None when the work has no run any more.
    """

    before: PreviousRun
    machine: str | None
    start_min: int | None


def moves(problem: Problem, lots: Sequence[Lot], runs: Sequence[Run]) -> list[Move]:
    """Runs of the plan before that start within `moved_window_min` and have moved: no run of their line and process
    starts on their machine within `moved_tolerance_min` of their start. In the order of `problem.previous`.
    """
    if not problem.previous:
        return []
    places = _places(problem, lots, runs)
    options = problem.options
    planned = {line.key for line in problem.lines if line.pieces}
    found = []
    for before in problem.previous:
        if before.start_min >= options.moved_window_min or before.line not in planned:
            continue
        now = places.get((before.line, before.process), [])
        nearest = min(now, key=lambda place: _distance(before, place), default=(None, None))
        is_kept = nearest[0] == before.machine and _off_min(before, nearest[1]) <= options.moved_tolerance_min
        if not is_kept:
            found.append(Move(before, *nearest))
    return found


Place = tuple[str, int]


def _places(problem: Problem, lots: Sequence[Lot], runs: Sequence[Run]) -> dict[tuple[str, str], list[Place]]:
    """(machine, start_min) of the runs of each line and process."""
    process = {
        (line.key, route.key, number): step.process
        for line in problem.lines
        for route in line.routes
        for number, step in enumerate(route.steps)
    }
    by_key = {lot.key: lot for lot in lots}
    places: dict[tuple[str, str], list[Place]] = {}
    for run in runs:
        for part in run.parts:
            lot = by_key[part.lot]
            place = (lot.line, process[lot.line, lot.route, part.step])
            places.setdefault(place, []).append((run.machine, run.start_min))
    return places


def _distance(before: PreviousRun, place: Place) -> tuple[bool, int, str]:
    machine, start_min = place
    return machine != before.machine, _off_min(before, start_min), machine


def _off_min(before: PreviousRun, start_min: int | None) -> int:
    return abs((start_min or 0) - before.start_min)
