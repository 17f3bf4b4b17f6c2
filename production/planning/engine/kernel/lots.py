"""Lots: making and dropping them, and dividing them into batches and runs."""

from production.planning.engine.arrays import Block
from production.planning.engine.kernel import columns as c
from production.planning.engine.kernel.address import (
    batch_at,
    line_at,
    lot_at,
    mode_at,
    node_at,
    path_at,
    step_at,
    step_holds,
)
from production.planning.engine.kernel.journal import load_at, note, touch_load, touch_lot
from production.planning.engine.kernel.luck import below
from production.planning.engine.kernel.ripple import take_off
from production.planning.engine.kernel.timing import elapsed_waits
from production.planning.kernel.compiler import inner

ONE, RAMP, FINE = 0, 1, 2
"""How a step's batches are joined to runs: all in one; growing before the forming run and shrinking behind it, so that
it begins early and little is left to do at its end; or each batch its own."""

WHOLE_PORTIONS = 8
"""A lot that is handed over whole is still worked in portions when machines are to share it."""


@inner
def end_batch(largest: int, part: int, per: int) -> int:
    """Size of a small batch at a lot's end: a part of the largest, in whole cycles."""
    return min(largest, (max(1, largest // part) + per - 1) // per * per)


@inner
def cut(g: Block, p: Block, lot: int, per: int, is_ramped: bool) -> None:
    """Cuts a lot into transfer batches as large as allowed; ramped: small ones at both ends, where time is short."""
    row = lot_at(p, lot)
    pieces = p[row + c.LT_PIECES]
    largest = g[path_at(g, p[row + c.LT_PATH]) + c.PT_BATCH]
    batch = batch_at(p, lot)
    if largest == 0:
        largest = (pieces + WHOLE_PORTIONS - 1) // WHOLE_PORTIONS if is_ramped else pieces
        is_ramped = False
    ends = end_batch(largest, 12, per) + end_batch(largest, 6, per) + end_batch(largest, 2, per)
    if not is_ramped or pieces - 2 * ends < largest:
        ends = 0
    p[batch] = 0
    done, count = 0, 0
    if ends > 0:
        for part in (12, 6, 2):
            done += end_batch(largest, part, per)
            count += 1
            p[batch + count] = done
    middle = pieces - 2 * ends
    parts = (middle + largest - 1) // largest
    size = min(largest, ((middle + parts - 1) // parts + per - 1) // per * per)
    while done < pieces - ends:
        done = min(pieces - ends, done + size)
        count += 1
        p[batch + count] = done
    if ends > 0:
        for part in (2, 6, 12):
            done += end_batch(largest, part, per)
            count += 1
            p[batch + count] = done
    p[row + c.LT_BATCHES] = count


@inner
def new_node(g: Block, p: Block, lot: int, step: int, first: int, last: int) -> int:
    """A run of batches [first, last) of a lot's step, on no machine yet; -1 when there is no room."""
    if p[c.P_FREE_NODES] == 0:
        return -1
    p[c.P_FREE_NODES] -= 1
    n = p[p[c.P_FREE_NODE] + p[c.P_FREE_NODES]]
    p[p[c.P_NODE_MARK] + n] = p[c.P_CHANGE]
    p[p[c.P_PLACE] + n] = -1
    node, batch = node_at(p, n), batch_at(p, lot)
    p[node + c.ND_LOT] = lot
    p[node + c.ND_STEP] = step
    p[node + c.ND_AT_STEP] = g[path_at(g, p[lot_at(p, lot) + c.LT_PATH]) + c.PT_STEP] + step
    p[node + c.ND_FIRST] = first
    p[node + c.ND_LAST] = last
    p[node + c.ND_PIECES] = p[batch + last] - p[batch + first]
    p[node + c.ND_START] = -1
    p[node + c.ND_WORK] = -1
    p[node + c.ND_END] = -1
    p[node + c.ND_SETUP] = 0
    p[node + c.ND_FINISH] = -1
    p[node + c.ND_KEY] = 0
    p[node + c.ND_NEXT] = -1
    p[node + c.ND_CAL] = -1
    p[node + c.ND_IS_PLAIN] = 0
    p[node + c.ND_FROM] = 0
    return n


@inner
def add_runs(g: Block, p: Block, lot: int, step: int, joined: int, tail: int) -> int:
    """Makes the runs of a step behind node `tail` of the lot (-1: none yet); gives the last one, -2 without room."""
    row = lot_at(p, lot)
    count = p[row + c.LT_BATCHES]
    is_feed = step < g[path_at(g, p[row + c.LT_PATH]) + c.PT_FORM]
    first = 0
    while first < count:
        last = count
        if joined == FINE:
            last = first + 1
        elif joined == RAMP:
            last = min(count, 2 * first + 1) if is_feed else count - (count - first) // 2
        n = new_node(g, p, lot, step, first, last)
        if n < 0:
            return -2
        if tail < 0:
            p[row + c.LT_HEAD] = n
        else:
            p[node_at(p, tail) + c.ND_NEXT] = n
        tail = n
        first = last
    return tail


@inner
def find_plain(g: Block, p: Block, lot: int) -> None:
    """Marks the plain ones among a lot's runs, and notes what they wait for."""
    row = lot_at(p, lot)
    path = path_at(g, p[row + c.LT_PATH])
    if p[row + c.LT_BATCHES] > 1:
        return
    is_shut = g[path + c.PT_LOW] > 0 or g[path + c.PT_HIGH] < g[c.G_HORIZON]
    before = -1
    lag = g[path + c.PT_RELEASE] if g[path + c.PT_STAIR] == g[path + c.PT_STAIR_END] else -1
    n = p[row + c.LT_HEAD]
    while n >= 0:
        node = node_at(p, n)
        step, at_step = p[node + c.ND_STEP], p[node + c.ND_AT_STEP]
        is_cycle = g[step_at(g, at_step) + c.ST_CYCLE] == 1
        row_of_step = step_at(g, at_step)
        is_free = g[row_of_step + c.ST_PIN] == 0 and not step_holds(g, at_step, g[path + c.PT_FIRM])
        is_free = is_free and not (is_shut and step == g[path + c.PT_FORM])
        p[node + c.ND_IS_PLAIN] = lag >= 0 and not is_cycle and is_free
        p[node + c.ND_BEFORE] = before
        p[node + c.ND_LAG] = lag
        lag = elapsed_waits(g, at_step, p[node + c.ND_PIECES])
        p[node + c.ND_TAIL] = -1
        if step == g[path + c.PT_STEPS] - 1 and lag >= 0:
            p[node + c.ND_TAIL] = lag + g[path + c.PT_TRIP]
        before = n
        n = p[node + c.ND_NEXT]


@inner
def some_joining(g: Block, p: Block, line: int) -> int:
    """How to join the batches of one of a line's lots this time."""
    return ONE if g[line_at(g, line) + c.LN_PIECES] == 1 or below(p, 2) == 0 else RAMP


@inner
def cycle_pieces(g: Block, path: int) -> int:
    """Pieces of a cycle of the forming step, along its first mode."""
    form = g[path_at(g, path) + c.PT_FORM]
    if form < 0:
        return 1
    return g[mode_at(g, g[step_at(g, g[path_at(g, path) + c.PT_STEP] + form) + c.ST_MODE]) + c.MD_PER]


@inner
def is_stocked(g: Block, p: Block, path: int, pieces: int) -> bool:
    """Whether there is material for so many more pieces of the path's line."""
    way = path_at(g, path)
    line = g[way + c.PT_LINE]
    if g[way + c.PT_MOST] >= g[line_at(g, line) + c.LN_PIECES]:
        return True
    made = pieces
    lot = p[load_at(p, line) + c.LD_HEAD]
    while lot >= 0:
        if g[path_at(g, p[lot_at(p, lot) + c.LT_PATH]) + c.PT_STOCK] == g[way + c.PT_STOCK]:
            made += p[lot_at(p, lot) + c.LT_PIECES]
        lot = p[lot_at(p, lot) + c.LT_NEXT]
    return made <= g[way + c.PT_MOST]


@inner
def new_lot(g: Block, p: Block, path: int, pieces: int, joined: int) -> int:
    """A lot of a line along a path with its runs, on no machine yet.

    -1 when there is no number left or too little material, and nothing was done; -2 when there is no room for the runs.
    joined: how steps other than the forming one are divided into runs, when the lot has several batches.
    """
    if p[c.P_FREE_LOTS] == 0 or not is_stocked(g, p, path, pieces):
        return -1
    largest = g[path_at(g, path) + c.PT_BATCH]
    if largest == 0 or pieces <= largest:
        joined = ONE
    p[c.P_FREE_LOTS] -= 1
    lot = p[p[c.P_FREE_LOT] + p[c.P_FREE_LOTS]]
    p[p[c.P_LOT_MARK] + lot] = p[c.P_CHANGE]
    row, way = lot_at(p, lot), path_at(g, path)
    line = g[way + c.PT_LINE]
    fen = 0
    if g[way + c.PT_OFFER] >= 0:
        mass_g = pieces * g[line_at(g, line) + c.LN_MASS]
        trucks = (mass_g + g[way + c.PT_TRUCK_G] - 1) // g[way + c.PT_TRUCK_G]
        fen = (mass_g * g[way + c.PT_FEE] + 999_999) // 1_000_000 + trucks * g[way + c.PT_TRUCK]
    p[row + c.LT_LINE] = line
    p[row + c.LT_PATH] = path
    p[row + c.LT_PIECES] = pieces
    p[row + c.LT_HEAD] = -1
    p[row + c.LT_FINISH] = 0
    p[row + c.LT_FEN] = fen
    p[row + c.LT_MINUTES] = 0
    p[row + c.LT_BEFORE] = g[way + c.PT_MOST] - pieces  # so that it takes nothing from the others, whatever they become
    cut(g, p, lot, cycle_pieces(g, path), joined != ONE)
    tail = -1
    for step in range(g[way + c.PT_STEPS]):
        tail = add_runs(g, p, lot, step, ONE if step == g[way + c.PT_FORM] else joined, tail)
        if tail == -2:
            return -2
    find_plain(g, p, lot)
    touch_load(p, line)
    load = load_at(p, line)
    p[row + c.LT_NEXT] = p[load + c.LD_HEAD]
    p[load + c.LD_HEAD] = lot
    p[load + c.LD_LOTS] += 1
    p[load + c.LD_PIECES] += pieces
    return lot


@inner
def sell(p: Block, offer: int, minutes: int) -> None:
    """Takes minutes of an offer, or gives them back."""
    p[note(p, c.SOLD, offer) + 2] = p[p[c.P_SOLD] + offer]
    p[p[c.P_SOLD] + offer] += minutes


@inner
def drop_lot(g: Block, p: Block, lot: int) -> None:
    """Takes a lot out of the plan with its runs. Its rows become free when the change is committed."""
    touch_lot(p, lot)
    row = lot_at(p, lot)
    n = p[row + c.LT_HEAD]
    while n >= 0:
        take_off(p, n)
        n = p[node_at(p, n) + c.ND_NEXT]
    line = p[row + c.LT_LINE]
    touch_load(p, line)
    load = load_at(p, line)
    p[load + c.LD_LOTS] -= 1
    p[load + c.LD_PIECES] -= p[row + c.LT_PIECES]
    if p[load + c.LD_HEAD] == lot:
        p[load + c.LD_HEAD] = p[row + c.LT_NEXT]
    else:
        k = p[load + c.LD_HEAD]
        while p[lot_at(p, k) + c.LT_NEXT] != lot:
            k = p[lot_at(p, k) + c.LT_NEXT]
        touch_lot(p, k)
        p[lot_at(p, k) + c.LT_NEXT] = p[row + c.LT_NEXT]
    if p[row + c.LT_MINUTES] > 0:
        sell(p, g[path_at(g, p[row + c.LT_PATH]) + c.PT_OFFER], -p[row + c.LT_MINUTES])
    p[row + c.LT_PIECES] = 0


@inner
def forget_lot(p: Block, lot: int) -> None:
    """Takes back `new_lot` of the lot made last, when none of its runs is on a machine."""
    row = lot_at(p, lot)
    load = load_at(p, p[row + c.LT_LINE])
    p[load + c.LD_HEAD] = p[row + c.LT_NEXT]
    p[load + c.LD_LOTS] -= 1
    p[load + c.LD_PIECES] -= p[row + c.LT_PIECES]
    n = p[row + c.LT_HEAD]
    while n >= 0:
        p[c.P_FREE_NODES] += 1
        n = p[node_at(p, n) + c.ND_NEXT]
    p[c.P_FREE_LOTS] += 1
