"""From a plan in the making to a Schedule: keys, sorted lots and runs, tiers."""

from collections.abc import Iterator
from itertools import pairwise

from production.planning.engine.arrays import Block, table_of
from production.planning.engine.kernel import columns as c
from production.planning.objective import fee_fen, tiers_of, transport_fen
from production.planning.problem import Line, Problem
from production.planning.schedule import Lot, Part, Run, Schedule, Unplaced

NO_PLACE = "no_place"
"""Code of pieces without a place until `explain` has found out why."""


class Decoder:
    """Reads a settled plan of the sorted problem that it was compiled from."""

    def __init__(self, problem: Problem, g: Block, p: Block) -> None:
        self.problem = problem
        self.g, self.p = g, p
        lines = len(problem.lines)
        self.load = table_of(p, c.P_LOAD, lines, c.LD_COLUMNS).tolist()
        self.line = table_of(g, c.G_LINE, lines, c.LN_COLUMNS).tolist()
        paths = self.line[-1][c.LN_PATH_END] if lines else 0
        self.path = table_of(g, c.G_PATH, paths, c.PT_COLUMNS).tolist()
        self.lot = table_of(p, c.P_LOT, (p[c.P_BATCH] - p[c.P_LOT]) // c.LT_COLUMNS, c.LT_COLUMNS).tolist()
        self.node = table_of(p, c.P_NODE, (p[c.P_PLACE] - p[c.P_NODE]) // c.ND_COLUMNS, c.ND_COLUMNS).tolist()
        self.trips = {(trip.from_firm, trip.to_firm): trip for trip in problem.transports}

    def schedule(self) -> Schedule:
        """The plan; problem_hash is left empty."""
        lots: list[Lot] = []
        runs: list[Run] = []
        unplaced: list[Unplaced] = []
        for line, load in zip(self.problem.lines, self.load, strict=True):
            for number, lot in enumerate(self._lots_of(load), start=1):
                key = f"{line.key}/{number}"
                lots.append(self._lot(line, lot, key))
                runs.extend(self._runs(line, lot, key))
            missing = line.pieces - load[c.LD_PIECES]
            if missing:
                is_refused = line.optional and missing == line.pieces
                unplaced.append(Unplaced(line.key, missing, "refused" if is_refused else NO_PLACE))
        runs.sort(key=lambda run: (run.machine, run.start_min))
        return Schedule(
            problem_hash="",
            lots=tuple(lots),
            runs=tuple(runs),
            fixed=self.problem.fixed_lots,
            unplaced=tuple(unplaced),
            tiers=tiers_of(self.problem, lots, runs, unplaced),
        )

    def work(self) -> Iterator[tuple[str, str, int, int]]:
        """(line, machine, work start, end) of all runs, by line and along its lots' routes."""
        for line, load in zip(self.problem.lines, self.load, strict=True):
            for lot in self._lots_of(load):
                n = self.lot[lot][c.LT_HEAD]
                while n >= 0:
                    node = self.node[n]
                    yield line.key, self.problem.machines[node[c.ND_MACHINE]].key, node[c.ND_WORK], node[c.ND_END]
                    n = node[c.ND_NEXT]

    def _lots_of(self, load: list[int]) -> list[int]:
        """A line's lots: at home first, then by finish."""
        found = []
        lot = load[c.LD_HEAD]
        while lot >= 0:
            found.append(lot)
            lot = self.lot[lot][c.LT_NEXT]
        return sorted(found, key=lambda lot: (self.path[self.lot[lot][c.LT_PATH]][c.PT_OFFER], self._first(lot)))

    def _first(self, lot: int) -> tuple[int, int, int]:
        head = self.node[self.lot[lot][c.LT_HEAD]]
        return self.lot[lot][c.LT_FINISH], head[c.ND_MACHINE], head[c.ND_WORK]

    def _sums(self, lot: int) -> list[int]:
        at = int(self.p[c.P_BATCH] + lot * self.p[c.P_BATCHES])
        sums: list[int] = self.p[at : at + self.lot[lot][c.LT_BATCHES] + 1].tolist()
        return sums

    def _lot(self, line: Line, lot: int, key: str) -> Lot:
        row = self.lot[lot]
        path = self.path[row[c.LT_PATH]]
        route = line.routes[path[c.PT_ROUTE]].key
        sums = self._sums(lot)
        firm = self.problem.firms[path[c.PT_FIRM]].key
        offer_key, fee, transport = None, 0, 0
        awaits: tuple[str, ...] = ()
        if path[c.PT_OFFER] >= 0:
            offer = self.problem.offers[path[c.PT_OFFER]]
            offer_key = offer.key
            awaits = (("giver",) if line.consent == "ask" else ()) + (("doer",) if offer.accept == "ask" else ())
            mass_g = row[c.LT_PIECES] * line.unit_mass_g
            fee, transport = fee_fen(offer, mass_g), transport_fen(self.trips[firm, line.firm], mass_g)
        return Lot(
            key=key,
            line=line.key,
            product=line.product,
            pieces=row[c.LT_PIECES],
            firm=firm,
            route=route,
            offer=offer_key,
            batches=tuple(after - before for before, after in pairwise(sums)),
            finish_min=row[c.LT_FINISH],
            fee_fen=fee,
            transport_fen=transport,
            awaits=awaits,
        )

    def _runs(self, line: Line, lot: int, key: str) -> list[Run]:
        found = []
        steps = line.routes[self.path[self.lot[lot][c.LT_PATH]][c.PT_ROUTE]].steps
        n = self.lot[lot][c.LT_HEAD]
        while n >= 0:
            node = self.node[n]
            machine = self.problem.machines[node[c.ND_MACHINE]].key
            step = steps[node[c.ND_STEP]]
            per = int(self.g[self.g[c.G_MODE] + node[c.ND_MODE] * c.MD_COLUMNS + c.MD_PER])
            is_cycle = step.modes[0].kind == "cycle"
            found.append(
                Run(
                    key=f"{machine}@{node[c.ND_WORK]}",
                    machine=machine,
                    start_min=node[c.ND_START],
                    work_start_min=node[c.ND_WORK],
                    end_min=node[c.ND_END],
                    setup_min=node[c.ND_SETUP],
                    family=step.family,
                    cycles=-(-node[c.ND_PIECES] // per) if is_cycle else 0,
                    pieces=node[c.ND_PIECES],
                    parts=(Part(key, node[c.ND_STEP], node[c.ND_FIRST], node[c.ND_LAST] - node[c.ND_FIRST]),),
                )
            )
            n = node[c.ND_NEXT]
        return found
