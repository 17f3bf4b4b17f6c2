"""What of a plan no longer fits, because the park has changed since the snapshot. Pure: no database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from typing import Protocol, TypeVar

from production.planning.codec import sorted_problem
from production.planning.problem import MaterialArrival, Problem
from production.planning.schedule import Schedule

LATE_START_MIN = 60


class _Keyed(Protocol):
    @property
    def key(self) -> str: ...


K = TypeVar("K", bound=_Keyed)


def stale_lines(*, before: Problem, now: Problem, schedule: Schedule) -> frozenset[str]:
    """Keys of the lines that must be left as they were: the line itself, a machine, an offer, a lot in the way or
    the material that it counts on has changed between the two problems.

    What holds for the whole park (changeovers, tariffs) makes every line stale when it changes.
    """
    before, now = sorted_problem(before), sorted_problem(now)
    lines = {line.key for line in before.lines}
    if (before.changeovers, before.transports, before.pools) != (now.changeovers, now.transports, now.pools):
        return frozenset(lines)
    stale = _changed(before.lines, now.lines) & lines
    lines_of_lot = {lot.key: lot.line for lot in schedule.lots}
    lines_of_machine = _lines_of_machines(schedule, lines_of_lot)
    for machine in _changed_machines(before, now):
        stale |= lines_of_machine[machine]
    offers = _changed(before.offers, now.offers)
    stale |= {lot.line for lot in schedule.lots if lot.offer in offers}
    stale |= _lines_short_of_material(before, now)
    stale |= _lines_in_another_hand(before, now) & lines
    return frozenset(stale)


def lines_in_step(*, problem: Problem, stale: frozenset[str]) -> frozenset[str]:
    """The stale lines with those that a planner has set in one sequence with them: they are published together."""
    found, before = stale, None
    while found != before:
        before = found
        found = found.union(*(one.lines for one in problem.sequences if not found.isdisjoint(one.lines)))
    return found


def lines_overdue(*, schedule: Schedule, now_min: int) -> frozenset[str]:
    """Keys of lines with work that should have begun more than an hour ago: a candidate was published late."""
    lines_of_lot = {lot.key: lot.line for lot in schedule.lots}
    runs = (run for run in schedule.runs if run.work_start_min < now_min - LATE_START_MIN)
    return frozenset(lines_of_lot[part.lot] for run in runs for part in run.parts)


def _changed(before: Iterable[K], now: Iterable[K]) -> set[str]:
    old = {item.key: item for item in before}
    new = {item.key: item for item in now}
    return {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}


def _changed_machines(before: Problem, now: Problem) -> Set[str]:
    """Machines that changed themselves or in their hours, or on which other work is now fixed."""
    changed = _changed(before.machines, now.machines)
    calendars = _changed(before.calendars, now.calendars)
    changed |= {machine.key for machine in before.machines if machine.calendar in calendars}
    fixed = _changed(before.fixed_lots, now.fixed_lots)
    lots = {lot.key: lot for lot in (*before.fixed_lots, *now.fixed_lots)}
    added = fixed - {lot.key for lot in before.fixed_lots}
    return changed | {run.machine for key in added for run in lots[key].runs}


def _lines_of_machines(schedule: Schedule, lines_of_lot: Mapping[str, str]) -> defaultdict[str, set[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for run in schedule.runs:
        found[run.machine] |= {lines_of_lot[part.lot] for part in run.parts}
    return found


def _lines_in_another_hand(before: Problem, now: Problem) -> set[str]:
    """Lines that a planner has pinned or put into a sequence since, or let go; what is forbidden to them they name."""
    pins = set(before.pins) ^ set(now.pins)
    sequences = set(before.sequences) ^ set(now.sequences)
    return {pin.line for pin in pins} | {key for sequence in sequences for key in sequence.lines}


def _lines_short_of_material(before: Problem, now: Problem) -> set[str]:
    had, has = _grams(before.arrivals), _grams(now.arrivals)
    short = {place for place, grams in had.items() if has.get(place, 0) < grams}
    return {
        line.key
        for line in before.lines
        if any(
            (line.firm, material) in short
            for route in line.routes
            for step in route.steps
            for material, _grams_per_piece in step.materials
        )
    }


def _grams(arrivals: Iterable[MaterialArrival]) -> dict[tuple[str, str], int]:
    total: defaultdict[tuple[str, str], int] = defaultdict(int)
    for arrival in arrivals:
        total[arrival.firm, arrival.material] += arrival.grams
    return dict(total)
