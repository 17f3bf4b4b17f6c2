"""What is worked out from all of a plan: which rows are in use, and the totals."""

from production.planning.engine.arrays import Block
from production.planning.engine.kernel import columns as c
from production.planning.engine.kernel.address import lot_at, node_at, path_at
from production.planning.engine.kernel.journal import begin, commit, enlist, load_at
from production.planning.engine.kernel.lots import find_plain
from production.planning.engine.kernel.ripple import EVERY_RUN, NO_LIMIT, push, settle, weigh
from production.planning.engine.kernel.timing import assign
from production.planning.kernel.compiler import bare


@bare
def in_use(g: Block, p: Block, firms: Block, lots: Block, nodes: Block) -> None:
    """Marks with 1 the lots made by the firms given, and their runs."""
    for line in range(g[c.G_LINES]):
        lot = p[load_at(p, line) + c.LD_HEAD]
        while lot >= 0:
            row = lot_at(p, lot)
            if firms[g[path_at(g, p[row + c.LT_PATH]) + c.PT_FIRM]]:
                lots[lot] = 1
                n = p[row + c.LT_HEAD]
                while n >= 0:
                    nodes[n] = 1
                    n = p[node_at(p, n) + c.ND_NEXT]
            lot = p[row + c.LT_NEXT]


@bare
def weigh_all(g: Block, p: Block) -> None:
    """Totals and lists from the lines' lots and their runs; for a plan that was put together from outside."""
    for i in range(c.P_TOTALS):
        p[c.P_TARDY + i] = 0
    for line in range(g[c.G_LINES]):
        load = load_at(p, line)
        p[load + c.LD_TARDY] = 0
        p[load + c.LD_FEN] = 0
        weigh(g, p, line)
        enlist(p, p[c.P_LATE], p[c.P_LATE_AT], c.P_LATE_COUNT, line, p[load + c.LD_TARDY] > 0)
        enlist(p, p[c.P_AWAY], p[c.P_AWAY_AT], c.P_AWAY_COUNT, line, p[load + c.LD_FEN] > 0)
        lot = p[load + c.LD_HEAD]
        while lot >= 0:
            n = p[lot_at(p, lot) + c.LT_HEAD]
            while n >= 0:
                p[c.P_SETUP] += p[node_at(p, n) + c.ND_SETUP]
                n = p[node_at(p, n) + c.ND_NEXT]
            lot = p[lot_at(p, lot) + c.LT_NEXT]


@bare
def restore(g: Block, p: Block) -> bool:
    """Times all runs of a plan that was written from outside, with its lots and sequences; False: there is no time."""
    begin(p)
    for line in range(g[c.G_LINES]):
        lot = p[load_at(p, line) + c.LD_HEAD]
        while lot >= 0:
            find_plain(g, p, lot)
            n = p[lot_at(p, lot) + c.LT_HEAD]
            while n >= 0:
                node = node_at(p, n)
                assign(g, p, n, p[node + c.ND_MACHINE], p[node + c.ND_MODE])
                push(p, n, p[node + c.ND_START])
                n = p[node + c.ND_NEXT]
            lot = p[lot_at(p, lot) + c.LT_NEXT]
    is_good = settle(g, p, NO_LIMIT, EVERY_RUN)
    commit(p)
    weigh_all(g, p)
    return is_good
