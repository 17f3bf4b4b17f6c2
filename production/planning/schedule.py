"""The plan that the search gives: lots, machine runs, what is left over and why. Units as in `problem`."""

from dataclasses import dataclass
from typing import NamedTuple

from production.planning.problem import FixedLot

FORMAT = "schedule/1"

Data = tuple[tuple[str, int | str], ...]
"""Named values of a reason, in a fixed order."""


class Tiers(NamedTuple):
    """The objective, compared as a tuple, less is better.

    broken: fixed lots that finish past their agreed date. tardiness: sum of priority x (minutes late +
    late_fixed_min) over late and unplaced lines. cost_fen: fees, transport, splits, refusals, and lateness
    that has a price.
    changeover_min: set-up minutes of all runs. moved: days before the window's end, summed over moved runs.
    makespan_min: when the last new lot is finished.
    """

    broken: int
    tardiness: int
    cost_fen: int
    changeover_min: int
    moved: int
    makespan_min: int


@dataclass(frozen=True, slots=True)
class Lot:
    """Whole pieces of a line made by one firm along one route.

    product: the line's. batches: pieces of each transfer batch, in order; their sum is `pieces`. Every step
    works them in this order.
    offer: key of the offer it is placed on, None at home. firm: who makes it.
    fee_fen and transport_fen: 0 at home. finish_min: packed at the giver's gate.
    awaits: whose yes is needed before it binds: "giver", "doer".
    """

    key: str
    line: str
    product: str
    pieces: int
    firm: str
    route: str
    offer: str | None
    batches: tuple[int, ...]
    finish_min: int
    fee_fen: int = 0
    transport_fen: int = 0
    awaits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """What a run carries: `batches` transfer batches of a lot's step, from number `first_batch` on."""

    lot: str
    step: int
    first_batch: int
    batches: int


@dataclass(frozen=True, slots=True)
class Run:
    """One machine run. Its parts are worked in order, one after the other.

    start_min: the set-up begins. work_start_min: the first cycle or piece begins; the set-up's minutes lie in
    open hours between the two. end_min: follows from work_start_min by the mode's law. setup_min: changeover
    and fixed set-up.
    cycles: for kind `cycle`, else 0. pieces: of all parts.
    """

    key: str
    machine: str
    start_min: int
    work_start_min: int
    end_min: int
    setup_min: int
    family: str
    cycles: int
    pieces: int
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Unplaced:
    """Pieces that have no place in the plan, with a reason as data (codes: `explain`)."""

    line: str
    pieces: int
    code: str
    data: Data = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """One link of the chain that makes a line late: a code of `explain` and its data."""

    line: str
    code: str
    data: Data = ()


@dataclass(frozen=True, slots=True)
class Note:
    """Bad data that was found before the search and planned around: a code of `screen` and its data."""

    code: str
    data: Data = ()


@dataclass(frozen=True, slots=True)
class Schedule:
    """A whole plan. fixed: the problem's fixed lots, unmoved. problem_hash: of its problem."""

    problem_hash: str
    lots: tuple[Lot, ...]
    runs: tuple[Run, ...]
    fixed: tuple[FixedLot, ...]
    unplaced: tuple[Unplaced, ...]
    tiers: Tiers
    reasons: tuple[Reason, ...] = ()
    notes: tuple[Note, ...] = ()
