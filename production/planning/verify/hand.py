"""The planner's hand: machines forbidden to a line, pins, sequences."""

from production.planning.problem import Pin
from production.planning.schedule import Run
from production.planning.verify.book import Book


def check_hand(book: Book) -> None:
    """Runs avoid forbidden machines, stand where they are pinned, and follow each other as they were told."""
    for run in book.schedule.runs:
        for line in sorted(_lines_of(book, run)):
            if run.machine in book.lines[line].forbidden_machines:
                book.say("forbidden", run.key, f"{line} is not to run on {run.machine}")
    for pin in book.problem.pins:
        _check_pin(book, pin)
    for sequence in book.problem.sequences:
        place = {key: number for number, key in enumerate(sequence.lines)}
        last = -1
        for run in sorted(book.schedule.runs, key=lambda run: run.start_min):
            if run.machine != sequence.machine:
                continue
            for number in sorted(place[line] for line in _lines_of(book, run) if line in place):
                if number < last:
                    book.say("sequence", run.key, f"{sequence.lines[number]} comes too late on {run.machine}")
                last = max(last, number)


def _check_pin(book: Book, pin: Pin) -> None:
    runs = [
        run
        for run in book.schedule.runs
        if any(
            book.lots[part.lot].line == pin.line and book.step(part.lot, part.step).process == pin.process
            for part in run.parts
        )
    ]
    if pin.machine is not None:
        for run in runs:
            if run.machine != pin.machine:
                book.say("pin", run.key, f"{pin.line} is pinned to {pin.machine}")
    if pin.start_min is not None and runs and min(run.start_min for run in runs) != pin.start_min:
        book.say("pin", pin.line, f"{pin.process} is pinned to minute {pin.start_min}")


def _lines_of(book: Book, run: Run) -> set[str]:
    return {book.lots[part.lot].line for part in run.parts}
