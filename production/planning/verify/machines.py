"""Checks of machine runs: eligibility, minutes by the law, closed hours, changeovers, overlap."""

from production.planning.problem import FixedRun, Machine, Mode
from production.planning.schedule import Run
from production.planning.verify.book import Book
from production.planning.verify.hours import CycleWork, RateWork, open_minutes, work


def check_runs(book: Book) -> None:
    """Each run by itself. Fills book.spans with the times of the batches that it carries."""
    for run in book.schedule.runs:
        mode = book.mode(run)
        machine = book.machines[run.machine]
        if mode is None:
            book.say("eligibility", run.key, f"{machine.machine_class} is no machine for its step")
            continue
        _check_parts(book, run, machine, mode)
        _check_times(book, run, machine, mode)


def _check_parts(book: Book, run: Run, machine: Machine, mode: Mode) -> None:
    pieces = 0
    for part in run.parts:
        lot = book.lots[part.lot]
        step = book.step(part.lot, part.step)
        pieces += sum(lot.batches[part.first_batch : part.first_batch + part.batches])
        if lot.firm != machine.firm:
            book.say("eligibility", run.key, f"{machine.key} is not a machine of {lot.firm}")
        if mode not in step.modes:
            book.say("eligibility", run.key, "its parts are not worked in one mode")
        if step.family != run.family:
            book.say("family", run.key, f"its parts need {step.family!r}, it is set up for {run.family!r}")
    if pieces != run.pieces:
        book.say("pieces", run.key, f"carries {pieces} pieces, says {run.pieces}")
    cycles = -(-pieces // mode.pieces_per_cycle) if mode.kind == "cycle" else 0
    if cycles != run.cycles:
        book.say("pieces", run.key, f"needs {cycles} cycles, says {run.cycles}")


def _check_times(book: Book, run: Run, machine: Machine, mode: Mode) -> None:
    hours = book.hours[run.machine]
    if run.start_min < 0:
        book.say("past", run.key, "starts before the plan's zero")
    if run.end_min > book.problem.horizon_min:
        book.say("horizon", run.key, "ends after the horizon")
    if open_minutes(hours, run.start_min, run.work_start_min) < run.setup_min:
        book.say("setup", run.key, "its set-up does not fit into the open hours before its work")
    units = -(-run.pieces // mode.pieces_per_cycle) if mode.kind == "cycle" else run.pieces
    worked = work(mode, machine, hours, run.work_start_min, units)
    if worked is None:
        book.say("closed", run.key, "the machine's hours do not suffice")
        return
    is_open = any(start <= run.work_start_min < end for start, end in hours)
    if not is_open or worked.start_of(0) != run.work_start_min:
        book.say("closed", run.key, "works in closed hours, or pauses inside a cycle")
    if worked.end_of(units - 1) != run.end_min:
        book.say("minutes", run.key, f"ends at {run.end_min}, by the law at {worked.end_of(units - 1)}")
    _note_spans(book, run, mode, worked, units)


def _note_spans(book: Book, run: Run, mode: Mode, worked: CycleWork | RateWork, units: int) -> None:
    """When each batch that the run carries starts and ends."""
    per = mode.pieces_per_cycle if mode.kind == "cycle" else 1
    first = 0
    for part in run.parts:
        lot = book.lots[part.lot]
        for batch in range(part.first_batch, part.first_batch + part.batches):
            last = first + lot.batches[batch] - 1
            place = (part.lot, part.step, batch)
            if place in book.spans:
                book.say("pieces", run.key, f"batch {batch} of {part.lot} is worked twice")
            if last // per < units:
                book.spans[place] = (worked.start_of(first // per), worked.end_of(last // per))
            first = last + 1


def check_machines(book: Book) -> None:
    """Each machine in the order of time: one run at a time, set up as its matrix says."""
    taken: dict[str, list[tuple[int, int, Run | FixedRun]]] = {key: [] for key in book.machines}
    for run in book.schedule.runs:
        taken[run.machine].append((run.start_min, run.end_min, run))
    for lot in book.problem.fixed_lots:
        for fixed in lot.runs:
            if fixed.start_min == fixed.end_min:  # half open: it takes no time
                continue
            taken[fixed.machine].append((fixed.start_min, fixed.end_min, fixed))
    for key in sorted(taken):
        _check_machine(book, book.machines[key], sorted(taken[key], key=lambda item: (item[0], item[1])))


def _check_machine(book: Book, machine: Machine, taken: list[tuple[int, int, Run | FixedRun]]) -> None:
    family, busy_until, before_is_new = machine.family_at_zero, 0, False
    for start, end, item in taken:
        needed = changeover(book, machine, family, item.family)
        if isinstance(item, Run):
            if start < busy_until:
                book.say("overlap", item.key, f"{machine.key} is taken until {busy_until}")
            mode = book.mode(item)
            if needed is None:
                book.say("forbidden", item.key, f"{item.family!r} may not follow {family!r}")
            elif mode is not None and item.setup_min != needed + mode.setup_min:
                book.say("setup", item.key, f"set-up takes {needed + mode.setup_min} min")
        elif before_is_new:
            room = open_minutes(book.hours[machine.key], busy_until, start) + item.setup_min
            if start < busy_until:
                book.say("overlap", machine.key, f"a fixed run starts at {start}, taken until {busy_until}")
            elif needed is None or room < needed:
                book.say("setup", machine.key, f"no room to set up the fixed run at {start}")
        family, before_is_new = item.family, isinstance(item, Run)
        busy_until = max(busy_until, end)


def changeover(book: Book, machine: Machine, before: str, after: str) -> int | None:
    """Minutes from one family to another on a machine; None when forbidden."""
    if machine.changeover is None or before == after:
        return 0
    matrix = book.changeovers[machine.changeover]
    if (before, after) in matrix.forbidden:
        return None
    for from_family, to_family, minutes in matrix.minutes:
        if (from_family, to_family) == (before, after):
            return minutes
    return matrix.default_min
