"""The judge of a plan: says each rule that a Schedule breaks.

It shares nothing with the search but the dataclasses, reads the rules again from the problem, and is slow and
plain on purpose. An empty list means that the plan may be stored.
"""

from collections.abc import Iterable
from dataclasses import replace

from production.planning.problem import FixedLot, Problem
from production.planning.schedule import Lot, Part, Run, Schedule
from production.planning.verify.book import Book, Violation
from production.planning.verify.hand import check_hand
from production.planning.verify.lots import check_lots, check_order
from production.planning.verify.machines import check_machines, check_runs
from production.planning.verify.stock import check_materials, check_pools

__all__ = ["Violation", "verify"]


def verify(problem: Problem, schedule: Schedule) -> list[Violation]:
    """All broken rules of `schedule` as an answer to `problem`, sorted. Raises nothing for a wrong plan."""
    book = Book(problem, schedule)
    check_known(book)
    if not book.violations:
        check_runs(book)
        check_machines(book)
        check_lots(book)
        check_order(book)
        check_materials(book)
        check_pools(book)
        check_hand(book)
    return sorted(set(book.violations))


def check_known(book: Book) -> None:
    """Keys exist and are used once; nothing else can be judged before."""
    schedule = book.schedule
    for name, keys in (
        ("run", [run.key for run in schedule.runs]),
        ("lot", [lot.key for lot in schedule.lots]),
    ):
        if len(set(keys)) != len(keys):
            book.say("duplicate", name, "a key is used twice")
    for lot in schedule.lots:
        _check_known_lot(book, lot)
    for run in schedule.runs:
        _check_known_run(book, run)
    for unplaced in schedule.unplaced:
        if unplaced.line not in book.lines:
            book.say("unknown", unplaced.line, "is not in the problem")
    if _in_order(schedule.fixed) != _in_order(book.problem.fixed_lots):
        book.say("fixed", "", "fixed lots are not as the problem has them")


def _check_known_lot(book: Book, lot: Lot) -> None:
    line = book.lines.get(lot.line)
    if line is None or all(route.key != lot.route for route in line.routes):
        book.say("unknown", lot.key, f"line {lot.line} or its route {lot.route} is not in the problem")
    elif lot.product != line.product:
        book.say("unknown", lot.key, f"its product is {line.product}")
    if lot.firm not in book.firms or (lot.offer is not None and lot.offer not in book.offers):
        book.say("unknown", lot.key, "its firm or offer is not in the problem")
    if not lot.batches or min(lot.batches) <= 0 or sum(lot.batches) != lot.pieces:
        book.say("pieces", lot.key, "its transfer batches do not add up to its pieces")


def _check_known_run(book: Book, run: Run) -> None:
    if run.machine not in book.machines:
        book.say("unknown", run.key, f"machine {run.machine} is not in the problem")
    if not run.parts:
        book.say("pieces", run.key, "it carries nothing")
    for part in run.parts:
        if part.lot not in book.lots or not _inside(book, part):
            book.say("unknown", run.key, f"its part of lot {part.lot} does not exist")


def _inside(book: Book, part: Part) -> bool:
    lot = book.lots[part.lot]
    if lot.line not in book.lines:
        return False
    steps = next((route.steps for route in book.lines[lot.line].routes if route.key == lot.route), ())
    batches_exist = 0 <= part.first_batch < part.first_batch + part.batches <= len(lot.batches)
    return 0 <= part.step < len(steps) and batches_exist


def _in_order(lots: Iterable[FixedLot]) -> list[FixedLot]:
    """The same for the same lots, in whatever order they and their runs are told."""
    return [
        replace(lot, runs=tuple(sorted(lot.runs, key=lambda run: (run.machine, run.start_min, run.end_min))))
        for lot in sorted(lots, key=lambda lot: lot.key)
    ]
