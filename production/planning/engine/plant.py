"""The compiled problem read as a plant: machine groups with their open minutes, and each line's work on them."""

from functools import cached_property

import numpy as np

from production.planning.engine.arrays import Block, table_of
from production.planning.engine.kernel import columns as c


class Plant:
    """Groups are machines of one firm that some step may use in place of each other; minutes are at full efficiency."""

    def __init__(self, g: Block) -> None:
        self.g = g
        self.line = table_of(g, c.G_LINE, int(g[c.G_LINES]), c.LN_COLUMNS)
        paths = int(self.line[-1, c.LN_PATH_END]) if len(self.line) else 0
        self.path = table_of(g, c.G_PATH, paths, c.PT_COLUMNS)
        self.machine = table_of(g, c.G_MACHINE, int(g[c.G_MACHINES]), c.MC_COLUMNS)
        self.step = table_of(g, c.G_STEP, (g[c.G_WAIT] - g[c.G_STEP]) // c.ST_COLUMNS, c.ST_COLUMNS)
        self.wait = table_of(g, c.G_WAIT, (g[c.G_MODE] - g[c.G_WAIT]) // c.WT_COLUMNS, c.WT_COLUMNS)
        self.mode = table_of(g, c.G_MODE, (g[c.G_WORKERS] - g[c.G_MODE]) // c.MD_COLUMNS, c.MD_COLUMNS)
        ranges = (g[c.G_WORKER] - g[c.G_WORKERS]) // c.WS_COLUMNS
        self.workers = table_of(g, c.G_WORKERS, ranges, c.WS_COLUMNS)
        self.worker = table_of(g, c.G_WORKER, (g[c.G_OFFER] - g[c.G_WORKER]) // c.WK_COLUMNS, c.WK_COLUMNS)

    @cached_property
    def work(self) -> Block:
        """Minutes of each line's work on its first path, waits not counted."""
        has_path = self.line[:, c.LN_PATH] < self.line[:, c.LN_PATH_END]
        first = self.line[has_path, c.LN_PATH]
        found = np.zeros(len(self.line), np.int64)
        for k in range(int(self.path[first, c.PT_STEPS].max(initial=0))):
            found[has_path] += self._minutes(first, k)[1].astype(np.int64)
        return found

    def _minutes(self, paths: Block, k: int) -> tuple[Block, Block]:
        """(group, minutes) of the paths' step number k; 0 minutes where there is none."""
        rows = self.path[paths]
        is_there = k < rows[:, c.PT_STEPS]
        step = self.step[np.where(is_there, rows[:, c.PT_STEP] + k, 0)]
        place = np.where(rows[:, c.PT_FORM] == k, rows[:, c.PT_ROW], rows[:, c.PT_FIRM])
        first = self.workers[place * int(self.g[c.G_CLASSES]) + step[:, c.ST_CLASSES], c.WS_FIRST]
        worker = self.worker[np.where(is_there, first, 0)]
        mode = self.mode[step[:, c.ST_MODE] + np.where(is_there, worker[:, c.WK_MODE], 0)]
        pieces = self.line[rows[:, c.PT_LINE], c.LN_PIECES]
        minutes = -(-pieces // mode[:, c.MD_PER]) * mode[:, c.MD_NUM] / 60_000
        return self.group[worker[:, c.WK_MACHINE]], np.where(is_there, minutes, 0.0)

    @cached_property
    def group(self) -> Block:
        """The group of each machine, named by its first member."""
        leader = list(range(len(self.machine)))

        def find(machine: int) -> int:
            while leader[machine] != machine:
                leader[machine] = leader[leader[machine]]
                machine = leader[machine]
            return machine

        members = self.worker[:, c.WK_MACHINE].tolist()
        for first, last in self.workers.tolist():
            for w in range(first + 1, last):
                here, there = find(members[first]), find(members[w])
                leader[max(here, there)] = min(here, there)
        return np.array([find(machine) for machine in range(len(self.machine))], np.int64)

    def machines_in(self, group: int) -> int:
        """How many machines a group has."""
        return int((self.group == group).sum())

    @cached_property
    def _steps(self) -> list[tuple[Block, Block]]:
        most = int(self.path[:, c.PT_STEPS].max(initial=0))
        everyone = np.arange(len(self.path))
        return [self._minutes(everyone, k) for k in range(most)]

    def works(self, path: int) -> list[tuple[int, float]]:
        """(group, minutes) of each step of a line along a path, in one lot."""
        steps = int(self.path[path, c.PT_STEPS])
        return [(int(group[path]), float(minutes[path])) for group, minutes in self._steps[:steps]]

    @cached_property
    def _forming(self) -> list[float]:
        first = np.minimum(self.line[:, c.LN_PATH], max(0, len(self.path) - 1))
        form = np.maximum(self.path[first, c.PT_FORM], 0) if len(self.path) else first
        found = np.zeros(len(self.line))
        for k, (_, minutes) in enumerate(self._steps):
            found = np.where(form == k, minutes[first], found)
        return [float(minutes) for minutes in found]

    def forming_min(self, line: int) -> float:
        """Minutes of a line's forming step on its first path."""
        return self._forming[line]

    @cached_property
    def _ways(self) -> list[dict[int, int]]:
        found: list[dict[int, int]] = [{} for _ in range(len(self.line))]
        owners = self.path[:, c.PT_LINE].tolist()
        for path, (line, firm) in enumerate(zip(owners, self.path[:, c.PT_FIRM].tolist(), strict=True)):
            found[line].setdefault(firm, path)
        return found

    def ways(self, line: int) -> dict[int, int]:
        """The preferred path of a line at each firm."""
        return self._ways[line]

    def waits_after(self, path: int) -> list[int]:
        """Minutes of the waits behind each step of a path, and of the trip, as if nobody slept."""
        row = self.path[path]
        pieces = int(self.line[row[c.PT_LINE], c.LN_PIECES])
        found = []
        for k in range(row[c.PT_STEPS]):
            step = self.step[row[c.PT_STEP] + k]
            waits = self.wait[step[c.ST_WAIT] : step[c.ST_WAIT_END]]
            found.append(int(waits[:, c.WT_FIXED].sum() + pieces * waits[:, c.WT_PIECE_S].sum() // 60))
        found[-1] += int(row[c.PT_TRIP])
        return found

    def open_minutes(self, buckets: int, length: int) -> dict[int, list[float]]:
        """Open minutes of each group in each bucket, without the work that does not move."""
        calendars = table_of(self.g, c.G_CAL, (self.g[c.G_PERIOD] - self.g[c.G_CAL]) // c.CAL_COLUMNS, c.CAL_COLUMNS)
        periods = table_of(self.g, c.G_PERIOD, int(calendars[:, 1].max(initial=0)), c.PER_COLUMNS)
        marks = np.arange(buckets + 1) * length
        hours = []
        for first, last in calendars:
            own = periods[first:last]
            times = np.ravel(own[:, [c.PER_START, c.PER_END]])
            sums = np.ravel(own[:, [c.PER_BEFORE, c.PER_DONE]])
            hours.append(np.interp(marks, times, sums) if len(own) else np.zeros(len(marks)))
        blocks = table_of(self.g, c.G_BLOCK, (self.g[c.G_CHANGE] - self.g[c.G_BLOCK]) // c.BL_COLUMNS, c.BL_COLUMNS)
        found: dict[int, list[float]] = {}
        for machine, row in enumerate(self.machine):
            open_min = np.diff(hours[row[c.MC_CAL]])
            for block in blocks[row[c.MC_BLOCK] : row[c.MC_BLOCK_END]]:
                taken = np.diff(np.clip(marks, block[c.BL_START], block[c.BL_END]))
                open_min = np.maximum(0, open_min - taken * open_min / length)
            minutes = open_min * row[c.MC_EFF] / 1000
            group = int(self.group[machine])
            before = found.get(group, [0.0] * buckets)
            found[group] = [a + float(b) for a, b in zip(before, minutes, strict=True)]
        return found

    def mean_change_min(self) -> float:
        """Minutes of a changeover, over all pairs of families; 0 without any."""
        change = self.g[self.g[c.G_CHANGE] : self.g[c.G_STEP]]
        return float(change[change > 0].mean()) if (change > 0).any() else 0.0

    def mean_work(self) -> float:
        """Weighted minutes: a line's mean work times the mean weight; 0 without lines."""
        if not len(self.line):
            return 0.0
        return float(self.work.mean()) * float(self.line[:, c.LN_PRIORITY].mean())

    def mean_fen(self) -> float:
        """Fee of a line that is made elsewhere, over all ways in which that can be; 0 without any."""
        placed = self.path[self.path[:, c.PT_OFFER] >= 0]
        if not len(placed):
            return 0.0
        line = self.line[placed[:, c.PT_LINE]]
        mass_t = line[:, c.LN_PIECES] * line[:, c.LN_MASS] / 1_000_000
        return float((mass_t * placed[:, c.PT_FEE]).mean())
