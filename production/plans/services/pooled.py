"""Which lines of a plan would make a pool give more than it has, beside what stays of the live plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Set
from typing import NamedTuple

from production.planning.holding import Holding
from production.planning.problem import Problem
from production.planning.schedule import Schedule
from production.plans.selectors.live import LiveLot
from production.plans.selectors.problem import Snapshot


class Hold(NamedTuple):
    """Units of a pool in [start_min, end_min). `lines`: those of the plan that hold them, none for what stays."""

    start_min: int
    end_min: int
    units: int
    lines: frozenset[str]


def lines_short_of_pools(
    *, problem: Problem, schedule: Schedule, published: Set[str], snapshot: Snapshot, staying: Iterable[LiveLot]
) -> frozenset[str]:
    """Keys of the `published` lines that join in when more of a pool is held than there is now.

    `staying`: live lots that are neither replaced nor frozen; what is frozen, booked or reserved is in the snapshot.
    """
    if not snapshot.problem.pools:
        return frozenset()
    held: defaultdict[str, list[Hold]] = defaultdict(list)
    holding = Holding(problem, schedule)
    for run in schedule.runs:
        lines = frozenset(holding.lines(run) & published)
        for key, start_min, end_min, units in holding.holds(run) if lines else ():
            held[key].append(Hold(start_min, end_min, units, lines))
    _hold_what_stays(held, snapshot, staying)
    short: set[str] = set()
    for pool in snapshot.problem.pools:
        holds = sorted(held[pool.key], key=lambda hold: hold[:3])
        active: list[Hold] = []
        for hold in holds:
            active = [one for one in active if one.end_min > hold.start_min] + [hold]
            if sum(one.units for one in active) > pool.capacity:
                short.update(*(one.lines for one in active))
    return frozenset(short)


def _hold_what_stays(held: defaultdict[str, list[Hold]], snapshot: Snapshot, staying: Iterable[LiveLot]) -> None:
    for pool in snapshot.problem.pools:
        held[pool.key].extend(Hold(start, end, units, frozenset()) for start, end, units in pool.out)
    for fixed in (run for lot in snapshot.problem.fixed_lots for run in lot.runs):
        for key, units in fixed.pool_needs:
            held[key].append(Hold(fixed.start_min, fixed.end_min, units, frozenset()))
    for lot in staying:
        for run in lot.runs:
            row = snapshot.plant.rows.get(snapshot.plant.key_of.get(run.machine_id, ""))
            needs = snapshot.pools.of_run(row, run.process, lot.product_id) if row else ()
            for key, units in needs:
                held[key].append(Hold(run.start_min, run.end_min, units, frozenset()))
