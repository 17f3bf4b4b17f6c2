"""From the board to a Schedule: keys, sorted lots and runs, tiers."""

from dataclasses import replace

from production.planning.objective import fee_fen, tiers_of, transport_fen
from production.planning.problem import Line, Problem
from production.planning.schedule import Lot, Part, Run, Schedule, Unplaced
from production.planning.search.board import Board
from production.planning.search.line import Placement
from production.planning.search.placement import PlacedLot
from production.planning.search.track import Slot

NO_PLACE = "no_place"
"""Code of pieces without a place until `explain` has found out why."""


def build_schedule(board: Board, placements: dict[str, Placement]) -> Schedule:
    """The plan on the board. placements: by line key, all lines with pieces. problem_hash is left empty."""
    problem = board.plant.problem
    lines = {line.key: line for line in problem.lines}
    keys: dict[int, str] = {}
    lots: list[Lot] = []
    unplaced: list[Unplaced] = []
    for key in sorted(placements):
        placement = placements[key]
        for number, lot in enumerate(placement.lots, start=1):
            keys[lot.number] = f"{key}/{number}"
            lots.append(lot_of(board, lines[key], lot, keys[lot.number]))
        missing = lines[key].pieces if placement.refused else placement.missing
        if missing:
            unplaced.append(Unplaced(key, missing, "refused" if placement.refused else NO_PLACE))
    runs = [
        run_of(board, number, slot, keys)
        for number, track in enumerate(board.tracks)
        for slot in track.slots
        if not slot.fixed
    ]
    return Schedule(
        problem_hash="",
        lots=tuple(lots),
        runs=tuple(runs),
        fixed=problem.fixed_lots,
        unplaced=tuple(unplaced),
        tiers=tiers_of(problem, lots, runs, unplaced),
    )


def lot_of(board: Board, line: Line, lot: PlacedLot, key: str) -> Lot:
    """A lot on the board as the plan tells it."""
    path, offer_key = lot.resource.path, lot.resource.offer
    base = Lot(
        key=key,
        line=line.key,
        product=line.product,
        pieces=lot.pieces,
        firm=path.firm,
        route=path.route,
        offer=offer_key,
        batches=tuple(lot.batches),
        finish_min=lot.finish_min,
    )
    if offer_key is None or path.trip is None:
        return base
    offer = board.plant.offers[offer_key]
    mass_g = lot.pieces * line.unit_mass_g
    awaits = (("giver",) if line.consent == "ask" else ()) + (("doer",) if offer.accept == "ask" else ())
    return replace(base, fee_fen=fee_fen(offer, mass_g), transport_fen=transport_fen(path.trip, mass_g), awaits=awaits)


def run_of(board: Board, number: int, slot: Slot, keys: dict[int, str]) -> Run:
    """A slot of machine `number` as the plan tells it. keys: of the lots, by their numbers."""
    machine = board.plant.machines[number].key
    law = slot.law
    return Run(
        key=f"{machine}@{slot.work}",
        machine=machine,
        start_min=slot.start,
        work_start_min=slot.work,
        end_min=slot.end,
        setup_min=slot.setup,
        family=slot.family,
        cycles=law.units(slot.pieces) if law is not None and law.is_cycle else 0,
        pieces=slot.pieces,
        parts=_parts(slot, keys),
    )


def _parts(slot: Slot, keys: dict[int, str]) -> tuple[Part, ...]:
    parts: list[Part] = []
    for lot, step, batch in slot.parts:
        last = parts[-1] if parts else None
        if last is not None and (last.lot, last.step) == (keys[lot], step) and last.first_batch + last.batches == batch:
            parts[-1] = Part(last.lot, step, last.first_batch, last.batches + 1)
        else:
            parts.append(Part(keys[lot], step, batch, 1))
    return tuple(parts)


def late_lines(problem: Problem, schedule: Schedule) -> frozenset[str]:
    """Lines with a lot finished after its due date, or with pieces unplaced (refused ones are not late)."""
    due = {line.key: line.due_min for line in problem.lines}
    late = {lot.line for lot in schedule.lots if lot.finish_min > due[lot.line]}
    late |= {item.line for item in schedule.unplaced if item.code != "refused"}
    late |= {lot.line for lot in problem.fixed_lots if lot.line in due and lot.finish_min > due[lot.line]}
    return frozenset(late)
