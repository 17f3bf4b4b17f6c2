"""A Problem as flat arrays, and an empty plan for it."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from production.planning.engine.arrays import Block, build_block, table, table_of
from production.planning.engine.kernel import columns as c
from production.planning.kernel.generator import generator_state
from production.planning.problem import Calendar, Line, Period, Problem, Route, Step

Rows = list[tuple[int, ...]]


def open_periods(calendar: Calendar, closed: tuple[Period, ...], horizon_min: int) -> tuple[Period, ...]:
    """Open hours without closed ones, inside [0, horizon_min); touching periods joined."""
    shut = sorted(closed)
    joined: list[Period] = []
    for start, end in calendar.open:
        at, until = max(start, 0), min(end, horizon_min)
        pieces: list[Period] = []
        for from_min, to_min in shut:
            if to_min <= at or from_min >= until:
                continue
            if from_min > at:
                pieces.append((at, from_min))
            at = max(at, to_min)
        if at < until:
            pieces.append((at, until))
        for piece in pieces:
            if joined and joined[-1][1] >= piece[0]:
                joined[-1] = (joined[-1][0], max(joined[-1][1], piece[1]))
            else:
                joined.append(piece)
    return tuple(joined)


Shape = tuple[tuple[tuple[str, ...], bool], ...]
"""Of each step the machine classes, and whether it is the forming one."""


@dataclass(frozen=True, slots=True)
class RouteRow:
    """A route as it is compiled. first: number of its first step. forming: number of that step in the route, or -1.

    batch: the largest transfer batch that all steps allow, 0 = the whole lot.
    """

    route: Route
    first: int
    steps: int
    forming: int
    batch: int
    has_materials: bool
    shape: Shape


class Compiler:
    """Reads a sorted problem once. The numbers of firms, machines, lines and offers are their places in it."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.firm_of = {firm.key: number for number, firm in enumerate(problem.firms)}
        self.machine_of = {machine.key: number for number, machine in enumerate(problem.machines)}
        self.matrix_of = {matrix.key: number for number, matrix in enumerate(problem.changeovers)}
        self.families: dict[str, int] = {"": 0}
        self.calendars: dict[tuple[Period, ...], int] = {}
        self.steps: Rows = []
        self.waits: Rows = []
        self.modes: Rows = []
        self.classes: dict[tuple[str, ...], int] = {}
        self._routes: dict[int, RouteRow] = {}
        self._names: dict[int, tuple[str, ...]] = {}
        self._can: dict[tuple[int, int, Shape], bool] = {}
        self._members: dict[tuple[int, tuple[str, ...]], tuple[tuple[int, int], ...]] = {}
        self._by_class: dict[tuple[int, str], list[int]] = {}
        calendars = {calendar.key: calendar for calendar in problem.calendars}
        for number, machine in enumerate(problem.machines):
            if any(end > 0 for _, end in calendars[machine.calendar].open):
                self._by_class.setdefault((self.firm_of[machine.firm], machine.machine_class), []).append(number)

    def hours(self, periods: tuple[Period, ...]) -> int:
        """Number of a calendar with these open periods."""
        return self.calendars.setdefault(periods, len(self.calendars))

    def family(self, name: str) -> int:
        return self.families.setdefault(name, len(self.families))

    def members(self, row: int, names: tuple[str, ...]) -> tuple[tuple[int, int], ...]:
        """(machine, mode) of those of a row (a firm, or behind the firms an offer) that work in one of the classes."""
        place = (row, names)
        if place not in self._members:
            firms = len(self.problem.firms)
            if row < firms:
                found = tuple(
                    (machine, mode)
                    for mode, name in enumerate(names)
                    for machine in self._by_class.get((row, name), ())
                )
            else:
                offer = self.problem.offers[row - firms]
                offered = {self.machine_of[key] for key in offer.machines}
                everybody = self.members(self.firm_of[offer.firm], names)
                found = tuple(item for item in everybody if item[0] in offered)
            self._members[place] = found
        return self._members[place]

    def can(self, firm: int, row: int, route: "RouteRow") -> bool:
        """Whether a firm has machines with hours for each step of a route; `row`: those of the forming step."""
        place = (firm, row, route.shape)
        known = self._can.get(place)
        if known is None:
            known = bool(route.shape) and all(
                self.members(row if is_forming else firm, names) for names, is_forming in route.shape
            )
            self._can[place] = known
        return known

    def workers(self) -> tuple[Block, Block]:
        """Ranges by row and classes, and the machines and modes in them."""
        rows = len(self.problem.firms) + len(self.problem.offers)
        ranges = np.zeros((rows, len(self.classes), c.WS_COLUMNS), np.int64)
        found: Rows = []
        for row, names in sorted(self._members):
            if names in self.classes:
                first = len(found)
                found.extend(self._members[row, names])
                ranges[row, self.classes[names]] = first, len(found)
        return ranges, table(found, c.WK_COLUMNS)

    def route(self, route: Route) -> "RouteRow":
        """A route's row; one that many lines share is written once."""
        known = self._routes.get(id(route))
        if known is None:
            first = len(self.steps)
            for step in route.steps:
                self._step(step)
            known = RouteRow(
                route=route,
                first=first,
                steps=len(route.steps),
                forming=next((number for number, step in enumerate(route.steps) if step.forming), -1),
                batch=min(
                    (step.transfer_pieces for step in route.steps if step.transfer_pieces is not None), default=0
                ),
                has_materials=any(step.materials for step in route.steps),
                shape=tuple((self._names[id(step)], step.forming) for step in route.steps),
            )
            self._routes[id(route)] = known
        return known

    def _step(self, step: Step) -> None:
        wait = len(self.waits)
        for item in step.waits:
            self.waits.append((item.fixed_min, item.piece_s, int(item.clock == "firm")))
        mode = len(self.modes)
        is_cycle = bool(step.modes) and step.modes[0].kind == "cycle"
        for way in step.modes:
            if is_cycle:
                self.modes.append((way.cycle_s * 1000, way.pieces_per_cycle, way.setup_min))
            else:
                self.modes.append((way.piece_s * 1000, 1, way.setup_min))
        names = tuple(way.machine_class for way in step.modes)
        self._names[id(step)] = names
        classes = self.classes.setdefault(names, len(self.classes))
        self.steps.append(
            (
                self.family(step.family),
                step.transfer_pieces or 0,
                wait,
                len(self.waits),
                mode,
                classes,
                int(is_cycle),
            )
        )


def compile_problem(problem: Problem) -> Block:
    """The sorted problem's arrays."""
    reader = Compiler(problem)
    calendars = {calendar.key: calendar for calendar in problem.calendars}
    firm_cal = [reader.hours(open_periods(calendars[firm.calendar], (), problem.horizon_min)) for firm in problem.firms]
    machines, blocks = _machines(reader)
    paths, lines = LineReader(reader).read()
    workers, worker = reader.workers()
    cal, period, grid, inverse = _hours(list(reader.calendars), problem.horizon_min)
    offers = [[-1 if item.machine_minutes is None else item.machine_minutes] for item in problem.offers]
    change = _changes(reader)
    numbers = {
        c.G_HORIZON: problem.horizon_min,
        c.G_LINES: len(lines),
        c.G_MACHINES: len(machines),
        c.G_GRID_SIZE: grid.shape[1],
        c.G_CLASSES: len(reader.classes),
        c.G_FAMILIES: len(reader.families),
    }
    tables = {
        c.G_CAL: cal,
        c.G_PERIOD: period,
        c.G_GRID: grid,
        c.G_INVERSE: inverse,
        c.G_FIRM: np.array(firm_cal, np.int64),
        c.G_MACHINE: table(machines, c.MC_COLUMNS),
        c.G_BLOCK: table(blocks, c.BL_COLUMNS),
        c.G_CHANGE: change,
        c.G_STEP: table(reader.steps, c.ST_COLUMNS),
        c.G_WAIT: table(reader.waits, c.WT_COLUMNS),
        c.G_MODE: table(reader.modes, c.MD_COLUMNS),
        c.G_WORKERS: workers,
        c.G_WORKER: worker,
        c.G_OFFER: table(offers, 1),
        c.G_PATH: table(paths, c.PT_COLUMNS),
        c.G_LINE: table(lines, c.LN_COLUMNS),
    }
    return build_block(c.G_HEAD, numbers, tables)


def _hours(calendars: list[tuple[Period, ...]], horizon_min: int) -> tuple[Block, Block, Block, Block]:
    """Calendars, their periods, and for every 2**GRID minutes the first period that ends, is worked off, later."""
    size = (horizon_min >> c.GRID) + 2
    marks = np.arange(size, dtype=np.int64) << c.GRID
    cal = np.zeros((len(calendars), 2), np.int64)
    grid = np.zeros((len(calendars), size), np.int64)
    inverse = np.zeros((len(calendars), size), np.int64)
    rows: Rows = []
    for number, periods in enumerate(calendars):
        first = len(rows)
        done = 0
        for start, end in periods:
            rows.append((start, end, done, done + end - start))
            done += end - start
        cal[number] = first, len(rows)
        ends = np.array([row[1] for row in rows[first:]], np.int64)
        sums = np.array([row[3] for row in rows[first:]], np.int64)
        grid[number] = first + np.searchsorted(ends, marks, side="right")
        inverse[number] = first + np.searchsorted(sums, marks, side="left")
    return cal, table(rows, c.PER_COLUMNS), grid, inverse


def _machines(reader: Compiler) -> tuple[Rows, Rows]:
    """Machines, and the work on each that does not move; what overlaps there is taken as one."""
    problem = reader.problem
    calendars = {calendar.key: calendar for calendar in problem.calendars}
    fixed: dict[str, list[tuple[int, int, int, int]]] = {}
    for lot in problem.fixed_lots:
        for run in lot.runs:
            if run.end_min > run.start_min:
                row = (run.start_min, run.end_min, reader.family(run.family), run.setup_min)
                fixed.setdefault(run.machine, []).append(row)
    known: dict[tuple[str, tuple[Period, ...]], int] = {}
    machines: Rows = []
    blocks: Rows = []
    for machine in problem.machines:
        place = (machine.calendar, machine.closed)
        if place not in known:
            periods = open_periods(calendars[machine.calendar], machine.closed, problem.horizon_min)
            known[place] = reader.hours(periods)
        family = reader.family(machine.family_at_zero)
        first = len(blocks)
        for row in _joined(sorted(fixed.get(machine.key, ()))):
            if row[1] <= 0:
                family = row[2]
            else:
                blocks.append(row)
        machines.append(
            (
                known[place],
                reader.firm_of[machine.firm],
                machine.efficiency_permille,
                -1 if machine.changeover is None else reader.matrix_of[machine.changeover],
                family,
                first,
                len(blocks),
                int(machine.changeover is None and first == len(blocks)),
            )
        )
    return machines, blocks


def _joined(rows: Iterable[tuple[int, int, int, int]]) -> Rows:
    joined: list[tuple[int, int, int, int]] = []
    for row in rows:
        if joined and row[0] < joined[-1][1]:
            if row[1] >= joined[-1][1]:
                joined[-1] = (joined[-1][0], row[1], row[2], joined[-1][3])
        else:
            joined.append(row)
    return list(joined)


def _changes(reader: Compiler) -> Block:
    """Minutes by matrix and families; -1 where forbidden."""
    size = len(reader.families)
    change = np.zeros((len(reader.problem.changeovers), size, size), np.int64)
    for number, matrix in enumerate(reader.problem.changeovers):
        change[number] = matrix.default_min
        for before, after, minutes in matrix.minutes:
            if before in reader.families and after in reader.families:
                change[number, reader.families[before], reader.families[after]] = minutes
        for before, after in matrix.forbidden:
            if before in reader.families and after in reader.families:
                change[number, reader.families[before], reader.families[after]] = -1
    return change


class LineReader:
    """Order lines and the paths that each may take, the preferred first: at home, then cheaper offers."""

    def __init__(self, reader: Compiler) -> None:
        self.reader = reader
        self.problem = reader.problem
        self.trips = {(trip.from_firm, trip.to_firm): trip for trip in self.problem.transports}
        self.fixed: dict[str, int] = {}
        for lot in self.problem.fixed_lots:
            self.fixed[lot.line] = max(self.fixed.get(lot.line, -1), lot.finish_min)
        self.paths: Rows = []
        self.offers: dict[tuple[str, tuple[str, ...], tuple[str, ...], int | None], list[Terms]] = {}

    def read(self) -> tuple[Rows, Rows]:
        """(paths, lines)."""
        lines: Rows = []
        products: dict[str, int] = {}
        for number, line in enumerate(self.problem.lines):
            first = len(self.paths)
            self._home(number, line)
            if line.consent != "never":
                self._placed(number, line)
            lines.append(
                (
                    self.reader.firm_of[line.firm],
                    line.pieces,
                    line.unit_mass_g,
                    line.due_min,
                    line.priority,
                    line.late_fixed_min,
                    -1 if line.lateness_worth_fen_per_h is None else line.lateness_worth_fen_per_h,
                    first,
                    len(self.paths),
                    line.split_cost_fen,
                    line.refusal_cost_fen if line.optional else -1,
                    self.fixed.get(line.key, -1),
                    products.setdefault(line.product, len(products)),
                )
            )
        return self.paths, lines

    def _home(self, number: int, line: Line) -> None:
        firm = self.reader.firm_of[line.firm]
        least = min(line.least_lot_pieces, line.pieces)
        limits = (firm, 0, self.problem.horizon_min, least, max(line.release_min, 0))
        for chosen, route in enumerate(line.routes):
            row = self.reader.route(route)
            if self.reader.can(firm, firm, row):
                way = (number, firm, -1, row.first, row.steps, row.forming, row.batch)
                self.paths.append((*way, 0, 0, 0, 1, *limits, chosen))

    def _placed(self, number: int, line: Line) -> None:
        """Paths at other firms, cheaper offers first; standing terms before those that must be asked."""
        own_least = min(line.least_lot_pieces, line.pieces)
        release = max(line.release_min, 0)
        routes = [(chosen, self.reader.route(route)) for chosen, route in enumerate(line.routes)]
        for terms in self._eligible(line):
            least = max(own_least, -(-terms.least_lot_g // line.unit_mass_g))
            if least > line.pieces:
                continue
            for chosen, row in routes:
                if row.forming < 0 or not self.reader.can(terms.firm, terms.row, row):
                    continue
                begin = max(release, terms.supply_min) if row.has_materials else release
                way = (number, terms.firm, terms.offer, row.first, row.steps, row.forming, row.batch)
                self.paths.append((*way, *terms.cost, *terms.limits, least, begin, chosen))

    def _eligible(self, line: Line) -> list["Terms"]:
        """Offers that the line's terms allow, each with what it costs to bring the goods home."""
        key = (line.firm, line.excluded_firms, line.barred_firms, line.fee_ceiling_fen_per_t)
        if key not in self.offers:
            ceiling = line.fee_ceiling_fen_per_t
            shut = {line.firm, *line.excluded_firms, *line.barred_firms}
            allowed = [
                (offer.fee_fen_per_t, offer.accept != "at_once", offer.key, number)
                for number, offer in enumerate(self.problem.offers)
                if offer.firm not in shut and (ceiling is None or offer.fee_fen_per_t <= ceiling)
            ]
            found = [self._terms(line.firm, number) for _, _, _, number in sorted(allowed)]
            self.offers[key] = [terms for terms in found if terms is not None]
        return self.offers[key]

    def _terms(self, giver: str, number: int) -> "Terms | None":
        """None when there is no way between the two firms."""
        offer = self.problem.offers[number]
        trip = self.trips.get((offer.firm, giver))
        supply = self.trips.get((giver, offer.firm))
        if trip is None or (offer.material_from == "giver" and supply is None):
            return None
        row = len(self.problem.firms) + number
        return Terms(
            offer=number,
            firm=self.reader.firm_of[offer.firm],
            row=row,
            least_lot_g=offer.least_lot_g,
            supply_min=supply.minutes if supply is not None and offer.material_from == "giver" else 0,
            cost=(trip.minutes, offer.fee_fen_per_t, trip.truck_fen, trip.truck_g),
            limits=(row, *offer.window),
        )


@dataclass(frozen=True, slots=True)
class Terms:
    """An offer as it stands for one giver. supply_min: the trip of the giver's material, 0 when the doer has it."""

    offer: int
    firm: int
    row: int
    least_lot_g: int
    supply_min: int
    cost: tuple[int, int, int, int]
    limits: tuple[int, int, int]


def empty_plan(g: Block, seed: int) -> Block:
    """A plan without lots, with room for as many as the problem may need."""
    lines = int(g[c.G_LINES])
    machines = int(g[c.G_MACHINES])
    line = table_of(g, c.G_LINE, lines, c.LN_COLUMNS)
    path = table_of(g, c.G_PATH, int(line[-1, c.LN_PATH_END]) if lines else 0, c.PT_COLUMNS)
    steps = np.zeros(lines, np.int64)
    np.maximum.at(steps, path[:, c.PT_LINE], path[:, c.PT_STEPS])
    pieces = line[path[:, c.PT_LINE], c.LN_PIECES]
    largest = np.maximum(np.where(path[:, c.PT_BATCH] > 0, path[:, c.PT_BATCH], -(-pieces // 8)), 1)
    batches = int(np.max(-(-pieces // largest), initial=1))
    batches = batches + 8 if batches > 1 else 1
    is_whole = bool(np.all(path[:, c.PT_LEAST] * 2 > pieces))
    lots = lines + (64 if is_whole else lines + 256)
    nodes = int(steps.sum()) * (1 if batches == 1 else 4) + 2048
    room = min(nodes, max(256, 12 * nodes // max(1, machines)))
    offers = int((g[c.G_PATH] - g[c.G_OFFER]))
    rows = nodes + lots + lines + 4096
    sizes = {
        c.P_SEQ: machines * room,
        c.P_BEGINS: machines * room,
        c.P_ENDS: machines * room,
        c.P_COUNT: machines,
        c.P_NODE: nodes * c.ND_COLUMNS,
        c.P_PLACE: nodes,
        c.P_LOT: lots * c.LT_COLUMNS,
        c.P_BATCH: lots * (batches + 1),
        c.P_LOAD: lines * c.LD_COLUMNS,
        c.P_SOLD: offers,
        c.P_LATE: lines,
        c.P_LATE_AT: lines,
        c.P_AWAY: lines,
        c.P_AWAY_AT: lines,
        c.P_FREE_NODE: nodes,
        c.P_FREE_LOT: lots,
        c.P_JOURNAL: rows * c.JR_COLUMNS,
        c.P_NODE_MARK: nodes,
        c.P_LOT_MARK: lots,
        c.P_LOAD_MARK: lines,
        c.P_HEAP: nodes + 1,
        c.P_QUEUED: nodes,
        c.P_HANDED: batches + 1,
        c.P_BATCH_BEGINS: batches + 1,
        c.P_BATCH_ENDS: batches + 1,
        c.P_RUINED: 3 * c.MOST_RUINED,
    }
    tables = {place: np.zeros(size, np.int64) for place, size in sizes.items()}
    for place in (c.P_PLACE, c.P_LATE_AT, c.P_AWAY_AT):
        tables[place] -= 1
    tables[c.P_LOAD][c.LD_HEAD :: c.LD_COLUMNS] = -1
    tables[c.P_FREE_NODE] = np.arange(nodes - 1, -1, -1, dtype=np.int64)
    tables[c.P_FREE_LOT] = np.arange(lots - 1, -1, -1, dtype=np.int64)
    numbers = {
        c.P_ROOM: room,
        c.P_BATCHES: batches + 1,
        c.P_JOURNAL_ROWS: rows,
        c.P_FREE_NODES: nodes,
        c.P_FREE_LOTS: lots,
    }
    numbers |= {c.P_RANDOM + i: int(word) for i, word in enumerate(generator_state(seed))}
    return build_block(c.P_HEAD, numbers, tables)
