"""Checks of what runs share: material over time, pools over time."""

from typing import NamedTuple

from production.planning.problem import Pool
from production.planning.verify.book import Book
from production.planning.verify.hours import open_minutes, open_periods


def check_materials(book: Book) -> None:
    """At no time more of a material is taken at a firm than has arrived there."""
    taken: dict[tuple[str, str], list[tuple[int, int, str]]] = {}
    for (lot_key, number, batch), (start, _end) in sorted(book.spans.items()):
        lot = book.lots[lot_key]
        line = book.lines[lot.line]
        firm, at = lot.firm, start
        if lot.offer is not None and book.offers[lot.offer].material_from == "giver":
            trip = book.trips.get((line.firm, lot.firm))
            firm = line.firm
            if trip is None:
                book.say("transport", lot_key, f"the material has no way from {line.firm} to {lot.firm}")
                continue
            at = start - trip.minutes
        for material, grams in book.step(lot_key, number).materials:
            taken.setdefault((firm, material), []).append((at, grams * lot.batches[batch], lot_key))
    arrivals: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for item in book.problem.arrivals:
        arrivals.setdefault((item.firm, item.material), []).append((item.at_min, item.grams))
    for (firm, material), takes in sorted(taken.items()):
        total = 0
        there = arrivals.get((firm, material), [])
        for at, grams, lot_key in sorted(takes):
            total += grams
            if total > sum(amount for arrived_min, amount in there if arrived_min <= at):
                book.say("material", lot_key, f"{material} at {firm} is short at minute {at}")


class Hold(NamedTuple):
    """Units of a pool held in [start_min, end_min)."""

    start_min: int
    end_min: int
    units: int
    where: str
    is_new: bool


def check_pools(book: Book) -> None:
    """A pool never gives more units at a time than it has, nor outside its hours."""
    pools = {pool.key: pool for pool in book.problem.pools}
    calendars = {calendar.key: calendar for calendar in book.problem.calendars}
    hours = {key: open_periods(calendars[pool.calendar]) for key, pool in pools.items()}
    held: dict[str, list[Hold]] = {key: [] for key in pools}
    for run in book.schedule.runs:
        machine = book.machines[run.machine]
        wanted = (*book.step(run.parts[0].lot, run.parts[0].step).pool_needs, *machine.pool_needs)
        for key, units in ((key, units) for key, units in wanted if pools[key].firm == machine.firm):
            start = run.work_start_min if pools[key].kind == "power" else run.start_min
            held[key].append(Hold(start, run.end_min, units, run.key, is_new=True))
            if _uncovered(book.hours[run.machine], hours[key], run.start_min, run.end_min):
                book.say("pool", run.key, f"{key} is not there in all hours of the run")
    for lot in book.problem.fixed_lots:
        for fixed in lot.runs:
            for key, units in fixed.pool_needs:
                held[key].append(Hold(fixed.start_min, fixed.end_min, units, lot.key, is_new=False))
    for key in sorted(pools):
        held[key].extend(Hold(start, end, units, key, is_new=False) for start, end, units in pools[key].out)
        _check_pool(book, pools[key], held[key])


def _uncovered(machine: list[tuple[int, int]], pool: list[tuple[int, int]], start_min: int, end_min: int) -> bool:
    """Whether the machine is open at some time of the run when the pool is not."""
    for start, end in machine:
        begin, finish = max(start, start_min), min(end, end_min)
        if begin < finish and open_minutes(pool, begin, finish) != finish - begin:
            return True
    return False


def _check_pool(book: Book, pool: Pool, held: list[Hold]) -> None:
    """What fixed runs hold too much of together is no fault of the plan, unless a new run joins them."""
    for at in sorted({item.start_min for item in held}):
        together = [item for item in held if item.start_min <= at < item.end_min]
        units = sum(item.units for item in together)
        if units > pool.capacity and any(item.is_new for item in together):
            where = next(item.where for item in together if item.is_new)
            book.say("pool", where, f"{pool.key}: {units} units are held at {at}, {pool.capacity} exist")
