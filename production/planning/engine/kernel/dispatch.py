"""Dispatching: lines one after the other, each where it suits best at that moment."""

from production.planning.engine.arrays import Block
from production.planning.engine.kernel import columns as c
from production.planning.engine.kernel.address import line_at, path_at
from production.planning.engine.kernel.hand import keeps_hand
from production.planning.engine.kernel.journal import begin, commit, load_at, rollback
from production.planning.engine.kernel.lots import ONE, new_lot
from production.planning.engine.kernel.pools import keeps_pools
from production.planning.engine.kernel.ripple import EVERY_RUN, NO_LIMIT, settle
from production.planning.engine.kernel.seat import forming_gap, seat_lot
from production.planning.kernel.compiler import bare, inner


@inner
def put_line(g: Block, p: Block, path: int, pieces: int) -> bool:
    """Puts pieces of a line along a path in one lot, formed as early as can be. Part of a change."""
    lot = new_lot(g, p, path, pieces, ONE)
    if lot < 0:
        return False
    w = -1
    if g[path_at(g, path) + c.PT_FORM] >= 0:
        w = forming_gap(g, p, lot, 0)
        if w < 0:
            return False
    return seat_lot(g, p, lot, w, -1, False, False) and settle(g, p, NO_LIMIT, EVERY_RUN)


@bare
def dispatch(g: Block, p: Block, order: Block, favour: Block, stick_min: int, is_costly: bool) -> None:
    """Places lines in an order.

    favour: the path that a line takes unless another one makes it less tardy by `stick_min` times its weight; -1: none.
    is_costly: of ways that are equally tardy the cheapest is taken; else the one that ends first.
    """
    for line in order:
        row, load = line_at(g, line), load_at(p, line)
        pieces = g[row + c.LN_PIECES]
        best_path = -1
        best_late, best_fen, best_end = NO_LIMIT, NO_LIMIT, NO_LIMIT
        is_kept = False
        first, last = g[row + c.LN_PATH], g[row + c.LN_PATH_END]
        if pieces == 0:
            continue
        for k in range(first - 1, last):
            path = favour[line] if k < first else k
            if path < 0 or (k >= first and path == favour[line]):
                continue
            if g[path_at(g, path) + c.PT_LEAST] > pieces:
                continue
            begin(p)
            if put_line(g, p, path, pieces) and keeps_hand(g, p) and keeps_pools(g, p):
                late, fen, end = p[c.P_TARDY], p[c.P_FEN] if is_costly else 0, p[load + c.LD_FINISH]
                tardy = p[load + c.LD_TARDY]
                if tardy == 0 and (k < first or (is_costly and g[path_at(g, path) + c.PT_OFFER] < 0)):
                    commit(p)
                    is_kept = True
                    break
                if k < first:
                    late -= min(stick_min * g[row + c.LN_PRIORITY], tardy)
                if late < best_late or (late == best_late and (fen < best_fen or (fen == best_fen and end < best_end))):
                    best_late, best_fen, best_end, best_path = late, fen, end, path
            rollback(p)
        if not is_kept and best_path >= 0:
            begin(p)
            put_line(g, p, best_path, pieces)
            commit(p)
