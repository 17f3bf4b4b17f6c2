"""Changes of what a line's lots are: divided anew, pieces placed that had no place, all left out on purpose."""

from production.planning.engine.arrays import Block
from production.planning.engine.kernel import columns as c
from production.planning.engine.kernel.address import line_at, lot_at
from production.planning.engine.kernel.journal import load_at, touch_load
from production.planning.engine.kernel.lots import drop_lot
from production.planning.engine.kernel.luck import below
from production.planning.engine.kernel.moves import MANY_RUNS
from production.planning.engine.kernel.ripple import settle, weigh
from production.planning.engine.kernel.ruin import CHEAPEST, HOME_FIRST, SOONEST, UNKNOWN, put_back
from production.planning.kernel.compiler import inner

MOST_PARTS = 24
"""Into so many lots at the most late pieces are divided anew."""


@inner
def some_manner(p: Block) -> int:
    luck = below(p, 4)
    return HOME_FIRST if luck < 2 else SOONEST if luck == 2 else CHEAPEST


@inner
def resize(g: Block, p: Block, lot: int, most_tardy: int, firms: Block) -> bool:
    """Takes one or two of a line's lots out and divides their pieces anew, in one lot or two. Part of a change."""
    row = lot_at(p, lot)
    line, total = p[row + c.LT_LINE], p[row + c.LT_PIECES]
    load = load_at(p, line)
    other = p[load + c.LD_HEAD] if p[load + c.LD_HEAD] != lot else p[row + c.LT_NEXT]
    drop_lot(g, p, lot)
    if other >= 0 and below(p, 4) > 0:
        total += p[lot_at(p, other) + c.LT_PIECES]
        drop_lot(g, p, other)
    p[c.P_TARDY] -= p[load + c.LD_TARDY]
    p[load + c.LD_TARDY] = 0
    manner = some_manner(p)
    part = 0
    if total > 1 and below(p, 3) > 0:
        part = 1 + below(p, total - 1)
    if part > 0 and put_back(g, p, line, part, manner, UNKNOWN, firms) < 0:
        return False
    return put_back(g, p, line, total - part, manner, UNKNOWN, firms) >= 0 and settle(g, p, most_tardy, MANY_RUNS)


@inner
def scatter(g: Block, p: Block, line: int, most_tardy: int, firms: Block) -> bool:
    """Takes all late lots of a line out and puts their pieces back in equal parts. Part of a change.

    A line is as late as its last lot, so that no single lot of several late ones is worth moving.
    """
    row, load = line_at(g, line), load_at(p, line)
    total, dropped = 0, 0
    lot = p[load + c.LD_HEAD]
    while lot >= 0:
        after = p[lot_at(p, lot) + c.LT_NEXT]
        if p[lot_at(p, lot) + c.LT_FINISH] > g[row + c.LN_DUE]:
            total += p[lot_at(p, lot) + c.LT_PIECES]
            dropped += 1
            drop_lot(g, p, lot)
        lot = after
    if dropped < 2:
        return False
    p[c.P_TARDY] -= p[load + c.LD_TARDY]
    p[load + c.LD_TARDY] = 0
    manner = some_manner(p)
    parts = min(total, dropped + below(p, dropped + 1), MOST_PARTS)
    while parts > 0:
        pieces = total // parts
        late = put_back(g, p, line, pieces, manner, UNKNOWN, firms)
        if late < 0 or p[c.P_TARDY] + late > most_tardy:
            return False
        total -= pieces
        parts -= 1
    return settle(g, p, most_tardy, MANY_RUNS)


@inner
def fill_up(g: Block, p: Block, line: int, most_tardy: int, firms: Block) -> bool:
    """Places the pieces of a line that have no place. Part of a change."""
    missing = g[line_at(g, line) + c.LN_PIECES] - p[load_at(p, line) + c.LD_PIECES]
    late = put_back(g, p, line, missing, some_manner(p), UNKNOWN, firms)
    return late >= 0 and settle(g, p, most_tardy, MANY_RUNS)


@inner
def refuse(g: Block, p: Block, line: int, most_tardy: int) -> bool:
    """Takes all lots of a line that may be refused out. Part of a change."""
    while p[load_at(p, line) + c.LD_HEAD] >= 0:
        drop_lot(g, p, p[load_at(p, line) + c.LD_HEAD])
    touch_load(p, line)
    weigh(g, p, line)
    return settle(g, p, most_tardy, MANY_RUNS)
