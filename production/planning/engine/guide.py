"""A small linear program that balances firms, steps and weeks, and says at which firm each line should be made.

Lines of one product that may go to the same firms are one group; with their due dates
in buckets of some days they are the program's demands. Each machine group of each firm has its open minutes per bucket;
the more of them are used, the dearer the next one: a convex cost that spreads what is too much for one firm.
"""

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from production.planning.engine.arrays import Block
from production.planning.engine.kernel import columns as c
from production.planning.engine.linear import INFINITY, LinearProgram
from production.planning.engine.plant import Plant

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


def guide(plant: Plant, days: float, home_worth: float = AT_HOME) -> Block | None:
    """The path that each line should take, -1 where it does not matter; None when the program has no solution."""
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
