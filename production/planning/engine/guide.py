"""A small linear program that balances firms, steps and weeks, and says at which firm each line should be made.

Lines of one product that may go to the same firms are one group; with the days on which they are due they are the
program's demands. What must be done on a machine group of a firm by the end of a day, all days before included, is
compared with the minutes that the group is open until then: more than that is late, and the nearer to it the dearer,
a convex cost that spreads what is too much for one firm.
"""

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from production.planning.engine.arrays import Block
from production.planning.engine.kernel import columns as c
from production.planning.engine.linear import INTERIOR, LinearProgram
from production.planning.engine.plant import Plant


@dataclass(frozen=True, slots=True)
class Weights:
    """What the program weighs against each other, in minutes of lateness.

    congestion: (up to this share of the open minutes, part of a late minute's cost there). at_home: a minute of forming
    work made by its own firm, in parts of a late minute. idle_share: of a machine's mean run, open minutes that are
    lost at the beginning and the end.
    """

    congestion: tuple[tuple[float, float], ...] = ((0.86, 0.0), (0.92, 0.002), (0.96, 0.01), (1.0, 0.1))
    at_home: float = 0.004
    idle_share: float = 0.5


EARLY = Weights(congestion=((0.8, 0.0), (0.86, 0.002), (0.92, 0.006), (0.96, 0.02), (1.0, 0.15)))
"""Spreads sooner: less is late, and more is made away from home."""

ENOUGH_AT_HOME = 0.6
"""A line stays at home when so much of it would."""

SPARE_DAYS = 4


@dataclass(slots=True)
class Need:
    """What a demand takes of a machine group: a factor on its forming minutes, to be done by the end of a day."""

    group: int
    factor: float
    day: int


@dataclass(slots=True)
class Demand:
    """Lines of one group that are due on one day."""

    needs: dict[int, list[Need]]
    lines: list[int] = field(default_factory=list)
    work: list[float] = field(default_factory=list)
    at_home: dict[int, float] = field(default_factory=lambda: defaultdict(float))


def guide(plant: Plant, days: float = 1.0, weights: Weights = Weights()) -> Block | None:
    """The path that each line should take, -1 where it does not matter; None when the program has no solution."""
    length = int(days * 1440)
    demands = demands_of(plant, length)
    shares = _balance(plant, demands, length, weights)
    if shares is None:
        return None
    favour = np.full(len(plant.line), -1, np.int64)
    for demand, share in zip(demands, shares, strict=True):
        for line, firm in _divided(plant, demand, share):
            favour[line] = plant.ways(line)[firm]
    return favour


def demands_of(plant: Plant, length: int) -> list[Demand]:
    """Lines that can go to several firms, by product, firms and due date."""
    found: dict[tuple[int, tuple[int, ...], int], Demand] = {}
    for number, row in enumerate(plant.line.tolist()):
        ways = plant.ways(number)
        if len(ways) < 2 or row[c.LN_PIECES] == 0:
            continue
        place = (row[c.LN_PRODUCT], tuple(sorted(ways)), row[c.LN_DUE] // length)
        if place not in found:
            found[place] = Demand({firm: _needs(plant, path, length) for firm, path in ways.items()})
        demand = found[place]
        unit = plant.forming_min(number)
        demand.lines.append(number)
        demand.work.append(unit)
        demand.at_home[row[c.LN_FIRM]] += unit
    return list(found.values())


def _needs(plant: Plant, path: int, length: int) -> list[Need]:
    """Of one line along a path: each step's group, minutes for each forming minute, and the day it must be done."""
    works = plant.works(path)
    waits = plant.waits_after(path)
    form = max(0, plant.path[path][c.PT_FORM])
    due = int(plant.line[plant.path[path][c.PT_LINE], c.LN_DUE])
    needs = []
    later = 0.0
    for k in range(len(works) - 1, -1, -1):
        group, minutes = works[k]
        later += waits[k]
        needs.append(Need(group, minutes / works[form][1], max(0, int(due - later) // length)))
        later += minutes
    return needs


def _balance(plant: Plant, demands: list[Demand], length: int, weights: Weights) -> list[dict[int, float]] | None:
    """Forming minutes of each demand at each firm."""
    program = LinearProgram()
    days = max((need.day for demand in demands for needs in demand.needs.values() for need in needs), default=0)
    days += 1 + SPARE_DAYS
    total: dict[tuple[int, int], tuple[list[int], list[float]]] = {}
    sizes: dict[int, list[float]] = defaultdict(lambda: [0.0, 0.0])
    placed: list[dict[int, list[int]]] = []
    for demand in demands:
        work = sum(demand.work)
        here: dict[int, list[int]] = {}
        for firm, needs in demand.needs.items():
            here[firm] = [program.variable(0.0)]
            if firm in demand.at_home:
                worth = weights.at_home * length / (work / len(demand.lines))
                here[firm].append(program.variable(-worth, demand.at_home[firm]))
            for need in needs:
                variables, factors = total.setdefault((need.group, need.day), ([], []))
                variables += here[firm]
                factors += [-need.factor] * len(here[firm])
                sizes[need.group][0] += work * need.factor
                sizes[need.group][1] += len(demand.lines)
        everywhere = [variable for variables in here.values() for variable in variables]
        program.row(work, work, everywhere, [1.0] * len(everywhere))
        placed.append(here)
    open_min = plant.open_minutes(days, length)
    for group in sorted(sizes):
        mean = sizes[group][0] / max(1.0, sizes[group][1])
        lost = weights.idle_share * mean * plant.machines_in(group)
        before: list[int] = []
        until = -lost
        for day in range(days):
            until += open_min[group][day]
            done = _done(program, max(0.0, until), length / mean, weights)
            variables, factors = total.get((group, day), ([], []))
            signs = [1.0] * len(done) + [-1.0] * len(before)
            program.row(0.0, 0.0, [*done, *before, *variables], signs + factors)
            before = done
    if program.solve(INTERIOR) is None:
        return None
    return [{firm: float(program.values[variables].sum()) for firm, variables in here.items()} for here in placed]


def _done(program: LinearProgram, open_min: float, late: float, weights: Weights) -> list[int]:
    """The minutes of work to be done until a day, in parts, the nearer to the open minutes the dearer; more is late."""
    parts = []
    below = 0.0
    for share, part in weights.congestion:
        parts.append(program.variable(part * late, (share - below) * open_min))
        below = share
    parts.append(program.variable(late))
    return parts


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
