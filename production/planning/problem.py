"""The planning problem: frozen plain data in, no database behind it.

Units everywhere: times are whole minutes from the plan's zero (they may be negative before it), nominal cycle
and piece times are seconds, quantities are pieces, masses grams, money fen. Periods are half open,
`(start_min, end_min)`. Keys are opaque strings made of business numbers (firm code, order number, line),
never database identifiers: everything the search orders is ordered by them, so the same business data gives
the same plan.
"""

from dataclasses import dataclass
from typing import Literal

FORMAT = "problem/1"

Period = tuple[int, int]
Consent = Literal["never", "ask", "allowed"]
Accept = Literal["at_once", "ask"]
PoolKind = Literal["mould", "die", "frame", "crew", "power"]
ModeKind = Literal["cycle", "rate"]
Clock = Literal["elapsed", "firm"]
MaterialFrom = Literal["giver", "doer"]


@dataclass(frozen=True, slots=True)
class Calendar:
    """Open hours. Shifts, overtime and holidays are already resolved into periods.

    open: sorted, disjoint, half-open periods in minutes. After the last one nothing can be planned.
    """

    key: str
    open: tuple[Period, ...]


@dataclass(frozen=True, slots=True)
class Firm:
    """A member firm. `calendar`: hours of the people who inspect and pack (waits on the firm's clock)."""

    key: str
    calendar: str


@dataclass(frozen=True, slots=True)
class ChangeoverMatrix:
    """Minutes to change a machine from one setup family to another.

    minutes: (from_family, to_family, minutes). A pair that is not listed takes `default_min`; the same family
    takes 0.
    forbidden: (from_family, to_family) that may not follow each other directly.
    """

    key: str
    minutes: tuple[tuple[str, str, int], ...] = ()
    default_min: int = 0
    forbidden: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Machine:
    """One machine.

    machine_class: opaque; the envelope (platen, daylights, thickness, tonnage) is resolved by the caller into
    the classes that a step's modes name. Machines with different envelopes have different classes.
    efficiency_permille: 800 means that a nominal cycle of 80 min takes 100 min.
    closed: periods in which the machine does not work although its calendar is open (downtime, repair). A run
    may pause over them as over closed hours. Other people's work is a FixedLot, over which no run may pause.
    changeover: key of a ChangeoverMatrix, or None: no changeover.
    family_at_zero: what it is set up for before its first run; "" = nothing (then `default_min` is due).
    pool_needs: (pool of its firm, units) held by whatever runs on it, on top of what the step holds.
    """

    key: str
    firm: str
    machine_class: str
    calendar: str
    efficiency_permille: int = 1000
    closed: tuple[Period, ...] = ()
    changeover: str | None = None
    family_at_zero: str = ""
    pool_needs: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Pool:
    """A resource that runs share: moulds, dies and frames (pieces), crews (people), connected power (kW).

    capacity: units at a time, in the hours of `calendar`. Power is drawn from the start of the work,
    the rest is held from the start of the set-up. A pool is needed by machines or by steps, not by both.
    out: (start_min, end_min, units) that are not there meanwhile: in repair, away.
    """

    key: str
    firm: str
    kind: PoolKind
    capacity: int
    calendar: str
    out: tuple[tuple[int, int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class MaterialArrival:
    """`grams` of `material` are at `firm` from `at_min` on (0 or less: opening stock)."""

    key: str
    firm: str
    material: str
    at_min: int
    grams: int


@dataclass(frozen=True, slots=True)
class Transport:
    """A trip between two firms' gates. Whole trucks are paid: ceil(mass / truck_g) x truck_fen."""

    from_firm: str
    to_firm: str
    minutes: int
    truck_fen: int
    truck_g: int


@dataclass(frozen=True, slots=True)
class Mode:
    """A way to do a step on the machines of one class (a step names a class at most once).

    kind `cycle`: pieces_per_cycle and cycle_s (nominal, load and unload included). A run of n cycles takes
    W(n) = ceil(n * cycle_s * 1000 / (efficiency_permille * 60)) minutes of work; cycle k takes W(k) - W(k -
    1) minutes
    and needs them uninterrupted: a run pauses between cycles only. A press, or an oven with its load.
    kind `rate`: piece_s (nominal). A run of n pieces takes ceil(n * piece_s * 1000 / (efficiency_permille *
    60)) minutes and may pause at any time when the machine is closed.
    setup_min: before each run, whatever came before, on top of the changeover between families.
    """

    machine_class: str
    kind: ModeKind
    pieces_per_cycle: int = 1
    cycle_s: int = 0
    piece_s: int = 0
    setup_min: int = 0


@dataclass(frozen=True, slots=True)
class Wait:
    """Time after a step without a machine, for each transfer batch: resting, inspection, packing.

    Takes fixed_min + ceil(pieces * piece_s / 60) minutes, `elapsed` or counted in the hours of the firm's
    calendar.
    """

    process: str
    fixed_min: int = 0
    piece_s: int = 0
    clock: Clock = "elapsed"


@dataclass(frozen=True, slots=True)
class Step:
    """One operation of a route.

    forming: the step that makes the piece (press, extruder, ram). One lot is one run on one forming machine;
    at another firm that machine must be in the offer. At most one per route; a route without one is made at
    home only.
    family: what the machine must be set up for (grade family, colour, thickness, mould).
    transfer_pieces: largest transfer batch handed to the next step; None = the whole lot, no overlap.
    waits: in this order after the machine's work, for each transfer batch.
    materials: (material, grams per piece), taken when a run of the step starts.
    pool_needs: (pool, units) held while a run of the step runs at the pool's firm. Other firms' pools do not bind it.
    """

    process: str
    modes: tuple[Mode, ...]
    forming: bool = False
    family: str = ""
    transfer_pieces: int | None = None
    waits: tuple[Wait, ...] = ()
    materials: tuple[tuple[str, int], ...] = ()
    pool_needs: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Route:
    """Steps in order. A line's routes are alternatives, the preferred first; a lot takes one."""

    key: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """An order line as far as it is still to be planned.

    pieces: left to plan; what FixedLots carry is not in it. unit_mass_g: of a finished piece.
    release_min: nothing starts before. due_min: at the firm's own gate.
    priority: weight of lateness (1, 3 or 9). late_fixed_min: added to the minutes late of a late line, once.
    lateness_worth_fen_per_h: None = lateness comes before any cost. Set = this line's lateness is money: it
    leaves the tardiness tier and joins the cost tier, and an offer is taken only if the hours saved are worth
    its price.
    consent: may work go to another firm: `never`, `ask` (the lot awaits the giver's yes), `allowed`.
    fee_ceiling_fen_per_t: dearer offers are not taken; None = no ceiling.
    excluded_firms: never placed there. barred_firms: declined, expired or withdrawn for this line, not asked
    again. unable_firms: they lack what it takes, such as a mould.
    forbidden_machines: the planner wants none of the line's runs there.
    least_lot_pieces: no lot is smaller (unless the line is). split_cost_fen: for each lot beyond the first.
    optional: may be refused when it cannot be on time or costs more than refusal_cost_fen.
    """

    key: str
    firm: str
    product: str
    pieces: int
    unit_mass_g: int
    release_min: int
    due_min: int
    routes: tuple[Route, ...]
    priority: int = 1
    late_fixed_min: int = 1440
    lateness_worth_fen_per_h: int | None = None
    consent: Consent = "never"
    fee_ceiling_fen_per_t: int | None = None
    excluded_firms: tuple[str, ...] = ()
    barred_firms: tuple[str, ...] = ()
    unable_firms: tuple[str, ...] = ()
    forbidden_machines: tuple[str, ...] = ()
    least_lot_pieces: int = 1
    split_cost_fen: int = 0
    optional: bool = False
    refusal_cost_fen: int = 0


@dataclass(frozen=True, slots=True)
class Offer:
    """Capacity that a firm offers to the others.

    machines: forming machines offered; the doer's other machines serve the finishing.
    window: the forming runs lie inside, set-up included. least_lot_g: smallest lot taken.
    machine_minutes: greatest sum of W(n) of all forming runs placed, pauses and set-up not counted; None = no
    limit but the window.
    fee_fen_per_t: for each tonne of finished pieces. accept: at once on standing terms, or ask.
    material_from: `doer` = labour and material; `giver` = the giver's stock is used and makes the trip first.
    """

    key: str
    firm: str
    machines: tuple[str, ...]
    window: Period
    fee_fen_per_t: int
    least_lot_g: int = 0
    machine_minutes: int | None = None
    accept: Accept = "at_once"
    material_from: MaterialFrom = "doer"


@dataclass(frozen=True, slots=True)
class FixedRun:
    """Machine time that is taken. start_min includes its set-up of setup_min. One of no length takes nothing."""

    machine: str
    start_min: int
    end_min: int
    family: str = ""
    setup_min: int = 0
    pool_needs: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class FixedLot:
    """A lot frozen whole: approved, confirmed, started, pinned, or a proposal on hold; its runs do not move.

    line: of the order line it belongs to; "" = a booking of somebody else's work.
    finish_min: at the giver's gate. agreed_min: the date agreed; finish_min beyond it is a broken commitment.
    """

    key: str
    line: str
    firm: str
    pieces: int
    runs: tuple[FixedRun, ...]
    finish_min: int
    agreed_min: int | None = None


@dataclass(frozen=True, slots=True)
class PreviousRun:
    """A run of the plan before, to keep the new one near it. Identified by line, process and machine."""

    line: str
    process: str
    machine: str
    start_min: int


@dataclass(frozen=True, slots=True)
class Pin:
    """A planner's word that holds until it is lifted: the line's runs of a process stay where they are.

    machine: on this one; None leaves it free. start_min: the first of them starts then; None leaves it free.
    """

    line: str
    process: str
    machine: str | None = None
    start_min: int | None = None


@dataclass(frozen=True, slots=True)
class Sequence:
    """A planner's word: on a machine, the lines' runs come in this order, whatever comes between."""

    machine: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Options:
    """How to search.

    rules: dispatch rules to try, in order; () = all of them. seed: of the rule that shakes the order.
    moved_window_min, moved_tolerance_min: a previous run that started within the window is moved work when it
    is on another machine or its start has shifted by more than the tolerance.
    """

    rules: tuple[str, ...] = ()
    seed: int = 1
    moved_window_min: int = 7 * 1440
    moved_tolerance_min: int = 120


@dataclass(frozen=True, slots=True)
class Problem:
    """All that a plan depends on. horizon_min: no run ends later; what does not fit is unplaced."""

    horizon_min: int
    calendars: tuple[Calendar, ...]
    firms: tuple[Firm, ...]
    machines: tuple[Machine, ...]
    lines: tuple[Line, ...]
    changeovers: tuple[ChangeoverMatrix, ...] = ()
    pools: tuple[Pool, ...] = ()
    arrivals: tuple[MaterialArrival, ...] = ()
    transports: tuple[Transport, ...] = ()
    offers: tuple[Offer, ...] = ()
    fixed_lots: tuple[FixedLot, ...] = ()
    previous: tuple[PreviousRun, ...] = ()
    pins: tuple[Pin, ...] = ()
    sequences: tuple[Sequence, ...] = ()
    options: Options = Options()
