"""The compiled problem read as a plant: machine groups with their open minutes, and each line's work on them."""

import numpy as np

from production.planning.engine.arrays import Block, table_of
from production.planning.engine.kernel import columns as c


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
        self.work = np.array([self._work_of(line) for line in range(len(self.line))], np.int64)

    def _work_of(self, line: int) -> int:
        first, last = self.line[line, c.LN_PATH], self.line[line, c.LN_PATH_END]
        return round(sum(minutes for _, minutes in self.works(int(first)))) if first < last else 0

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
