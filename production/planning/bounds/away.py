"""The least that must be placed at other firms, if no line is to be late: a linear program without any waiting.

Each firm by itself: what its lines need of its machines until each minute must fit into their open hours until there.
Lines may be divided at will over machines and routes, loads are full, nothing is set up, and what other firms place
here takes no room. Every plan without lateness is a solution, so its least is a bound. Lines that may be refused, or
whose lateness has a price, ask for nothing. Without a solution some line is late in every plan, and nothing is said.
"""

from collections import defaultdict
from math import ceil, gcd

from production.planning.bounds.bench import Bench
from production.planning.bounds.path import JobPaths
from production.planning.bounds.ways import Way
from production.planning.engine.linear import LinearProgram
from production.planning.problem import Line

MOST_DATES = 400
"""So many dates until the last due one; a date between two counts as the later one."""

CAUTION = 1e-6
"""The part by which the program's answer is lessened: its sums are rounded."""

Load = tuple[list[int], list[float]]
"""Variables and the minutes that a unit of each takes."""


def outsourced_bound_g(paths: JobPaths) -> int | None:
    """Grams at other firms in every plan without lateness; None when there may be no such plan."""
    return _Relaxation(paths).least_g()


class _Relaxation:
    """The linear program of one problem."""

    def __init__(self, paths: JobPaths) -> None:
        self.paths = paths
        self.lines = [
            line
            for line in paths.problem.lines
            if line.pieces > 0 and not line.optional and line.lateness_worth_fen_per_h is None
        ]
        last_min = max((line.due_min for line in self.lines), default=0)
        self.length_min = max(1, last_min // MOST_DATES)
        self.program = LinearProgram()
        self.work: dict[str, dict[int, Load]] = defaultdict(dict)

    def least_g(self) -> int | None:
        """The program's answer."""
        if any(not self.paths.can_finish(line, line.due_min) for line in self.lines):
            return None
        for line in self.lines:
            self._demand(line)
        self._hours()
        least = self.program.solve()
        if least is None:
            return None
        # whole pieces go, so it is a multiple of what all their masses are multiples of
        unit_g = gcd(*(line.unit_mass_g for line in self.lines)) or 1
        return max(0, ceil(least * (1 - CAUTION) / unit_g - CAUTION) * unit_g)

    def _demand(self, line: Line) -> None:
        """Its pieces, at home along each route or away."""
        home: list[Way] = []
        away_most = 0
        for way in self.paths.of(line):
            if way.is_home:
                home.append(way)
                continue
            away_most += sum(way.formed(line.due_min))
            if away_most >= line.pieces:
                break
        everywhere = [self.program.variable(line.unit_mass_g, min(away_most, line.pieces))]
        for way in home:
            most = sum(way.formed(line.due_min))
            ends = way.ends(line.due_min)
            if most and ends is not None:
                everywhere.append(self.program.variable(0.0, min(most, line.pieces)))
                self._route(way, ends, everywhere[-1])
        self.program.row(line.pieces, line.pieces, everywhere, [1.0] * len(everywhere))

    def _route(self, way: Way, ends: list[int], pieces: int) -> None:
        """What goes along a route is worked at each of its steps."""
        for station, head, end in zip(way.stations, way.heads, ends, strict=True):
            here = [self._worked(bench, head, end) for bench in station.benches]
            self.program.row(0.0, 0.0, [pieces, *here], [1.0] + [-1.0] * len(here))

    def _worked(self, bench: Bench, head: int, end: int) -> int:
        """A variable: pieces that the machine works between two minutes."""
        worked = self.program.variable(0.0, bench.pieces(head, end))
        variables, minutes = self.work[bench.machine].setdefault(-(-end // self.length_min), ([], []))
        variables.append(worked)
        minutes.append(-bench.law.num / (bench.law.den * bench.law.per))
        return worked

    def _hours(self) -> None:
        """What must be done until a date fits into the open minutes until there."""
        ways = self.paths.ways
        for machine in self.paths.problem.machines:
            hours = ways.hours(machine)
            before: list[int] = []
            for date, (variables, minutes) in sorted(self.work[machine.key].items()):
                done = self.program.variable(0.0, hours.position(date * self.length_min))
                self.program.row(0.0, 0.0, [done, *before, *variables], [1.0, *[-1.0] * len(before), *minutes])
                before = [done]
