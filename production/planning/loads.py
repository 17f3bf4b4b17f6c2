"""Lines that fill loads together: joined before the search, and divided again in its plan.

A cycle takes its minutes whether its load is full or not. Small lines of one firm with the same routes, due within
some days, are therefore joined where that saves a cycle: planned as one line in one lot at home, and told apart
afterwards. Runs then carry pieces of several lots, in the order of the lines' keys; a transfer batch that two lines
share is divided, and each part goes on when it is done itself.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, combinations, pairwise

from production.planning.engine.decode import NO_PLACE
from production.planning.objective import tiers_of
from production.planning.problem import Line, Mode, Problem
from production.planning.schedule import Lot, Part, Run, Schedule, Unplaced
from production.planning.verify.book import Book
from production.planning.verify.lots import finish_of
from production.planning.verify.machines import check_runs

MOST_CYCLES = 4
"""So many cycles at the most for the lines that are joined: one that is larger has hardly anything to share."""

WINDOW_MIN = 3 * 1440
"""Lines that are joined are due within this time: all are made for the first due date."""

JOINT = "\x1f"
"""Between the keys of lines that stand as one: no business number has it."""

MOST_NEAR = 16
"""So many of the lines that are due next are looked at for each."""

Cell = tuple[str, int, int]
"""Of a transfer batch of a joined lot: the key of a lot that it is divided into, its batch there, its pieces."""


Groups = Mapping[str, tuple[Line, ...]]
"""Lines by the key of the line that stands for them, in the order in which their pieces come."""


@dataclass(frozen=True, slots=True)
class Joined:
    """A problem in which some lines stand for several."""

    problem: Problem
    members: Groups


def groups_of(problem: Problem) -> Groups:
    """Lines of the sorted, screened problem that save a cycle when they are joined."""
    bound = {lot.line for lot in problem.fixed_lots}
    bound |= {pin.line for pin in problem.pins} | {key for one in problem.sequences for key in one.lines}
    alike: dict[tuple[object, ...], list[Line]] = {}
    for line in problem.lines:
        if line.key not in bound and _may_share(line):
            kind = (line.firm, line.product, line.routes, line.unit_mass_g, line.lateness_worth_fen_per_h)
            alike.setdefault(kind, []).append(line)
    found: dict[str, tuple[Line, ...]] = {}
    for lines in alike.values():
        for group in _groups(sorted(lines, key=lambda line: (line.due_min, line.key))):
            together = tuple(sorted(group, key=lambda line: line.key))
            found[JOINT.join(line.key for line in together)] = together
    return found


def saved_permille(problem: Problem, groups: Groups) -> int:
    """Which part of all forming minutes by cycles the groups save, at full efficiency."""
    taken = sum(_cycles_s([line]) for line in problem.lines)
    apart = sum(_cycles_s([line]) for group in groups.values() for line in group)
    joined = sum(_cycles_s(group) for group in groups.values())
    return 1000 * (apart - joined) // max(1, taken)


def joined_lines(problem: Problem, groups: Groups) -> Joined:
    """The problem with each group as one line."""
    gone = {line.key for group in groups.values() for line in group}
    lines = [line for line in problem.lines if line.key not in gone]
    lines += [_as_one(key, group) for key, group in groups.items()]
    return Joined(replace(problem, lines=tuple(sorted(lines, key=lambda line: line.key))), groups)


def divided(problem: Problem, joined: Joined, schedule: Schedule) -> Schedule:
    """A plan of the joined problem as one of `problem`. Its hash, notes and reasons are left empty."""
    lots: list[Lot] = []
    cells: dict[tuple[str, int], list[Cell]] = {}
    for lot in schedule.lots:
        if lot.line not in joined.members:
            lots.append(lot)
            continue
        lots += _lots_of(lot, joined.members[lot.line])
        for batch, own_cells in enumerate(_cells(lot, joined.members[lot.line])):
            cells[lot.key, batch] = own_cells
    runs = [replace(run, parts=tuple(_parts(run, cells))) for run in schedule.runs]
    unplaced = [one for item in schedule.unplaced for one in _unplaced(item, joined)]
    lots = _finished(problem, replace(schedule, lots=tuple(lots), runs=tuple(runs)))
    return Schedule(
        problem_hash="",
        lots=tuple(sorted(lots, key=lambda lot: (lot.line, lot.key))),
        runs=tuple(runs),
        fixed=problem.fixed_lots,
        unplaced=tuple(sorted(unplaced, key=lambda item: item.line)),
        tiers=tiers_of(problem, lots, runs, unplaced),
    )


def without_members(joined: Joined, schedule: Schedule) -> Schedule:
    """A plan of the problem as it was, as one of the joined problem, in which the joined lines have no place yet."""
    of_line = {line.key: key for key, group in joined.members.items() for line in group}
    gone = {lot.key for lot in schedule.lots if lot.line in of_line}
    lots = [lot for lot in schedule.lots if lot.key not in gone]
    runs = [
        replace(run, parts=kept) for run in schedule.runs if (kept := tuple(p for p in run.parts if p.lot not in gone))
    ]
    missing = [Unplaced(line.key, line.pieces, NO_PLACE) for line in joined.problem.lines if line.key in joined.members]
    unplaced = [item for item in schedule.unplaced if item.line not in of_line] + missing
    return replace(schedule, lots=tuple(lots), runs=tuple(runs), unplaced=tuple(unplaced))


def _may_share(line: Line) -> bool:
    """Whether a line is small, forms by cycles of several pieces, and nothing is said of it alone."""
    mode = _forming(line)
    if mode is None or mode.pieces_per_cycle == 1 or line.optional or line.forbidden_machines:
        return False
    return 0 < line.pieces <= (MOST_CYCLES - 1) * mode.pieces_per_cycle


def _forming(line: Line) -> Mode | None:
    """The first mode of the preferred route's forming step, if it works by cycles."""
    steps = line.routes[0].steps if line.routes else ()
    mode = next((step.modes[0] for step in steps if step.forming), None)
    return mode if mode is not None and mode.kind == "cycle" else None


def _cycles(group: Sequence[Line]) -> int:
    """Forming cycles of lines with the same routes, in full loads; 0 when they are not formed by cycles."""
    mode = _forming(group[0])
    return 0 if mode is None else -(-sum(line.pieces for line in group) // mode.pieces_per_cycle)


def _cycles_s(group: Sequence[Line]) -> int:
    mode = _forming(group[0])
    return 0 if mode is None else _cycles(group) * mode.cycle_s


def _groups(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Lines by due date, each with the next one or two as long as that saves a cycle; who stays alone is left out."""
    left = list(lines)
    while left:
        group = [left.pop(0)]
        near = [line for line in left if line.due_min - group[0].due_min <= WINDOW_MIN]
        near = [line for line in near if line.release_min < group[0].due_min][:MOST_NEAR]
        while near:
            more = next((more for more in _ones_and_twos(near) if _saves_a_cycle(group, more)), None)
            if more is None:
                break
            group += more
            near = [line for line in near if line not in more]
        left = [line for line in left if line not in group]
        if len(group) > 1:
            yield group


def _ones_and_twos(lines: Sequence[Line]) -> Iterator[list[Line]]:
    yield from ([line] for line in lines)
    yield from (list(pair) for pair in combinations(lines, 2))


def _saves_a_cycle(group: Sequence[Line], more: Sequence[Line]) -> bool:
    apart = _cycles(group) + sum(_cycles([line]) for line in more)
    together = _cycles([*group, *more])
    return together <= MOST_CYCLES and together < apart


def _as_one(key: str, group: Sequence[Line]) -> Line:
    """One line in one lot at home, for the first due date."""
    pieces = sum(line.pieces for line in group)
    return replace(
        group[0],
        key=key,
        pieces=pieces,
        least_lot_pieces=pieces,
        release_min=max(line.release_min for line in group),
        due_min=min(line.due_min for line in group),
        priority=max(line.priority for line in group),
        late_fixed_min=max(line.late_fixed_min for line in group),
        consent="never",
        excluded_firms=(),
        barred_firms=(),
        unable_firms=(),
        fee_ceiling_fen_per_t=None,
    )


def _cells(lot: Lot, group: Sequence[Line]) -> Iterator[list[Cell]]:
    """Each batch of a joined lot, divided among the lines' lots."""
    bounds = list(accumulate((line.pieces for line in group), initial=0))
    counts = [0] * len(group)
    for first, last in pairwise(accumulate(lot.batches, initial=0)):
        found: list[Cell] = []
        for number, (start, end) in enumerate(pairwise(bounds)):
            pieces = min(end, last) - max(start, first)
            if pieces > 0:
                found.append((_key(group[number]), counts[number], pieces))
                counts[number] += 1
        yield found


def _lots_of(lot: Lot, group: Sequence[Line]) -> Iterator[Lot]:
    batches: dict[str, list[int]] = {}
    for cells in _cells(lot, group):
        for key, _batch, pieces in cells:
            batches.setdefault(key, []).append(pieces)
    for line in group:
        own = tuple(batches[_key(line)])
        yield replace(lot, key=_key(line), line=line.key, product=line.product, pieces=line.pieces, batches=own)


def _key(line: Line) -> str:
    return f"{line.key}/1"


def _parts(run: Run, cells: Mapping[tuple[str, int], list[Cell]]) -> Iterator[Part]:
    for part in run.parts:
        if (part.lot, part.first_batch) not in cells:
            yield part
            continue
        present: Part | None = None
        for batch in range(part.first_batch, part.first_batch + part.batches):
            for key, own_batch, _pieces in cells[part.lot, batch]:
                if present is not None and present.lot == key:
                    present = replace(present, batches=present.batches + 1)
                    continue
                if present is not None:
                    yield present
                present = Part(key, part.step, own_batch, 1)
        if present is not None:
            yield present


def _unplaced(item: Unplaced, joined: Joined) -> Iterator[Unplaced]:
    if item.line not in joined.members:
        yield item
        return
    for line in joined.members[item.line]:
        yield replace(item, line=line.key, pieces=line.pieces)


def _finished(problem: Problem, schedule: Schedule) -> list[Lot]:
    """The lots with the minutes at which they are finished: one that shares a load may be so before the other."""
    book = Book(problem, schedule)
    check_runs(book)
    return [replace(lot, finish_min=finish_of(book, lot)) for lot in schedule.lots]
