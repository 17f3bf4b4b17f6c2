"""What is left to plan beside lots that stay, as a problem of its own, and both put together again."""

from collections import Counter
from collections.abc import Container, Iterable
from dataclasses import replace

from production.planning.objective import tiers_of
from production.planning.problem import FixedLot, FixedRun, Offer, Problem
from production.planning.promise.stock import Take, free_arrivals
from production.planning.repair.keep import Kept, pieces_left
from production.planning.repair.setups import Setups
from production.planning.schedule import Lot, Run, Schedule
from production.planning.verify.hours import units_minutes

RULES = ("due_date", "due_and_work", "late_first")
"""Dispatch rules that the rest is planned by when the problem names none: the engine goes on from the best."""


def rest_of(problem: Problem, kept: Kept, *, only: Container[str] | None = None) -> Problem:
    """The problem with what stays as fixed lots: its lines, material and offered minutes are what that leaves.

    only: lines that are planned; the others stay without their missing pieces.
    """
    setups = Setups(problem)
    lots = {lot.key: lot for lot in kept.lots}
    left = {key: pieces for key, pieces in pieces_left(problem, kept.lots).items() if only is None or key in only}
    options = problem.options
    return replace(
        problem,
        options=options if options.rules else replace(options, rules=RULES),
        lines=tuple(replace(line, pieces=left[line.key]) for line in problem.lines if line.key in left),
        fixed_lots=_fixed_lots(problem, left) + tuple(_staying(setups, lots, kept.runs, left)),
        arrivals=free_arrivals(problem.arrivals, _takes(setups, lots, kept.runs)),
        offers=tuple(_offers_left(problem.offers, setups, lots, kept.runs)),
        pins=tuple(pin for pin in problem.pins if pin.line in left),
        sequences=tuple(one for one in problem.sequences if left.keys() >= set(one.lines)),
    )


def together(problem: Problem, kept: Kept, rest: Schedule) -> Schedule | None:
    """The plan of `problem`: what stays and a plan of the rest. None when a run that stays has no room for the set-up
    that it needs now. Its hash and reasons are left empty.
    """
    key_of = _new_keys(kept.lots, rest.lots)
    lots = sorted(
        (*kept.lots, *(replace(lot, key=key_of[lot.key]) for lot in rest.lots)), key=lambda lot: (lot.line, lot.key)
    )
    found = [replace(run, parts=tuple(replace(part, lot=key_of[part.lot]) for part in run.parts)) for run in rest.runs]
    runs, without = Setups(problem).renewed({lot.key: lot for lot in lots}, (*kept.runs, *found))
    if without:
        return None
    runs = [replace(run, key=f"{run.machine}@{run.work_start_min}") for run in runs]
    runs.sort(key=lambda run: (run.machine, run.start_min))
    return Schedule(
        problem_hash="",
        lots=tuple(lots),
        runs=tuple(runs),
        fixed=problem.fixed_lots,
        unplaced=rest.unplaced,
        tiers=tiers_of(problem, lots, runs, list(rest.unplaced)),
        notes=rest.notes,
    )


def _new_keys(kept: Iterable[Lot], new: Iterable[Lot]) -> dict[str, str]:
    """Keys for new lots that no lot that stays has."""
    taken = {lot.key for lot in kept}
    numbers: Counter[str] = Counter()
    keys = {}
    for lot in new:
        while True:
            numbers[lot.line] += 1
            key = f"{lot.line}/{numbers[lot.line]}"
            if key not in taken:
                break
        keys[lot.key] = key
    return keys


def _fixed_lots(problem: Problem, left: Container[str]) -> tuple[FixedLot, ...]:
    """What is fixed already; of lines that have nothing left it is somebody's work."""
    return tuple(lot if lot.line in left else replace(lot, line="") for lot in problem.fixed_lots)


def _staying(setups: Setups, lots: dict[str, Lot], runs: Iterable[Run], left: Container[str]) -> Iterable[FixedLot]:
    """What stays, as fixed lots. Of a run's set-up only the changeover stays open to what will stand before it."""
    fixed: dict[str, list[FixedRun]] = {key: [] for key in lots}
    for run in runs:
        first = run.parts[0]
        mode, step = setups.mode(lots, run), setups.step(lots[first.lot], first.step)
        assert mode is not None
        fixed[first.lot].append(
            FixedRun(
                machine=run.machine,
                start_min=run.start_min,
                end_min=run.end_min,
                family=run.family,
                setup_min=run.setup_min - mode.setup_min,
                pool_needs=setups.pool_needs(step, run.machine),
            )
        )
    for key, lot in sorted(lots.items()):
        line = lot.line if lot.line in left else ""
        yield FixedLot(f"stays:{key}", line, lot.firm, lot.pieces, tuple(fixed[key]), lot.finish_min)


def _takes(setups: Setups, lots: dict[str, Lot], runs: Iterable[Run]) -> Iterable[Take]:
    """All material of a run at the start of its work, which is before any batch of it."""
    offers = {offer.key: offer for offer in setups.problem.offers}
    trips = {(trip.from_firm, trip.to_firm): trip for trip in setups.problem.transports}
    for run in runs:
        for part in run.parts:
            lot = lots[part.lot]
            firm, at_min = lot.firm, run.work_start_min
            if lot.offer is not None and offers[lot.offer].material_from == "giver":
                firm = setups.lines[lot.line].firm
                at_min -= trips[firm, lot.firm].minutes
            pieces = sum(lot.batches[part.first_batch : part.first_batch + part.batches])
            for material, grams in setups.step(lot, part.step).materials:
                yield Take(lot.key, firm, material, at_min, grams * pieces)


def _offers_left(offers: Iterable[Offer], setups: Setups, lots: dict[str, Lot], runs: Iterable[Run]) -> Iterable[Offer]:
    sold: Counter[str] = Counter()
    for run in runs:
        for part in run.parts:
            lot = lots[part.lot]
            if lot.offer is None or not setups.step(lot, part.step).forming:
                continue
            mode = setups.mode(lots, run)
            assert mode is not None
            units = run.cycles if mode.kind == "cycle" else run.pieces
            sold[lot.offer] += units_minutes(mode, setups.machines[run.machine], units)
    for offer in offers:
        if offer.machine_minutes is None:
            yield offer
        else:
            yield replace(offer, machine_minutes=max(0, offer.machine_minutes - sold[offer.key]))
