"""A Problem as flat arrays."""

from collections.abc import Iterable, Sequence

import numpy as np

from production.planning.engine.arrays import Block, build_block, table
from production.planning.engine.kernel import columns as c
from production.planning.engine.paths import LineReader
from production.planning.engine.reader import Compiler, Rows
from production.planning.engine.stock import Use
from production.planning.problem import Calendar, Period, Problem


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


def compile_problem(problem: Problem, uses: Iterable[Use] = ()) -> Block:
    """The sorted problem's arrays. uses: of stocks, by a plan before: the order of claims on material."""
    reader = Compiler(problem)
    hours = {
        calendar.key: reader.hours(open_periods(calendar, (), problem.horizon_min))
        for calendar in problem.calendars
        if any(firm.calendar == calendar.key for firm in problem.firms)
    }
    firm_cal = [hours[firm.calendar] for firm in problem.firms]
    machines, blocks = _machines(reader)
    lines_of = LineReader(reader, uses)
    paths, lines = lines_of.read()
    workers, worker = reader.workers()
    pools, holds, pooled = _pools(reader)
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
        c.G_PINS: len(reader.pins),
        c.G_SEQUENCES: len(problem.sequences),
        c.G_POOLS: len(problem.pools) if reader.needs else 0,
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
        c.G_STAIR: table(lines_of.stairs, c.SR_COLUMNS),
        c.G_PIN: table(reader.pins, c.PN_COLUMNS),
        c.G_SEQUENCE: table([[reader.machine_of[item.machine]] for item in problem.sequences], 1),
        c.G_RANK: _ranks(problem),
        c.G_POOL: table(pools, c.PL_COLUMNS),
        c.G_NEED: table(reader.needs, c.NE_COLUMNS),
        c.G_HOLD: table(holds, c.HD_COLUMNS),
        c.G_POOLED: table([[machine] for machine in pooled], 1),
    }
    return build_block(c.G_HEAD, numbers, tables)


def _pools(reader: Compiler) -> tuple[Rows, Rows, list[int]]:
    """Pools, what of each is held or out anyhow, and which machines' runs may hold some: those of its firm."""
    problem = reader.problem
    calendars = {calendar.key: calendar for calendar in problem.calendars}
    pools: Rows = []
    holds: Rows = []
    pooled: list[int] = []
    for pool in problem.pools:
        fixed, machines = len(holds), len(pooled)
        for run in (run for lot in problem.fixed_lots for run in lot.runs):
            holds.extend((run.start_min, run.end_min, units) for key, units in run.pool_needs if key == pool.key)
        holds.extend(pool.out)
        pooled.extend(reader.machine_of[item.key] for item in problem.machines if item.firm == pool.firm)
        cal = reader.hours(open_periods(calendars[pool.calendar], (), problem.horizon_min))
        places = (fixed, len(holds), machines, len(pooled))
        pools.append((pool.capacity, int(pool.kind == "power"), cal, *places, reader.firm_of[pool.firm]))
    return pools, holds, pooled


def _ranks(problem: Problem) -> Block:
    """By sequence and line its place there, -1: it has none."""
    ranks = np.full((len(problem.sequences), len(problem.lines)), -1, np.int64)
    for number, sequence in enumerate(problem.sequences):
        place = {key: rank for rank, key in enumerate(sequence.lines)}
        ranks[number] = [place.get(line.key, -1) for line in problem.lines]
    return ranks


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
    fixed: dict[str, Rows] = {}
    for lot in problem.fixed_lots:
        for run in lot.runs:
            if run.end_min > run.start_min:
                taken = (run.start_min, run.end_min, reader.family(run.family), run.setup_min)
                fixed.setdefault(run.machine, []).append(taken)
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
                int(machine.changeover is None and first == len(blocks) and not machine.pool_needs),
                reader.needed(machine.pool_needs),
                len(reader.needs),
            )
        )
    return machines, blocks


def _joined(rows: Sequence[tuple[int, ...]]) -> Rows:
    joined: Rows = []
    for row in rows:
        if joined and row[0] < joined[-1][1]:
            if row[1] >= joined[-1][1]:
                joined[-1] = (joined[-1][0], row[1], row[2], joined[-1][3])
        else:
            joined.append(row)
    return joined


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
