"""Order promising: in house around the plan, with published offers, or with own lines that give way.

Nothing is guessed: each answer is a placement by the means of the dispatch portfolio, and the plan with it keeps every
rule that the plan kept.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from production.planning.problem import Line, MaterialArrival, Problem
from production.planning.promise.answer import Answer, Displaced, finishes_of
from production.planning.promise.board import LotSlots, PlanBoard
from production.planning.promise.lacking import Lacking, lacking
from production.planning.promise.stock import Take, free_arrivals
from production.planning.schedule import Schedule
from production.planning.search.line import LinePlacer, Placement
from production.planning.search.placement import PlacedLot


class PromiseBoard:
    """A plan that promises are made around. Built once; each question leaves it as it was.

    The plan's runs keep the time of their work, and frozen work its machine and all its time; a run may only be set up
    for another family than before. Material that the plan takes is not promised again. Not for two threads at once.
    """

    def __init__(self, problem: Problem, schedule: Schedule) -> None:
        """`schedule` answers `problem`. Raises ValueError when it does not."""
        self._plan = PlanBoard(problem, schedule)
        self._finishes = finishes_of(self._plan.lots)

    def in_house(self, line: Line) -> Answer | None:
        """The earliest that the line's firm can finish it on its own machines; None when some of it has no place.

        `line`: of a key that the plan does not have, with routes in the problem's machine classes. Raises ValueError
        for a key or a firm that is wrong, as the others below.
        """
        with self._asked(line):
            placed = self._plan.place(line, LinePlacer.place_soonest)
            return None if placed.missing else self._plan.answer(line, placed.lots)

    def lacking(self, line: Line) -> Lacking:
        """Why `in_house` has no date for it."""
        with self._asked(line):
            return lacking(self._plan, line)

    def with_offers(self, line: Line) -> Answer | None:
        """By its due date as cheaply as can be found, else as early as can be: at home, and on the problem's offers.

        As the portfolio places a line: at home when that is in time, else as much at home as is in time and the rest
        at the cheapest offers that suffice. The line's consent, ceiling and exclusions hold. A line due before it is
        released asks for the earliest. None when some of it has no place.
        """
        with self._asked(line):
            placed = self._plan.place(line, LinePlacer.place)
            return None if placed.missing or placed.refused else self._plan.answer(line, placed.lots)

    def with_displacement(self, line: Line) -> Answer | None:
        """As in house, when lines of the firm with less priority give way, as few as bring it in time.

        Work on offers, frozen work, lines that a planner has pinned or set in a sequence, and runs that several lots
        share stay. What gives way is placed again at home, the
        most important first. Those that lose the least are asked first: when all of them together bring the line in
        time, 1, 2, 4 and so on are tried until it is; else all of them. None when that makes the line no sooner.
        """
        with self._asked(line):
            mark = self._plan.board.mark()
            alone = self._plan.place(line, LinePlacer.place_soonest)
            best = max(lot.finish_min for lot in alone.lots) if not alone.missing else None
            self._plan.board.undo(mark)
            movable = self._movable(line)
            everything = self._displacing(line, movable) if movable else None
            self._plan.board.undo(mark)
            if everything is None or (best is not None and everything.finish_min >= best):
                return None
            counts = _growing(len(movable)) if everything.finish_min <= line.due_min else ()
            for count in counts:
                answer = self._displacing(line, movable[:count])
                self._plan.board.undo(mark)
                if answer is not None and answer.finish_min <= line.due_min:
                    return answer
            return everything

    @contextmanager
    def _asked(self, line: Line) -> Iterator[None]:
        plan = self._plan
        if line.key in plan.lines or f"{line.key}/1" in plan.lots:
            raise ValueError(f"the plan has a line {line.key} already")
        if line.firm not in plan.plant.firm_hours:
            raise ValueError(f"there is no firm {line.firm}")
        try:
            yield
        finally:
            plan.board.undo(plan.start)
            plan.plant.forget(line)

    def _movable(self, line: Line) -> list[Line]:
        """Lines that may give way: the least important first, then those with the most time to spare."""
        plan = self._plan
        stuck = {plan.lots[key].line for key in plan.shared}
        stuck |= {lot.line for lot in plan.lots.values() if lot.offer is not None}
        stuck |= {pin.line for pin in plan.problem.pins}
        stuck |= {key for sequence in plan.problem.sequences for key in sequence.lines}
        found = [
            other
            for key, other in plan.lines.items()
            if other.firm == line.firm and other.priority < line.priority and key in self._finishes and key not in stuck
        ]
        return sorted(found, key=lambda other: (other.priority, self._finishes[other.key] - other.due_min, other.key))

    def _displacing(self, line: Line, movable: Sequence[Line]) -> Answer | None:
        """The line placed first, then what can stay where it was, then the rest anew; the board holds all of it."""
        plan, board = self._plan, self._plan.board
        slots = {other.key: self._slots_of(other) for other in movable}
        for its in slots.values():
            for number, slot in its:
                board.take_out(number, slot)
        placed = plan.place(line, LinePlacer.place_soonest)
        if placed.missing:
            return None
        important = sorted(movable, key=lambda other: (-other.priority, other.due_min, other.key))
        gone = [other for other in important if not self._put_back(slots[other.key])]
        removed = frozenset(key for key, lot in plan.lots.items() if lot.line in {other.key for other in gone})
        board.restock(self._left(line, placed.lots, removed))
        replaced: list[tuple[Line, Sequence[PlacedLot]]] = []
        displaced: list[Displaced] = []
        for other in gone:
            pieces = sum(lot.pieces for lot in plan.lots.values() if lot.line == other.key)
            again = plan.place(replace(other, pieces=pieces, consent="never", optional=False), LinePlacer.place)
            replaced.append((other, again.lots))
            displaced.append(self._displaced(other, again))
        touched = {number for its in slots.values() for number, _slot in its}
        touched |= {number for lot in placed.lots for number, _slot in lot.slots}
        if not all(board.tracks[number].is_sound() for number in touched):
            return None
        return plan.answer(line, placed.lots, displaced=displaced, removed=removed, replaced=replaced)

    def _slots_of(self, line: Line) -> LotSlots:
        plan = self._plan
        return [item for key, lot in plan.lots.items() if lot.line == line.key for item in plan.slots[key]]

    def _put_back(self, slots: LotSlots) -> bool:
        board = self._plan.board
        mark = board.mark()
        if all(board.put_back(number, slot) for number, slot in slots):
            return True
        board.undo(mark)
        return False

    def _left(self, line: Line, lots: Sequence[PlacedLot], removed: frozenset[str]) -> Sequence[MaterialArrival]:
        takes: list[Take] = [take for take in self._plan.takes if take.lot not in removed]
        return free_arrivals(self._plan.problem.arrivals, [*takes, *self._plan.takes_of(line, lots)])

    def _displaced(self, line: Line, again: Placement) -> Displaced:
        before = self._finishes[line.key]
        finish = None if again.missing else max(lot.finish_min for lot in again.lots)
        return Displaced(
            line=line.key,
            finish_before_min=before,
            finish_min=finish,
            late_before_min=max(0, before - line.due_min),
            late_min=None if finish is None else max(0, finish - line.due_min),
            missing=again.missing,
        )


def _growing(count: int) -> Iterator[int]:
    """1, 2, 4 and so on, below `count`."""
    size = 1
    while size < count:
        yield size
        size *= 2
