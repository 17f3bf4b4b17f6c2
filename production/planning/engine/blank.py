"""An empty plan for a compiled problem."""

from dataclasses import dataclass

import numpy as np

from production.planning.engine.arrays import Block, build_block, table_of
from production.planning.engine.kernel import columns as c
from production.planning.kernel.generator import generator_state


@dataclass(frozen=True, slots=True)
class Room:
    """For how many lots, runs, runs on a machine and batches of a lot there must be room at least."""

    lots: int = 0
    nodes: int = 0
    on_machine: int = 0
    batches: int = 0


def empty_plan(g: Block, seed: int, least: Room = Room()) -> Block:
    """A plan without lots, with room for as many as the problem may need."""
    lines = int(g[c.G_LINES])
    machines = int(g[c.G_MACHINES])
    line = table_of(g, c.G_LINE, lines, c.LN_COLUMNS)
    path = table_of(g, c.G_PATH, int(line[-1, c.LN_PATH_END]) if lines else 0, c.PT_COLUMNS)
    steps = np.zeros(lines, np.int64)
    np.maximum.at(steps, path[:, c.PT_LINE], path[:, c.PT_STEPS])
    pieces = line[path[:, c.PT_LINE], c.LN_PIECES]
    largest = np.maximum(np.where(path[:, c.PT_BATCH] > 0, path[:, c.PT_BATCH], -(-pieces // 8)), 1)
    batches = int(np.max(-(-pieces // largest), initial=1))
    batches = max(batches + 8 if batches > 1 else 1, least.batches)
    is_whole = bool(np.all(path[:, c.PT_LEAST] * 2 > pieces))
    lots = max(lines + (64 if is_whole else lines + 256), least.lots)
    nodes = int(steps.sum()) * (1 if batches == 1 else 4) + 2048
    nodes = max(nodes, least.nodes)
    room = max(min(nodes, max(256, 12 * nodes // max(1, machines))), least.on_machine)
    offers = int(g[c.G_PATH] - g[c.G_OFFER])
    rows = nodes + lots + lines + 4096
    sizes = {
        c.P_SEQ: machines * room,
        c.P_BEGINS: machines * room,
        c.P_ENDS: machines * room,
        c.P_COUNT: machines,
        c.P_NODE: nodes * c.ND_COLUMNS,
        c.P_PLACE: nodes,
        c.P_LOT: lots * c.LT_COLUMNS,
        c.P_BATCH: lots * (batches + 1),
        c.P_LOAD: lines * c.LD_COLUMNS,
        c.P_SOLD: offers,
        c.P_LATE: lines,
        c.P_LATE_AT: lines,
        c.P_AWAY: lines,
        c.P_AWAY_AT: lines,
        c.P_FREE_NODE: nodes,
        c.P_FREE_LOT: lots,
        c.P_JOURNAL: rows * c.JR_COLUMNS,
        c.P_NODE_MARK: nodes,
        c.P_LOT_MARK: lots,
        c.P_LOAD_MARK: lines,
        c.P_HEAP: nodes + 1,
        c.P_QUEUED: nodes,
        c.P_HANDED: batches + 1,
        c.P_BATCH_BEGINS: batches + 1,
        c.P_BATCH_ENDS: batches + 1,
        c.P_RUINED: 4 * c.MOST_RUINED,
    }
    numbers = {
        c.P_ROOM: room,
        c.P_BATCHES: batches + 1,
        c.P_JOURNAL_ROWS: rows,
        c.P_FREE_NODES: nodes,
        c.P_FREE_LOTS: lots,
    }
    numbers |= {c.P_RANDOM + i: int(word) for i, word in enumerate(generator_state(seed))}
    return build_block(c.P_HEAD, numbers, _blank_tables(sizes))


def _blank_tables(sizes: dict[int, int]) -> dict[int, Block]:
    """Zeros, but -1 where nothing is, and all nodes and lots free, the first on top."""
    tables = {place: np.zeros(size, np.int64) for place, size in sizes.items()}
    for place in (c.P_PLACE, c.P_LATE_AT, c.P_AWAY_AT):
        tables[place] -= 1
    tables[c.P_LOAD][c.LD_HEAD :: c.LD_COLUMNS] = -1
    for place in (c.P_FREE_NODE, c.P_FREE_LOT):
        tables[place] = np.arange(sizes[place] - 1, -1, -1, dtype=np.int64)
    return tables
