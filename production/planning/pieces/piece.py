"""A piece of a plan as a problem of its own: what is outside is fixed, what is inside may be planned anew."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from production.planning.codec import problem_dump, problem_load, schedule_dump, schedule_load, sorted_problem
from production.planning.engine.budget import Budget
from production.planning.engine.solve import Search
from production.planning.objective import tiers_of
from production.planning.pieces.cut import Cut
from production.planning.planner import steps_for
from production.planning.problem import FixedLot, FixedRun, Machine, Offer, Period, Problem
from production.planning.repair.keep import Kept
from production.planning.repair.rest import rest_of
from production.planning.schedule import Schedule


@dataclass(frozen=True, slots=True)
class Piece:
    """A sorted problem that stands for itself, and its present plan, from which the search goes on.

    seed, iterations: of the search.
    """

    key: str
    problem: Problem
    present: Schedule
    seed: int
    iterations: int

    @property
    def lines(self) -> frozenset[str]:
        """All that may be planned anew."""
        return frozenset(line.key for line in self.problem.lines)


def piece_of(problem: Problem, schedule: Schedule, cut: Cut, *, seed: int) -> Piece:
    """A piece of a plan of the sorted, screened problem, without violations."""
    kept = outside(schedule, cut.lines)
    inside = sorted_problem(_window(problem, rest_of(problem, kept, only=cut.lines), cut))
    lots = [lot for lot in schedule.lots if lot.line in cut.lines]
    mine = {lot.key for lot in lots}
    runs = [run for run in schedule.runs if run.parts[0].lot in mine]
    unplaced = [item for item in schedule.unplaced if item.line in cut.lines]
    present = Schedule(
        problem_hash="",
        lots=tuple(lots),
        runs=tuple(runs),
        fixed=inside.fixed_lots,
        unplaced=tuple(unplaced),
        tiers=tiers_of(inside, lots, runs, unplaced),
    )
    return Piece(cut.key, inside, present, seed, steps_for(inside))


def outside(schedule: Schedule, lines: frozenset[str]) -> Kept:
    """What stays of a plan when some lines are taken out. They share no run with others."""
    gone = {lot.key for lot in schedule.lots if lot.line in lines}
    return Kept(
        tuple(lot for lot in schedule.lots if lot.key not in gone),
        tuple(run for run in schedule.runs if run.parts[0].lot not in gone),
    )


def solve_piece(piece: Piece, *, workers: int = 1, should_stop: Callable[[], bool] = lambda: False) -> Schedule | None:
    """A plan of the piece with a lesser tuple than the present one; None: none was found.

    The same each time, with one worker or two, unless it was stopped.
    """
    search = Search(piece.problem, seed=piece.seed, start=piece.present)
    search.run(Budget(iterations=piece.iterations, workers=workers, should_stop=should_stop))
    found = search.schedule()
    return found if found.tiers < piece.present.tiers else None


def piece_dump(piece: Piece) -> str:
    """Canonical JSON."""
    values = {
        "iterations": piece.iterations,
        "key": piece.key,
        "present": schedule_dump(piece.present),
        "problem": problem_dump(piece.problem),
        "seed": piece.seed,
    }
    return json.dumps(values, sort_keys=True)


def piece_load(text: str) -> Piece:
    """What `piece_dump` has written."""
    values = json.loads(text)
    return Piece(
        key=values["key"],
        problem=problem_load(values["problem"]),
        present=schedule_load(values["present"]),
        seed=values["seed"],
        iterations=values["iterations"],
    )


def _window(problem: Problem, rest: Problem, cut: Cut) -> Problem:
    """Only the cluster's firms, and its machines only in the window."""
    lines = {line.key for line in rest.lines}
    machines = tuple(
        replace(machine, closed=_shut(machine, cut.window, problem.horizon_min))
        for machine in rest.machines
        if machine.firm in cut.firms
    )
    fixed = tuple(_near(rest.fixed_lots, lines, {machine.key for machine in machines}, cut.window))
    firms = cut.firms | {lot.firm for lot in fixed}
    offers = tuple(_offers(rest.offers, cut))
    calendars = {machine.calendar for machine in machines} | {firm.calendar for firm in rest.firms if firm.key in firms}
    pools = tuple(pool for pool in rest.pools if pool.firm in firms)
    calendars |= {pool.calendar for pool in pools}
    matrices = {machine.changeover for machine in machines}
    return replace(
        rest,
        calendars=tuple(item for item in rest.calendars if item.key in calendars),
        firms=tuple(firm for firm in rest.firms if firm.key in firms),
        machines=machines,
        changeovers=tuple(item for item in rest.changeovers if item.key in matrices),
        pools=pools,
        arrivals=tuple(item for item in rest.arrivals if item.firm in cut.firms),
        transports=tuple(item for item in rest.transports if {item.from_firm, item.to_firm} <= cut.firms),
        offers=offers,
        fixed_lots=fixed,
        previous=tuple(item for item in rest.previous if item.line in lines),
    )


def _shut(machine: Machine, window: Period, horizon_min: int) -> tuple[Period, ...]:
    sides = ((0, window[0]), (window[1], horizon_min))
    return (*machine.closed, *(side for side in sides if side[0] < side[1]))


def _offers(offers: Iterable[Offer], cut: Cut) -> Iterable[Offer]:
    """Those of the cluster's firms, with the part of their windows that lies inside."""
    for offer in offers:
        window = max(offer.window[0], cut.window[0]), min(offer.window[1], cut.window[1])
        if offer.firm in cut.firms and window[0] < window[1]:
            yield replace(offer, window=window)


def _near(lots: Iterable[FixedLot], lines: set[str], machines: set[str], window: Period) -> Iterable[FixedLot]:
    """Fixed work on the machines: in the window, and on each machine the run before it and the one after it, to which
    set-ups must fit. A lot of a line inside stays without runs: it says when that part of the line is finished.
    """
    lots = list(lots)
    runs: dict[str, list[FixedRun]] = {}
    for lot in lots:
        for run in lot.runs:
            if run.machine in machines:
                runs.setdefault(run.machine, []).append(run)
    near: set[int] = set()
    for its in runs.values():
        its.sort(key=lambda run: (run.start_min, run.end_min))
        before = [run for run in its if run.end_min <= window[0] and run.start_min < run.end_min]
        after = [run for run in its if run.start_min >= window[1] and run.start_min < run.end_min]
        near |= {id(run) for run in (*before[-1:], *after[:1])}
        near |= {id(run) for run in its if run.start_min < window[1] and run.end_min > window[0]}
    for lot in lots:
        kept = tuple(run for run in lot.runs if id(run) in near)
        if kept or lot.line in lines:
            yield replace(lot, runs=kept, line=lot.line if lot.line in lines else "")
