"""A small linear program that balances firms, steps and weeks, and says at which firm each line should be made.

Lines of one product that may go to the same firms are one group; with their due dates
in buckets of some days they are the program's demands. Each machine group of each firm has its open minutes per bucket;
the more of them are used, the dearer the next one: a convex cost that spreads what is too much for one firm.
"""

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from production.planning.engine.arrays import Block, table_of
from production.planning.engine.kernel import columns as c
from production.planning.engine.linear import INFINITY, LinearProgram

CONGESTION = ((0.80, 0.0), (0.86, 2e-4), (0.92, 1e-3), (0.96, 5e-3), (1.0, 0.05), (1.1, 1.0), (9.0, 10.0))
"""(up to this share of the open minutes, cost of a minute there)."""

AT_HOME = 1e-3
"""What a minute of forming work made by its own firm is worth."""

SPARE_BUCKETS = 2
NEVER_LATE_BUCKETS = 6
ENOUGH_AT_HOME = 0.6
"""A line stays at home when so much of it would."""


@dataclass(slots=True)
class Demand:
    """Lines of one group that are due in one bucket."""

    bucket: int
    firms: tuple[int, ...]
    resources: dict[int, list[tuple[int, float]]]
    lines: list[int] = field(default_factory=list)
    work: list[float] = field(default_factory=list)
    at_home: dict[int, float] = field(default_factory=lambda: defaultdict(float))


class Plant:
    """Machine groups of each firm with their open minutes, and each line's work on them."""

    def __init__(self, g: Block) -> None:
        self.g = g
        self.line = table_of(g, c.G_LINE, int(g[c.G_LINES]), c.LN_COLUMNS)
        paths = int(self.line[-1, c.LN_PATH_END]) if len(self.line) else 0
        self.path = table_of(g, c.G_PATH, paths, c.PT_COLUMNS).tolist()
        self.machine = table_of(g, c.G_MACHINE, int(g[c.G_MACHINES]), c.MC_COLUMNS).tolist()
        self.step = table_of(g, c.G_STEP, (g[c.G_WAIT] - g[c.G_STEP]) // c.ST_COLUMNS, c.ST_COLUMNS).tolist()
        self.wait = table_of(g, c.G_WAIT, (g[c.G_MODE] - g[c.G_WAIT]) // c.WT_COLUMNS, c.WT_COLUMNS).tolist()
        self.mode = table_of(g, c.G_MODE, (g[c.G_WORKERS] - g[c.G_MODE]) // c.MD_COLUMNS, c.MD_COLUMNS).tolist()
        ranges = (g[c.G_WORKER] - g[c.G_WORKERS]) // c.WS_COLUMNS
        self.workers = table_of(g, c.G_WORKERS, ranges, c.WS_COLUMNS).tolist()
        self.worker = table_of(g, c.G_WORKER, (g[c.G_OFFER] - g[c.G_WORKER]) // c.WK_COLUMNS, c.WK_COLUMNS).tolist()
        self.group = self._groups()

    def _groups(self) -> list[int]:
        """The group of each machine: those that some step may use in place of each other."""
        leader = list(range(len(self.machine)))

        def find(machine: int) -> int:
            while leader[machine] != machine:
                leader[machine] = leader[leader[machine]]
                machine = leader[machine]
            return machine

        for first, last in self.workers:
            for w in range(first + 1, last):
                here, there = find(self.worker[first][0]), find(self.worker[w][0])
                leader[max(here, there)] = min(here, there)
        return [find(machine) for machine in range(len(self.machine))]

    def open_minutes(self, buckets: int, length: int) -> dict[int, list[float]]:
        """Minutes at full efficiency of each group in each bucket."""
        calendars = table_of(self.g, c.G_CAL, (self.g[c.G_PERIOD] - self.g[c.G_CAL]) // c.CAL_COLUMNS, c.CAL_COLUMNS)
        periods = table_of(self.g, c.G_PERIOD, int(calendars[:, 1].max(initial=0)), c.PER_COLUMNS)
        marks = np.arange(buckets + 1) * length
        hours = []
        for first, last in calendars:
            own = periods[first:last]
            times = np.ravel(own[:, [c.PER_START, c.PER_END]])
            sums = np.ravel(own[:, [c.PER_BEFORE, c.PER_DONE]])
            hours.append(np.interp(marks, times, sums) if len(own) else np.zeros(len(marks)))
        found: dict[int, list[float]] = {}
        blocks = table_of(self.g, c.G_BLOCK, (self.g[c.G_CHANGE] - self.g[c.G_BLOCK]) // c.BL_COLUMNS, c.BL_COLUMNS)
        for machine, row in enumerate(self.machine):
            open_min = np.diff(hours[row[c.MC_CAL]])
            for block in blocks[row[c.MC_BLOCK] : row[c.MC_BLOCK_END]]:
                taken = np.diff(np.clip(marks, block[c.BL_START], block[c.BL_END]))
                open_min = np.maximum(0, open_min - taken * open_min / length)
            minutes = open_min * row[c.MC_EFF] / 1000
            before = found.get(self.group[machine])
            found[self.group[machine]] = [float(x) for x in (minutes if before is None else minutes + before)]
        return found

    def works(self, path: int) -> list[tuple[int, float]]:
        """(group, minutes at full efficiency) of each step of a line along a path, in one lot."""
        row = self.path[path]
        pieces = int(self.line[row[c.PT_LINE], c.LN_PIECES])
        found = []
        for k in range(row[c.PT_STEPS]):
            step = self.step[row[c.PT_STEP] + k]
            place = row[c.PT_ROW] if k == row[c.PT_FORM] else row[c.PT_FIRM]
            w = self.workers[place * int(self.g[c.G_CLASSES]) + step[c.ST_CLASSES]][c.WS_FIRST]
            machine, mode = self.worker[w]
            num, per, _ = self.mode[step[c.ST_MODE] + mode]
            found.append((self.group[machine], -(-pieces // per) * num / 60_000))
        return found

    def waits_min(self, path: int) -> int:
        """Minutes of all waits of a path, as if nobody slept."""
        row = self.path[path]
        pieces = int(self.line[row[c.PT_LINE], c.LN_PIECES])
        total = row[c.PT_TRIP]
        for k in range(row[c.PT_STEPS]):
            step = self.step[row[c.PT_STEP] + k]
            for wait in self.wait[step[c.ST_WAIT] : step[c.ST_WAIT_END]]:
                total += wait[c.WT_FIXED] + pieces * wait[c.WT_PIECE_S] // 60
        return int(total)


def guide(g: Block, days: float, home_worth: float = AT_HOME) -> Block | None:
    """The path that each line should take, -1 where it does not matter; None when the program has no solution."""
    plant = Plant(g)
    length = int(days * 1440)
    due = plant.line[:, c.LN_DUE]
    buckets = max(1, int(due.max(initial=0)) // length + 1 + SPARE_BUCKETS)
    demands = _demands(plant, buckets, length)
    shares = _balance(demands, plant.open_minutes(buckets, length), buckets, days * 1440, home_worth)
    if shares is None:
        return None
    favour = np.full(len(plant.line), -1, np.int64)
    for demand, share in zip(demands, shares, strict=True):
        for line, firm in _divided(plant, demand, share):
            row = plant.line[line]
            for path in range(row[c.LN_PATH], row[c.LN_PATH_END]):
                if plant.path[path][c.PT_FIRM] == firm:
                    favour[line] = path
                    break
    return favour


def _demands(plant: Plant, buckets: int, length: int) -> list[Demand]:
    found: dict[tuple[int, tuple[int, ...], int], Demand] = {}
    for number, row in enumerate(plant.line.tolist()):
        first, last = row[c.LN_PATH], row[c.LN_PATH_END]
        if last - first < 2 or row[c.LN_PIECES] == 0:
            continue
        ways = {}
        for path in range(first, last):
            ways.setdefault(plant.path[path][c.PT_FIRM], path)
        works = plant.works(first)
        form = max(0, plant.path[first][c.PT_FORM])
        unit = works[form][1]
        rest = sum(minutes for _, minutes in works[form + 1 :])
        middle = row[c.LN_DUE] - plant.waits_min(first) - 1.2 * rest - 0.5 * unit
        bucket = min(buckets - 1, max(0, int(middle) // length))
        firms = tuple(sorted(ways))
        place = (row[c.LN_PRODUCT], firms, bucket)
        if place not in found:
            needs = {
                firm: [(group, minutes / unit) for group, minutes in plant.works(path)] for firm, path in ways.items()
            }
            found[place] = Demand(bucket, firms, needs)
        demand = found[place]
        demand.lines.append(number)
        demand.work.append(unit)
        demand.at_home[row[c.LN_FIRM]] += unit
    return list(found.values())


def _balance(
    demands: list[Demand], open_min: dict[int, list[float]], buckets: int, length: float, home_worth: float
) -> list[dict[int, float]] | None:
    """Forming minutes of each demand at each firm."""
    program = LinearProgram()
    used: dict[tuple[int, int], tuple[list[int], list[float]]] = {}
    for group, minutes in open_min.items():
        for bucket in range(buckets):
            variables: list[int] = []
            factors: list[float] = []
            below = CONGESTION[0][0]
            for share, cost in CONGESTION[1:]:
                variables.append(program.variable(cost, (share - below) * minutes[bucket]))
                factors.append(-1.0)
                below = share
            program.row(-INFINITY, minutes[bucket] * CONGESTION[0][0], variables, factors)
            used[group, bucket] = variables, factors
    placed: list[dict[int, list[int]]] = []
    for demand in demands:
        total = sum(demand.work)
        mean = total / len(demand.lines)
        times = [*range(min(buckets, demand.bucket + 2)), buckets]
        here: dict[int, list[int]] = {}
        for firm in demand.firms:
            here[firm] = []
            away = home_worth * 0.1 * (1 - demand.at_home.get(firm, 0.0) / total)
            for bucket in times:
                late = max(0, bucket - demand.bucket) if bucket < buckets else NEVER_LATE_BUCKETS
                variable = program.variable(late * length / mean + away)
                here[firm].append(variable)
                if bucket < buckets:
                    for group, factor in demand.resources[firm]:
                        variables, factors = used[group, bucket]
                        variables.append(variable)
                        factors.append(factor)
        everything = [variable for variables in here.values() for variable in variables]
        program.row(total, total, everything, [1.0] * len(everything))
        for firm, work in demand.at_home.items():
            if firm in here:
                kept = program.variable(-home_worth, work)
                program.row(-INFINITY, 0, [kept, *here[firm]], [1.0] + [-1.0] * len(here[firm]))
        placed.append(here)
    if program.solve() is None:
        return None
    values = program.values
    return [{firm: float(values[variables].sum()) for firm, variables in here.items()} for here in placed]


def _divided(plant: Plant, demand: Demand, share: dict[int, float]) -> list[tuple[int, int]]:
    """(line, firm): the largest first, at home where the program has left enough there."""
    left = dict(share)
    rest = []
    found = []
    for work, line in sorted(zip(demand.work, demand.lines, strict=True), key=lambda item: (-item[0], item[1])):
        home = int(plant.line[line, c.LN_FIRM])
        if left.get(home, 0.0) >= ENOUGH_AT_HOME * work:
            left[home] -= work
            found.append((line, home))
        else:
            rest.append((work, line))
    for work, line in rest:
        firm = max(left, key=lambda firm: (left[firm], -firm))
        left[firm] -= work
        found.append((line, firm))
    return found
