"""What of a plan no longer fits, because the park has changed since the snapshot. Pure: no database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from dataclasses import replace
from typing import Protocol, TypeVar

from production.planning.codec import sorted_problem
from production.planning.holding import Holding
from production.planning.problem import Line, MaterialArrival, Problem, Route
from production.planning.schedule import Schedule

LATE_START_MIN = 60


class _Keyed(Protocol):
    @property
    def key(self) -> str: ...


K = TypeVar("K", bound=_Keyed)


def stale_lines(*, before: Problem, now: Problem, schedule: Schedule) -> frozenset[str]:
    """Keys of the lines that must be left as they were: the line itself, a machine, an offer, a lot in the way, or
    the material or pool that it counts on has changed between the two problems.

    What holds for the whole park (changeovers, tariffs) makes every line stale when it changes.
    """
    before, now = sorted_problem(before), sorted_problem(now)
    lines = {line.key for line in before.lines}
    if (before.changeovers, before.transports) != (now.changeovers, now.transports):
        return frozenset(lines)
    stale = _changed(_but_pools(before), _but_pools(now)) & lines
    lines_of_lot = {lot.key: lot.line for lot in schedule.lots}
    lines_of_machine = _lines_of_machines(schedule, lines_of_lot)
    for machine in _changed_machines(before, now):
        stale |= lines_of_machine[machine]
    offers = _changed(before.offers, now.offers)
    stale |= {lot.line for lot in schedule.lots if lot.offer in offers}
    stale |= _lines_short_of_material(before, now)
    stale |= _lines_in_another_hand(before, now) & lines
    return frozenset(stale | _lines_of_pools(before, now, schedule, stale))


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


def has_less_material(*, before: Problem, now: Problem) -> bool:
    """Whether a firm has less of a material than it had, arrivals counted."""
    return bool(_short_of(before, now))


def _lines_in_another_hand(before: Problem, now: Problem) -> set[str]:
    """Lines that a planner has pinned or put into a sequence since, or let go; what is forbidden to them they name."""
    pins = set(before.pins) ^ set(now.pins)
    sequences = set(before.sequences) ^ set(now.sequences)
    return {pin.line for pin in pins} | {key for sequence in sequences for key in sequence.lines}


def _changed_pools(before: Problem, now: Problem) -> Set[str]:
    calendars = _changed(before.calendars, now.calendars)
    return _changed(before.pools, now.pools) | {pool.key for pool in before.pools if pool.calendar in calendars}


def _but_pools(problem: Problem) -> Iterable[Line]:
    """The lines without what any firm says of its pools: that binds a line only where it is made."""
    if not problem.pools:
        return problem.lines
    routes: dict[int, Route] = {}
    for route in (route for line in problem.lines for route in line.routes):
        if id(route) not in routes:
            routes[id(route)] = replace(route, steps=tuple(replace(step, pool_needs=()) for step in route.steps))
    return [
        replace(line, unable_firms=(), routes=tuple(routes[id(route)] for route in line.routes))
        for line in problem.lines
    ]


def _lines_of_pools(before: Problem, now: Problem, schedule: Schedule, stale: Set[str]) -> set[str]:
    """Lines made where a pool that they hold, or what they hold of it, has changed, or where it is missing now."""
    if not before.pools and not now.pools:
        return set()
    lines = {line.key: line for line in now.lines}
    found = {lot.line for lot in schedule.lots if lot.line not in stale and lot.firm in lines[lot.line].unable_firms}
    changed = _changed_pools(before, now)
    held, holds = Holding(before, schedule), Holding(now, schedule)
    for run in schedule.runs:
        its = held.lines(run)
        if its.isdisjoint(stale):
            needs = held.needs(run)
            found |= its if needs != holds.needs(run) or changed & dict(needs).keys() else set()
    return found


def _lines_short_of_material(before: Problem, now: Problem) -> set[str]:
    short = _short_of(before, now)
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


def _short_of(before: Problem, now: Problem) -> set[tuple[str, str]]:
    had, has = _grams(before.arrivals), _grams(now.arrivals)
    return {place for place, grams in had.items() if has.get(place, 0) < grams}


def _grams(arrivals: Iterable[MaterialArrival]) -> dict[tuple[str, str], int]:
    total: defaultdict[tuple[str, str], int] = defaultdict(int)
    for arrival in arrivals:
        total[arrival.firm, arrival.material] += arrival.grams
    return dict(total)
