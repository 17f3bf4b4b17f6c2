"""What would bring a late line in time, the cheapest first; each way is planned before it is told.

Codes, with their data (finish_min: of the line then; late_min: what of its lateness stays):

- `rescue_overtime` (machine, shifts, overtime_min, from_min, finish_min, late_min): so many shifts more on one of the
  machines that it uses, the first from the minute on
- `rescue_offer` (offer, pieces, fee_fen, transport_fen, finish_min, late_min): consent to place it at others
- `rescue_give_way` (lines, later_min, finish_min, late_min): own lines with time in hand go later; later_min: what they
  become late by in all, weighted by their priority
- `rescue_pool` (pool, finish_min, late_min): one mould, die or crew more
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from production.planning.codec import sorted_problem
from production.planning.holding import run_needs
from production.planning.objective import line_finishes, line_tiers
from production.planning.problem import Calendar, Line, Machine, Period, Problem
from production.planning.repair.keep import Kept, keep_less
from production.planning.repair.near import Neighbourhood
from production.planning.repair.repair import replanned
from production.planning.schedule import Data, Reason, Schedule
from production.planning.screen import screen

SHIFT_MIN, LEAST_OVERTIME_MIN = 480, 60
"""Overtime lasts a shift, or as long as the machine is closed, but not less than an hour."""

MOST_SHIFTS = 3
GIVE_WAY_PERCENT, GIVE_WAY_LEAST = 5, 20
"""At most so many of the runs of all machines give way to one line, and of a small plan no fewer than so many."""

Plan = tuple[Problem, Schedule]
Order = tuple[int, int, int, str]


@dataclass(frozen=True, slots=True)
class _Found:
    """A way, and what it is ordered by: lateness that stays, money, lateness of others, code."""

    reason: Reason
    order: Order


def rescues(
    problem: Problem, schedule: Schedule, line: str, *, seed: int = 1, on_try: Callable[[], None] = lambda: None
) -> list[Reason]:
    """Ways by which `line`, late or without a place in the plan of `problem`, is less late, the best first.

    Each changes one thing and leaves the other firms' lots where they are. on_try: called before each plan, of which a
    line may take some dozens. Raises KeyError for a line that is not in the problem.
    """
    asked = screen(sorted_problem(problem)).problem
    one = {row.key: row for row in asked.lines}[line]
    finder = _Finder(asked, schedule, one, seed, on_try)
    ways = (*finder.overtime(), *finder.offers(), *finder.give_way(), *finder.pools())
    return [way.reason for way in sorted(ways, key=lambda way: way.order)]


class _Finder:
    """Tries ways for one line of a plan."""

    def __init__(self, problem: Problem, schedule: Schedule, line: Line, seed: int, on_try: Callable[[], None]) -> None:
        self.problem, self.schedule, self.line, self.seed, self.on_try = problem, schedule, line, seed, on_try
        own = {lot.key for lot in schedule.lots if lot.line == line.key}
        self.whole = Kept(schedule.lots, schedule.runs)
        self.others = keep_less(problem, self.whole, own)
        self.finish_min = self._finish(problem, schedule)

    def overtime(self) -> Iterator[_Found]:
        """The machine on which overtime helps the most, of those that the line uses now."""
        machines = {machine.key: machine for machine in self.problem.machines}
        own = {lot.key for lot in self.schedule.lots if lot.line == self.line.key}
        used = [run.machine for run in self.schedule.runs if any(part.lot in own for part in run.parts)]
        best: _Found | None = None
        for key in sorted(set(used)):
            if machines[key].firm != self.line.firm:
                continue
            for shifts in range(1, MOST_SHIFTS + 1):
                longer, extra = _with_shifts(self.problem, machines[key], shifts, until_min=self.finish_min)
                if len(extra) < shifts:
                    break
                minutes = sum(end - start for start, end in extra)
                data: Data = (
                    ("machine", key), ("shifts", shifts), ("overtime_min", minutes), ("from_min", extra[0][0])
                )  # fmt: skip
                found = self._way("rescue_overtime", data, self._plan(longer, self.others), cost=minutes)
                if found is None:
                    continue
                if best is not None and found.order >= best.order:
                    break
                best = found
                if best.order[0] == 0:
                    break
        if best is not None:
            yield best

    def offers(self) -> Iterator[_Found]:
        """Consent, where it is not given yet."""
        if self.line.consent == "allowed" and self.line.fee_ceiling_fen_per_t is None:
            return
        willing = replace(self.line, consent="allowed", fee_ceiling_fen_per_t=None)
        asked = _with_line(self.problem, willing)
        found = self._plan(asked, self.others)
        placed = [lot for lot in found.lots if lot.line == self.line.key and lot.offer] if found else []
        if placed:
            fees, trips = sum(lot.fee_fen for lot in placed), sum(lot.transport_fen for lot in placed)
            data: Data = (
                ("offer", " ".join(sorted({str(lot.offer) for lot in placed}))),
                ("pieces", sum(lot.pieces for lot in placed)),
                ("fee_fen", fees),
                ("transport_fen", trips),
            )
            yield from self._told("rescue_offer", data, found, cost=fees + trips)

    def give_way(self) -> Iterator[_Found]:
        """Lots of the same firm with time in hand are planned anew beside it."""
        near = Neighbourhood(
            self.problem, self.others, self.schedule.runs, most_percent=GIVE_WAY_PERCENT, least=GIVE_WAY_LEAST
        )
        own = {line.key for line in self.problem.lines if line.firm == self.line.firm}
        mine = {lot.key for lot in self.others.lots if lot.line in own and lot.offer is None}
        lots = near.lots({self.line.key: self.finish_min}, 100) & mine
        if not lots:
            return
        found = self._plan(self.problem, keep_less(self.problem, self.others, lots))
        if found is None:
            return
        before, after = (
            line_finishes(self.problem, list(plan.lots), list(plan.unplaced)) for plan in (self.schedule, found)
        )
        later, minutes = [], 0
        for line in self.problem.lines:
            if line.key == self.line.key or before.get(line.key) == after.get(line.key):
                continue
            was, now = (line_tiers(self.problem, line, finishes.get(line.key))[0] for finishes in (before, after))
            minutes += max(0, now - was)
            if (after.get(line.key) or self.problem.horizon_min) > (before.get(line.key) or 0):
                later.append(line.key)
        data: Data = (("lines", " ".join(later)), ("later_min", minutes))
        yield from self._told("rescue_give_way", data, found, others=minutes)

    def pools(self) -> Iterator[_Found]:
        """One unit more of each mould or crew that its steps, or machines that can do them, hold at home."""
        pools = {pool.key: pool for pool in self.problem.pools}
        steps = [step for route in self.line.routes for step in route.steps]
        classes = {mode.machine_class for step in steps for mode in step.modes}
        needed = {
            key
            for machine in self.problem.machines
            if machine.firm == self.line.firm and machine.machine_class in classes
            for step in steps
            for key, _ in run_needs(step, machine, pools)
        }
        for pool in self.problem.pools:
            if pool.key not in needed or pool.kind == "power":
                continue
            more = tuple(replace(one, capacity=one.capacity + 1) if one is pool else one for one in self.problem.pools)
            found = self._plan(replace(self.problem, pools=more), self.others)
            yield from self._told("rescue_pool", (("pool", pool.key),), found)

    def _plan(self, problem: Problem, kept: Kept) -> Schedule | None:
        self.on_try()
        found, _ = replanned(problem, kept, seed=self.seed)
        return found

    def _told(
        self, code: str, data: Data, found: Schedule | None, *, cost: int = 0, others: int = 0
    ) -> Iterator[_Found]:
        way = self._way(code, data, found, cost=cost, others=others)
        if way is not None:
            yield way

    def _way(self, code: str, data: Data, found: Schedule | None, *, cost: int = 0, others: int = 0) -> _Found | None:
        """The way as it is told; None when the line is not finished sooner, or others lose more than it wins."""
        if found is None:
            return None
        finish_min = self._finish(self.problem, found)
        late_min = max(0, finish_min - self.line.due_min)
        won = self.line.priority * (max(0, self.finish_min - self.line.due_min) - late_min)
        if finish_min >= self.finish_min or won <= others:
            return None
        told = (*data, ("finish_min", finish_min), ("late_min", late_min))
        return _Found(Reason(self.line.key, code, told), (late_min, cost, others, code))

    def _finish(self, problem: Problem, schedule: Schedule) -> int:
        finish_min = line_finishes(problem, list(schedule.lots), list(schedule.unplaced)).get(self.line.key)
        return problem.horizon_min if finish_min is None else finish_min


def _with_line(problem: Problem, line: Line) -> Problem:
    return replace(problem, lines=tuple(line if one.key == line.key else one for one in problem.lines))


def _with_shifts(problem: Problem, machine: Machine, shifts: int, *, until_min: int) -> tuple[Problem, list[Period]]:
    """The problem in which the machine works so many shifts more, in the first closed hours before a minute."""
    (calendar,) = (calendar for calendar in problem.calendars if calendar.key == machine.calendar)
    extra: list[Period] = []
    at = 0
    for start, end in (*calendar.open, (until_min, until_min)):
        minutes = min(SHIFT_MIN, start - at)
        if len(extra) < shifts and at < until_min and minutes >= LEAST_OVERTIME_MIN:
            extra.append((at, at + minutes))
        at = max(at, end)
    longer = Calendar(f"{calendar.key} and overtime of {machine.key}", tuple(sorted((*calendar.open, *extra))))
    worked = replace(machine, calendar=longer.key)
    return (
        replace(
            problem,
            calendars=(*problem.calendars, longer),
            machines=tuple(worked if one.key == machine.key else one for one in problem.machines),
        ),
        extra,
    )
