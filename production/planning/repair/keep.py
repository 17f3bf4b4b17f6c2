"""Which lots of a plan still hold: the judge is asked until it finds nothing wrong with what is left."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from production.planning.objective import tiers_of
from production.planning.problem import Problem
from production.planning.repair.setups import Setups
from production.planning.schedule import Lot, Run, Schedule, Unplaced
from production.planning.verify import Violation, verify

LEFT = "left"
"""Code of pieces that the rest of the plan is yet to place."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Lots that stay, with their runs; machines whose own runs no longer hold (a stop, a late report)."""

    lots: tuple[Lot, ...]
    runs: tuple[Run, ...]
    hit: frozenset[str] = frozenset()


def keep(problem: Problem, lots: Iterable[Lot], runs: Iterable[Run]) -> Kept:
    """What of the lots and runs holds as an answer to `problem`.

    A run keeps the time of its work; its set-up follows what now stands before it. A line whose rest would be smaller
    than its least lot goes whole.
    """
    staying = _Staying(problem, lots, runs)
    staying.settle()
    while staying.judge():
        staying.settle()
    return staying.kept()


def keep_less(problem: Problem, kept: Kept, but: Iterable[str]) -> Kept:
    """What was kept without some lots. Nothing that holds breaks by that, so the judge is not asked again."""
    staying = _Staying(problem, kept.lots, kept.runs)
    staying.free(but)
    staying.settle()
    return replace(staying.kept(), hit=kept.hit)


def pieces_left(problem: Problem, lots: Iterable[Lot]) -> dict[str, int]:
    """Pieces of each line that are in none of the lots; lines without such are left out."""
    left = {line.key: line.pieces for line in problem.lines}
    for lot in lots:
        left[lot.line] -= lot.pieces
    return {key: pieces for key, pieces in left.items() if pieces > 0}


class _Staying:
    """Lots and runs that have not been given up yet."""

    def __init__(self, problem: Problem, lots: Iterable[Lot], runs: Iterable[Run]) -> None:
        self.problem = problem
        self.setups = Setups(problem)
        self.lots = {lot.key: lot for lot in lots}
        self.runs = list(runs)
        self.hit: set[str] = set()
        self.free(self._unknown())

    def free(self, keys: Iterable[str]) -> bool:
        """Gives the lots up, and those that share a run with one of them; whether there was any."""
        gone = set(keys) & self.lots.keys()
        if not gone:
            return False
        while True:
            sharing = {
                part.lot
                for run in self.runs
                if any(part.lot in gone for part in run.parts)
                for part in run.parts
                if part.lot in self.lots
            }
            if sharing <= gone:
                break
            gone |= sharing
        self.lots = {key: lot for key, lot in self.lots.items() if key not in gone}
        self.runs = [run for run in self.runs if not any(part.lot in gone for part in run.parts)]
        return True

    def settle(self) -> None:
        """Renews the set-ups, and gives up what has no room for them or leaves too little of its line."""
        while True:
            self.runs, without = self.setups.renewed(self.lots, self.runs)
            lots = list(self.lots.values())
            apart = _out_of_sequence(self.problem, lots) | _apart_from_their_start(self.problem, lots)
            if not self.free(without | _rests_too_small(self.problem, lots) | apart):
                return

    def kept(self) -> Kept:
        return Kept(tuple(self.lots.values()), tuple(self.runs), frozenset(self.hit))

    def judge(self) -> bool:
        """Gives up what the judge objects to; whether there was any."""
        left = tuple(
            Unplaced(key, pieces, LEFT) for key, pieces in sorted(pieces_left(self.problem, self.lots.values()).items())
        )
        lots, runs = list(self.lots.values()), self.runs
        schedule = Schedule(
            problem_hash="",
            lots=tuple(lots),
            runs=tuple(runs),
            fixed=self.problem.fixed_lots,
            unplaced=left,
            tiers=tiers_of(self.problem, lots, runs, list(left)),
        )
        wrong = verify(self.problem, schedule)
        named = self._named(wrong)
        return self.free(named) if named else bool(wrong) and self.free(list(self.lots))

    def _unknown(self) -> set[str]:
        """Lots whose line, route, firm or machine is no longer there."""
        machines = self.setups.machines
        firms = {firm.key for firm in self.problem.firms}
        offers = {None, *(offer.key for offer in self.problem.offers)}
        routes = {(line.key, route.key) for line in self.problem.lines for route in line.routes}
        unknown = {
            lot.key
            for lot in self.lots.values()
            if (lot.line, lot.route) not in routes or lot.firm not in firms or lot.offer not in offers
        }
        worked = {part.lot for run in self.runs for part in run.parts}
        unknown |= self.lots.keys() - worked
        return unknown | {part.lot for run in self.runs if run.machine not in machines for part in run.parts}

    def _named(self, wrong: Sequence[Violation]) -> set[str]:
        """The lots that violations name: themselves, by a run, a line, or a machine on which fixed work stands."""
        runs: dict[str, Run] = {run.key: run for run in self.runs}
        found: set[str] = set()
        for violation in wrong:
            where = violation.where
            if where in self.lots:
                found.add(where)
            elif where in runs:
                self.hit.add(runs[where].machine)
                found |= {part.lot for part in runs[where].parts}
            elif where in self.setups.machines:
                self.hit.add(where)
                found |= self._before_fixed(where)
            else:
                found |= {lot.key for lot in self.lots.values() if where in (lot.line, lot.offer)}
        return found

    def _before_fixed(self, machine: str) -> set[str]:
        """Lots whose runs on the machine meet a fixed run, or are the last before one."""
        mine = sorted((run for run in self.runs if run.machine == machine), key=lambda run: run.start_min)
        fixed = [run for lot in self.problem.fixed_lots for run in lot.runs if run.machine == machine]
        found: set[str] = set()
        for there in fixed:
            before = [run for run in mine if run.start_min <= there.start_min]
            meeting = [run for run in mine if run.start_min < there.end_min and there.start_min < run.end_min]
            found |= {part.lot for run in (*before[-1:], *meeting) for part in run.parts}
        return found


def _rests_too_small(problem: Problem, lots: Iterable[Lot]) -> set[str]:
    """Lots of lines whose pieces without a lot are fewer than the least lot, or of which there are too many."""
    lots = list(lots)
    least = {line.key: line.least_lot_pieces for line in problem.lines}
    left = {line.key: line.pieces for line in problem.lines}
    for lot in lots:
        left[lot.line] -= lot.pieces
    wrong = {key for key, pieces in left.items() if pieces < 0 or 0 < pieces < least[key]}
    return {lot.key for lot in lots if lot.line in wrong}


def _out_of_sequence(problem: Problem, lots: Iterable[Lot]) -> set[str]:
    """Lots of lines whose order on a machine a planner has set, when one of these is to be planned anew."""
    lots = list(lots)
    left = pieces_left(problem, lots)
    together = {key for sequence in problem.sequences if left.keys() & set(sequence.lines) for key in sequence.lines}
    return {lot.key for lot in lots if lot.line in together}


def _apart_from_their_start(problem: Problem, lots: Iterable[Lot]) -> set[str]:
    """Lots of lines that are pinned to a minute and have pieces left: what is planned anew would be to start then."""
    lots = list(lots)
    pinned = {pin.line for pin in problem.pins if pin.start_min is not None}
    left = pieces_left(problem, lots)
    return {lot.key for lot in lots if lot.line in pinned & left.keys()}
