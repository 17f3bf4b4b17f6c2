"""When each line is finished at the soonest, were it alone: the job path.

As many pieces may be worked side by side as its own firm and all firms that it may go to have machines for; a lot is
formed in one run, so no more machines form the line than it has lots, and none that cannot have a whole lot in time.
"""

from collections.abc import Iterator
from functools import cached_property
from heapq import nlargest

from production.planning.bounds.ways import Way, Ways
from production.planning.objective import late_min
from production.planning.problem import Line, Problem

SPARE_MIN = 10 * 365 * 1440
"""Waits and trips may end so long after the horizon; what would take longer counts as never finished."""


class JobPaths:
    """The lines of a screened problem, each as if nobody else wanted a machine."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.ways = Ways(problem)
        self._of: dict[str, tuple[list[Way], Iterator[Way]]] = {}
        self.frozen: dict[str, int] = {}
        for lot in problem.fixed_lots:
            if lot.line:
                self.frozen[lot.line] = max(self.frozen.get(lot.line, lot.finish_min), lot.finish_min)

    def tardiness(self) -> int:
        """Weighted minutes that no plan is below."""
        return sum(self._tardy(line) for line in self.problem.lines)

    def makespan(self) -> int | None:
        """When the last new lot is finished at the soonest, if all that is not optional is made; None: it cannot be."""
        latest = 0
        for line in self.problem.lines:
            if line.pieces <= 0 or line.optional or self.can_finish(line, latest):
                continue
            end = self.earliest_finish(line)
            if end is None:
                return None
            latest = max(latest, end)
        return latest

    def can_finish(self, line: Line, finish_min: int) -> bool:
        """False only when no plan has the line's pieces finished by then."""
        most_lots = max(1, line.pieces // max(1, line.least_lot_pieces))
        total = 0
        by_machine: list[int] = []
        for way in self.of(line):
            formed = way.formed(finish_min)
            total += sum(formed)
            by_machine += formed
            if total >= line.pieces and sum(nlargest(most_lots, by_machine)) >= line.pieces:
                return True
        return False

    def earliest_finish(self, line: Line) -> int | None:
        """No plan has the line's pieces finished sooner; None: no plan has them finished."""
        low, high = min(0, line.release_min), self._end
        if not self.can_finish(line, high):
            return None
        while low < high:
            middle = (low + high) // 2
            if self.can_finish(line, middle):
                high = middle
            else:
                low = middle + 1
        return low

    def of(self, line: Line) -> Iterator[Way]:
        """Its ways, each laid out once and not before it is asked for."""
        known, more = self._of.setdefault(line.key, ([], self.ways.of(line)))
        yield from known
        for way in more:
            known.append(way)
            yield way

    @cached_property
    def _end(self) -> int:
        return self.problem.horizon_min + SPARE_MIN

    def _tardy(self, line: Line) -> int:
        """A line whose lateness has a price is not in this tier; one that may be refused is late by its frozen lots."""
        if line.lateness_worth_fen_per_h is not None:
            return 0
        frozen = self.frozen.get(line.key)
        late = 0 if frozen is None else late_min(self.problem, line, frozen)
        if line.pieces > 0:
            unplaced = late_min(self.problem, line, None)
            if not line.optional and not self.can_finish(line, line.due_min):
                end = self.earliest_finish(line)
                late = unplaced if end is None else max(late, late_min(self.problem, line, end))
            late = min(late, unplaced)
        return line.priority * late
