"""Checks of lots: pieces, order of steps, waits, release, consent, offers, transport."""

from production.planning.problem import Line, Offer, Step
from production.planning.schedule import Lot, Run
from production.planning.verify.book import Book
from production.planning.verify.hours import after_open_minutes, units_minutes


def check_lots(book: Book) -> None:
    """Balance of pieces per line, least lots, and for placed lots whether both sides' terms are kept."""
    placed: dict[str, int] = {}
    for lot in book.schedule.lots:
        line = book.lines[lot.line]
        placed[lot.line] = placed.get(lot.line, 0) + lot.pieces
        if lot.pieces < min(line.least_lot_pieces, line.pieces):
            book.say("least_lot", lot.key, f"is smaller than {line.least_lot_pieces} pieces")
        _check_forming(book, lot)
        if lot.offer is None:
            _check_home(book, lot, line)
        else:
            _check_placed(book, lot, line, book.offers[lot.offer])
    unplaced: dict[str, int] = {}
    for item in book.schedule.unplaced:
        unplaced[item.line] = unplaced.get(item.line, 0) + item.pieces
        if item.pieces <= 0 or not item.code:
            book.say("pieces", item.line, "an unplaced entry needs pieces and a reason")
        if item.code == "refused" and not book.lines[item.line].optional:
            book.say("refused", item.line, "is not to be refused")
    for line in book.problem.lines:
        if placed.get(line.key, 0) + unplaced.get(line.key, 0) != max(0, line.pieces):
            book.say("pieces", line.key, f"{line.pieces} pieces, but {placed.get(line.key, 0)} in lots")
    _check_offer_minutes(book)


def _check_home(book: Book, lot: Lot, line: Line) -> None:
    if lot.firm != line.firm:
        book.say("consent", lot.key, "is made by another firm without an offer")
    if lot.fee_fen or lot.transport_fen or lot.awaits:
        book.say("terms", lot.key, "made at home, costs no fee and awaits nobody")


def _check_placed(book: Book, lot: Lot, line: Line, offer: Offer) -> None:
    if offer.firm != lot.firm or lot.firm == line.firm:
        book.say("offer", lot.key, f"{offer.key} is not an offer of another firm, {lot.firm}")
    if line.consent == "never":
        book.say("consent", lot.key, "its line is not to leave the firm")
    if lot.firm in line.excluded_firms:
        book.say("excluded", lot.key, f"{lot.firm} is excluded")
    if lot.firm in line.barred_firms:
        book.say("barred", lot.key, f"{lot.firm} has declined this line")
    if lot.firm in line.unable_firms:
        book.say("unable", lot.key, f"{lot.firm} lacks what it takes")
    if line.fee_ceiling_fen_per_t is not None and offer.fee_fen_per_t > line.fee_ceiling_fen_per_t:
        book.say("fee_ceiling", lot.key, f"{offer.fee_fen_per_t} fen/t is above the ceiling")
    _check_terms(book, lot, line, offer)


def _check_terms(book: Book, lot: Lot, line: Line, offer: Offer) -> None:
    mass_g = lot.pieces * line.unit_mass_g
    if mass_g < offer.least_lot_g:
        book.say("offer", lot.key, f"is smaller than the offer's least lot of {offer.least_lot_g} g")
    trip = book.trips.get((lot.firm, line.firm))
    if trip is None:
        book.say("transport", lot.key, f"there is no way from {lot.firm} to {line.firm}")
    elif lot.transport_fen != -(-mass_g // trip.truck_g) * trip.truck_fen:
        book.say("transport", lot.key, "transport is not what whole trucks cost")
    if lot.fee_fen != -(-mass_g * offer.fee_fen_per_t // 1_000_000):
        book.say("terms", lot.key, "the fee is not the offer's fee for its mass")
    awaits = ("giver",) if line.consent == "ask" else ()
    if lot.awaits != awaits + (("doer",) if offer.accept == "ask" else ()):
        book.say("terms", lot.key, "awaits is not what consent and offer say")


def _check_forming(book: Book, lot: Lot) -> None:
    forming = [number for number, step in enumerate(book.route(lot).steps) if step.forming]
    if not forming:
        if lot.offer is not None:
            book.say("offer", lot.key, "a route without a forming step is made at home")
        return
    runs = book.runs_of.get((lot.key, forming[0]), [])
    if len(runs) != 1:
        book.say("forming", lot.key, f"is formed in {len(runs)} runs, must be one")
    if lot.offer is None:
        return
    offer = book.offers[lot.offer]
    for run in runs:
        if run.machine not in offer.machines:
            book.say("offer", lot.key, f"{run.machine} is not in the offer")
        if run.start_min < offer.window[0] or run.end_min > offer.window[1]:
            book.say("offer", lot.key, "is formed outside the offer's window")


def _check_offer_minutes(book: Book) -> None:
    used: dict[str, int] = {}
    for run in book.schedule.runs:
        offers = {book.lots[part.lot].offer for part in run.parts if book.step(part.lot, part.step).forming}
        for key in offers:
            if key is not None:
                used[key] = used.get(key, 0) + _working_minutes(book, run)
    for key, minutes in sorted(used.items()):
        limit = book.offers[key].machine_minutes
        if limit is not None and minutes > limit:
            book.say("offer", key, f"{minutes} machine minutes are placed, {limit} offered")


def _working_minutes(book: Book, run: Run) -> int:
    mode = book.mode(run)
    if mode is None:
        return 0
    units = run.cycles if mode.kind == "cycle" else run.pieces
    return units_minutes(mode, book.machines[run.machine], units)


def check_order(book: Book) -> None:
    """Each batch through its steps: complete, not before it is handed over, finished when it says."""
    for lot in book.schedule.lots:
        ready: list[int] = [book.lines[lot.line].release_min] * len(lot.batches)
        complete = True
        for number, step in enumerate(book.route(lot).steps):
            spans = [book.spans.get((lot.key, number, batch)) for batch in range(len(lot.batches))]
            if any(span is None for span in spans):
                book.say("pieces", lot.key, f"step {number} ({step.process}) does not work all batches")
                complete = False
                break
            for batch, span in enumerate(spans):
                assert span is not None
                if span[0] < ready[batch]:
                    code = "release" if number == 0 else "order"
                    book.say(code, lot.key, f"batch {batch} starts step {number} before {ready[batch]}")
            ready = _ready(book, lot, number, step)
        if complete and (at_gate := _at_gate(book, lot, ready)) != lot.finish_min:
            book.say("finish", lot.key, f"is finished at {at_gate}, not at {lot.finish_min}")


def finish_of(book: Book, lot: Lot) -> int:
    """When a lot is finished by the times that its runs have; every step works all its batches."""
    ready: list[int] = []
    for number, step in enumerate(book.route(lot).steps):
        ready = _ready(book, lot, number, step)
    return _at_gate(book, lot, ready)


def _ready(book: Book, lot: Lot, number: int, step: Step) -> list[int]:
    """When each batch may go on after a step."""
    done = []
    for batch in range(len(lot.batches)):
        end = book.spans[lot.key, number, batch][1]
        done.append(_after_waits(book, lot, step, batch, end))
    return _handed_over(book, lot, step, number, done)


def _at_gate(book: Book, lot: Lot, ready: list[int]) -> int:
    line = book.lines[lot.line]
    trip = book.trips.get((lot.firm, line.firm))
    return max(ready) + (trip.minutes if trip is not None and lot.firm != line.firm else 0)


def _handed_over(book: Book, lot: Lot, step: Step, number: int, done: list[int]) -> list[int]:
    if step.transfer_pieces is None:
        return [max(done)] * len(done)
    if max(lot.batches) > step.transfer_pieces:
        book.say("batch", lot.key, f"step {number} hands over more than {step.transfer_pieces} pieces")
    return done


def _after_waits(book: Book, lot: Lot, step: Step, batch: int, at_min: int) -> int:
    for wait in step.waits:
        minutes = wait.fixed_min + -(-lot.batches[batch] * wait.piece_s // 60)
        if wait.clock == "elapsed":
            at_min += minutes
            continue
        after = after_open_minutes(book.firm_hours[lot.firm], at_min, minutes)
        if after is None:
            book.say("closed", lot.key, f"{wait.process} does not end within the firm's hours")
            return at_min
        at_min = after
    return at_min
