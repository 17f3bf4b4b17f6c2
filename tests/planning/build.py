"""A small park for the tests: two firms, presses by cycle, mixers and saws by rate, one line, one offer."""

from dataclasses import replace
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
    Pool,
    PreviousRun,
    Problem,
    Route,
    Step,
    Transport,
    Wait,
)

DAY = 1440
HORIZON = 40 * DAY
SHIFTS = tuple((day * DAY + 480, day * DAY + 1440) for day in range(40))

MIX = Step(
    "MIX",
    (Mode("MIXER", "rate", piece_s=120, setup_min=10),),
    transfer_pieces=8,
    materials=(("resin", 1000),),
)
PRESS = Step(
    "PRESS",
    (Mode("PRESS", "cycle", pieces_per_cycle=2, cycle_s=3600),),
    forming=True,
    family="black",
    transfer_pieces=8,
    waits=(Wait("REST", fixed_min=120),),
)
SAW = Step(
    "SAW",
    (Mode("SAW", "rate", piece_s=240),),
    transfer_pieces=8,
    waits=(Wait("PACK", fixed_min=10, piece_s=30, clock="firm"),),
)
ROUTE = Route("pressed", (MIX, PRESS, SAW))


def line(key: str = "A-1", **changes: Any) -> Line:
    """A line of firm A: 40 pieces of 10 kg, due on day 3."""
    base = Line(
        key=key,
        firm="A",
        product="PANEL",
        pieces=40,
        unit_mass_g=10_000,
        release_min=0,
        due_min=3 * DAY,
        routes=(ROUTE,),
        consent="allowed",
    )
    return replace(base, **changes)


def machines(firm: str, presses: int = 2) -> tuple[Machine, ...]:
    """A firm's machines in day shifts."""
    made = [Machine(f"{firm}-PRESS-{n}", firm, "PRESS", "shifts", 800, (), "colours") for n in range(presses)]
    made += [Machine(f"{firm}-MIXER", firm, "MIXER", "shifts"), Machine(f"{firm}-SAW", firm, "SAW", "shifts")]
    return tuple(made)


def problem(*lines: Line, **changes: Any) -> Problem:
    """Firms A and B; B offers its presses. Each keyword replaces a field of the Problem."""
    base = Problem(
        horizon_min=HORIZON,
        calendars=(Calendar("shifts", SHIFTS), Calendar("always", ((0, HORIZON),))),
        firms=(Firm("A", "shifts"), Firm("B", "shifts")),
        machines=machines("A") + machines("B"),
        lines=lines or (line(),),
        changeovers=(ChangeoverMatrix("colours", (("white", "black", 90),), 60),),
        pools=(Pool("A-MOULD", "A", "mould", 1, "always"),),
        arrivals=(MaterialArrival("A-resin", "A", "resin", 0, 10_000_000),),
        transports=(Transport("B", "A", 60, 50_000, 1_000_000), Transport("A", "B", 60, 50_000, 1_000_000)),
        offers=(Offer("B-offer", "B", ("B-PRESS-0", "B-PRESS-1"), (0, HORIZON), 300_000, material_from="giver"),),
    )
    return replace(base, **changes)


def booking(key: str, machine: str, start_min: int, end_min: int, **changes: Any) -> FixedLot:
    """Somebody else's work on a machine."""
    run = FixedRun(machine, start_min, end_min, "white")
    return replace(FixedLot(key, "", machine.split("-")[0], 0, (run,), end_min), **changes)


def previous(machine: str, start_min: int) -> PreviousRun:
    """A press run of the plan before."""
    return PreviousRun("A-1", "PRESS", machine, start_min)


def with_step(number: int, **changes: Any) -> Route:
    """The usual route with one step changed."""
    steps = list(ROUTE.steps)
    steps[number] = replace(steps[number], **changes)
    return Route("pressed", tuple(steps))


def with_mode(number: int, **changes: Any) -> Route:
    """The usual route with one step's mode changed."""
    return with_step(number, modes=(replace(ROUTE.steps[number].modes[0], **changes),))
