"""From a Schedule to a plan in the making, to go on from there."""

from collections import Counter
from itertools import accumulate

from production.planning.engine.arrays import Block
from production.planning.engine.blank import Room, empty_plan
from production.planning.engine.kernel import columns as c
from production.planning.engine.kernel.whole import restore
from production.planning.problem import Problem
from production.planning.schedule import Lot, Part, Run, Schedule

SPARE = 2
"""Room for so many times what the plan has."""


def encode(problem: Problem, g: Block, schedule: Schedule, seed: int) -> Block | None:
    """The plan with its runs in the same order on the same machines, each as early as can be.

    A run of several parts becomes one for each. None when the plan cannot be told so: a lot on a way that the arrays do
    not have, or no time for some run.
    """
    on_machine = Counter(run.machine for run in schedule.runs for _ in run.parts)
    room = Room(
        lots=SPARE * len(schedule.lots) + 64,
        nodes=SPARE * on_machine.total() + 1024,
        on_machine=SPARE * max(on_machine.values(), default=0) + 64,
        batches=max((len(lot.batches) for lot in schedule.lots), default=0),
    )
    writer = _Writer(problem, g, empty_plan(g, seed, room))
    runs_of: dict[str, list[tuple[Part, Run]]] = {}
    for run in schedule.runs:
        for part in run.parts:
            runs_of.setdefault(part.lot, []).append((part, run))
    first_run = {key: min(run.start_min for _, run in runs) for key, runs in runs_of.items()}
    for lot in sorted(schedule.lots, key=lambda lot: first_run.get(lot.key, 0)):
        if not writer.lot(lot, runs_of.get(lot.key, [])):
            return None
    writer.sequences()
    return writer.p if restore(g, writer.p) else None


class _Writer:
    """Writes rows into an empty plan."""

    def __init__(self, problem: Problem, g: Block, p: Block) -> None:
        self.g, self.p = g, p
        self.problem = problem
        self.lines = {line.key: number for number, line in enumerate(problem.lines)}
        self.machines = {machine.key: number for number, machine in enumerate(problem.machines)}
        self.offers = {offer.key: number for number, offer in enumerate(problem.offers)}
        self.taken: Counter[tuple[int, int]] = Counter()
        self.on: dict[int, list[tuple[int, int, int, int]]] = {}

    def lot(self, lot: Lot, runs: list[tuple[Part, Run]]) -> bool:
        """One lot with its runs; False when there is no such path."""
        p = self.p
        line = self.lines[lot.line]
        path = self._path(line, lot)
        if path < 0:
            return False
        number = self._take(c.P_FREE_LOT, c.P_FREE_LOTS)
        row = int(p[c.P_LOT]) + number * c.LT_COLUMNS
        load = int(p[c.P_LOAD]) + line * c.LD_COLUMNS
        stock = (line, int(self.g[int(self.g[c.G_PATH]) + path * c.PT_COLUMNS + c.PT_STOCK]))
        before = self.taken[stock]
        self.taken[stock] += lot.pieces
        values = {
            c.LT_BEFORE: before,
            c.LT_LINE: line,
            c.LT_PATH: path,
            c.LT_PIECES: lot.pieces,
            c.LT_BATCHES: len(lot.batches),
            c.LT_HEAD: -1,
            c.LT_NEXT: p[load + c.LD_HEAD],
            c.LT_FEN: lot.fee_fen + lot.transport_fen,
        }
        for column, value in values.items():
            p[row + column] = value
        p[load + c.LD_HEAD] = number
        p[load + c.LD_LOTS] += 1
        p[load + c.LD_PIECES] += lot.pieces
        batch = int(p[c.P_BATCH]) + number * int(p[c.P_BATCHES])
        sums = [0, *accumulate(lot.batches)]
        p[batch : batch + len(sums)] = sums
        tail = -1
        for part, run in sorted(runs, key=lambda item: (item[0].step, item[0].first_batch)):
            pieces = sums[part.first_batch + part.batches] - sums[part.first_batch]
            node = self._node(number, path, (part, run, pieces))
            if node < 0:
                return False
            if tail < 0:
                p[row + c.LT_HEAD] = node
            else:
                p[int(p[c.P_NODE]) + tail * c.ND_COLUMNS + c.ND_NEXT] = node
            tail = node
        self._sold(row, path)
        return True

    def sequences(self) -> None:
        """The machines' sequences, by start."""
        p = self.p
        for machine, runs in self.on.items():
            at = machine * int(p[c.P_ROOM])
            for place, (start, _number, end, node) in enumerate(sorted(runs)):
                p[p[c.P_SEQ] + at + place] = node
                p[p[c.P_BEGINS] + at + place] = start
                p[p[c.P_ENDS] + at + place] = end
                p[p[c.P_PLACE] + node] = place
            p[p[c.P_COUNT] + machine] = len(runs)

    def _path(self, line: int, lot: Lot) -> int:
        row = int(self.g[c.G_LINE]) + line * c.LN_COLUMNS
        offer = -1 if lot.offer is None else self.offers[lot.offer]
        route = [route.key for route in self.problem.lines[line].routes].index(lot.route)
        for path in range(int(self.g[row + c.LN_PATH]), int(self.g[row + c.LN_PATH_END])):
            at = int(self.g[c.G_PATH]) + path * c.PT_COLUMNS
            if self.g[at + c.PT_OFFER] == offer and self.g[at + c.PT_ROUTE] == route:
                return path
        return -1

    def _take(self, table: int, count: int) -> int:
        self.p[count] -= 1
        return int(self.p[self.p[table] + self.p[count]])

    def _node(self, lot: int, path: int, work: tuple[Part, Run, int]) -> int:
        """The row of a run's part; -1 when the machine does not work in a class of the step."""
        g, p = self.g, self.p
        part, run, pieces = work
        machine = self.machines[run.machine]
        at_step = int(g[g[c.G_PATH] + path * c.PT_COLUMNS + c.PT_STEP]) + part.step
        step = int(g[c.G_STEP]) + at_step * c.ST_COLUMNS
        row = int(g[g[c.G_PATH] + path * c.PT_COLUMNS + c.PT_FIRM])
        workers = int(g[c.G_WORKERS]) + (row * int(g[c.G_CLASSES]) + int(g[step + c.ST_CLASSES])) * c.WS_COLUMNS
        mode = -1
        for worker in range(int(g[workers + c.WS_FIRST]), int(g[workers + c.WS_LAST])):
            at = int(g[c.G_WORKER]) + worker * c.WK_COLUMNS
            if g[at + c.WK_MACHINE] == machine:
                mode = int(g[step + c.ST_MODE] + g[at + c.WK_MODE])
        if mode < 0:
            return -1
        number = self._take(c.P_FREE_NODE, c.P_FREE_NODES)
        values = {
            c.ND_LOT: lot,
            c.ND_STEP: part.step,
            c.ND_AT_STEP: at_step,
            c.ND_FIRST: part.first_batch,
            c.ND_LAST: part.first_batch + part.batches,
            c.ND_MACHINE: machine,
            c.ND_MODE: mode,
            c.ND_PIECES: pieces,
            c.ND_START: run.start_min,
            c.ND_WORK: run.work_start_min,
            c.ND_END: run.end_min,
            c.ND_FINISH: -1,
            c.ND_NEXT: -1,
            c.ND_KEY: run.end_min,
            c.ND_CAL: -1,
            c.ND_FROM: run.start_min,
        }
        for column, value in values.items():
            p[int(p[c.P_NODE]) + number * c.ND_COLUMNS + column] = value
        self.on.setdefault(machine, []).append((run.start_min, run.parts.index(part), run.end_min, number))
        return number

    def _sold(self, row: int, path: int) -> None:
        """Counts the forming minutes of a lot on an offer that limits them."""
        g, p = self.g, self.p
        way = int(g[c.G_PATH]) + path * c.PT_COLUMNS
        offer = int(g[way + c.PT_OFFER])
        if offer < 0 or g[g[c.G_OFFER] + offer] < 0:
            return
        n = int(p[row + c.LT_HEAD])
        while n >= 0:
            node = int(p[c.P_NODE]) + n * c.ND_COLUMNS
            if p[node + c.ND_STEP] == g[way + c.PT_FORM]:
                mode = int(g[c.G_MODE] + p[node + c.ND_MODE] * c.MD_COLUMNS)
                units = -(-int(p[node + c.ND_PIECES]) // int(g[mode + c.MD_PER]))
                power = int(g[g[c.G_MACHINE] + p[node + c.ND_MACHINE] * c.MC_COLUMNS + c.MC_EFF]) * 60
                minutes = -(-units * int(g[mode + c.MD_NUM]) // power)
                p[row + c.LT_MINUTES] += minutes
                p[p[c.P_SOLD] + offer] += minutes
            n = int(p[node + c.ND_NEXT])
