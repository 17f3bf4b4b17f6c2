"""The shapes of the sample park: frozen dataclasses, integers and Decimal, no database.

Units stand in the names. Instants are minutes counted from the sample's zero (00:00 Asia/Shanghai of the
sample's date); money is integer fen; mass is Decimal kg or integer kg; distances are Decimal km.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Grade:
    """A resin grade. `additives` are shares of the compound by mass, e.g. ("MB-FR", Decimal("0.08"))."""

    code: str
    name_zh: str
    name_en: str
    family: str
    molecular_weight: str
    price_fen_per_t: int
    additives: tuple[tuple[str, Decimal], ...]
    regrind_share: Decimal


@dataclass(frozen=True, slots=True)
class MachineClass:
    """A class of machines with its envelope; `efficiency` divides pure process time."""

    code: str
    code_prefix: str
    kind: str  # press, extruder, ram, mill, router, saw, mixer, oven
    name_zh: str
    name_en: str
    daylights: int | None
    platen_length_mm: int | None
    platen_width_mm: int | None
    max_thickness_mm: int | None
    load_min: int
    efficiency: Decimal
    connected_kw: int
    floor_m2: int


@dataclass(frozen=True, slots=True)
class ShiftPattern:
    """Daily shifts as (start, end) minutes after midnight; an end beyond 1440 runs into the next day."""

    code: str
    shifts_min: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class CalendarRule:
    """When a group of machines works: a pattern on ISO weekdays (1 = Monday).

    `keeps_holidays`: closed on holidays, open on make-up workdays. `keeps_closure`: stops in a shop closure.
    """

    pattern: str
    weekdays: tuple[int, ...]
    keeps_holidays: bool
    keeps_closure: bool


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """A dated exception. `kind`: holiday, makeup_workday or shop_closure."""

    day: date
    kind: str
    name_zh: str
    name_en: str
    assumed: bool
    source: str


@dataclass(frozen=True, slots=True)
class Firm:
    """A member firm. `rules` gives the calendar by machine class code; the key "*" is the firm's own."""

    code: str
    name_zh: str
    name_en: str
    sort_key: str
    tier: str  # leader, case, core
    niche: str
    approvals: tuple[str, ...]  # boron, medical, aerospace: work that needs a separate approved line
    x_km: Decimal
    y_km: Decimal
    rules: tuple[tuple[str, CalendarRule], ...]
    area_m2: int
    staff: int
    annual_sales_mcny: int
    note: str


@dataclass(frozen=True, slots=True)
class Machine:
    """One machine. `status`: installed or owned_not_installed (never planned)."""

    code: str
    firm_code: str
    class_code: str
    status: str
    efficiency: Decimal


@dataclass(frozen=True, slots=True)
class MachineOption:
    """A class that can do a step: a batch law (pieces and seconds per cycle) or a rate (seconds per piece).

    All times are pure process times; divide by the machine's efficiency.
    """

    class_code: str
    pieces_per_cycle: int | None
    cycle_s: int | None
    seconds_per_piece: int | None


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a changeover depends on; equal recipes may share a press cycle and need no changeover."""

    grade_family: str
    colour: str
    colour_depth: int  # 0 natural/white, 1 light, 2 dark, 3 black: cleaning to a lighter one takes longer
    thickness_mm: int
    pattern: str  # "" plain, else the mould's name
    die: str  # "" for presses, else the extruder's or ram's die
    boron: bool
    medical: bool

    @property
    def code(self) -> str:
        """A stable family code, e.g. `U2R/black/30/diamond`."""
        parts = (self.grade_family, self.colour, str(self.thickness_mm), self.pattern, self.die)
        return "/".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Step:
    """One operation of a routing.

    `options` empty: time without a machine, `fixed_min` per transfer batch and `seconds_per_piece` on top;
    `clock`: elapsed, it passes always (resting), or firm, in the firm's hours (inspection, packing).
    `setup_min`: each new run on a machine of this step, where no recipe rules. `transfer_pieces`: the most
    pieces that are passed to the next step at a time.
    """

    number: int
    process: str  # MIX PRESS EXTRUDE RAM REST ANNEAL SAW MILL ROUTE QC PACK
    options: tuple[MachineOption, ...]
    setup_min: int
    fixed_min: int
    seconds_per_piece: int
    clock: str
    transfer_pieces: int | None  # None: the whole lot, no overlap
    recipe: Recipe | None


@dataclass(frozen=True, slots=True)
class BomLine:
    """A component. Resin, pigment, additives: gross `kg_per_piece`; a blank: `pieces_per_blank` to one."""

    item_code: str
    kind: str  # resin, pigment, additive, blank
    kg_per_piece: Decimal
    pieces_per_blank: int | None


@dataclass(frozen=True, slots=True)
class Routing:
    """One alternative way to make a product; `preference` 1 is tried first at equal dates."""

    code: str
    product_code: str
    variant: str  # press, extrude, ram, from_blank
    preference: int
    steps: tuple[Step, ...]
    bom: tuple[BomLine, ...]


@dataclass(frozen=True, slots=True)
class Product:
    """A standard product; `needs` names the approval that a firm must hold to make it ("" = none)."""

    code: str
    name_zh: str
    name_en: str
    form: str
    length_mm: int
    width_mm: int | None
    thickness_mm: int
    density_kg_per_m3: int
    unit_mass_kg: Decimal
    grade_code: str
    colour: str
    niche: str
    season: str
    needs: str
    lead_addition_days: int
    tonnage_share: Decimal
    largest_order_t: Decimal
    price_fen_per_t: int
    gross_factor: Decimal
    routings: tuple[Routing, ...]


@dataclass(frozen=True, slots=True)
class ChangeoverRule:
    """Minutes and purge loss when `attribute` changes in the given way on machines of `kind`.

    `change`: any, to_darker, to_lighter, to_true, to_false. `group`: rules of one group do not add up, the
    longest counts; groups add up.
    """

    kind: str
    attribute: str
    change: str
    group: str
    minutes: int
    loss_kg: int


@dataclass(frozen=True, slots=True)
class TransportLaw:
    """Between two gates: minutes = fixed + km x per km; CNY = trucks x (fixed + km) + tonnes x handling."""

    fixed_min: int
    min_per_km: Decimal
    truck_kg: int
    fixed_fen_per_truck: int
    fen_per_km: int
    handling_fen_per_t: int


@dataclass(frozen=True, slots=True)
class Supplier:
    """A resin supplier (fictional); lead days [least, most]."""

    code: str
    name_zh: str
    name_en: str
    grade_codes: tuple[str, ...]
    lead_days: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Offer:
    """`share_pct` of the open time of `machine_codes` in the window, offered at a standing fee.

    The fee is per tonne of good product. `material_from`: giver (sends the resin). `accept`: at_once or ask.
    """

    code: str
    firm_code: str
    class_codes: tuple[str, ...]
    machine_codes: tuple[str, ...]
    share_pct: int
    start_min: int
    end_min: int
    least_lot_kg: int
    fee_fen_per_t: int
    accept: str
    material_from: str


@dataclass(frozen=True, slots=True)
class FrozenBooking:
    """Machine time promised already; the planner never moves it."""

    firm_code: str
    machine_code: str
    start_min: int
    end_min: int
    note: str


@dataclass(frozen=True, slots=True)
class MachineSetup:
    """What a forming machine is set up for at zero."""

    machine_code: str
    recipe: Recipe


@dataclass(frozen=True, slots=True)
class Overtime:
    """A firm works around the clock in [start_date, end_date), no closed day, on all its machines."""

    firm_code: str
    start_date: date
    end_date: date
    note: str


@dataclass(frozen=True, slots=True)
class Stock:
    """Opening stock at zero (available_min 0) or an arrival on its way (available_min > 0), in kg."""

    firm_code: str
    item_code: str
    kg: int
    available_min: int
    supplier_code: str


@dataclass(frozen=True, slots=True)
class BlankStock:
    """Blanks on hand at zero, in pieces (2000 x 1000 sheets)."""

    firm_code: str
    item_code: str
    pieces: int


@dataclass(frozen=True, slots=True)
class PrivateTerms:
    """What only the firm itself reads."""

    customer_name: str
    price_fen_per_t: int


@dataclass(frozen=True, slots=True)
class Consent:
    """May the line be placed elsewhere? never, ask or allowed; the ceiling is None when never."""

    outsourcing: str
    fee_ceiling_fen_per_t: int | None
    excluded_firm_codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SampleOrder:
    """A sales order with its one line. `reported_pieces` are good and packed already."""

    number: str
    firm_code: str
    product_code: str
    pieces: int
    reported_pieces: int
    ordered_on: date
    lead_days: int
    due_min: int  # the end of the due day, counted from zero
    priority: int  # 1, 3 or 9
    terms: PrivateTerms
    consent: Consent

    @property
    def open_pieces(self) -> int:
        """Pieces still to be made."""
        return self.pieces - self.reported_pieces


@dataclass(frozen=True, slots=True)
class Park:
    """Everything that does not depend on the seed."""

    sample_date: date
    grades: tuple[Grade, ...]
    machine_classes: tuple[MachineClass, ...]
    patterns: tuple[ShiftPattern, ...]
    calendar: tuple[CalendarDay, ...]
    firms: tuple[Firm, ...]
    machines: tuple[Machine, ...]
    products: tuple[Product, ...]
    changeovers: tuple[ChangeoverRule, ...]
    transport: TransportLaw
    season_index: tuple[tuple[str, tuple[Decimal, ...]], ...]  # by season, January first
    suppliers: tuple[Supplier, ...]
    customers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CaseOptions:
    """The case's switches; the defaults are the story as told."""

    booked_presses: int = 2
    rest_h: int | None = None  # None: the product's own rest
    press_efficiency: Decimal | None = None  # None: the machine class's own
    whole_lots: bool = False


@dataclass(frozen=True, slots=True)
class Sample:
    """The park with one order book: all that is seeded."""

    park: Park
    seed: int
    orders: tuple[SampleOrder, ...]  # the case's order is the last one
    case_order_number: str
    offers: tuple[Offer, ...]
    bookings: tuple[FrozenBooking, ...]
    overtime: tuple[Overtime, ...]
    stocks: tuple[Stock, ...]
    blank_stocks: tuple[BlankStock, ...]
    setups: tuple[MachineSetup, ...]
