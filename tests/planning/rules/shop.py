"""Small shops whose best plan is known: builders with round numbers, a list of cases, and plain enumeration.

Machines stand open around the clock, a press forms a piece an hour, a piece weighs 10 kg and a late line counts its
minutes alone, unless a case says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import permutations, product
from typing import Any

from production.planning.problem import (
    Calendar,
    ChangeoverMatrix,
    Firm,
    FixedLot,
    FixedRun,
    Line,
    Machine,
    MaterialArrival,
    Mode,
    Offer,
    Problem,
    Route,
    Step,
    Transport,
    Wait,
)

HORIZON = 20_000
PIECE_G = 10_000
ALWAYS = Calendar("always", ((0, HORIZON),))

Best = tuple[int, int, int, int]
"""The first four tiers: broken commitments, weighted tardiness, fen, set-up minutes."""


@dataclass(frozen=True, slots=True)
class Case:
    """A problem and the least tuple that any plan of it has."""

    problem: Problem
    best: Best


CASES: dict[str, Callable[[], Case]] = {}


def case(make: Callable[[], Case]) -> Callable[[], Case]:
    """Adds a case under its function's name."""
    assert make.__name__ not in CASES
    CASES[make.__name__] = make
    return make


def press(minutes: int = 60, per: int = 1, *, machine: str = "PRESS", setup: int = 0, **changes: Any) -> Step:
    """The forming step: cycles of so many pieces."""
    return replace(
        Step("PRESS", (Mode(machine, "cycle", per, minutes * 60, setup_min=setup),), forming=True, transfer_pieces=1),
        **changes,
    )


def rate(process: str, minutes: int, *, setup: int = 0, **changes: Any) -> Step:
    """A step by the piece, on machines of its own name."""
    return replace(
        Step(process, (Mode(process, "rate", piece_s=minutes * 60, setup_min=setup),), transfer_pieces=1), **changes
    )


def whole(step: Step) -> Step:
    """The step without transfer batches: the lot goes on as a whole."""
    return replace(step, transfer_pieces=None)


def rest(minutes: int, clock: Any = "elapsed") -> tuple[Wait, ...]:
    """Time without a machine."""
    return (Wait("REST", fixed_min=minutes, clock=clock),)


def order(key: str, pieces: int, due: int, *steps: Step, **changes: Any) -> Line:
    """A line of firm A in one lot (unless `least_lot_pieces` says less), pressed unless steps are given."""
    base = Line(
        key=key,
        firm="A",
        product="P",
        pieces=pieces,
        unit_mass_g=PIECE_G,
        release_min=0,
        due_min=due,
        routes=(Route("r", steps or (press(),)),),
        late_fixed_min=0,
        least_lot_pieces=max(1, pieces),
    )
    return replace(base, **changes)


def machine(key: str, kind: str = "PRESS", firm: str = "A", **changes: Any) -> Machine:
    """A machine of firm A."""
    return replace(Machine(key, firm, kind, "always"), **changes)


def shop(*lines: Line, machines: Sequence[Machine] = (), hours: Sequence[Calendar] = (), **changes: Any) -> Problem:
    """Firms A, B and C; one press at A unless machines are given."""
    base = Problem(
        horizon_min=HORIZON,
        calendars=(ALWAYS, *hours),
        firms=(Firm("A", "always"), Firm("B", "always"), Firm("C", "always")),
        machines=tuple(machines) or (machine("A1"),),
        lines=lines,
    )
    return replace(base, **changes)


def trip(from_firm: str, to_firm: str, minutes: int = 0, fen: int = 0, truck_pieces: int = 1000) -> Transport:
    """From gate to gate; a truck takes so many pieces."""
    return Transport(from_firm, to_firm, minutes, fen, truck_pieces * PIECE_G)


def offer(firm: str, fen_per_piece: int, *machines: str, **changes: Any) -> Offer:
    """Presses of a firm, around the clock."""
    fee = fen_per_piece * 1_000_000 // PIECE_G
    return replace(Offer(f"{firm}-offer", firm, machines or (f"{firm}1",), (0, HORIZON), fee), **changes)


def taken(at: str, start: int, end: int, **changes: Any) -> FixedLot:
    """A booking of a machine that does not move."""
    run = FixedRun(at, start, end, changes.pop("family", ""))
    return replace(FixedLot(f"{at}@{start}", "", at[0], 0, (run,), end), **changes)


def resin(grams: int, at: int = 0, firm: str = "A") -> MaterialArrival:
    """Material of the one kind."""
    return MaterialArrival(f"{firm}@{at}", firm, "resin", at, grams)


def colours(default: int = 0, forbidden: tuple[tuple[str, str], ...] = (), **minutes: int) -> ChangeoverMatrix:
    """Minutes by `before_after`; from nothing to anything none."""
    pairs = tuple((*name.split("_"), value) for name, value in minutes.items())
    nothing = tuple(("", family, 0) for family in "abc")
    return ChangeoverMatrix("colours", nothing + pairs, default, forbidden)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Job:
    """What enumeration knows of an order: minutes on the machine, due, weight, set-up family."""

    minutes: int
    due: int
    weight: int = 1
    family: str = ""
    fixed: int = 0


def sequences(
    jobs: Sequence[Job], change: Callable[[str, str], int | None] = lambda before, after: 0
) -> Iterator[tuple[int, int]]:
    """(weighted tardiness, set-up minutes) of each order of the jobs on one machine; forbidden ones are left out."""
    for chosen in permutations(jobs):
        at = late = setup = 0
        family = ""
        for job in chosen:
            needed = change(family, job.family) if family != job.family else 0
            if needed is None:
                break
            setup += needed
            at += needed + job.minutes
            late += job.weight * (at - job.due + job.fixed if at > job.due else 0)
            family = job.family
        else:
            yield late, setup


def on_machines(jobs: Sequence[Job], count: int) -> Iterator[tuple[int, int]]:
    """The same over all ways to divide the jobs among equal machines."""
    for places in product(range(count), repeat=len(jobs)):
        parts: list[list[Job]] = [[] for _ in range(count)]
        for job, place in zip(jobs, places, strict=True):
            parts[place].append(job)
        yield sum(min(sequences(part))[0] for part in parts), 0


def orders_of(jobs: Sequence[Job]) -> tuple[Line, ...]:
    """Each job an order of one piece."""
    return tuple(
        order(
            f"J{number}", 1, job.due, press(job.minutes, family=job.family),
            priority=job.weight, late_fixed_min=job.fixed,
        )
        for number, job in enumerate(jobs)
    )  # fmt: skip


def change_of(matrix: ChangeoverMatrix) -> Callable[[str, str], int | None]:
    """Minutes from family to family, None where forbidden."""
    listed: Mapping[tuple[str, str], int] = {(before, after): minutes for before, after, minutes in matrix.minutes}
    return lambda a, b: None if (a, b) in matrix.forbidden else listed.get((a, b), matrix.default_min)
