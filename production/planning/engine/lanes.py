"""Halves of the firms, improved side by side: no lot leaves its firm's machines, so neither half sees the other.

Each half works on a copy of the plan. Lots and runs that it makes new are numbered from its own share of the unused
ones, so that bringing the halves together is copying rows.
"""

import numpy as np

from production.planning.engine.arrays import Block, table_of
from production.planning.engine.kernel import columns as c
from production.planning.engine.kernel.whole import in_use, weigh_all
from production.planning.kernel.generator import generator_state

LANES = 2
UNUSED = ((c.P_FREE_NODE, c.P_FREE_NODES), (c.P_FREE_LOT, c.P_FREE_LOTS))


class Lanes:
    """Takes plans of one problem apart, and puts them together again."""

    def __init__(self, g: Block) -> None:
        self.g = g
        self.lines = int(g[c.G_LINES])
        self.machines = int(g[c.G_MACHINES])
        self.firms = int(g[c.G_MACHINE] - g[c.G_FIRM])
        self.machine_firm = table_of(g, c.G_MACHINE, self.machines, c.MC_COLUMNS)[:, c.MC_FIRM]
        line = table_of(g, c.G_LINE, self.lines, c.LN_COLUMNS)
        path = table_of(g, c.G_PATH, int(line[-1, c.LN_PATH_END]) if self.lines else 0, c.PT_COLUMNS)
        placed = path[path[:, c.PT_OFFER] >= 0]
        self.offer_firm = np.zeros(int(g[c.G_PATH] - g[c.G_OFFER]), np.int64)
        self.offer_firm[placed[:, c.PT_OFFER]] = placed[:, c.PT_FIRM]

    def apart(self, p: Block, seeds: list[int]) -> list[Block]:
        """Copies of a plan, each with its share of the unused rows and its own generator."""
        copies = []
        for lane, seed in enumerate(seeds):
            copy = p.copy()
            copy[c.P_RANDOM : c.P_RANDOM + 4] = generator_state(int(seed), lane)
            for table, count in UNUSED:
                mine = p[p[table] : p[table] + p[count]][lane :: len(seeds)]
                copy[copy[table] : copy[table] + len(mine)] = mine
                copy[count] = len(mine)
            copies.append(copy)
        return copies

    def together(self, p: Block, copies: list[Block], masks: list[Block]) -> None:
        """Writes into p what each copy has made of its firms."""
        before = table_of(p, c.P_LOAD, self.lines, c.LD_COLUMNS).copy()
        sizes = {c.P_LOT: int(p[c.P_BATCH] - p[c.P_LOT]) // c.LT_COLUMNS}
        sizes[c.P_NODE] = int(p[c.P_PLACE] - p[c.P_NODE]) // c.ND_COLUMNS
        for copy, mask in zip(copies, masks, strict=True):
            lots, nodes = np.zeros(sizes[c.P_LOT], np.int64), np.zeros(sizes[c.P_NODE], np.int64)
            in_use(self.g, copy, mask, lots, nodes)
            self._rows(p, copy, np.flatnonzero(mask[self.machine_firm]), np.flatnonzero(mask[self.offer_firm]))
            used, runs = np.flatnonzero(lots), np.flatnonzero(nodes)
            lines = np.flatnonzero((table_of(copy, c.P_LOAD, self.lines, c.LD_COLUMNS) != before).any(axis=1))
            for table, columns, rows in (
                (c.P_LOT, c.LT_COLUMNS, used),
                (c.P_BATCH, int(p[c.P_BATCHES]), used),
                (c.P_NODE, c.ND_COLUMNS, runs),
                (c.P_PLACE, 1, runs),
                (c.P_LOAD, c.LD_COLUMNS, lines),
            ):
                size = int(rows.max(initial=-1)) + 1
                table_of(p, table, size, columns)[rows] = table_of(copy, table, size, columns)[rows]
        for table, count in UNUSED:
            unused = np.concatenate([copy[copy[table] : copy[table] + copy[count]] for copy in copies])
            p[p[table] : p[table] + len(unused)] = np.sort(unused)[::-1]
            p[count] = len(unused)
        p[p[c.P_PLACE] + p[p[c.P_FREE_NODE] : p[c.P_FREE_NODE] + p[c.P_FREE_NODES]]] = -1
        weigh_all(self.g, p)

    def _rows(self, p: Block, copy: Block, machines: Block, offers: Block) -> None:
        room = int(p[c.P_ROOM])
        for table in (c.P_SEQ, c.P_BEGINS, c.P_ENDS):
            table_of(p, table, self.machines, room)[machines] = table_of(copy, table, self.machines, room)[machines]
        p[p[c.P_COUNT] + machines] = copy[copy[c.P_COUNT] + machines]
        p[p[c.P_SOLD] + offers] = copy[copy[c.P_SOLD] + offers]
